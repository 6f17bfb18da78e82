// @ts-check
import { h, icon } from "../dom/build.js";
import { fill } from "../dom/morph.js";
import { changed, mine, now, world } from "../store.js";
import { spanOf } from "../text/dates.js";
import { actOnWorld } from "../wire.js";
import { become } from "./person.js";

/** The bench: the guide, what one can make happen, and the banner of a bot that is down. All of it comes from the world that published it. */

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** Verbs that are on their way. @type {Set<string>} */
const busy = new Set();
/** @type {string | null} */
let refused = null;

/** @param {string} verb */
async function press(verb) {
  if (busy.has(verb)) return;
  busy.add(verb);
  changed();
  const answer = await actOnWorld(verb, mine.user);
  busy.delete(verb);
  refused = typeof answer.error === "string" ? answer.error : null;
  changed();
}

export function drawWorld() {
  const { guide, actions, bot } = world() ?? {};
  $("guide").hidden = !guide;
  $("next").hidden = !guide;
  if (guide) drawGuide(guide);
  const shown = (actions ?? []).filter((/** @type {any} */ one) => one.hidden !== true);
  $("world").hidden = shown.length === 0;
  fill($("verbs"), shown.map(action));
  $("world-note").hidden = refused === null;
  $("world-note").textContent = refused;
  drawBanner(bot);
}

/** @param {any} guide */
function drawGuide(guide) {
  const dots = Array.from({ length: guide.of }, (_, index) =>
    h("i", { class: index + 1 < guide.step ? "done" : index + 1 === guide.step ? "now" : null }),
  );
  // Whoever one already is need not be chosen again.
  const button =
    guide.button && !(guide.button.actAs && guide.button.actAs === mine.user)
      ? h(
          "button.btn.primary",
          {
            type: "button",
            "data-verb": guide.button.verb ?? null,
            "data-act-as": guide.button.actAs ?? null,
            "aria-busy": busy.has(guide.button.verb) ? "true" : null,
            onclick: () => (guide.button.actAs ? become(guide.button.actAs) : void press(guide.button.verb)),
          },
          guide.button.label,
        )
      : null;
  fill(
    $("guide"),
    h("h2", { id: "g" }, "What to do next ", h("span", null, `${guide.step} of ${guide.of}`)),
    h("div.dots", { "aria-hidden": "true" }, dots),
    h("h3", { id: "g-t" }, guide.title),
    h("p", null, guide.text),
    button,
    guide.next ? h("p.then", null, guide.next) : null,
  );
  fill($("next"), h("b", null, `Next ${guide.step}/${guide.of}`), h("span", null, guide.title));
}

/** @param {any} one */
function action(one) {
  const props = {
    type: "button",
    "data-verb": one.verb,
    "aria-pressed": one.pressed === null || one.pressed === undefined ? null : String(one.pressed),
    "aria-busy": busy.has(one.verb) ? "true" : null,
    onclick: () => void press(one.verb),
  };
  const words = h("span", null, one.label, one.note ? h("small", null, one.note) : null);
  return h("li", { "data-key": one.verb }, h("button", props, icon(busy.has(one.verb) ? "run" : one.icon), words));
}

/** @param {any} bot */
function drawBanner(bot) {
  const banner = $("banner");
  const down = bot?.state === "down" || bot?.state === "starting";
  banner.hidden = !down;
  if (!down) return;
  const starting = bot.state === "starting";
  const since = h("span", { "data-since": String(Date.parse(bot.since)) }, spanOf(now() - Date.parse(bot.since)));
  banner.setAttribute("data-bot", bot.state);
  fill(
    banner,
    h(
      "p",
      null,
      h("strong", null, icon(starting ? "run" : "bad"), starting ? " The bot is starting." : " Bot down. The deployment goes on."),
      starting ? "For " : "Down for ",
      since,
      ". ",
      bot.note ?? "",
    ),
    starting
      ? null
      : h(
          "button.btn.primary",
          { type: "button", "data-verb": "start", "aria-busy": busy.has("start") ? "true" : null, onclick: () => void press("start") },
          "Start the bot again",
        ),
  );
}
