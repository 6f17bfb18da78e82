// @ts-check
import { mine, state } from "../store.js";

/** What the person one acts as sees: rooms, messages, answers meant for nobody else. */

/** As the sidebar does it: the channels one has joined. @param {any} channel */
function sees(channel) {
  return channel.members.includes(mine.user);
}

/** Channels to show in the row: those with the bot first, without the archived. */
export function roomsSeen() {
  return state.channels
    .filter((/** @type {any} */ channel) => !channel.is_im && !channel.is_archived && sees(channel))
    .toSorted((/** @type {any} */ left, /** @type {any} */ right) => withBot(left) - withBot(right));
}

/** @param {any} channel */
function withBot(channel) {
  return channel.members.includes(state.bot.user_id) ? 0 : 1;
}

/** The conversation with the bot, if there is one yet. */
export function directRoom() {
  return state.channels.find((/** @type {any} */ channel) => channel.is_im && channel.user === mine.user) ?? null;
}

/** What stands in a channel's timeline, in order. @param {string} room */
export function timelineOf(room) {
  const messages = state.messages
    .filter((/** @type {any} */ one) => one.channel === room && (one.thread_ts === null || one.thread_ts === one.ts || one.reply_broadcast))
    .map((/** @type {any} */ one) => ({ kind: "message", at: Date.parse(one.postedAt), entry: one }));
  return [...messages, ...privateOf(room, null)].toSorted((left, right) => left.at - right.at);
}

/** @param {string} room @param {string} ts of the thread's parent */
export function repliesOf(room, ts) {
  const replies = state.messages
    .filter((/** @type {any} */ one) => one.channel === room && one.thread_ts === ts && one.ts !== ts)
    .map((/** @type {any} */ one) => ({ kind: "message", at: Date.parse(one.postedAt), entry: one }));
  return [...replies, ...privateOf(room, ts)].toSorted((left, right) => left.at - right.at);
}

/** @param {string} room @param {string | null} thread */
function privateOf(room, thread) {
  const own = (/** @type {any} */ one) => one.channel === room && one.user === mine.user && (one.thread_ts ?? null) === thread;
  const answers = state.ephemerals.filter(own).map((/** @type {any} */ one) => ({ kind: "ephemeral", at: Date.parse(one.at), entry: one }));
  const notices = state.notices.filter(own).map((/** @type {any} */ one) => ({ kind: "notice", at: Date.parse(one.at), entry: one }));
  return [...answers, ...notices];
}
