// @ts-check
import { stateKey } from "../blocks/card.js";
import { h } from "../dom/build.js";
import { syncList } from "../dom/keyed.js";
import { keyOf, mine, peopleKey, state, world } from "../store.js";
import { dayOf } from "../text/dates.js";
import { drawEphemeral, drawMessage, drawNotice } from "./message.js";
import { timelineOf } from "./seen.js";
import { showThread } from "./thread-choice.js";

/** The messages of the open channel, edited in place. */

const list = () => /** @type {HTMLElement} */ (document.getElementById("tl"));
const RING_MS = 2500;
/** What to bring into view once it is drawn; `below`: never so far that the top of this one is lost. @type {{ selector: string, block: "start" | "end", below?: string } | null} */
let wanted = null;
let drawnRoom = "";

export function drawTimeline() {
  const items = timelineOf(mine.room);
  const days = new Set();
  const rows = items.flatMap(({ kind, at, entry }) => {
    const day = dayOf(at);
    const first = days.has(day) ? [] : [{ key: `day ${day}`, deps: [day], draw: () => h("div.day", null, day) }];
    days.add(day);
    const draw = () =>
      kind === "message" ? drawMessage(entry, { inThread: false }) : kind === "ephemeral" ? drawEphemeral(entry) : drawNotice(entry);
    const deps = [entry, mine.user, pressesAt(entry.ts), world()?.bot?.state ?? null, state.users, peopleKey()];
    return [...first, { key: `${kind} ${entry.ts ?? entry.id}`, deps, draw }];
  });
  // Who reads the end goes on reading it when something above it grows.
  const atEnd = list().scrollHeight - list().scrollTop - list().clientHeight < 8;
  syncList(list(), rows);
  if (atEnd) scrollTo(list().scrollHeight);
  const room = `${mine.room} ${mine.user}`;
  if (room !== drawnRoom) showEnd();
  drawnRoom = room;
  bringIntoView();
}

/** The presses of the person one acts as on one message, as a text to compare. @param {string | undefined} ts */
export function pressesAt(ts) {
  const own = state.presses.filter((/** @type {any} */ one) => one.user === mine.user && one.ts === ts && ts !== undefined);
  return own.map((/** @type {any} */ one) => `${one.id}${one.state}`).join(" ");
}

/** Remembers where to go for a change. @param {{ topic: string, value: any, before: any }} change */
export function noteChange({ topic, value, before }) {
  if (value === null || value === undefined) return;
  if ((topic === "ephemeral" || topic === "notice") && value.user === mine.user && value.channel === mine.room && before === null) {
    wanted = { selector: topic === "notice" ? `[data-notice="${value.id}"]` : `[data-ephemeral="${value.id}"]`, block: "end" };
  }
  if (topic !== "message" || value.channel !== mine.room) return;
  const edited = before !== null && value.editCount > before.editCount;
  if (edited) ring(value.ts);
  const top = value.thread_ts === null || value.thread_ts === value.ts;
  if (top && value.bot_id !== null && (before === null || edited)) showThread(keyOf(value), false);
  const isNew = before === null && (top || value.reply_broadcast);
  const turned = edited && stateKey(value) !== stateKey(before);
  if (!isNew && !turned) return;
  const block = value.bot_id !== null && stateKey(value) !== null ? "start" : "end";
  wanted = { selector: `[data-ts="${value.ts}"]`, block, ...(top ? {} : { below: `[data-ts="${value.thread_ts}"]` }) };
}

/** Cards edited since the last drawing. @type {Set<string>} */
const rings = new Set();
/** When each ring ends. @type {Map<string, number>} */
const ends = new Map();

/** @param {string} ts */
function ring(ts) {
  rings.add(ts);
}

/** A ring around the card for a moment, begun anew by each edit. @param {string} ts */
function drawRing(ts) {
  const card = list().querySelector(`[data-ts="${ts}"] .card`);
  if (card === null) return;
  clearTimeout(ends.get(ts));
  card.removeAttribute("data-flash");
  void (/** @type {HTMLElement} */ (card).offsetWidth);
  card.setAttribute("data-flash", "");
  ends.set(
    ts,
    setTimeout(() => card.removeAttribute("data-flash"), RING_MS),
  );
}

function bringIntoView() {
  for (const ts of rings) drawRing(ts);
  rings.clear();
  const target = wanted === null ? null : list().querySelector(wanted.selector);
  const block = wanted?.block ?? "end";
  const above = wanted?.below === undefined ? null : list().querySelector(wanted.below);
  wanted = null;
  if (!(target instanceof HTMLElement)) return;
  const tall = target.offsetHeight > list().clientHeight;
  if (block === "end") {
    const end = target.offsetTop + target.offsetHeight - list().clientHeight + 12;
    scrollTo(above instanceof HTMLElement ? Math.min(end, above.offsetTop - 8) : end);
  } else
    scrollTo(
      tall
        ? target.offsetTop - 8
        : Math.min(target.offsetTop - 8, Math.max(list().scrollTop, target.offsetTop + target.offsetHeight - list().clientHeight + 12)),
    );
}

/** @param {number} top */
function scrollTo(top) {
  list().scrollTo({ top, behavior: "instant" });
}

/** At first: the end, but the top of a last card that is taller than the room, or of the one that the last message belongs to. */
function showEnd() {
  list().scrollTop = list().scrollHeight;
  const last = [...list().querySelectorAll("article")].at(-1);
  const parent = timelineOf(mine.room).at(-1)?.entry.thread_ts ?? null;
  const above = parent === null ? null : list().querySelector(`[data-ts="${parent}"]`);
  const first = above instanceof HTMLElement ? above : last;
  if (first && list().scrollHeight - first.offsetTop > list().clientHeight) scrollTo(first.offsetTop - 8);
}
