// @ts-check
import { drawContent } from "../blocks/card.js";
import { h, icon } from "../dom/build.js";
import { inspect } from "../overlay/inspector.js";
import { openMenu } from "../overlay/menu.js";
import { keyOf, mine, now, state } from "../store.js";
import { spanOf, timeOf } from "../text/dates.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { face, nameOf } from "../text/people.js";
import { act } from "../wire.js";
import { showThread } from "./thread-choice.js";

/** One message, one private answer, or one sentence of Slack itself. */

/** @param {any} message @param {{ inThread: boolean }} where */
export function drawMessage(message, { inThread }) {
  const place = { channel: message.channel, ts: message.ts, view: null };
  const fromThread = !inThread && message.thread_ts !== null && message.thread_ts !== message.ts;
  const also = inThread && message.reply_broadcast;
  const note = fromThread ? ", from the thread" : also ? ", also in the channel" : "";
  const tag = message.bot_id !== null && !inThread ? h("span.tag", null, "app") : null;
  const body = h(
    "div.said",
    null,
    who(message.user, tag, `${timeOf(Date.parse(message.postedAt))}${note}`, moreOf(message, inThread)),
    drawContent(message, place),
    files(message),
  );
  const props = {
    "data-ts": message.ts,
    "data-channel": message.channel,
    "data-from": message.user,
    "aria-live": "polite",
    onclick: inThread ? null : (/** @type {any} */ event) => choose(event, message),
  };
  return h("article.msg", props, face(message.user), body, inThread ? null : meta(message));
}

/** A press on the card itself shows its thread, where there is room beside it. @param {any} event @param {any} message */
function choose(event, message) {
  const onSomething = event.target instanceof Element && event.target.closest("a, button, select, input, textarea, label") !== null;
  if (onSomething || message.bot_id === null || matchMedia("(max-width: 860px)").matches || String(getSelection()) !== "") return;
  showThread(message.thread_ts === null ? keyOf(message) : `${message.channel}/${message.thread_ts}`, true);
}

/** @param {string} user @param {Node | null} tag @param {string} when @param {Node | null} [more] */
function who(user, tag, when, more = null) {
  return h("div.who", null, h("span", null, nameOf(user)), tag, h("small", null, when), more);
}

/** What can be done with a message: the app's shortcuts, and in the thread, where there is no line below it, its versions. @param {any} message @param {boolean} inThread */
function moreOf(message, inThread) {
  if (message.subtype === "tombstone") return null;
  const shortcuts = state.shortcuts.filter((/** @type {any} */ one) => one.type === "message");
  const items = shortcuts.map((/** @type {any} */ one) => ({
    words: one.name,
    value: one.callback_id,
    pick: () => void pickShortcut(one, message),
  }));
  const versions =
    inThread && message.bot_id !== null ? [{ words: "Versions and JSON", value: "inspect", pick: () => void inspect(message) }] : [];
  const all = [...items, ...versions];
  if (all.length === 0) return null;
  const props = { type: "button", "data-more": message.ts, "aria-label": "More actions", "aria-haspopup": "menu" };
  return h("button.more-actions", { ...props, onclick: (/** @type {any} */ event) => openMenu(event.currentTarget, all) }, "⋯");
}

/** @param {any} shortcut @param {any} message */
function pickShortcut(shortcut, message) {
  return act("shortcut", { user: mine.user, callback_id: shortcut.callback_id, channel: message.channel, ts: message.ts });
}

/** What was read of files, by id: a message that is drawn again shows it at once. @type {Map<string, string>} */
const read = new Map();

/** @param {any} message */
function files(message) {
  return message.files.length === 0
    ? null
    : h(
        "div.files",
        null,
        message.files.map((/** @type {any} */ file) => (file.name.endsWith(".png") ? pictureOf(file) : fileOf(file))),
      );
}

