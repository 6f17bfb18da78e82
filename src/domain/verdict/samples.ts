import type { ErrorsSeen, Sample } from "../measurement.ts";
import type { Bin } from "./clumps.ts";

/** What a look added to the ones before it, and in which interval of the watch it ended. */
export type SlotSample = Sample & { readonly slot: number };

/** Both sides of the comparison, in one unit: events or, where all samples know them, the users of each interval. */
export type Compared = {
  readonly before: readonly Bin[];
  readonly after: readonly Bin[];
  /** The exposure is requests, not minutes. */
  readonly byRequests: boolean;
};

/** The intervals before the deployment; one for all of it when the source has totals only. */
export function samplesBefore(seen: ErrorsSeen): readonly Sample[] {
  if (seen.baseline !== undefined) return seen.baseline;
  if (seen.beforePerMinute !== undefined && seen.beforePerMinute.length > 0)
    return seen.beforePerMinute.map((events) => ({ minutes: 1, exposure: null, events, users: null }));
  return [{ minutes: minutesOf(seen.before), exposure: null, events: seen.before.events, users: seen.before.users }];
}

/** What this look saw beyond the one before it. */
export function sampleOf(previous: ErrorsSeen | null, seen: ErrorsSeen): Sample {
  if (seen.sample !== undefined) return seen.sample;
  const from = previous?.after.to ?? seen.after.from;
  return {
    minutes: minutesOf({ from, to: seen.after.to }),
    exposure: null,
    events: Math.max(0, seen.after.events - (previous?.after.events ?? 0)),
    users: null,
  };
}

/**
 * Users count instead of their events where they are known throughout: one person's loop is one person. Looks that ended in the same
 * interval are one bin: many early looks into one burst do not make it last.
 */
export function comparedBy(before: readonly Sample[], after: readonly SlotSample[]): Compared {
  const all = [...before, ...after];
  const users = all.every((sample) => sample.users !== null);
  const byRequests = all.every((sample) => sample.exposure !== null);
  const binOf = (sample: Sample): Bin => ({
    exposure: (byRequests ? sample.exposure : sample.minutes) ?? 0,
    count: (users ? sample.users : sample.events) ?? 0,
  });
  const slots = new Map<number, Bin>();
  for (const sample of after) {
    const bin = binOf(sample);
    const known = slots.get(sample.slot) ?? { exposure: 0, count: 0 };
    slots.set(sample.slot, { exposure: known.exposure + bin.exposure, count: known.count + bin.count });
  }
  return { before: before.map(binOf).filter(isExposed), after: [...slots.values()].filter(isExposed), byRequests };
}

/** Minutes of an interval; negative or nonsensical ones count as no exposure. */
export function minutesOf(interval: { readonly from: Date; readonly to: Date }): number {
  const minutes = (interval.to.getTime() - interval.from.getTime()) / 60_000;
  return Number.isFinite(minutes) && minutes > 0 ? minutes : 0;
}

/** Sums of counts and exposures. */
export function totalOf(bins: readonly Bin[]): Bin {
  return bins.reduce((sum, bin) => ({ exposure: sum.exposure + bin.exposure, count: sum.count + bin.count }), { exposure: 0, count: 0 });
}

function isExposed(bin: Bin): boolean {
  return bin.exposure > 0;
}
