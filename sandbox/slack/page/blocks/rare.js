// @ts-check
import { h, icon } from "../dom/build.js";
import { plain } from "../text/mrkdwn.js";
import { richText } from "./rich-text.js";

/** Blocks that are seldom used. */

/** @param {any} block table and data_table */
export function table(block) {
  const rows = block.rows ?? [];
  return h(
    "div.table",
    { tabindex: "0" },
    h(
      "table",
      null,
      block.caption ? h("caption", null, block.caption) : null,
      rows.map((/** @type {any[]} */ row, /** @type {number} */ index) => rowOf(row, index === 0 ? "th" : "td")),
    ),
  );
}

/** @param {any[]} cells @param {string} tag */
function rowOf(cells, tag) {
  const all = cells.map((one) => h(tag, null, cellOf(one)));
  return h("tr", null, all);
}

/** @param {any} one */
function cellOf(one) {
  return one?.type === "rich_text" ? richText(one) : String(one?.text ?? one?.value ?? "");
}

/** @type {Record<string, string>} */
const TASKS = { pending: "wait", in_progress: "run", complete: "ok", error: "bad" };

/** @param {any} block plan and task_card */
export function planned(block) {
  const tasks = block.type === "plan" ? (block.tasks ?? []) : [block];
  const title =
    block.type === "plan" && block.title ? h("b", null, typeof block.title === "string" ? block.title : plain(block.title)) : null;
  return h("div.lines", null, title, tasks.map(taskRow));
}

/** @param {any} task */
function taskRow(task) {
  const words = h("span", null, task.title, task.details ? richText(task.details) : null);
  return h("div.led", null, icon(TASKS[task.status] ?? "wait", task.status), words);
}

/** @param {any} block @param {(block: any) => HTMLElement} drawBlock */
export function container(block, drawBlock) {
  const title = block.title ? plain(block.title) : "";
  const children = (block.child_blocks ?? []).map(drawBlock);
  if (block.is_collapsible !== true) return h("div.stack", null, title === "" ? null : h("b", null, title), children);
  return h(
    "details",
    block.default_collapsed === true ? null : { open: true },
    h("summary", null, title === "" ? "More" : title),
    children,
  );
}
