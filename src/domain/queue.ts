import type { Blocker, Deployment } from "./deployment.ts";
import type { Snapshot } from "./environment.ts";
import { gate } from "./gate.ts";
import { nextOpening, opensFor } from "./opening.ts";

/** One deployment's place in the queue of its environment. */
export type QueuePlace = {
  readonly deployment: Deployment;
  /** Counted from 1, in the order in which they were asked for; 0: a rollback, which goes before all of them. */
  readonly position: number;
  /** Deployments that queue there; rollbacks are not counted. */
  readonly of: number;
  /** Why it does not start now; empty: it starts in a moment. */
  readonly blockers: readonly Blocker[];
  /** When lock, freezes, calendar and the time on the environment before let it through together; null: they do now, or never. */
  readonly opensAt: Date | null;
  /** An estimate from usual durations and known ends; null: it depends on a person, or on what was never measured. */
  readonly startsAt: Date | null;
};

/** What queues here, rollbacks first, then as asked for. `usualMs`: what a deployment here usually takes; null: never measured. */
export function queueOf(snapshot: Snapshot, at: { readonly now: Date; readonly usualMs: number | null }): readonly QueuePlace[] {
  const queued = inOrder(snapshot.open).filter(({ state }) => state.state === "queued");
  const deploys = queued.filter(({ kind }) => kind === "deploy");
  const entries = queued.map((deployment) => ({ deployment, blockers: whatHolds(snapshot, deployment, at.now) }));
  const starts = estimate(snapshot, entries, at);
  return entries.map(({ deployment, blockers }) => ({
    deployment,
    position: deployment.kind === "rollback" ? 0 : deploys.indexOf(deployment) + 1,
    of: deploys.length,
    blockers,
    opensAt: opensFor(snapshot, deployment, at.now),
    startsAt: starts.get(deployment.id) ?? null,
  }));
}

/** What holds it now: what the gate says, and what was found when Slack was asked last. */
export function whatHolds(snapshot: Snapshot, deployment: Deployment, now: Date): readonly Blocker[] {
  const { state } = deployment;
  const found = state.state === "queued" ? state.blockers.filter(({ rule }) => rule === "people") : [];
  return [...gate(snapshot, deployment, now), ...found];
}

/** Rollbacks first, then in the order in which they were asked for. */
export function inOrder(deployments: readonly Deployment[]): readonly Deployment[] {
  return deployments.toSorted(
    (a, b) =>
      Number(b.kind === "rollback") - Number(a.kind === "rollback") ||
      a.requestedAt.getTime() - b.requestedAt.getTime() ||
      a.number - b.number,
  );
}

/** "2nd of 3", or "next" if nothing else queues; a rollback is "before all others". */
export function positionWords({ position, of }: Pick<QueuePlace, "position" | "of">): string {
  if (position === 0) return "before all others";
  return of === 1 ? "next" : `${ordinal(position)} of ${of}`;
}

function ordinal(number: number): string {
  const teens = number % 100 >= 11 && number % 100 <= 13;
  return `${number}${teens ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th")}`;
}

type Entry = { readonly deployment: Deployment; readonly blockers: readonly Blocker[] };

/** Plays the queue forward: whoever may start first starts, each takes the usual time, and whoever waits for a person holds nobody up. */
function estimate(
  snapshot: Snapshot,
  entries: readonly Entry[],
  at: { readonly now: Date; readonly usualMs: number | null },
): ReadonlyMap<string, Date> {
  const starts = new Map<string, Date>();
  let free = freeAt(snapshot, at);
  let waiting = entries.flatMap(({ deployment, blockers }) => {
    const ready = readyAt(blockers, at.now);
    return ready === null ? [] : [{ deployment, ready }];
  });
  while (free !== null && waiting.length > 0) {
    const from = free;
    const [next] = waiting
      .map(({ deployment, ready }) => ({ deployment, start: startOf(snapshot, deployment, later(ready, from)) }))
      .toSorted((a, b) => (a.start?.getTime() ?? Number.POSITIVE_INFINITY) - (b.start?.getTime() ?? Number.POSITIVE_INFINITY));
    if (next === undefined || next.start === null) break;
    starts.set(next.deployment.id, next.start);
    waiting = waiting.filter(({ deployment }) => deployment.id !== next.deployment.id);
    // How long a rollback takes is not measured.
    free = at.usualMs === null || next.deployment.kind === "rollback" ? null : new Date(next.start.getTime() + at.usualMs);
  }
  return starts;
}

/** When what occupies the environment is usually done; null: nobody knows, it has taken longer already, or it needs a person. */
function freeAt(snapshot: Snapshot, at: { readonly now: Date; readonly usualMs: number | null }): Date | null {
  if (snapshot.heldBecause !== null) return null;
  const busy = snapshot.open.find(({ state }) => ["executing", "cancelling", "needs_attention"].includes(state.state));
  if (busy === undefined) return at.now;
  if (busy.state.state !== "executing" || busy.kind === "rollback" || at.usualMs === null) return null;
  const end = new Date((busy.startedAt ?? busy.state.since).getTime() + at.usualMs);
  return end > at.now ? end : null;
}

/** When its own reasons are over; what occupies the environment is counted apart. Null: one of them waits for a person. */
function readyAt(blockers: readonly Blocker[], now: Date): Date | null {
  const own = blockers.filter(({ rule }) => rule !== "occupied");
  if (own.some(({ liftsAt }) => liftsAt === null)) return null;
  return own.reduce((latest, { liftsAt }) => later(latest, liftsAt ?? now), now);
}

function startOf(snapshot: Snapshot, deployment: Deployment, from: Date): Date | null {
  const start = nextOpening(snapshot, deployment, from) ?? from;
  // Closed for ever, or the yeses that it has now do not count any more by then.
  return gate(snapshot, deployment, start).every(({ rule }) => rule === "occupied") ? start : null;
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other;
}
