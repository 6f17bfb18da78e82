import type { Workflow } from "../pipeline.ts";

/** Providers count up. Ids are numbers without end, or any text: a longer one is higher. */
export function isHigherId(one: string, other: string): boolean {
  return one.length === other.length ? one > other : one.length > other.length;
}

/** By the provider's numbers; where ids are words of somebody's own, by the last news. */
export function isNewerRun(one: Workflow, other: Workflow): boolean {
  const numbers = [one, other].every(({ workflowRun }) => /^\d+$/.test(workflowRun));
  return numbers ? isHigherId(one.workflowRun, other.workflowRun) : (one.updatedAt?.getTime() ?? 0) > (other.updatedAt?.getTime() ?? 0);
}
