import type { ErrorsSeen, Interval } from "../measurement.ts";
import { binomialTail } from "./binomial.ts";

/** A doubling is the least that people call a regression; a significant 10 % is not worth a rollback. */
export const MIN_RATE_RATIO = 2;
/** Fewer errors than this are no trend, however unlikely they are. */
const MIN_ERRORS = { propose: 4, act: 6 } as const;
/** A single burst is proposed to people; acting asks that errors came at this many looks at least, each with the least effect. */
const MIN_LOOKS_TO_ACT = 2;
/** Errors come in bursts; counts are divided by at least this variance-to-mean ratio. */
const MIN_DISPERSION = 1.5;
/** Below this many counts the estimate of the dispersion is noise: of minutes before, of looks after. */
const MIN_MINUTES_FOR_DISPERSION = 20;
const MIN_LOOKS_FOR_DISPERSION = 3;
/** The last quarter of the baseline, at most this many minutes, tells whether errors rose before the deployment. */
const MAX_RECENT_MINUTES = 15;
const MIN_RECENT_MINUTES = 2;

/** What the exact test found for two counts. */
export type CountTest = {
  /** Probability of counts this high if nothing had changed; null without exposure on both sides. */
  readonly pValue: number | null;
  readonly reaches: "none" | "propose" | "act";
  /** The errors had risen before the deployment already, so they are not its fault. */
  readonly roseBefore: boolean;
};

/** Events in so many minutes. */
export type Count = { readonly minutes: number; readonly events: number };

/** Probabilities below which a finding is proposed or acted on. */
export type Levels = { readonly propose: number; readonly act: number };

/**
 * Exact conditional binomial test of the errors after against those before: given their sum, the share that falls
 * after is binomial with the share of exposure (minutes) as its probability. Effect and significance are both required.
 * `perLook`: what each look so far added, to tell bursts from a steady rate.
 */
export function testCounts(seen: ErrorsSeen, levels: Levels, perLook: readonly Count[] = []): CountTest {
  const after = minutesOf(seen.after);
  const before = minutesOf(seen.before);
  if (after <= 0 || before <= 0) return { pValue: null, reaches: "none", roseBefore: false };
  const dispersion = dispersionOf(seen.beforePerMinute ?? [], perLook);
  const successes = seen.after.events / dispersion;
  const pValue = binomialTail({ successes, trials: successes + seen.before.events / dispersion, chance: after / (after + before) });
  const rate = seen.after.events / after;
  if (rate < MIN_RATE_RATIO * (seen.before.events / before)) return { pValue, reaches: "none", roseBefore: false };
  const reaches = reached(seen, pValue, levels, perLook);
  if (reaches !== "none" && roseBefore(rate, seen.beforePerMinute ?? [])) return { pValue, reaches: "none", roseBefore: true };
  return { pValue, reaches, roseBefore: false };
}

/** Minutes of an interval; negative or nonsensical ones count as no exposure. */
export function minutesOf(interval: Interval): number {
  const minutes = (interval.to.getTime() - interval.from.getTime()) / 60_000;
  return Number.isFinite(minutes) && minutes > 0 ? minutes : 0;
}

function reached(seen: ErrorsSeen, pValue: number, levels: Levels, perLook: readonly Count[]): CountTest["reaches"] {
  const events = seen.after.events;
  const least = MIN_RATE_RATIO * (seen.before.events / minutesOf(seen.before));
  const sustained = perLook.filter((count) => count.events > 0 && count.events >= least * count.minutes).length >= MIN_LOOKS_TO_ACT;
  // One person, or one client that anybody on the internet can be, must not roll a deployment back.
  const oneSource = seen.after.users === 1;
  if (events >= MIN_ERRORS.act && pValue <= levels.act && sustained && !oneSource) return "act";
  return events >= MIN_ERRORS.propose && pValue <= levels.propose ? "propose" : "none";
}

/** The larger one of before and after, each around its own rate, so that a change of the rate itself is no dispersion. */
function dispersionOf(perMinute: readonly number[], perLook: readonly Count[]): number {
  const before = perMinute.length < MIN_MINUTES_FOR_DISPERSION ? 0 : pearson(perMinute.map((events) => ({ minutes: 1, events })));
  const after = perLook.length < MIN_LOOKS_FOR_DISPERSION ? 0 : successive(perLook);
  return Math.max(MIN_DISPERSION, before, after);
}

/** Pearson's estimate of the variance-to-mean ratio; 0 when nothing was counted. */
function pearson(counts: readonly Count[]): number {
  const usable = counts.filter((count) => count.minutes > 0);
  const rate = sum(usable.map((count) => count.events)) / Math.max(1e-9, sum(usable.map((count) => count.minutes)));
  if (rate === 0 || usable.length < 2) return 0;
  return sum(usable.map(({ minutes, events }) => (events - rate * minutes) ** 2 / (rate * minutes))) / (usable.length - 1);
}

/**
 * The same ratio from the differences between neighbours (von Neumann), for counts whose rate may step up in the middle:
 * a flood that begins late and stays is one difference, a burst that comes and goes is many.
 */
function successive(counts: readonly Count[]): number {
  const usable = counts.filter((count) => count.minutes > 0);
  const rate = sum(usable.map((count) => count.events)) / Math.max(1e-9, sum(usable.map((count) => count.minutes)));
  if (rate === 0 || usable.length < 2) return 0;
  const ratios = usable.slice(1).map((count, index) => {
    const previous = usable[index] ?? count;
    return (count.events / count.minutes - previous.events / previous.minutes) ** 2 / (rate * (1 / count.minutes + 1 / previous.minutes));
  });
  return sum(ratios) / ratios.length;
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
