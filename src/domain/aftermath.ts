import type { Deployment } from "./deployment.ts";
import type { ErrorsSeen, Measurement } from "./measurement.ts";
import { countTester, MIN_RATE_RATIO } from "./verdict/counts.ts";
import { binsOf, minutesOf, samplesBefore } from "./verdict/samples.ts";
import { BUDGET } from "./verdict/watch-clock.ts";

/** Looks after a rollback, at whether the errors stopped. */
export const AFTERMATH_LOOKS = 10;
/** Requests that were under way at the switch may still fail a moment later. */
const GRACE_MS = 3000;

/** Events alone; exposure is time. */
const BY_EVENTS = { users: false, requests: false } as const;
/** So few errors of the version that is live again are any version's. */
const MIN_ERRORS_AGAIN = 4;

/**
 * By all looks after a rollback: neither the rolled-back revision errs any more, nor do its new errors go on in the version that is live
 * again, nor has that one more errors than there were before; where the site is looked at, it answers. Null: nobody could look, or nobody
 * can tell yet.
 */
export function errorsStopped(looks: readonly Measurement[], switchedAt: Date): boolean | null {
  const usable = looks.filter((measurement) => measurement.kind === "errors");
  const newest = usable.at(-1);
  const quietFrom = switchedAt.getTime() + GRACE_MS;
  const site = looks.findLast((measurement) => measurement.kind === "site");
  if (newest === undefined && site !== undefined) return site.at.getTime() < quietFrom ? null : site.up;
  if (newest === undefined || newest.at.getTime() < quietFrom) return null;
  // A late one, of a request that took its time, is forgotten after two quiet looks.
  const since = Math.max(quietFrom, usable.at(-3)?.at.getTime() ?? 0);
  return (lastErrorAt(newest)?.getTime() ?? 0) >= since ? false : asBefore(newest);
}

/** The newest error of the rolled-back revision, or of one that it brought, in whatever version. Null: there is none. */
export function lastErrorAt({ lastEventAt, newIssues }: ErrorsSeen): Date | null {
  const unhandled = newIssues.filter((issue) => issue.unhandled).map((issue) => issue.lastSeen);
  const times = [lastEventAt, ...unhandled].flatMap((at) => at?.getTime() ?? []);
  return times.length === 0 ? null : new Date(Math.max(...times));
}

/** Does the version that is live again err as little as there was before? Null: more, but too little is known to say so. */
function asBefore(newest: ErrorsSeen): boolean | null {
  const again = binsOf(newest.again ?? [], BY_EVENTS);
  const last = again.at(-1);
  const minutes = minutesOf(newest.before);
  const usual = minutes > 0 ? newest.before.events / minutes : null;
  const errors = again.reduce((sum, bin) => sum + bin.count, 0);
  if (last === undefined || usual === null || errors < MIN_ERRORS_AGAIN || last.count < MIN_RATE_RATIO * usual * last.exposure) return true;
  const { reaches } = countTester(binsOf(samplesBefore(newest), BY_EVENTS)).test(again, BUDGET, false);
  return reaches === "none" ? null : false;
}

/** Is this look after a rollback the last one? One quiet look alone may have come too early. */
export function isLastLook(look: number, stopped: boolean | null): boolean {
  return look >= AFTERMATH_LOOKS || (stopped === true && look >= 2);
}

/** Which monitor sees whether a rollback helped: that of what went wrong. Null: nothing is watched. */
export function aftermathBy({ plan: { watch }, state }: Deployment): "sentry" | "http" | null {
  if (watch === null) return null;
  const wasDown = "verdict" in state && state.verdict?.figures.siteUp === false;
  if (watch.http !== null && (wasDown || watch.sentry === null)) return "http";
  return watch.sentry === null ? null : "sentry";
}

/** Whether a rollback that is live helped. `looking`: it is not said before it was seen; `unseen`: nobody can say, or ever could. */
export function helped(
  original: Deployment,
  rollback: Deployment,
  looks: readonly Measurement[],
): "stopped" | "going on" | "looking" | "unseen" {
  if (rollback.liveAt === null) return "looking";
  if (aftermathBy(original) === null) return "unseen";
  const last = looks.at(-1);
  const stopped = errorsStopped(looks, rollback.liveAt);
  if (last === undefined || !isLastLook(last.look, stopped)) return "looking";
  return stopped === null ? "unseen" : stopped ? "stopped" : "going on";
}

/** Whether a rollback helped, in a sentence. `look`: the one that says so. */
export function aftermathWords(stopped: boolean, look: Measurement): string {
  if (look.kind === "site")
    return stopped ? "The site answers again." : "The site does not answer still, so this deployment is probably not what causes that.";
  if (!stopped) return "The errors have not stopped, so this deployment is probably not what causes them.";
  const last = look.kind === "errors" ? lastErrorAt(look) : null;
  return last === null ? "The errors have stopped." : `The errors stopped at ${last.toISOString()}.`;
}
