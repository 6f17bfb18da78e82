// @ts-check
import { h } from "../dom/build.js";
import { fill } from "../dom/morph.js";
import { mine } from "../store.js";
import { act } from "../wire.js";

/** A select whose options the bot gives while one types (block_suggestion). A combobox for the keyboard and for screen readers. */

/** @param {{ element: any, block: any, place: any, given: any, value: any, words: string, take: (value: any, words?: any) => void }} parts */
export function searchSelect({ element, block, place, given, value, words, take }) {
  const several = element.type.startsWith("multi_");
  const listId = `${given.id}-list`;
  const list = h("ul.found", { id: listId, role: "listbox", hidden: true, "data-own": true });
  const input = h("input", {
    ...given,
    type: "text",
    role: "combobox",
    "aria-expanded": "false",
    "data-keeps": "aria-activedescendant data-asked",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    autocomplete: "off",
    placeholder: element.placeholder?.text ?? "Type to search",
    value: several ? "" : words,
    onfocus: (/** @type {any} */ event) => void search(event.currentTarget, several ? "" : undefined),
    oninput: (/** @type {any} */ event) => void search(event.currentTarget, event.currentTarget.value),
    onkeydown: (/** @type {KeyboardEvent} */ event) => move(event),
    onblur: (/** @type {any} */ event) => leave(event.currentTarget),
  });
  const chips = several
    ? h(
        "p.chips",
        null,
        (value ?? []).map((/** @type {string} */ one) => chip(one)),
      )
    : null;
  return h("div.search", { "data-key": `${given.id}-search` }, chips, input, list);

  /** @param {string} one */
  function chip(one) {
    const left = (value ?? []).filter((/** @type {string} */ other) => other !== one);
    return h("button.tag", { type: "button", "aria-label": `Remove ${one}`, onclick: () => take(left) }, one, " ✕");
  }

  /** @param {HTMLInputElement} box @param {string} [text] undefined: what is chosen is no question */
  async function search(box, text) {
    const question = text ?? "";
    box.dataset["asked"] = question;
    const found = listOf(box);
    if (question.length < (element.min_query_length ?? 3))
      return show(box, found, [note(`Type ${element.min_query_length ?? 3} characters to search.`)]);
    const where = place.view ? { view_id: place.view.id } : { channel: place.channel, ts: place.ts };
    const answer = await act("type", {
      user: mine.user,
      ...where,
      action_id: element.action_id,
      block_id: block.block_id,
      value: question,
    });
    if (box.dataset["asked"] !== question || document.activeElement !== box) return;
    const failure = answer.error ?? answer.shown;
    if (failure) return show(box, found, [note(failure)]);
    let count = 0;
    const groups = answer.option_groups ?? [{ options: answer.options ?? [] }];
    const items = groups.flatMap((/** @type {any} */ group) => [
      group.label ? note(group.label.text) : null,
      ...group.options.map((/** @type {any} */ option) => item(box, option, (count += 1))),
    ]);
    show(box, found, items.some(Boolean) ? items.filter(Boolean) : [note("Nothing found.")]);
  }

  /** @param {HTMLInputElement} box @param {any} option @param {number} number among all that are shown */
  function item(box, option, number) {
    const text = h("span", null, option.text.text);
    const more = option.description ? h("small.soft", null, option.description.text) : null;
    const chosen = several ? (value ?? []).includes(option.value) : value === option.value;
    // A screen reader clicks without a pointer; after a pointer the list is hidden already.
    const choose = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (listOf(box).hidden) return;
      take(several ? [...(value ?? []), option.value] : option.value, option.text.text);
      box.value = several ? "" : option.text.text;
      hide(box);
    };
    return h(
      "li",
      {
        role: "option",
        id: `${listId}-${number}`,
        "data-option": option.value,
        "aria-selected": String(chosen),
        onpointerdown: choose,
        onclick: choose,
      },
      text,
      more,
    );
  }

  /** @param {HTMLInputElement} box */
  function leave(box) {
    hide(box);
    if (!several && box.value.trim() === "") take(null);
  }
}

/** @param {string} text */
function note(text) {
  return h("li.soft.small", { role: "presentation" }, text);
}

/** @param {HTMLInputElement} box */
function listOf(box) {
  return /** @type {HTMLElement} */ (box.parentElement?.querySelector("[role=listbox]"));
}

/** @param {HTMLInputElement} box @param {HTMLElement} list @param {any[]} items */
function show(box, list, items) {
  fill(list);
  list.append(...items);
  list.hidden = false;
  box.setAttribute("aria-expanded", "true");
  list.scrollIntoView({ block: "nearest" });
}

/** @param {HTMLInputElement} box */
function hide(box) {
  listOf(box).hidden = true;
  box.setAttribute("aria-expanded", "false");
  box.removeAttribute("aria-activedescendant");
}

/** @param {KeyboardEvent} event */
function move(event) {
  const box = /** @type {HTMLInputElement} */ (event.currentTarget);
  const list = listOf(box);
  const options = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=option]")]);
  const active = options.findIndex((one) => one.classList.contains("active"));
  if (event.key === "Escape" && !list.hidden) {
    event.stopPropagation();
    hide(box);
  } else if ((event.key === "Home" || event.key === "End") && !list.hidden && active >= 0 && options.length > 0) {
    event.preventDefault();
    point(box, options, event.key === "Home" ? 0 : options.length - 1);
  } else if (event.key === "Enter" && !list.hidden) {
    event.preventDefault();
    options[Math.max(0, active)]?.dispatchEvent(new PointerEvent("pointerdown", { cancelable: true }));
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length > 0) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    point(box, options, active < 0 && step < 0 ? options.length - 1 : (active + step + options.length) % options.length);
  }
}

/** Marks the option that Enter takes. @param {HTMLElement} box @param {HTMLElement[]} options @param {number} index */
function point(box, options, index) {
  const next = options[index];
  for (const one of options) one.classList.toggle("active", one === next);
  if (next === undefined) return;
  box.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}
