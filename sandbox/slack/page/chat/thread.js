// @ts-check
import { syncList } from "../dom/keyed.js";
import { keyOf, mine, peopleKey, state } from "../store.js";
import { drawEphemeral, drawMessage, drawNotice } from "./message.js";
import { pressesAt } from "./timeline.js";
import { repliesOf } from "./seen.js";
import { titleOf } from "../blocks/card.js";

/** The panel at the right: replies to one card. */

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

export function drawThread() {
  const parent = threadParent();
  const replies = parent === null ? [] : repliesOf(parent.channel, parent.ts);
  $("th-n").textContent = parent === null ? "" : replies.length === 1 ? "1 reply" : `${replies.length} replies`;
  $("th-b").textContent = String(replies.length);
  $("th-b").hidden = replies.length === 0;
  $("th-of").textContent = parent === null ? "" : (titleOf(parent) ?? "");
  $("reply").hidden = parent === null;
  $("th-none").hidden = replies.length > 0;
  $("th-none").textContent = parent === null ? "Threads of the cards in this channel show up here." : "No replies yet.";
  const list = $("replies");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60 || list.dataset["of"] !== parent?.ts;
  list.dataset["of"] = parent?.ts ?? "";
  syncList(
    list,
    replies.map(({ kind, entry }) => {
      const draw = () =>
        kind === "message" ? drawMessage(entry, { inThread: true }) : kind === "ephemeral" ? drawEphemeral(entry) : drawNotice(entry);
      return {
        key: `${kind} ${entry.ts ?? entry.id}`,
        deps: [entry, mine.user, pressesAt(entry.ts), state.users, peopleKey()],
        draw,
      };
    }),
  );
  if (atEnd) list.scrollTop = list.scrollHeight;
}

/** The thread that is shown, for a reply. @returns {any} */
export function threadParent() {
  return state.messages.find((/** @type {any} */ one) => keyOf(one) === mine.thread.key && one.channel === mine.room) ?? newestParent();
}

function newestParent() {
  return (
    state.messages.findLast((/** @type {any} */ one) => one.channel === mine.room && one.thread_ts === null && one.bot_id !== null) ?? null
  );
}
