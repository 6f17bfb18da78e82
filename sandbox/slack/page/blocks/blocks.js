// @ts-check
import { h, icon } from "../dom/build.js";
import { mrkdwn, plain, textNodes } from "../text/mrkdwn.js";
import { draw } from "./elements.js";
import { image } from "./image.js";
import { failureNote } from "./press.js";
import { richText } from "./rich-text.js";
import { container, planned, table } from "./rare.js";

/** Block Kit as elements. @typedef {import("./press.js").Place} Place */

/** @param {any} block @param {Place} place @returns {HTMLElement} */
export function drawBlock(block, place) {
  const element = drawn(block, place);
  element.setAttribute("data-key", block.block_id ?? block.type);
  element.setAttribute("data-block", block.type);
  return element;
}

/** @param {any} block @param {Place} place @returns {HTMLElement} */
function drawn(block, place) {
  switch (block.type) {
    case "header":
      return h("h3", null, plain(block.text));
    case "section":
      return section(block, place);
    case "context":
      return h(
        "div.ctx",
        null,
        block.elements.map((/** @type {any} */ one) => (one.type === "image" ? image(one, "tiny") : textNodes(one))),
      );
    case "divider":
      return h("hr", null);
    case "rich_text":
      return richText(block);
    case "actions":
    case "context_actions":
      return actions(block, place);
    case "image":
      return h("figure", null, block.title ? h("figcaption.small.soft", null, plain(block.title)) : null, image(block, "wide"));
    case "input":
      return input(block, place);
    case "alert":
      return alertBlock(block);
    case "markdown":
      return mrkdwn(markdownAsMrkdwn(block.text ?? ""));
    case "table":
    case "data_table":
      return table(block);
    case "plan":
    case "task_card":
      return planned(block);
    case "container":
      return container(block, (one) => drawBlock(one, place));
    default:
      return h(
        "details.small",
        null,
        h("summary", null, `A block of type ${block.type}, not drawn by this page`),
        h("pre", null, JSON.stringify(block, null, 1)),
      );
  }
}

/** @param {any} block @param {Place} place */
function section(block, place) {
  const text = block.text ? textNodes(block.text) : null;
  const fields = block.fields
    ? h(
        "div.fields",
        null,
        block.fields.map((/** @type {any} */ field) => h("div", null, textNodes(field))),
      )
    : null;
  if (!block.accessory) return h("div.section", null, text, fields);
  const note = failureNote(place, [block.accessory], block);
  return h("div.section.with", null, h("div.words", null, text, fields, note), h("div.beside", null, draw(block.accessory, block, place)));
}

/** @param {any} block @param {Place} place */
function actions(block, place) {
  const buttons = h(
    "div.acts",
    null,
    block.elements.map((/** @type {any} */ element) => draw(element, block, place)),
  );
  const note = failureNote(place, block.elements, block);
  return h("div.actions", null, buttons, note);
}

/** @param {any} block @param {Place} place */
function input(block, place) {
  const id = `f-${place.view?.id ?? place.ts}-${block.block_id}-${block.element.action_id}`;
  const error = place.view?.errors?.[block.block_id];
  const group = /checkboxes|radio/u.test(block.element.type);
  const label = h(
    group ? "div.label-text" : "label",
    group ? { id: `${id}-label` } : { for: id },
    plain(block.label),
    block.optional ? h("span.soft", null, " (optional)") : null,
  );
  const field = draw(block.element, block, place);
  if (group && field instanceof Element) field.setAttribute("aria-labelledby", `${id}-label`);
  return h(
    "div.field",
    { "data-invalid": error ? true : null },
    label,
    field,
    error ? h("p.error", { id: `${id}-error`, role: "alert", "data-error": block.block_id }, icon("bad"), " ", error) : null,
    block.hint ? h("small.soft", null, plain(block.hint)) : null,
    failureNote(place, [block.element], block),
  );
}

/** @type {Record<string, string>} */
const ALERTS = { info: "what", warning: "warn", error: "bad", success: "ok", default: "what" };

/** @param {any} block */
function alertBlock(block) {
  const level = block.level in ALERTS ? block.level : "default";
  return h("div.note", { "data-level": level }, icon(ALERTS[level] ?? "what"), h("div", null, textNodes(block.text)));
}

/** The few marks of Markdown that differ from mrkdwn. @param {string} text */
function markdownAsMrkdwn(text) {
  return text
    .replace(/\*\*([^*\n]+)\*\*/gu, "*$1*")
    .replace(/^#{1,6} +(.+)$/gmu, "*$1*")
    .replace(/^[-*] +/gmu, "• ")
    .replace(/\[([^\]\n]+)\]\(([^)\s]+)\)/gu, "<$2|$1>");
}
