// @ts-check
import { h, icon } from "../dom/build.js";

/** Emoji short names. Those that carry a status are drawn as the page's own icons, with their meaning as a word. */

/** @type {Record<string, [icon: string, words: string]>} */
const STATUS = {
  white_check_mark: ["ok", "ok"],
  heavy_check_mark: ["ok", "ok"],
  hourglass_flowing_sand: ["run", "running"],
  hourglass: ["run", "running"],
  arrows_counterclockwise: ["back", "going back"],
  double_vertical_bar: ["ask", "waiting for a person"],
  large_green_circle: ["live", "live"],
  red_circle: ["bad", "wrong"],
  x: ["bad", "wrong"],
  no_entry_sign: ["no", "not done"],
  no_entry: ["no", "not done"],
  white_circle: ["wait", "not yet"],
  warning: ["warn", "warning"],
  grey_question: ["what", "not known"],
  question: ["what", "not known"],
};

/** @type {Record<string, string>} */
const PICTURES = {
  tada: "🎉",
  rocket: "🚀",
  eyes: "👀",
  "+1": "👍",
  thumbsup: "👍",
  "-1": "👎",
  wave: "👋",
  pray: "🙏",
  fire: "🔥",
  lock: "🔒",
  unlock: "🔓",
  bell: "🔔",
  bug: "🐛",
  heart: "❤",
  smile: "😄",
  slightly_smiling_face: "🙂",
  thinking_face: "🤔",
  point_right: "👉",
  star: "⭐",
  calendar: "📆",
  speech_balloon: "💬",
  rotating_light: "🚨",
  information_source: "ℹ",
  package: "📦",
};

/** The tone that a card's head takes from its state line. @type {Record<string, string>} */
const TONES = {
  hourglass_flowing_sand: "blue",
  arrows_counterclockwise: "blue",
  double_vertical_bar: "amber",
  warning: "amber",
  large_green_circle: "green",
  white_check_mark: "green",
  red_circle: "red",
  no_entry_sign: "red",
};

/** @param {string} name @returns {Node | null} null for names that are no emoji: they stay as written */
export function emoji(name) {
  const status = STATUS[name];
  if (status !== undefined) return icon(status[0], status[1]);
  const picture = PICTURES[name];
  return picture === undefined ? null : h("span", { role: "img", "aria-label": name.replaceAll("_", " ") }, picture);
}

/** @param {string} name */
export function isStatus(name) {
  return name in STATUS;
}

/** @param {string} text mrkdwn @returns {string | null} */
export function toneOf(text) {
  const first = /^\s*:([a-z_]+):/u.exec(text)?.[1];
  return first === undefined ? null : (TONES[first] ?? null);
}
