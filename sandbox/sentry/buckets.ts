import type { Visit } from "../loopback.ts";
import type { Scope } from "./scope.ts";
import { periodMs, UnknownSearch } from "./search.ts";

/** More points than this Sentry refuses. */
const MAX_POINTS = 10_000;

export type BucketOrder = { readonly scope: Scope; readonly intervalMs: number; readonly now: Date };
export type Bucket<Member> = { readonly timestamp: number; readonly incomplete: boolean; readonly members: readonly Member[] };

/** @throws UnknownSearch when the interval is none, or too fine for the time. */
export function intervalOf(visit: Visit, scope: Scope): number {
  const intervalMs = periodMs(visit.query.get("interval") ?? "300");
  if (intervalMs === null || intervalMs < 1000) throw new UnknownSearch(`Invalid interval: ${visit.query.get("interval")}`);
  if ((scope.end.getTime() - scope.start.getTime()) / intervalMs > MAX_POINTS)
    throw new UnknownSearch("Your interval and date range would create too many results.");
  return intervalMs;
}

/** Buckets are aligned to the interval; the one that `now` is in is not complete yet. */
export function bucketsOf<Member>(all: readonly Member[], timeOf: (member: Member) => Date, order: BucketOrder): Bucket<Member>[] {
  const { scope, intervalMs, now } = order;
  const bucket = (at: Date) => Math.floor(at.getTime() / intervalMs);
  const byBucket = Map.groupBy(all, (member) => bucket(timeOf(member)));
  const first = bucket(scope.start);
  const length = Math.max(1, Math.ceil(scope.end.getTime() / intervalMs) - first);
  return Array.from({ length }, (_, index) => {
    const timestamp = (first + index) * intervalMs;
    return { timestamp, incomplete: timestamp + intervalMs > now.getTime(), members: byBucket.get(first + index) ?? [] };
  });
}
