import { isTerminal } from "../domain/pipeline.ts";
import type { StageStatus } from "../domain/pipeline.ts";

/** Maps, not objects: a status named `constructor` must find nothing. */
const OPEN = new Map<string, StageStatus>([
  ["requested", "queued"],
  ["queued", "queued"],
  ["pending", "queued"],
  ["waiting", "waiting"],
  ["in_progress", "running"],
]);

const CONCLUDED = new Map<string, StageStatus>([
  ["success", "passed"],
  ["skipped", "skipped"],
  ["neutral", "skipped"],
  ["cancelled", "cancelled"],
  // GitHub gave up on it after 14 days.
  ["stale", "cancelled"],
]);

/** Only `success` is passed; a conclusion we do not know is failed. Source: GitHub's webhook schema for run and job conclusions. */
export function stageStatus(status: string, conclusion: string | null): StageStatus {
  if (status !== "completed") return OPEN.get(status) ?? "queued";
  // Seen in the field: `completed` before there is a conclusion. It has not ended, and a terminal status would stay.
  if (conclusion === null) return "running";
  return CONCLUDED.get(conclusion) ?? "failed";
}

/** A queued job has a `started_at` too, which is when it was made, and a running one may show an end: neither is told. */
export function stageTimes(
  status: StageStatus,
  times: { readonly started_at: Date | null; readonly completed_at: Date | null },
): { readonly startedAt: Date | null; readonly finishedAt: Date | null } {
  return {
    startedAt: status === "queued" || status === "waiting" ? null : times.started_at,
    finishedAt: isTerminal(status) ? times.completed_at : null,
  };
}

/** A job's body has no time of its own change: the latest one in it is. */
export function jobUpdatedAt(times: { readonly started_at: Date | null; readonly completed_at: Date | null }): Date {
  return times.completed_at ?? times.started_at ?? new Date(0);
}

/** `.github/workflows/ci.yml@refs/heads/main`: the file alone is what a rule names. */
export function withoutRef(path: string | null): string | null {
  return path?.split("@", 1)[0] ?? null;
}

/** The path's ref, where it has one, tells a tag from a branch of the same name. */
export function isTagRun(path: string | null): boolean {
  return path?.split("@", 2)[1]?.startsWith("refs/tags/") ?? false;
}
