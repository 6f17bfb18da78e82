// @ts-check
import { h, icon, safeUrl } from "../dom/build.js";
import { openMenu } from "../overlay/menu.js";
import { plain, textNodes } from "../text/mrkdwn.js";
import { image } from "./image.js";
import { control } from "./inputs.js";
import { press, pressOf } from "./press.js";

/** Interactive elements as they stand in actions, as accessory, or in an input. @typedef {import("./press.js").Place} Place */

/** @param {any} element @param {any} block @param {Place} place @returns {Node} */
export function draw(element, block, place) {
  switch (element.type) {
    case "button":
    case "workflow_button":
    case "icon_button":
      return button(element, block, place);
    case "overflow":
      return overflow(element, block, place);
    case "image":
      return image(element, "thumb");
    case "feedback_buttons":
      return h(
        "span.acts",
        null,
        [element.positive_button, element.negative_button].map((one) =>
          button({ ...element, text: one.text, value: one.value }, block, place),
        ),
      );
    default:
      return control(element, block, place);
  }
}

/** @param {any} element @param {any} block @param {Place} place */
function button(element, block, place) {
  const busy = !place.still && pressOf(place, element, block)?.state === "pending";
  const style = element.style === "primary" || element.style === "danger" ? `.${element.style}` : "";
  const href = safeUrl(element.url);
  const common = {
    "data-key": element.action_id,
    "data-action-id": element.action_id,
    "data-block-id": block.block_id,
    "aria-label": element.accessibility_label,
    "aria-busy": busy ? "true" : null,
    "aria-disabled": busy || place.still ? "true" : null,
  };
  const words = [busy ? icon("run") : null, h("span", null, plain(element.text))];
  const pressed = () =>
    busy ? undefined : void press(place, element, block, element.type === "feedback_buttons" ? { value: element.value } : {});
  if (href !== null && element.confirm === undefined) {
    return h(`a.btn${style}`, { ...common, href, target: "_blank", rel: "noreferrer noopener", onclick: pressed }, words);
  }
  return h(`button.btn${style}`, { ...common, type: "button", onclick: pressed }, words);
}

/** @param {any} element @param {any} block @param {Place} place */
function overflow(element, block, place) {
  const busy = !place.still && pressOf(place, element, block)?.state === "pending";
  const open = (/** @type {Event} */ event) => {
    if (place.still || busy || !(event.currentTarget instanceof HTMLElement)) return;
    openMenu(
      event.currentTarget,
      element.options.map((/** @type {any} */ option) => ({
        words: textNodes(option.text),
        note: option.description ? plain(option.description) : null,
        value: option.value,
        pick() {
          const href = safeUrl(option.url);
          if (href !== null) window.open(href, "_blank", "noopener,noreferrer");
          void press(place, element, block, { option: option.value });
        },
      })),
    );
  };
  const label = `More: ${element.options.map((/** @type {any} */ option) => option.text.text).join(", ")}`;
  const data = { "data-key": element.action_id, "data-action-id": element.action_id, "data-block-id": block.block_id };
  const props = { ...data, type: "button", "aria-label": label, "aria-haspopup": "menu", "aria-busy": busy ? "true" : null, onclick: open };
  return h("button.btn.more", props, busy ? icon("run") : "⋯");
}
