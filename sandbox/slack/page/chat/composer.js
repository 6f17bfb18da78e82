// @ts-check
import { h } from "../dom/build.js";
import { fill } from "../dom/morph.js";
import { openMenu } from "../overlay/menu.js";
import { changed, mine, state } from "../store.js";
import { act } from "../wire.js";
import { threadParent } from "./thread.js";

/** Writing messages and commands. */

const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

export function startComposers() {
  const say = $("say");
  $("composer").onsubmit = (/** @type {Event} */ event) => void send(event, say, null);
  $("reply").onsubmit = (/** @type {Event} */ event) => void send(event, $("reply-text"), threadParent()?.ts ?? null);
  say.oninput = () => showHints();
  say.onblur = () => showHints(false);
  say.onfocus = () => showHints();
  say.onkeydown = (/** @type {KeyboardEvent} */ event) => move(event);
  $("shortcuts").onclick = () => openShortcuts($("shortcuts"));
}

/** The app's global shortcuts, as Slack has them beside the composer. @param {HTMLElement} button */
function openShortcuts(button) {
  openMenu(
    button,
    globalShortcuts().map((one) => ({
      words: one.name,
      value: one.callback_id,
      pick: () => void act("shortcut", { user: mine.user, callback_id: one.callback_id }),
    })),
  );
}

/** @returns {any[]} */
function globalShortcuts() {
  return state.shortcuts.filter((/** @type {any} */ one) => one.type === "global");
}

/** @param {Event} event @param {HTMLInputElement} box @param {string | null} thread */
async function send(event, box, thread) {
  event.preventDefault();
  const text = box.value.trim();
  if (text === "" || state === null) return;
  const isCommand = text.startsWith("/") && thread === null;
  box.value = "";
  showHints(false);
  note("");
  const where = { user: mine.user, channel: mine.room };
  const answer = isCommand
    ? await act("command", { ...where, text })
    : await act("say", { ...where, text: asSlackSends(text), ...(thread === null ? {} : { thread_ts: thread }) });
  if (typeof answer.error === "string") {
    note(answer.error);
    if (box.value === "") box.value = text;
  }
  changed();
}

/** Slack's client sends mentions as ids and escapes three characters. @param {string} text */
function asSlackSends(text) {
  const safe = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return safe.replace(/(^|\s)@([\w.-]+)/gu, (whole, before, name) => {
    const wanted = name.toLowerCase();
    const user = state.users.find((/** @type {any} */ one) => one.name === wanted);
    const group = state.usergroups.find((/** @type {any} */ one) => one.handle === wanted && !one.deleted);
    return user ? `${before}<@${user.id}>` : group ? `${before}<!subteam^${group.id}>` : whole;
  });
}

/** @param {string} text */
function note(text) {
  $("composer-note").textContent = text;
  $("composer-note").hidden = text === "";
}

/** Commands that begin like what is typed. @param {boolean} [wanted] */
function showHints(wanted = true) {
  const say = $("say");
  const typed = say.value;
  const words = typed.split(" ");
  const found =
    !wanted || !typed.startsWith("/")
      ? []
      : state.commands.filter((/** @type {any} */ one) =>
          words.length === 1 ? one.command.startsWith(words[0]) : one.command === words[0],
        );
  const list = $("hints");
  list.hidden = found.length === 0;
  say.setAttribute("aria-expanded", String(found.length > 0));
  fill(list, found.map(hint));
}

/** @param {any} command */
function hint(command) {
  const take = (/** @type {Event} */ event) => {
    event.preventDefault();
    $("say").value = `${command.command} `;
    $("say").focus();
    showHints();
  };
  return h(
    "li",
    {
      role: "option",
      id: `hint-${command.command.slice(1)}`,
      "data-command": command.command,
      "data-key": command.command,
      onpointerdown: take,
    },
    h("b", null, command.command),
    command.usage_hint ? h("code", null, command.usage_hint) : null,
    command.description ? h("small.soft", null, command.description) : null,
  );
}

/** @param {KeyboardEvent} event */
function move(event) {
  const first = $("hints").querySelector("[role=option]");
  if (event.key === "Escape") showHints(false);
  const unfinished = !$("say").value.includes(" ");
  if ((event.key === "Tab" || event.key === "ArrowDown") && !$("hints").hidden && first && unfinished && !event.shiftKey) {
    event.preventDefault();
    first.dispatchEvent(new PointerEvent("pointerdown", { cancelable: true }));
  }
}

export function drawComposer() {
  const channel = state.channels.find((/** @type {any} */ one) => one.id === mine.room);
  const name = channel === undefined || channel.is_im ? "the bot" : channel.name;
  const first = state.commands[0]?.command;
  $("say").setAttribute("aria-label", `Message to ${name}`);
  $("say").placeholder = first ? `Message, or ${first}` : "Message";
  $("shortcuts").hidden = globalShortcuts().length === 0;
  $("tl").setAttribute("aria-label", `Messages in ${name}`);
}
