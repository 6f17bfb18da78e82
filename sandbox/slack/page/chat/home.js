// @ts-check
import { drawBlock } from "../blocks/blocks.js";
import { h } from "../dom/build.js";
import { fill } from "../dom/morph.js";
import { mine, state } from "../store.js";
import { botName } from "../text/people.js";

/** Only what waits for somebody or is wrong has a colour here. @type {Record<string, string>} */
const TONES = { double_vertical_bar: "amber", red_circle: "red" };

/** The app's Home of the person one acts as. Each header begins a group, each section a row of it. */

export function drawHome() {
  const home = /** @type {HTMLElement} */ (document.getElementById("home"));
  const view = state.homes[mine.user];
  if (!view) {
    fill(home, h("div", null, h("p.soft", { "data-key": "none" }, `${botName()} has not drawn a Home for this person yet.`)));
    return;
  }
  const place = { channel: null, ts: null, view };
  const [top, ...groups] = groupsOf(view.blocks);
  fill(
    home,
    h(
      "div",
      { "data-key": view.id, "data-view": view.id },
      topOf(top ?? [], place),
      groups.map((group) => groupOf(group, place)),
    ),
  );
}

/** @param {any[]} blocks @returns {any[][]} the first is the page's top */
function groupsOf(blocks) {
  /** @type {any[][]} */
  const groups = [[]];
  for (const block of blocks) {
    const begins = (block.type === "header" || block.type === "divider") && (groups.length > 1 || (groups[0] ?? []).length > 0);
    const plainTop = groups.length === 1 && block.type === "section" && (groups[0] ?? []).some((one) => one.type === "section");
    if (begins || plainTop) groups.push([]);
    if (block.type !== "divider") groups.at(-1)?.push(block);
  }
  return groups.filter((group, index) => index === 0 || group.length > 0);
}

/** @param {any[]} blocks @param {any} place */
function topOf(blocks, place) {
  if (blocks.length === 0) return null;
  const title = blocks[0].type === "header" ? h("h2", { "data-block": "header" }, blocks[0].text.text) : null;
  const words = blocks.filter((block, index) => block.type !== "actions" && !(index === 0 && title !== null));
  const actions = blocks.filter((block) => block.type === "actions");
  return h(
    "div.homehead",
    { "data-key": "top" },
    h(
      "div",
      null,
      title,
      words.map((block) => drawBlock(block, place)),
    ),
    actions.map((block) => drawBlock(block, place)),
  );
}

/** @param {any[]} blocks @param {any} place */
function groupOf(blocks, place) {
  const titled = blocks[0].type === "header";
  const rows = rowsOf(titled ? blocks.slice(1) : blocks);
  const items = rows.map((row) => {
    const beside = row.filter((block) => block.type === "actions");
    const words = row.filter((block) => block.type !== "actions");
    const tone = TONES[/^:([a-z_]+):/u.exec(row[0].text?.text ?? "")?.[1] ?? ""] ?? null;
    return h(
      "li",
      { "data-key": row[0].block_id, "data-tone": tone },
      h(
        "div",
        null,
        words.map((block) => drawBlock(block, place)),
      ),
      beside.map((block) => drawBlock(block, place)),
    );
  });
  const key = `group ${blocks[0].block_id}`;
  return h(
    "section",
    { "data-key": key },
    titled ? h("h3", null, blocks[0].text.text) : null,
    items.length === 0 ? null : h("ul.rows", null, items),
  );
}

/** @param {any[]} blocks @returns {any[][]} */
function rowsOf(blocks) {
  /** @type {any[][]} */
  const rows = [];
  for (const block of blocks) {
    const joins = ["context", "actions"].includes(block.type) && rows.length > 0;
    if (joins) rows.at(-1)?.push(block);
    else rows.push([block]);
  }
  return rows;
}