/** A picture stands open, as it does in Slack; its title above it. @param {any} file */
function pictureOf(file) {
  const image = h("img", { alt: file.alt_txt ?? file.title, src: read.get(file.id) ?? "" });
  const show = async () => {
    const answer = await act("file", { id: file.id });
    read.set(file.id, answer.image ?? "");
    image.setAttribute("src", answer.image ?? "");
  };
  if (!read.has(file.id)) void show();
  return h("figure", { "data-picture": file.id }, h("figcaption", null, file.title), image);
}

/** A file of text: its name, and what is in it once somebody opens it. @param {any} file */
function fileOf(file) {
  const text = h("pre", { tabindex: "0", "aria-label": `Content of ${file.name}` }, read.get(file.id) ?? "");
  const show = async () => {
    const answer = read.has(file.id) ? null : await act("file", { id: file.id });
    if (answer !== null) read.set(file.id, answer.text ?? answer.error ?? "");
    text.textContent = read.get(file.id) ?? "";
  };
  const size = file.size < 1024 ? `${file.size} bytes` : `${Math.round(file.size / 1024)} KB`;
  return h("details", { "data-file": file.id, ontoggle: show }, h("summary", null, `${file.name}, ${size}`), text);
}

/** Under a message: its edits, its thread, its versions. @param {any} message */
function meta(message) {
  const replies =
    message.reply_count > 0
      ? h(
          "button",
          { type: "button", "data-thread": message.ts, onclick: () => showThread(keyOf(message), true) },
          message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`,
        )
      : null;
  if (message.bot_id === null) return replies === null ? null : h("p.meta", null, replies);
  const versions = h("button", { type: "button", "data-inspect": message.ts, onclick: () => void inspect(message) }, "Versions and JSON");
  const odd =
    message.lints.length === 0
      ? null
      : h("span.odd", { title: "What the simulator finds odd in it" }, icon("warn"), ` ${message.lints.length} odd`);
  return h("p.meta", null, edits(message), replies, versions, odd);
}

/** @param {any} message */
function edits(message) {
  if (message.lastEditAt === null || message.editCount === 0) return null;
  const since = Date.parse(message.lastEditAt);
  const ago = (/** @type {string} */ lead, /** @type {string} */ tail) =>
    h("span", { "data-edits": String(message.editCount) }, lead, h("span", { "data-since": String(since) }, spanOf(now() - since)), tail);
  if (botState() === "down") return ago("Last edit ", " ago: nobody is there to edit it.");
  return ago(`Edited in place ${message.editCount} ${message.editCount === 1 ? "time" : "times"}, last `, " ago.");
}

function botState() {
  return state.published?.world?.bot?.state ?? "up";
}

/** What the bot shows to one person only. @param {any} entry */
export function drawEphemeral(entry) {
  const place = { channel: entry.channel, ts: entry.ts, view: null };
  const when = `${timeOf(Date.parse(entry.at))}, only you can see this`;
  const content = drawContent(entry, place);
  return h(
    "article.msg.alone",
    { "data-ephemeral": entry.id, "data-ts": entry.ts, "aria-live": "assertive" },
    face(state.bot.user_id),
    h("div.said", null, who(state.bot.user_id, h("span.tag", null, "app"), when), h("div.private", null, content)),
  );
}

/** What Slack itself tells one person. @param {any} notice */
export function drawNotice(notice) {
  return h(
    "article.msg.alone",
    { "data-notice": notice.id, "aria-live": "assertive" },
    h("span.face.s", { "aria-hidden": "true" }, "S"),
    h(
      "div.said",
      null,
      h("div.who", null, h("span", null, "Simulator"), h("small", null, `${timeOf(Date.parse(notice.at))}, only you can see this`)),
      h("div.private", null, h("p", null, icon("warn"), " ", mrkdwnInline(notice.text))),
    ),
  );
}

/** @param {string} text */
function mrkdwnInline(text) {
  return [...mrkdwn(text).childNodes];
}
