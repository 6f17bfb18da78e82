import type { ErrorsSeen, Interval } from "../measurement.ts";
import { binomialTail } from "./binomial.ts";

/** A doubling is the least that people call a regression; a significant 10 % is not worth a rollback. */
export const MIN_RATE_RATIO = 2;
/** Fewer errors than this are no trend, however unlikely they are. */
const MIN_ERRORS = { propose: 4, act: 6 } as const;
/** Errors come in bursts; counts are divided by at least this variance-to-mean ratio. */
const MIN_DISPERSION = 1.5;
/** Below this much history the estimate of the dispersion is noise. */
const MIN_MINUTES_FOR_DISPERSION = 20;
const MIN_EVENTS_FOR_DISPERSION = 10;
/** The last quarter of the baseline, at most this many minutes, tells whether errors rose before the deployment. */
const MAX_RECENT_MINUTES = 15;
const MIN_RECENT_MINUTES = 2;

export type CountTest = {
  /** Probability of counts this high if nothing had changed; null without exposure on both sides. */
  readonly pValue: number | null;
  readonly reaches: "none" | "propose" | "act";
  /** The errors had risen before the deployment already, so they are not its fault. */
  readonly roseBefore: boolean;
};

export type Levels = { readonly propose: number; readonly act: number };

/**
 * Exact conditional binomial test of the errors after against those before: given their sum, the share that falls
 * after is binomial with the share of exposure (minutes) as its probability. Effect and significance are both required.
 */
export function testCounts(seen: ErrorsSeen, levels: Levels): CountTest {
  const after = minutesOf(seen.after);
  const before = minutesOf(seen.before);
  if (after <= 0 || before <= 0) return { pValue: null, reaches: "none", roseBefore: false };
  const dispersion = dispersionOf(seen.beforePerMinute ?? []);
  const successes = seen.after.events / dispersion;
  const pValue = binomialTail({ successes, trials: successes + seen.before.events / dispersion, chance: after / (after + before) });
  const rate = seen.after.events / after;
  if (rate < MIN_RATE_RATIO * (seen.before.events / before)) return { pValue, reaches: "none", roseBefore: false };
  const reaches = reached(seen, pValue, levels);
  if (reaches !== "none" && roseBefore(rate, seen.beforePerMinute ?? [])) return { pValue, reaches: "none", roseBefore: true };
  return { pValue, reaches, roseBefore: false };
}

/** Minutes of an interval; negative or nonsensical ones count as no exposure. */
export function minutesOf(interval: Interval): number {
  const minutes = (interval.to.getTime() - interval.from.getTime()) / 60_000;
  return Number.isFinite(minutes) && minutes > 0 ? minutes : 0;
}

function reached(seen: ErrorsSeen, pValue: number, levels: Levels): CountTest["reaches"] {
  const events = seen.after.events;
  // One person, or one client that anybody on the internet can be, must not roll a deployment back.
  const oneSource = seen.after.users === 1;
  if (events >= MIN_ERRORS.act && pValue <= levels.act && !oneSource) return "act";
  return events >= MIN_ERRORS.propose && pValue <= levels.propose ? "propose" : "none";
}

/** Variance-to-mean ratio of the minutes before, never below the floor. */
function dispersionOf(perMinute: readonly number[]): number {
  const total = sum(perMinute);
  if (perMinute.length < MIN_MINUTES_FOR_DISPERSION || total < MIN_EVENTS_FOR_DISPERSION) return MIN_DISPERSION;
  const mean = total / perMinute.length;
  const variance = sum(perMinute.map((events) => (events - mean) ** 2)) / (perMinute.length - 1);
  return Math.max(MIN_DISPERSION, variance / mean);
}

function roseBefore(rateAfter: number, perMinute: readonly number[]): boolean {
  const minutes = Math.min(MAX_RECENT_MINUTES, Math.floor(perMinute.length / 4));
  if (minutes < MIN_RECENT_MINUTES) return false;
  const recent = sum(perMinute.slice(-minutes));
  return recent >= MIN_ERRORS.propose && rateAfter < MIN_RATE_RATIO * (recent / minutes);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
