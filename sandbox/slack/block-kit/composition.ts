import { objectsOf, textOf, type Json } from "../json.ts";
import type { Fault } from "./rules.ts";
import { allBlocks, allElements } from "./walk.ts";

/** Rules over a whole message or view: unique ids, one table, one plan, sums. */
export function composition(blocks: readonly Json[], pointer: string): Fault[] {
  return [...sameBlockIds(blocks, pointer), ...sameActionIds(blocks, pointer), ...single(blocks, pointer), ...focus(blocks, pointer)];
}

function sameBlockIds(blocks: readonly Json[], pointer: string): Fault[] {
  const seen = new Set<string>();
  return allBlocks(blocks, pointer).flatMap(({ block, pointer: here }) => {
    const id = textOf(block["block_id"]);
    if (id === undefined) return [];
    const again = seen.has(id);
    seen.add(id);
    return again ? [{ pointer: `${here}/block_id`, message: `\`block_id\` "${id}" already exists`, code: "duplicate" }] : [];
  });
}

/** Within one block only: the same action id in two blocks is allowed. */
function sameActionIds(blocks: readonly Json[], pointer: string): Fault[] {
  const seen = new Map<Json, Set<string>>();
  return allElements(blocks, pointer).flatMap(({ element, block, pointer: here }) => {
    const id = textOf(element["action_id"]);
    if (id === undefined) return [];
    const ids = seen.get(block) ?? new Set<string>();
    seen.set(block, ids);
    const again = ids.has(id);
    ids.add(id);
    return again ? [{ pointer: `${here}/action_id`, message: `\`action_id\` "${id}" already exists`, code: "duplicate" }] : [];
  });
}

function single(blocks: readonly Json[], pointer: string): Fault[] {
  const count = (type: string): number => allBlocks(blocks, pointer).filter(({ block }) => block["type"] === type).length;
  const faults: Fault[] = [];
  if (count("table") > 1) faults.push({ pointer, message: "only_one_table_allowed", code: "only_one_table_allowed" });
  if (count("plan") > 1) faults.push({ pointer, message: "only one plan block is allowed", code: "only_one_plan" });
  const loose = blocks.some((block) => block["type"] === "task_card");
  if (loose && count("plan") > 0)
    faults.push({ pointer, message: "task_card blocks may not stand beside a plan block", code: "plan_and_task_card" });
  return faults;
}

function focus(blocks: readonly Json[], pointer: string): Fault[] {
  const wanting = allElements(blocks, pointer).filter(({ element }) => element["focus_on_load"] === true);
  return wanting.slice(1).map(({ pointer: here }) => ({
    pointer: `${here}/focus_on_load`,
    message: "only one element may set `focus_on_load`",
    code: "duplicate_focus",
  }));
}

/** Characters of all markdown blocks together; Slack allows 12,000 in one message. */
export function markdownLength(blocks: readonly Json[]): number {
  return objectsOf(blocks)
    .filter((block) => block["type"] === "markdown")
    .reduce((sum, block) => sum + (textOf(block["text"]) ?? "").length, 0);
}
