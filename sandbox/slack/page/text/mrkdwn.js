// @ts-check
import { h, link } from "../dom/build.js";
import { now } from "../store.js";
import { formatDate } from "./dates.js";
import { emoji, isStatus } from "./emoji.js";
import { mentionChannel, mentionGroup, mentionUser } from "./people.js";

/** Slack's mrkdwn as nodes. */

const PIECES =
  /`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+'-]+):|(?<![\w*])\*(?=\S)([^*\n]*?[^*\s])\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]*?[^_\s])_(?![\w_])|(?<![\w~])~(?=\S)([^~\n]*?[^~\s])~(?![\w~])/u;

/** One line, without its breaks. @param {string} text @returns {Node[]} */
export function inline(text) {
  const found = PIECES.exec(text);
  if (found === null) return text === "" ? [] : [document.createTextNode(unescaped(text))];
  const [whole, code, angle, name, bold, italic, strike] = found;
  const before = text.slice(0, found.index);
  const node =
    code !== undefined
      ? h("code", null, unescaped(code))
      : angle !== undefined
        ? angled(angle)
        : name !== undefined
          ? (emoji(name) ?? document.createTextNode(whole))
          : h(bold !== undefined ? "b" : italic !== undefined ? "i" : "s", null, inline(bold ?? italic ?? strike ?? ""));
  const head = before === "" ? [] : [document.createTextNode(unescaped(before))];
  return [...head, node, ...inline(text.slice(found.index + whole.length))];
}

/** <https://…|words>, <@U…>, <!subteam^S…>, <#C…>, <!date^…>, <!here> @param {string} inside */
function angled(inside) {
  const bar = inside.indexOf("|");
  const [target, words] = bar < 0 ? [inside, undefined] : [inside.slice(0, bar), inside.slice(bar + 1)];
  if (target.startsWith("@")) return mentionUser(target.slice(1));
  if (target.startsWith("#")) return mentionChannel(target.slice(1), words);
  if (target.startsWith("!subteam^")) return mentionGroup(target.slice(9), words);
  if (target.startsWith("!date^")) return dated(target, words ?? "");
  if (target.startsWith("!")) return h("span.at", null, `@${target.slice(1)}`);
  return link(unescaped(target), words === undefined ? unescaped(target) : inline(words));
}

/** @param {string} target !date^unix^format^link @param {string} fallback */
function dated(target, fallback) {
  const [, unix = "", format = "", url] = target.split("^");
  const text = formatDate(Number(unix), unescaped(format), now()) ?? unescaped(fallback);
  const grows = format.includes("{ago}") ? { "data-unix": unix, "data-format": unescaped(format) } : {};
  const time = h("time", { datetime: isoOf(unix), title: unescaped(fallback), ...grows }, text);
  return url === undefined ? time : link(url, time);
}

/** @param {string} unix */
function isoOf(unix) {
  const at = new Date(Number(unix) * 1000);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** @param {string} text */
export function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** A whole text: fenced code, quotes, and lines. @param {string} text @returns {HTMLElement} */
export function mrkdwn(text) {
  const parts = text.split(/```\n?([\s\S]*?)\n?```/u);
  const nodes = parts.flatMap((part, index) => (index % 2 === 1 ? [h("pre", null, unescaped(part))] : linesOf(part)));
  return nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : h("div.stack", null, nodes);
}

/** @param {string} text @returns {HTMLElement[]} */
function linesOf(text) {
  const lines = text.replace(/^\n+|\n+$/gu, "").split("\n");
  if (lines.length === 1) return lines[0] === "" ? [] : [line(lines[0] ?? "", "p")];
  const led = lines.filter((one) => leadOf(one) !== null).length > 1;
  const all = lines.map((one) => line(one, "div", led));
  return [h("div.lines", null, all)];
}

/** Several lines that begin with a status make a list with its icons in a column. @param {string} text */
function leadOf(text) {
  const found = /^:([a-z_]+): +(.*)$/su.exec(text);
  return found !== null && isStatus(found[1] ?? "") ? { name: found[1] ?? "", rest: found[2] ?? "" } : null;
}

/** @param {string} text @param {string} tag @param {boolean} [led] */
function line(text, tag, led = false) {
  if (/^(&gt;|>) ?/u.test(text)) return h("blockquote", null, inline(text.replace(/^(&gt;|>) ?/u, "")));
  const steps = stepsOf(text);
  if (steps !== null) return h(`${tag}.steps`, null, steps);
  const lead = led ? leadOf(text) : null;
  if (lead !== null) return h("div.led", null, emoji(lead.name), h("span", null, inline(lead.rest)));
  const bullet = /^\s*• +(.*)$/su.exec(text);
  if (bullet !== null) return h(`${tag}.bullet`, null, inline(bullet[1] ?? ""));
  const indented = /^ {2,}/u.test(text);
  return h(indented ? `${tag}.indented` : tag, null, text.trim() === "" ? "\u00a0" : inline(text.trim()));
}

/** Several status emoji in one line, three spaces apart: the steps of one server. @param {string} text */
function stepsOf(text) {
  const parts = text.split(/ {3,}/u);
  const all = parts.length > 1 && parts.every((part) => /^:[a-z_]+: \S/u.test(part));
  if (!all) return null;
  return parts.map((part) => h(/\*/u.test(part) ? "span.now" : "span", null, inline(part)));
}

/** plain_text, where emoji names count only when the object says so. @param {any} object */
export function plain(object) {
  const text = object?.text ?? "";
  if (object?.emoji !== true) return [document.createTextNode(text)];
  return text
    .split(/(:[a-z0-9_+-]+:)/u)
    .filter((/** @type {string} */ part) => part !== "")
    .map((/** @type {string} */ part) => (/^:.+:$/u.test(part) ? emoji(part.slice(1, -1)) : null) ?? document.createTextNode(part));
}

/** A text object of either type. @param {any} object */
export function textNodes(object) {
  return object?.type === "mrkdwn" ? mrkdwn(object.text ?? "") : h("p", null, plain(object));
}
