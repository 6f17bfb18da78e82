// @ts-check
import { h } from "../dom/build.js";
import { fill } from "../dom/morph.js";
import { plain, textNodes } from "../text/mrkdwn.js";
import { lower, raise } from "./stage.js";

/** Ends the question that is open now. @type {((yes: boolean) => void) | null} */
let answer = null;

/** Takes the question away, as if it was denied: somebody else acts now. */
export function dropQuestion() {
  answer?.(false);
}

/** Slack's confirmation dialog. @param {any} confirm the element's `confirm` object @returns {Promise<boolean>} */
export function ask(confirm) {
  dropQuestion();
  return new Promise((resolve) => {
    const end = (/** @type {boolean} */ yes) => {
      answer = null;
      lower("confirm");
      resolve(yes);
    };
    answer = end;
    const style = confirm.style === "danger" ? "danger" : "primary";
    const dialog = raise("confirm", () => end(false));
    dialog.onsubmit = (event) => event.preventDefault();
    fill(
      dialog,
      h("header", null, h("h2", { id: "confirm-title" }, plain(confirm.title))),
      h("div.body", null, textNodes(confirm.text)),
      h(
        "footer",
        null,
        h("button.btn", { type: "button", "data-confirm": "no", onclick: () => end(false) }, plain(confirm.deny ?? { text: "Cancel" })),
        h(
          `button.btn.${style}`,
          { type: "button", "data-confirm": "yes", onclick: () => end(true) },
          plain(confirm.confirm ?? { text: "Yes" }),
        ),
      ),
    );
    /** @type {HTMLElement | null} */ (dialog.querySelector("[data-confirm=yes]"))?.focus();
  });
}
