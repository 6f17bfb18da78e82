import type { Sample, Transactions, TransactionsSeen } from "../domain/measurement.ts";
import type { Look } from "../ports.ts";
import type { Requests } from "./intervals.ts";
import type { EventBucket, ReleaseFilter, SentryPlace, SentrySource, Stretch } from "./sentry-source.ts";

const MINUTE_SECONDS = 60;
/** Fewer a minute would bring more chance into the share of errors than they take out. */
const MIN_PER_MINUTE = 50;
/** A release that traces so much less than before says nothing of how often it is used. */
const MIN_SHARE_OF_BEFORE = 0.5;
export type Traced = { readonly seen: TransactionsSeen; readonly perInterval: readonly EventBucket[] };

/**
 * The requests that the app traces; null: it traces none, too few, or Sentry does not tell of them. Only what an earlier look found
 * worth it is asked again.
 */
export async function readTransactions(
  source: SentrySource,
  place: SentryPlace,
  look: Look,
  asked: { readonly since: Stretch; readonly history: Stretch; readonly release: string; readonly intervalSeconds: number },
): Promise<Traced | null> {
  const { since, history, release, intervalSeconds } = asked;
  const known = look.earlier?.transactions ?? null;
  if (look.earlier !== null && known === null) return null;
  if (known === null && history.from >= history.to) return null;
  const before = known === null ? await tracedIn(source, place, { ...history, filter: { notRelease: release } }, MINUTE_SECONDS) : null;
  if (known === null && before === null) return null;
  const perMinuteBefore = known?.perMinuteBefore ?? mean(before ?? []);
  if (perMinuteBefore < MIN_PER_MINUTE) return null;
  const newest = { from: new Date(Math.max(since.from.getTime(), since.to.getTime() - 3 * intervalSeconds * 1000)), to: since.to };
  const [perInterval, traced] = await Promise.all([
    source.series(place, { ...since, of: "transactions", filter: { release }, everySeconds: intervalSeconds }),
    tracedIn(source, place, { ...newest, filter: { release } }, intervalSeconds),
  ]);
  if (!perInterval.ok) return null;
  const whole = (traced ?? []).findLast(({ from, to }) => from >= since.from && to <= since.to) ?? null;
  const seen = {
    perMinuteBefore,
    ...(before === null ? {} : { before: before.map(figuresOf) }),
    newest: whole === null ? null : { ...figuresOf(whole), to: whole.to },
  };
  return { seen, perInterval: perInterval.value };
}

/** Errors over requests, where both sides trace enough of them; else over minutes. */
export function requestsOf(traced: Traced | null, since: Stretch): Requests | null {
  if (traced === null) return null;
  const { perInterval, seen } = traced;
  const minutes = Math.max(1 / 60, (since.to.getTime() - since.from.getTime()) / 60_000);
  const perMinute = perInterval.reduce((sum, { value }) => sum + value, 0) / minutes;
  const isComparable = perMinute >= Math.max(MIN_PER_MINUTE, MIN_SHARE_OF_BEFORE * seen.perMinuteBefore);
  return isComparable ? { counted: perInterval, usualPerMinute: seen.perMinuteBefore } : null;
}

/** The same minutes before, with their requests. */
export function withRequests(baseline: readonly Sample[], before: readonly Transactions[] | undefined): readonly Sample[] {
  if (before === undefined || before.length !== baseline.length) return baseline;
  return baseline.map((sample, index) => ({ ...sample, exposure: before[index]?.count ?? null }));
}

type TracedInterval = Transactions & Stretch;

async function tracedIn(
  source: SentrySource,
  place: SentryPlace,
  asked: Stretch & { readonly filter: ReleaseFilter },
  everySeconds: number,
): Promise<readonly TracedInterval[] | null> {
  const counted = await source.series(place, { ...asked, of: "transactions", everySeconds });
  if (!counted.ok || !counted.value.some(({ value }) => value > 0)) return null;
  const [failed, p95] = await Promise.all([
    source.series(place, { ...asked, of: "failed", everySeconds }),
    source.series(place, { ...asked, of: "p95", everySeconds }),
  ]);
  if (!failed.ok || !p95.ok) return null;
  const [failures, times] = [byStart(failed.value), byStart(p95.value)];
  return counted.value.map(({ from, to, value }) => ({
    from,
    to,
    count: value,
    failed: failures.get(from.getTime()) ?? 0,
    p95Ms: Math.round(times.get(from.getTime()) ?? 0),
  }));
}

function byStart(buckets: readonly EventBucket[]): ReadonlyMap<number, number> {
  return new Map(buckets.map(({ from, value }) => [from.getTime(), value]));
}

function figuresOf({ count, failed, p95Ms }: TracedInterval): Transactions {
  return { count, failed, p95Ms };
}

function mean(intervals: readonly Transactions[]): number {
  return intervals.reduce((sum, { count }) => sum + count, 0) / Math.max(1, intervals.length);
}
