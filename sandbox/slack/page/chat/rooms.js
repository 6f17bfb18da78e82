// @ts-check
import { h } from "../dom/build.js";
import { fill } from "../dom/morph.js";
import { changed, mine, state } from "../store.js";
import { botName } from "../text/people.js";
import { act } from "../wire.js";
import { directRoom, roomsSeen } from "./seen.js";

/** The row of channels, and which have something new. */

/** When a person last looked into a room. @type {Map<string, number>} */
const looked = new Map();
const began = { at: 0 };

export function drawRooms() {
  began.at ||= Date.parse(state.now);
  const rooms = roomsSeen();
  const direct = directRoom();
  const known = [...rooms.map((/** @type {any} */ room) => room.id), direct?.id, "home", "messages"];
  if (!known.includes(mine.room)) mine.room = rooms[0]?.id ?? "home";
  if (mine.room === "messages" && direct !== null) mine.room = direct.id;
  looked.set(`${mine.user} ${mine.room}`, newest(mine.room));
  const app = botName();
  fill(
    /** @type {HTMLElement} */ (document.getElementById("rooms")),
    h("span.space", null, state.team.name),
    rooms.map((/** @type {any} */ room) => tab(room.id, [`# ${room.name}`], room.id)),
    tab("home", [h("span.wide", null, `${app}: `), "Home"], "home"),
    tab(direct?.id ?? "messages", [h("span.wide", null, `${app}: `), "Messages"], "messages"),
  );
}

/** @param {string} id @param {any[]} words @param {string} name stable, also before the conversation exists */
function tab(id, words, name) {
  const current = mine.room === id;
  const fresh = !current && newest(id) > (looked.get(`${mine.user} ${id}`) ?? began.at);
  const go = () => void enter(id, name);
  return h(
    "button",
    { type: "button", "data-key": name, "data-room": name, "aria-current": current ? "page" : null, onclick: go },
    h("span", null, words),
    fresh ? h("span.dot", null, h("span.sr", null, "something new")) : null,
  );
}

/** @param {string} id @param {string} name */
export async function enter(id, name) {
  mine.room = id;
  mine.thread = { key: "", chosen: false };
  const phoneTab = document.getElementById("v-chat");
  if (phoneTab instanceof HTMLInputElement) phoneTab.checked = true;
  changed();
  if (name === "home" || name === "messages") await act("openHome", { user: mine.user, tab: name });
}

/** @param {string} room */
function newest(room) {
  const last = state.messages.findLast((/** @type {any} */ one) => one.channel === room);
  const own = state.ephemerals.findLast((/** @type {any} */ one) => one.channel === room && one.user === mine.user);
  return Math.max(last ? Date.parse(last.postedAt) : 0, own ? Date.parse(own.at) : 0);
}
