// @ts-check
import { titleOf } from "./blocks/card.js";
import { drawPeople } from "./bench/person.js";
import { drawStrip } from "./bench/strip.js";
import { startTheme } from "./bench/theme.js";
import { drawWorld } from "./bench/world.js";
import { drawComposer, startComposers } from "./chat/composer.js";
import { drawHome } from "./chat/home.js";
import { drawRooms } from "./chat/rooms.js";
import { drawThread } from "./chat/thread.js";
import { drawTimeline, noteChange } from "./chat/timeline.js";
import { h } from "./dom/build.js";
import { fill } from "./dom/morph.js";
import { drawModal } from "./overlay/modal.js";
import { follow, mine, now, onChange, state } from "./store.js";
import { formatDate, spanOf } from "./text/dates.js";
import { token } from "./wire.js";

/** Starts the page: follows the simulator and draws what it tells. */

let due = false;

startTheme();
startComposers();
onChange((change) => {
  if (change !== null) noteChange(change);
  if (due) return;
  due = true;
  // Many changes of one moment are drawn once; not by animation frames, which stand still in a page that is not looked at.
  setTimeout(draw, 15);
});
follow(token);
setInterval(tick, 1000);

function draw() {
  due = false;
  if (state === null) return drawNobody();
  document.body.dataset["ready"] = "";
  drawPeople();
  drawRooms();
  // What takes room from the timeline comes before it, since it scrolls by what is left.
  drawWorld();
  drawStrip();
  const home = mine.room === "home";
  /** @type {HTMLElement} */ (document.getElementById("cols")).hidden = home;
  /** @type {HTMLElement} */ (document.getElementById("home")).hidden = !home;
  /** @type {HTMLElement} */ (document.getElementById("th-b")).hidden = home;
  if (home) drawHome();
  else {
    drawTimeline();
    drawThread();
    drawComposer();
  }
  drawModal();
  drawTitle();
}

/** Before the first state, when it does not come. */
function drawNobody() {
  const words = "The simulator does not answer this page. Open the address it printed when it started, with its token.";
  fill(/** @type {HTMLElement} */ (document.getElementById("tl")), h("p", { role: "alert" }, words));
}

/** The tab of the browser says what the last card says. */
function drawTitle() {
  const card = state.messages.findLast((/** @type {any} */ one) => one.channel === mine.room && titleOf(one) !== null);
  const words = mine.room === "home" ? "Home" : card === undefined ? null : titleOf(card);
  document.title = words === null ? "Greenlight, chat simulator" : `${words} · chat simulator`;
}

/** Durations that grow while nothing else happens. */
function tick() {
  for (const element of document.querySelectorAll("[data-since]")) {
    element.textContent = spanOf(now() - Number(element.getAttribute("data-since")));
  }
  for (const element of document.querySelectorAll("time[data-unix]")) {
    const words = formatDate(Number(element.getAttribute("data-unix")), element.getAttribute("data-format") ?? "", now());
    if (words !== null && words !== element.textContent) element.textContent = words;
  }
}
