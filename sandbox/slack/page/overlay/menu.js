// @ts-check
import { h } from "../dom/build.js";

/** A menu at a button: overflow, shortcuts. Arrows move, Escape closes, focus goes back to the button. */

/**
 * @param {HTMLElement} button
 * @param {{ words: Node | string, note?: Node[] | null, value: string, pick: () => void }[]} items
 */
export function openMenu(button, items) {
  document.querySelector(".menu")?.remove();
  const close = () => {
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
  };
  const outside = (/** @type {Event} */ event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) close();
  };
  const menu = h(
    "div.menu",
    {
      role: "menu",
      popover: "manual",
      onkeydown: (/** @type {KeyboardEvent} */ event) => move(event, menu, () => (close(), button.focus())),
    },
    items.map((item) =>
      h(
        "button",
        {
          type: "button",
          role: "menuitem",
          tabindex: "-1",
          "data-option": item.value,
          onclick: () => (close(), button.focus(), item.pick()),
        },
        item.words,
        item.note ? h("small.soft", null, item.note) : null,
      ),
    ),
  );
  (button.closest("dialog") ?? document.body).append(menu);
  menu.showPopover();
  place(menu, button);
  button.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  /** @type {HTMLElement | null} */ (menu.querySelector("[role=menuitem]"))?.focus();
}

/** @param {HTMLElement} menu @param {HTMLElement} button */
function place(menu, button) {
  const at = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = at.bottom + 4 + size.height <= innerHeight;
  menu.style.top = `${Math.max(4, below ? at.bottom + 4 : at.top - size.height - 4)}px`;
  menu.style.left = `${Math.max(4, Math.min(at.left, innerWidth - size.width - 4))}px`;
}

/** @param {KeyboardEvent} event @param {HTMLElement} menu @param {() => void} close */
function move(event, menu, close) {
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("[role=menuitem]")]);
  const here = items.findIndex((one) => one === document.activeElement);
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    close();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    items[(here + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
  }
}
