import type { Workflow } from "../pipeline.ts";

/** Providers count up. Ids are numbers without end, or any text: a longer one is higher. */
export function isHigherId(one: string, other: string): boolean {
  return one.length === other.length ? one > other : one.length > other.length;
}

/** Only numbers say by themselves which is the later one. */
export function areNumbers(...ids: readonly string[]): boolean {
  return ids.every((id) => /^\d+$/.test(id));
}

/** By the provider's numbers; where ids are words of somebody's own, by the last news. */
export function isNewerRun(one: Workflow, other: Workflow): boolean {
  if (areNumbers(one.workflowRun, other.workflowRun)) return isHigherId(one.workflowRun, other.workflowRun);
  return (one.updatedAt?.getTime() ?? 0) > (other.updatedAt?.getTime() ?? 0);
}
