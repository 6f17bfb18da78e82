// @ts-check
import { h } from "../dom/build.js";
import { state } from "../store.js";
import { atLocal, localOf, zoneName } from "../text/dates.js";
import { plain, textNodes } from "../text/mrkdwn.js";
import { chosenWords, keep, valueOf } from "./drafts.js";
import { press } from "./press.js";
import { searchSelect } from "./search-select.js";

/** Elements that hold a value. @typedef {import("./press.js").Place} Place */

/** @param {any} element @param {any} block @param {Place} place @returns {HTMLElement} */
export function control(element, block, place) {
  const sends = block.type !== "input" || block.dispatch_action === true;
  /** @param {any} value @param {any} [words] */
  const take = (value, words) => {
    if (place.still) return;
    if (place.view) keep(place.view, block, element, value, words);
    if (sends) void press(place, element, block, Array.isArray(value) || isChoice(element) ? { option: value } : { value });
  };
  const id = `f-${place.view?.id ?? place.ts}-${block.block_id}-${element.action_id}`;
  const given = {
    "data-key": id,
    id,
    "data-action-id": element.action_id,
    "data-block-id": block.block_id,
    "aria-label": block.label ? null : (element.placeholder?.text ?? "Choose"),
    "aria-invalid": place.view?.errors?.[block.block_id] ? "true" : null,
    "aria-describedby": place.view?.errors?.[block.block_id] ? `${id}-error` : null,
    "data-focus": element.focus_on_load === true,
  };
  const value = valueOf(place.view, block, element);
  if (/^(multi_)?external_select$/u.test(element.type)) {
    return searchSelect({ element, block, place, given, value, words: chosenWords(place.view, block, element), take });
  }
  if (/checkboxes|radio_buttons/u.test(element.type)) return choices({ element, given, value, take, name: id });
  const offered = optionsOf(element);
  if (offered !== null) return select({ element, given, value, take, offered });
  return typed({ element, given, value, take, sends });
}

/** @param {any} element */
function isChoice(element) {
  return /^(multi_)?(static|external)_select$|radio|checkboxes/u.test(element.type);
}

/** @param {string} value @param {string} text */
function option(value, text) {
  return { value, text: { type: "plain_text", text } };
}

/** @param {any} element @returns {{ label: any, options: any[] }[] | null} groups of options; one without label when there are none */
function optionsOf(element) {
  if (element.option_groups) return element.option_groups;
  if (element.options) return [{ label: null, options: element.options }];
  if (/users_select/u.test(element.type)) {
    return [{ label: null, options: state.users.map((/** @type {any} */ user) => option(user.id, user.real_name)) }];
  }
  if (/(channels|conversations)_select/u.test(element.type)) {
    const open = state.channels.filter((/** @type {any} */ channel) => !channel.is_im && !channel.is_private);
    return [{ label: null, options: open.map((/** @type {any} */ channel) => option(channel.id, `#${channel.name}`)) }];
  }
  return null;
}

/** @param {{ element: any, given: any, value: any, take: (value: any, words?: any) => void, offered: { label: any, options: any[] }[] }} parts */
function select({ element, given, value, take, offered }) {
  const several = element.type.startsWith("multi_");
  const chosen = several ? (value ?? []) : [value];
  const item = (/** @type {any} */ one) => h("option", { value: one.value, selected: chosen.includes(one.value) }, one.text.text);
  const groups = offered.map((group) =>
    group.label ? h("optgroup", { label: group.label.text }, group.options.map(item)) : group.options.map(item),
  );
  const empty = several ? null : h("option", { value: "", selected: value === null }, element.placeholder?.text ?? "Choose…");
  const onchange = (/** @type {any} */ event) => {
    const picked = [...event.currentTarget.selectedOptions].map((one) => one.value);
    take(several ? picked : picked[0] === "" ? null : picked[0]);
  };
  return h("select", { ...given, multiple: several, onchange }, empty, groups);
}

/** @param {{ element: any, given: any, value: any, take: (value: any) => void, name: string }} parts */
function choices({ element, given, value, take, name }) {
  const many = element.type === "checkboxes";
  const chosen = many ? (value ?? []) : [value];
  const rest = { ...given, id: null };
  const onchange = (/** @type {any} */ event) => {
    const box = event.currentTarget.closest("fieldset");
    const ticked = [...box.querySelectorAll("input:checked")].map((one) => one.value);
    take(many ? ticked : (ticked[0] ?? null));
  };
  const items = element.options.map((/** @type {any} */ one) =>
    h(
      "label.choice",
      { "data-key": one.value },
      h("input", { type: many ? "checkbox" : "radio", name, value: one.value, checked: chosen.includes(one.value), onchange }),
      h("span", null, textNodes(one.text), one.description ? h("small.soft", null, textNodes(one.description)) : null),
    ),
  );
  return h("fieldset.choices", { ...rest, "data-value": chosen.filter(Boolean).join(" ") }, items);
}

/** @type {Record<string, string>} */
const TYPES = {
  email_text_input: "email",
  url_text_input: "url",
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
};

/** @param {{ element: any, given: any, value: any, take: (value: any) => void, sends: boolean }} parts */
function typed({ element, given, value, take, sends }) {
  const long = element.multiline === true || element.type === "rich_text_input";
  const type = TYPES[element.type] ?? "text";
  const props = {
    ...given,
    type: long ? null : type,
    rows: long ? 4 : null,
    inputmode: element.type === "number_input" ? "decimal" : null,
    placeholder: element.placeholder
      ? plain(element.placeholder)
          .map((/** @type {Node} */ node) => node.textContent)
          .join("")
      : null,
    maxlength: element.max_length,
    value: type === "datetime-local" && value !== null ? localOf(Number(value) * 1000) : (value ?? ""),
  };
  const read = (/** @type {any} */ event) =>
    take(type === "datetime-local" ? unixOf(event.currentTarget.value) : event.currentTarget.value || null);
  // A text that is sent at once is sent when it is done, not at every key.
  const box = h(long ? "textarea" : "input", { ...props, ...(sends ? { onchange: read } : { oninput: read }) });
  return type === "datetime-local" ? h("span.when", null, box, h("small.soft", null, zoneName())) : box;
}

/** @param {string} local */
function unixOf(local) {
  return local === "" ? null : Math.floor(atLocal(local) / 1000);
}
