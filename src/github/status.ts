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
