import type { Deployment } from "./deployment.ts";
import type { Measurement } from "./measurement.ts";

/** Looks after a rollback, at whether the errors stopped. */
export const AFTERMATH_LOOKS = 10;
/** Requests that were under way at the switch may still fail a moment later. */
const GRACE_MS = 3000;

/** By the newest usable look: no event of the rolled-back revision after the switch. Null: nobody could look. */
export function errorsStopped(looks: readonly Measurement[], switchedAt: Date): boolean | null {
  const usable = looks.findLast((measurement) => measurement.kind === "errors");
  if (usable === undefined) return null;
  const quietFrom = switchedAt.getTime() + GRACE_MS;
  if (usable.at.getTime() < quietFrom) return null;
  return usable.lastEventAt === null || usable.lastEventAt.getTime() < quietFrom;
}

/** Is this look after a rollback the last one? One quiet look alone may have come too early. */
export function isLastLook(look: number, stopped: boolean | null): boolean {
  return look >= AFTERMATH_LOOKS || (stopped === true && look >= 2);
}

/** Whether a rollback that is live helped. `looking`: it is not said before it was seen; `unseen`: nobody can say, or ever could. */
export function helped(
  original: Deployment,
  rollback: Deployment,
  looks: readonly Measurement[],
): "stopped" | "going on" | "looking" | "unseen" {
  if (rollback.liveAt === null) return "looking";
  const sentry = original.plan.watch?.sentry ?? null;
  if (sentry === null) return "unseen";
  const last = looks.at(-1);
  const stopped = errorsStopped(looks, rollback.liveAt);
  if (last === undefined || !isLastLook(last.look, stopped)) return "looking";
  return stopped === null ? "unseen" : stopped ? "stopped" : "going on";
}
