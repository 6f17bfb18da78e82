import { betaShare } from "./beta.ts";

/** What was measured at one look, in milliseconds: each probe's time, or one figure of many requests, such as their 95th percentile. */
export type LatencyLook = { readonly look: number; readonly at: Date; readonly samplesMs: readonly number[] };

/** Slower than before, look after look. `nowMs` and `beforeMs` are medians; `endedAt` null: it still is. */
export type Slow = { readonly since: Date; readonly endedAt: Date | null; readonly nowMs: number; readonly beforeMs: number };

/** Less than twice the time is not worth waking somebody for. */
const MIN_RATIO = 2;
/** In milliseconds: what nobody notices is no regression, however many times it is more (Nielsen, Response Times, 1993: 0.1 s feels instant). */
const MIN_MORE_MS = 100;
/** After a restart caches are cold and code is compiled: the first looks are not judged. */
export const WARM_UP_LOOKS = 2;
/** Looks in a row whose median must be slow: a burst of load, a backup or a crawler passes sooner. */
const SLOW_IN_A_ROW = 3;
/** What was seen before at few moments may have been a lucky one: then more looks must agree. */
const SLOW_IN_A_ROW_OF_FEW = 5;
/** From so many moments on what is usual is known. */
const USUAL_MOMENTS = 5;
/** Looks in a row after which it has recovered. */
const FAST_IN_A_ROW = 2;
/** Over so many last looks the times are compared with those before: few find a jump soon, many a noisy one. Fixed, so that chance does not choose. */
const WINDOWS = [3, 6, 12] as const;
/** Chance of a false proposal over a whole watch if nothing has changed and the looks do not depend on each other; `judge` says of what it is a part. */
const BUDGET = 0.004;

/**
 * Is it slower than before? By Mann and Whitney's rank test, so that neither the shape of the times nor a few slow ones matter; and
 * only if it is at least twice as slow and 100 ms slower, at each of three looks in a row (five, where little is known of before).
 * `before`: the moments before, each with its samples, the newest last; what was slow just then already is not this deployment's
 * fault. `looks` in their order; `tests`: how many looks (times series) share the budget. Null: it is not slower, or there is too
 * little to compare.
 */
export function judgeLatency(input: {
  readonly before: readonly (readonly number[])[];
  readonly looks: readonly LatencyLook[];
  readonly tests: number;
}): Slow | null {
  const before = input.before.flat();
  const beforeMs = latencyBefore(input.before);
  if (beforeMs === null) return null;
  const slowInARow = input.before.length < USUAL_MOMENTS ? SLOW_IN_A_ROW_OF_FEW : SLOW_IN_A_ROW;
  const slowMs = slowFromMs(beforeMs);
  const isSlow = (samplesMs: readonly number[]): boolean => (median(samplesMs) ?? 0) >= slowMs;
  const looks = input.looks.filter(({ look, samplesMs }) => look > WARM_UP_LOOKS && samplesMs.length > 0);
  const mostChance = BUDGET / WINDOWS.length / Math.max(1, input.tests);
  let slow: Slow | null = null;
  let run = 0;
  let fast = 0;
  for (const [index, look] of looks.entries()) {
    run = isSlow(look.samplesMs) ? run + 1 : 0;
    fast = run > 0 ? 0 : fast + 1;
    if (slow?.endedAt === null && fast === FAST_IN_A_ROW) slow = ended(slow, looks[index - 1]?.at ?? look.at);
    if (run < slowInARow) continue;
    const nowMs = median(samplesOf(looks, index, slowInARow)) ?? beforeMs;
    const goesOn = slow?.endedAt === null ? slow.since : null;
    if (goesOn !== null || WINDOWS.some((window) => exceeds(samplesOf(looks, index, window)))) {
      slow = { since: goesOn ?? looks[index - run + 1]?.at ?? look.at, endedAt: null, nowMs, beforeMs };
    }
  }
  return slow;

  function exceeds(samplesMs: readonly number[]): boolean {
    return isSlow(samplesMs) && chanceOfHigher(samplesMs, before) <= mostChance;
  }
}

/** From so many milliseconds on it is slow, where it took `beforeMs` before. */
export function slowFromMs(beforeMs: number): number {
  return Math.max(MIN_RATIO * beforeMs, beforeMs + MIN_MORE_MS);
}

function ended(slow: Slow, at: Date): Slow {
  return { ...slow, endedAt: at };
}

/** What the times are compared with, in milliseconds: the median of all moments, or of the newest one if that was slower. */
export function latencyBefore(before: readonly (readonly number[])[]): number | null {
  const usual = median(before.flat());
  return usual === null ? null : Math.max(usual, median(before.at(-1) ?? []) ?? usual);
}

function samplesOf(looks: readonly LatencyLook[], last: number, window: number): readonly number[] {
  return looks.slice(Math.max(0, last + 1 - window), last + 1).flatMap(({ samplesMs }) => samplesMs);
}

/**
 * Chance of ranks as high as those of `after` among all if both came from the same source: Mann and Whitney's test, its tail by
 * Student's t of the ranks (Conover and Iman, 1981), which stays close to the exact one where the normal tail does not.
 */
export function chanceOfHigher(after: readonly number[], before: readonly number[]): number {
  const all = after.length + before.length;
  if (after.length === 0 || before.length === 0 || all < 4) return 1;
  const ranks = ranksOf([...after, ...before]);
  const sum = ranks.slice(0, after.length).reduce((total, rank) => total + rank, 0);
  const mean = (all + 1) / 2;
  const variance = ranks.reduce((total, rank) => total + (rank - mean) ** 2, 0) / (all - 1);
  const spread = (variance * after.length * before.length) / all;
  if (spread <= 0) return 1;
  // Half a rank less: ranks come in whole steps.
  const z = (sum - after.length * mean - 0.5) / Math.sqrt(spread);
  if (z <= 0) return 1;
  const freedom = all - 2;
  const t2 = (z ** 2 * freedom) / Math.max(1e-9, all - 1 - z ** 2);
  return betaShare(freedom / (freedom + t2), freedom / 2, 0.5) / 2;
}

/** Ranks from 1 on; equal values share theirs. */
function ranksOf(values: readonly number[]): readonly number[] {
  const sorted = values.map((value, place) => ({ value, place })).toSorted((left, right) => left.value - right.value);
  const ranks = values.map(() => 0);
  for (let first = 0; first < sorted.length;) {
    let last = first;
    while (sorted[last + 1]?.value === sorted[first]?.value) last += 1;
    for (const { place } of sorted.slice(first, last + 1)) ranks[place] = (first + last) / 2 + 1;
    first = last + 1;
  }
  return ranks;
}

/** The middle value, of an even number the mean of the two; null of none. */
export function median(values: readonly number[]): number | null {
  return quantile(values, 0.5);
}

/** The value below which this share of them lies, between two by a straight line; rounded; null of none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((left, right) => left - right);
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  return low === undefined || high === undefined ? null : Math.round(low + (high - low) * (place - Math.floor(place)));
}
