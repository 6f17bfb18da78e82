import type { BlockerRule, Deployment } from "./deployment.ts";
import type { Snapshot } from "./environment.ts";
import { gate } from "./gate.ts";

/** Rules that end by the clock alone. */
const BY_THE_CLOCK: ReadonlySet<BlockerRule> = new Set(["order", "lock", "freeze"]);
/** The same, and the time that somebody chose. */
const BY_ANY_TIME: ReadonlySet<BlockerRule> = new Set([...BY_THE_CLOCK, "later"]);
/** Closings that follow each other are walked through; a calendar that never opens ends the walk. */
const MAX_CLOSINGS = 30;

/** When calendar, lock and the wait before it let this deployment start, if nothing changes. Null: it is not closed now, or never opens. */
export function nextOpening(snapshot: Snapshot, deployment: Deployment, now: Date): Date | null {
  return whenOver(BY_THE_CLOCK, { snapshot, deployment, now });
}

/** When all that ends by a time is over, a start that was chosen among it. Null: nothing of it is in the way now, or some of it never ends. */
export function opensFor(snapshot: Snapshot, deployment: Deployment, now: Date): Date | null {
  return whenOver(BY_ANY_TIME, { snapshot, deployment, now });
}

function whenOver(
  rules: ReadonlySet<BlockerRule>,
  { snapshot, deployment, now }: { readonly snapshot: Snapshot; readonly deployment: Deployment; readonly now: Date },
): Date | null {
  let at = now;
  for (let walked = 0; walked < MAX_CLOSINGS; walked += 1) {
    const closed = gate(snapshot, deployment, at).filter((blocker) => rules.has(blocker.rule));
    if (closed.length === 0) return at > now ? at : null;
    const lifts = closed.map((blocker) => blocker.liftsAt?.getTime() ?? Number.NaN);
    const latest = Math.max(...lifts);
    if (Number.isNaN(latest) || latest <= at.getTime()) return null;
    at = new Date(latest);
  }
  return null;
}
