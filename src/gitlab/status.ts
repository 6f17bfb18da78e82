import { isTerminal } from "../domain/pipeline.ts";
import type { StageStatus } from "../domain/pipeline.ts";

/** A map, not an object: a status named `constructor` must find nothing. */
const STATUS = new Map<string, StageStatus>([
  ["created", "queued"],
  ["waiting_for_resource", "queued"],
  ["waiting_for_callback", "queued"],
  ["preparing", "queued"],
  ["pending", "queued"],
  ["scheduled", "queued"],
  // Somebody has to press its button in GitLab.
  ["manual", "waiting"],
  ["running", "running"],
  ["canceling", "running"],
  ["success", "passed"],
  ["failed", "failed"],
  ["canceled", "cancelled"],
  ["skipped", "skipped"],
]);

/** Of pipelines and jobs alike. Only `success` is passed; a word we do not know waits, since nothing says that it ended. */
export function stageStatus(status: string): StageStatus {
  return STATUS.get(status) ?? "queued";
}

/** Moments as GitLab tells them of a pipeline or a job. */
export type Times = { readonly created: Date | null; readonly started: Date | null; readonly finished: Date | null };

/** A job that was never started has no beginning, and one that is tried again no end. */
export function stageTimes(
  status: StageStatus,
  { started, finished }: Times,
): { readonly startedAt: Date | null; readonly finishedAt: Date | null } {
  return { startedAt: status === "queued" || status === "waiting" ? null : started, finishedAt: isTerminal(status) ? finished : null };
}

/**
 * How new a state is: the latest moment that GitLab names in it, in whole seconds, since some of its bodies have no more. A
 * pipeline is as new as its newest job: its own end stays where it was while a job is tried again.
 */
export function newness(...all: readonly Times[]): Date | null {
  const moments = all.flatMap(({ created, started, finished }) => [created, started, finished]).flatMap((at) => at?.getTime() ?? []);
  if (moments.length === 0) return null;
  return new Date(Math.floor(Math.max(...moments) / 1000) * 1000);
}
