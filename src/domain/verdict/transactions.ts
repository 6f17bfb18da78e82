import { waitFigure } from "../figures.ts";
import type { Transactions } from "../measurement.ts";
import { chanceOf, learn } from "./clumps.ts";
import { MIN_RATE_RATIO } from "./counts.ts";
import type { ErrorsLook } from "./errors.ts";
import type { Finding } from "./finding.ts";
import { judgeLatency } from "./latency.ts";
import { duration } from "./words.ts";

/** Of fewer requests neither a share nor a 95th percentile says anything. */
const MIN_TRANSACTIONS = 30;
/** Two of a hundred requests more fail: less is not worth waking somebody for. */
const MIN_MORE_FAILING = 0.02;
/** Looks in a row at which they fail, and failures in them: failures come in clumps, and those of one bad supplier pass sooner. */
const FAILING_IN_A_ROW = 4;
const MIN_FAILED = 10;
/** Chance of a false proposal over the whole watch; what four looks in a row lower it by is kept in hand. */
const BUDGET = 0.002;

type Look = { readonly look: number; readonly at: Date; readonly seen: Transactions };

/** Requests as the app traces them itself: slower than before, or more of them failing. Anybody may send them, so they never act. */
export function judgeTransactions(looks: readonly ErrorsLook[], dueLooks: number): readonly Finding[] {
  const before = (looks.find((look) => look.transactions?.before !== undefined)?.transactions?.before ?? []).filter(isEnough);
  const during = newestIntervals(looks);
  if (before.length === 0 || during.length === 0) return [];
  return [slowness(before, during, dueLooks), failing(before, during, dueLooks)].filter((finding) => finding !== null);
}

function isEnough({ count }: Transactions): boolean {
  return count >= MIN_TRANSACTIONS;
}

/** Of each interval the first look that told it: many looks into one interval are one. */
function newestIntervals(looks: readonly ErrorsLook[]): readonly Look[] {
  const byEnd = new Map<number, Look>();
  for (const { look, at, early, transactions } of looks) {
    const newest = transactions?.newest ?? null;
    if (early === true || newest === null || !isEnough(newest) || byEnd.has(newest.to.getTime())) continue;
    byEnd.set(newest.to.getTime(), { look, at, seen: newest });
  }
  return [...byEnd.values()];
}

function slowness(before: readonly Transactions[], during: readonly Look[], dueLooks: number): Finding | null {
  const slow = judgeLatency({
    before: before.map(({ p95Ms }) => [p95Ms]),
    looks: during.map(({ look, at, seen }) => ({ look, at, samplesMs: [seen.p95Ms] })),
    tests: 2 * dueLooks,
  });
  if (slow === null) return null;
  const { since, endedAt, nowMs, beforeMs } = slow;
  const figures = `${waitFigure(nowMs)}, before ${waitFigure(beforeMs)}`;
  const why =
    endedAt === null
      ? `5 of 100 requests take longer than ${figures}`
      : `requests were slow for ${duration(endedAt.getTime() - since.getTime())} (5 of 100 took longer than ${figures})`;
  return { level: "propose", ongoing: endedAt === null, since, why, trouble: "slow" };
}

function failing(before: readonly Transactions[], during: readonly Look[], dueLooks: number): Finding | null {
  const usual = shareOf(before);
  const least = Math.max(MIN_RATE_RATIO * usual, usual + MIN_MORE_FAILING);
  let found: { readonly since: Date; readonly share: number } | null = null;
  let run: readonly Look[] = [];
  for (const look of during) {
    run = shareOf([look.seen]) >= least ? [...run, look] : [];
    const newest = run.slice(-FAILING_IN_A_ROW).map(({ seen }) => seen);
    const first = run[0];
    if (first === undefined || newest.length < FAILING_IN_A_ROW || newest.reduce((sum, { failed }) => sum + failed, 0) < MIN_FAILED)
      continue;
    if (chanceOf(learn(before.map(binOf)), newest.map(binOf)) <= BUDGET / Math.max(1, dueLooks)) {
      found = { since: first.at, share: shareOf(newest) };
    }
  }
  if (found === null) return null;
  const figures = `${percent(found.share)} of all requests, before ${percent(usual)}`;
  // One look alone, after others between, is no run of its own yet.
  const ongoing = run[0]?.at.getTime() === found.since.getTime();
  return {
    level: "propose",
    ongoing,
    since: found.since,
    why: `${ongoing ? "" : "for a while "}${figures}, ${ongoing ? "fail" : "failed"}`,
    trouble: "requests",
  };
}

function binOf({ count, failed }: Transactions) {
  return { exposure: count, count: Math.round(failed) };
}

function shareOf(intervals: readonly Transactions[]): number {
  const count = intervals.reduce((sum, one) => sum + one.count, 0);
  return count === 0 ? 0 : intervals.reduce((sum, one) => sum + one.failed, 0) / count;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.095 ? 1 : 0)} %`;
}
