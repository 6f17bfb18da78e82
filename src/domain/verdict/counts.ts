import type { VerdictFigures } from "../measurement.ts";
import { chanceOf, learn } from "./clumps.ts";
import type { Bin, ClumpModel } from "./clumps.ts";
import { totalOf } from "./samples.ts";

/** A doubling is the least that people call a regression; a significant 10 % is not worth a rollback. */
export const MIN_RATE_RATIO = 2;
/** Fewer errors than this are no trend, however unlikely they are. */
const MIN_ERRORS = { propose: 4, act: 6 } as const;
/** One burst is no regression: so many intervals of the watch must each have shown the least effect ... */
const MIN_INTERVALS = { propose: 2, act: 3 } as const;
/** ... unless the errors are beyond all doubt. */
const MIN_INTERVALS_OF_A_FLOOD = { propose: 1, act: 2 } as const;
const BEYOND_DOUBT = 1e-6;
/** The last quarter of the baseline, at most this many intervals, tells whether errors rose before the deployment ... */
const MAX_RECENT = 15;
const MIN_RECENT = 2;
/** ... with this chance to believe it wrongly: what rose before is not the deployment's fault. */
const ROSE_CHANCE = 0.05;

/** What the test found for the counts so far. */
export type CountTest = {
  /** Probability of counts this high if nothing had changed; null where the effect was too small to ask, or exposure is missing. */
  readonly pValue: number | null;
  readonly reaches: "none" | "propose" | "act";
  /** The errors had risen before the deployment already, so they are not its fault. */
  readonly roseBefore: boolean;
};

/** Probabilities below which a finding is proposed or acted on. */
export type Levels = { readonly propose: number; readonly act: number };

const NOTHING: CountTest = { pValue: null, reaches: "none", roseBefore: false };

/** One baseline, against which the counts of all looks are held. What is learned from it is learned at the first look that needs it. */
export type CountTester = {
  test(after: readonly Bin[], levels: Levels, oneSource: boolean): CountTest;
  /** Ratio of the rates and its 95 % interval; null where undefined. For people to read: nothing is decided by it. */
  ratio(after: readonly Bin[]): VerdictFigures["ratio"];
};

/** Bins of no exposure are left out by the caller. */
export function countTester(before: readonly Bin[]): CountTester {
  const earlier = totalOf(before);
  const earlierSquares = squares(before);
  let model: ClumpModel | null = null;
  return { test, ratio: (after) => ratioOf(earlier, earlierSquares, after) };

  function test(after: readonly Bin[], levels: Levels, oneSource: boolean): CountTest {
    const since = totalOf(after);
    if (earlier.exposure <= 0 || since.exposure <= 0) return NOTHING;
    const least = MIN_RATE_RATIO * (earlier.count / earlier.exposure);
    if (since.count < MIN_ERRORS.propose || since.count < least * since.exposure) return NOTHING;
    model ??= learn(before);
    const pValue = chanceOf(model, after);
    const reaches = reached({ pValue, events: since.count, intervals: showing(after, least), oneSource }, levels);
    if (reaches !== "none" && roseBefore(before, since)) return { pValue, reaches: "none", roseBefore: true };
    return { pValue, reaches, roseBefore: false };
  }
}

function ratioOf(earlier: Bin, earlierSquares: Squares, after: readonly Bin[]): VerdictFigures["ratio"] {
  const since = totalOf(after);
  if (earlier.exposure <= 0 || since.exposure <= 0) return { ratio: null, low: null, high: null };
  const share = earlier.exposure / since.exposure;
  const ratio = earlier.count === 0 ? null : (since.count / earlier.count) * share;
  if (earlier.count + since.count === 0) return { ratio, low: null, high: null };
  // Log-normal with half an event added on both sides (Haldane and Anscombe), widened by how the errors clump.
  const middle = Math.log(((since.count + 0.5) / (earlier.count + 0.5)) * share);
  const spread = clumping(earlierSquares, squares(after));
  const reach = NORMAL_95 * Math.sqrt(spread * (1 / (since.count + 0.5) + 1 / (earlier.count + 0.5)));
  const low = Math.exp(middle - reach);
  const high = Math.exp(middle + reach);
  return { ratio, low: ratio === null ? low : Math.min(low, ratio), high: ratio === null ? null : Math.max(high, ratio) };
}

/** Two-sided 95 % of the normal distribution. */
const NORMAL_95 = 1.96;
/** Worth as many intervals as this, all of the ratio 2, is what is believed of clumping before anything is counted. */
const BELIEVED = { intervals: 10, ratio: 2 } as const;

type Squares = { readonly sum: number; readonly free: number };

/** Variance-to-mean ratio around each side's own rate, shrunk toward what is believed; at least 1. */
function clumping(earlier: Squares, since: Squares): number {
  const sum = earlier.sum + since.sum + BELIEVED.intervals * BELIEVED.ratio;
  return Math.max(1, sum / (earlier.free + since.free + BELIEVED.intervals));
}

function squares(bins: readonly Bin[]): Squares {
  const total = totalOf(bins);
  const rate = total.exposure > 0 ? total.count / total.exposure : 0;
  if (rate === 0) return { sum: 0, free: 0 };
  const sum = bins.reduce((all, { exposure, count }) => all + (count - rate * exposure) ** 2 / (rate * exposure), 0);
  return { sum, free: bins.length - 1 };
}

function reached(
  seen: { readonly pValue: number; readonly events: number; readonly intervals: number; readonly oneSource: boolean },
  levels: Levels,
): CountTest["reaches"] {
  const needed = seen.pValue <= BEYOND_DOUBT ? MIN_INTERVALS_OF_A_FLOOD : MIN_INTERVALS;
  // One person, or one client that anybody on the internet can be, must not roll a deployment back.
  const acts = seen.events >= MIN_ERRORS.act && seen.pValue <= levels.act && seen.intervals >= needed.act && !seen.oneSource;
  if (acts) return "act";
  return seen.pValue <= levels.propose && seen.intervals >= needed.propose ? "propose" : "none";
}

function showing(after: readonly Bin[], least: number): number {
  return after.filter(({ exposure, count }) => count > 0 && count >= least * exposure).length;
}

function roseBefore(before: readonly Bin[], since: Bin): boolean {
  const length = Math.min(MAX_RECENT, Math.floor(before.length / 4));
  if (length < MIN_RECENT) return false;
  const [earlier, recent] = [before.slice(0, -length), before.slice(-length)];
  const late = totalOf(recent);
  const early = totalOf(earlier);
  if (late.count < MIN_ERRORS.propose || since.count / since.exposure >= MIN_RATE_RATIO * (late.count / late.exposure)) return false;
  if (late.count / late.exposure < MIN_RATE_RATIO * (early.count / early.exposure)) return false;
  return chanceOf(learn(earlier), recent) <= ROSE_CHANCE;
}
