// @ts-check
import { drawBlock } from "../blocks/blocks.js";
import { forgetClosed, formOf } from "../blocks/drafts.js";
import { h, icon } from "../dom/build.js";
import { fill } from "../dom/morph.js";
import { changed, mine, state } from "../store.js";
import { plain } from "../text/mrkdwn.js";
import { act } from "../wire.js";
import { lower, raise } from "./stage.js";

/** The modal on top of what the person one acts as has open. */

/** The view that is drawn now, and the errors that were pointed at. */
let shown = "";
let pointed = "";
/** @type {string | null} What the simulator itself refused. */
let refused = null;

export function drawModal() {
  forgetClosed(
    [...Object.values(state.views).flat(), ...Object.values(state.homes)].flatMap((/** @type {any} */ view) => (view ? [view.id] : [])),
  );
  const stack = state.views[mine.user] ?? [];
  const view = stack.at(-1);
  if (view === undefined) {
    shown = "";
    lower("modal");
    return;
  }
  const dialog = raise("modal", () => void close(view, false));
  if (shown !== view.id) refused = null;
  fill(dialog, form(view, stack.length));
  if (shown !== view.id) focusFirst(dialog);
  shown = view.id;
  pointAtErrors(dialog, view);
}

/** @param {any} view @param {number} depth */
function form(view, depth) {
  const failed = refused ?? view.shown;
  const busy = view.pending === true;
  return h(
    "form.sheet",
    {
      "data-key": view.id,
      "data-view": view.id,
      "data-callback": view.callback_id,
      novalidate: true,
      onsubmit: (/** @type {Event} */ event) => void submit(event, view),
    },
    h(
      "header",
      null,
      depth > 1
        ? h(
            "button.btn.more",
            { type: "button", "aria-label": "Back", "data-view-back": true, onclick: () => void close(view, false) },
            "‹",
          )
        : null,
      h("h2", { id: "modal-title" }, plain(view.title)),
      depth > 1 ? h("small.soft", null, `${depth} of 3`) : null,
      h(
        "button.btn.more.far",
        { type: "button", "aria-label": "Close", "data-view-close": "all", onclick: () => void close(view, true) },
        "✕",
      ),
    ),
    h(
      "div.body",
      { tabindex: "-1" },
      view.blocks.map((/** @type {any} */ block) => drawBlock(block, { channel: null, ts: null, view })),
    ),
    h(
      "footer",
      null,
      failed ? h("p.small.failed", { role: "alert", "data-failed": true }, icon("warn"), " ", failed) : null,
      h(
        "button.btn",
        { type: "button", "data-view-close": "one", onclick: () => void close(view, false) },
        plain(view.close ?? { text: "Cancel" }),
      ),
      view.submit
        ? h(
            "button.btn.primary",
            { type: "submit", "data-submit": true, "aria-busy": busy ? "true" : null, "aria-disabled": busy ? "true" : null },
            busy ? icon("run") : null,
            h("span", null, plain(view.submit)),
          )
        : null,
    ),
  );
}

/** @param {Event} event @param {any} view */
async function submit(event, view) {
  event.preventDefault();
  if (view.pending === true) return;
  pointed = "";
  const answer = await act("submit", { user: mine.user, view_id: view.id, values: formOf(view) });
  refused = typeof answer.error === "string" ? answer.error : null;
  changed();
}

/** @param {any} view @param {boolean} all */
async function close(view, all) {
  await act("close", { user: mine.user, view_id: view.id, all });
}

/** @param {HTMLElement} dialog */
function focusFirst(dialog) {
  const first =
    dialog.querySelector("[data-focus]") ??
    dialog.querySelector(".body :is(input, select, textarea, button, a[href])") ??
    dialog.querySelector("footer .btn");
  // A select that searches would open its list at once.
  const quiet = first?.getAttribute("role") === "combobox" && !first.hasAttribute("data-focus");
  /** @type {HTMLElement | null} */ (quiet ? dialog.querySelector(".body") : first)?.focus({ preventScroll: true });
}

/** Goes to the first input that was refused, once. @param {HTMLElement} dialog @param {any} view */
function pointAtErrors(dialog, view) {
  const key = JSON.stringify([view.id, view.errors]);
  if (key === pointed) return;
  pointed = key;
  const first = dialog.querySelector("[data-invalid] :is(input, select, textarea)");
  if (first instanceof HTMLElement) {
    first.focus();
    first.scrollIntoView({ block: "nearest" });
  }
}
