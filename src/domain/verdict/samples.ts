import type { ErrorsSeen, Sample } from "../measurement.ts";
import type { Bin } from "./clumps.ts";

/** What a look added to the ones before it, and in which interval of the watch it ended. */
export type SlotSample = Sample & { readonly slot: number };

/** What is counted, and over what: users where they are known throughout, requests likewise; else events, over minutes. */
export type Unit = { readonly users: boolean; readonly requests: boolean };

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

/** One person's loop is one person: users count instead of their events where all samples know them. */
export function unitOf(samples: readonly Sample[]): Unit {
  return { users: samples.every(areUsersKnown), requests: samples.every((sample) => sample.exposure !== null) };
}

/** Errors that hit nobody hit people who were not logged in: those are not known. */
function areUsersKnown({ users, events }: Sample): boolean {
  return users !== null && (users > 0 || events === 0);
}

/** The samples in that unit; those of no exposure say nothing and are left out. */
export function binsOf(samples: readonly Sample[], unit: Unit): readonly Bin[] {
  return samples.map((sample) => binOf(sample, unit)).filter((bin) => bin.exposure > 0);
}

/** Looks that ended in the same interval of the watch are one bin: many early looks into one burst do not make it last. */
export function slotBins(samples: readonly SlotSample[], unit: Unit): readonly Bin[] {
  const slots = new Map<number, Bin>();
  for (const sample of samples) {
    const bin = binOf(sample, unit);
    const known = slots.get(sample.slot) ?? { exposure: 0, count: 0 };
    slots.set(sample.slot, { exposure: known.exposure + bin.exposure, count: known.count + bin.count });
  }
  return [...slots.values()].filter((bin) => bin.exposure > 0);
}

function binOf(sample: Sample, unit: Unit): Bin {
  return {
    exposure: (unit.requests ? sample.exposure : sample.minutes) ?? 0,
    count: (unit.users ? sample.users : sample.events) ?? 0,
  };
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
