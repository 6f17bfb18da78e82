// @ts-check
import { drawContent } from "../blocks/card.js";
import { h, icon } from "../dom/build.js";
import { fill } from "../dom/morph.js";
import { timeOf } from "../text/dates.js";
import { nameOf } from "../text/people.js";
import { act } from "../wire.js";

/** A message's versions, its JSON and what the simulator finds odd in it. Belongs to the simulator, so it stands beside the chat. */

/** @param {any} message */
export async function inspect(message) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("inspector"));
  const answer = await act("history", { channel: message.channel, ts: message.ts });
  const versions = answer.versions ?? [];
  const show = (/** @type {number} */ index) => fill(dialog, sheet(message, versions, index, show));
  if (answer.error) fill(dialog, h("header", null, h("h2", null, "Versions and JSON")), h("p.failed", null, answer.error));
  else show(versions.length - 1);
  if (!dialog.open) dialog.showModal();
}

/** @param {any} message @param {any[]} versions @param {number} index @param {(index: number) => void} show */
function sheet(message, versions, index, show) {
  const version = versions[index] ?? { text: "", blocks: null, lints: [] };
  const { lints = [], ...rest } = version;
  return h(
    "div.sheet",
    null,
    h(
      "header",
      null,
      h("h2", { id: "inspector-title" }, "Versions and JSON"),
      h("small.soft", null, message.ts),
      h("button.btn.more.far", { type: "button", "aria-label": "Close", onclick: close }, "✕"),
    ),
    h(
      "div.body",
      null,
      h(
        "div.pager",
        null,
        h(
          "button.btn",
          { type: "button", "aria-disabled": index === 0 ? "true" : null, onclick: () => (index > 0 ? show(index - 1) : undefined) },
          "‹ Earlier",
        ),
        h(
          "p",
          { "aria-live": "polite", "data-version": String(index + 1) },
          h("b", null, `Version ${index + 1} of ${versions.length}`),
          h("small.soft", null, ` ${timeOf(Date.parse(version.at))}, by ${nameOf(version.by)}`),
        ),
        h(
          "button.btn",
          {
            type: "button",
            "aria-disabled": index >= versions.length - 1 ? "true" : null,
            onclick: () => (index < versions.length - 1 ? show(index + 1) : undefined),
          },
          "Later ›",
        ),
      ),
      h(
        "div.preview",
        { inert: true },
        version.deleted
          ? h("p.soft", null, "Deleted here.")
          : drawContent(version, { channel: message.channel, ts: message.ts, view: null, still: true }),
      ),
      h(
        "section",
        null,
        h("h3", null, lints.length === 0 ? "Nothing odd" : `${lints.length} odd ${lints.length === 1 ? "thing" : "things"}`),
        lints.map(lint),
      ),
      h(
        "section",
        null,
        h("h3", null, "JSON"),
        h("pre", { tabindex: "0", "aria-label": "JSON of this version" }, JSON.stringify(rest, null, 2)),
      ),
    ),
  );
}

/** @param {any} one */
function lint(one) {
  return h(
    "p.small",
    { "data-lint": one.rule },
    icon("warn"),
    " ",
    h("b", null, one.rule),
    ` ${one.message} `,
    one.pointer ? h("code", null, one.pointer) : null,
  );
}

function close() {
  /** @type {HTMLDialogElement} */ (document.getElementById("inspector")).close();
}
