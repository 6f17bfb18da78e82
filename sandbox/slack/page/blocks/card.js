// @ts-check
import { h } from "../dom/build.js";
import { toneOf } from "../text/emoji.js";
import { mrkdwn } from "../text/mrkdwn.js";
import { drawBlock } from "./blocks.js";

/** The blocks of a message. A header with the section after it is a card's head, tinted by the section's first emoji. */

/** @param {any} message @param {import("./press.js").Place} place @returns {HTMLElement} */
export function drawContent(message, place) {
  const blocks = message.blocks ?? [];
  if (blocks.length === 0) return h("div.words", null, mrkdwn(message.text ?? ""));
  if (blocks[0].type !== "header")
    return h(
      "div.loose",
      null,
      blocks.map((/** @type {any} */ block) => drawBlock(block, place)),
    );
  const state = blocks[1]?.type === "section" ? blocks[1] : null;
  const rest = blocks.slice(state === null ? 1 : 2);
  const head = h("div.head", null, drawBlock(blocks[0], place), state === null ? null : drawBlock(state, place));
  const body =
    rest.length === 0
      ? null
      : h(
          "div.in",
          null,
          rest.map((/** @type {any} */ block) => drawBlock(block, place)),
        );
  return h("div.card", { "data-tone": toneOf(state?.text?.text ?? "") }, head, body);
}

/** A card's first words; null for a message that is no card. @param {any} message @returns {string | null} */
export function titleOf(message) {
  return message.blocks?.[0]?.type === "header" ? message.blocks[0].text.text : null;
}

/** What a change of state changes: the title's state word and the tint, not the seconds. @param {any} message */
export function stateKey(message) {
  const title = titleOf(message);
  return title === null ? null : `${title.replace(/\d+/gu, "0")} ${toneOf(message.blocks[1]?.text?.text ?? "")}`;
}
