import { ok } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { failure } from "./failure.ts";
import type { SentryFailure } from "./failure.ts";
import type { Requester } from "./request.ts";
import { parsed, quoted, scopeQuery } from "./scope.ts";
import type { SentryScope, SentryWindow } from "./scope.ts";
import { TimeSeriesShape } from "./shapes.ts";

/** `release`: only events of it; `notRelease`: of all others, also of none; neither: all. */
export type EventFilter = { readonly release: string } | { readonly notRelease: string };

export type Bucket = { readonly from: Date; readonly to: Date; readonly value: number };

/** Sentry answers with at most 10,000 points. */
const MAX_BUCKETS = 5_000;

const SERIES = {
  errors: { dataset: "errors", yAxis: "count()" },
  people: { dataset: "errors", yAxis: "count_unique(user)" },
  transactions: { dataset: "spans", yAxis: "count()" },
  failed: { dataset: "spans", yAxis: "failure_count()" },
  /** Milliseconds. */
  p95: { dataset: "spans", yAxis: "p95(span.duration)" },
} as const;
export type SeriesName = keyof typeof SERIES;

/** That figure of each interval of the window, oldest first; times are ours, Sentry's skew taken out. */
export function series(
  requester: Requester,
  scope: SentryScope,
  input: SentryWindow & { readonly of: SeriesName; readonly filter: EventFilter; readonly everySeconds: number },
): Promise<Result<readonly Bucket[], SentryFailure>> {
  const seconds = Math.max(input.everySeconds, Math.ceil(lengthSeconds(input) / MAX_BUCKETS));
  return timeSeries(requester, scope, { ...input, ...SERIES[input.of], seconds });
}

/** People hit, at least: distinct people of two stretches cannot be added, so the larger one is said. */
export async function countUsers(
  requester: Requester,
  scope: SentryScope,
  input: SentryWindow & { readonly filter: EventFilter },
): Promise<Result<number, SentryFailure>> {
  const seconds = Math.max(1, Math.ceil(lengthSeconds(input)));
  const buckets = await timeSeries(requester, scope, { ...input, ...SERIES.people, seconds });
  return buckets.ok ? ok(Math.max(0, ...buckets.value.map((bucket) => bucket.value))) : buckets;
}

async function timeSeries(
  requester: Requester,
  scope: SentryScope,
  input: SentryWindow & { readonly filter: EventFilter; readonly dataset: string; readonly yAxis: string; readonly seconds: number },
): Promise<Result<readonly Bucket[], SentryFailure>> {
  const skewMs = requester.skewMs();
  const query = {
    ...scopeQuery(scope, input, skewMs),
    dataset: input.dataset,
    yAxis: input.yAxis,
    interval: String(input.seconds),
    query: `${input.dataset === "spans" ? "is_transaction:true " : ""}${releaseTerm(input.filter)}`,
  };
  const answer = await requester.request({ method: "GET", path: ["organizations", scope.organization, "events-timeseries"], query });
  if (!answer.ok) return answer;
  const told = parsed(TimeSeriesShape, answer.value.body)?.timeSeries.find((candidate) => candidate.yAxis === input.yAxis);
  // No series at all is what Sentry answers when it finds no project: not a zero.
  if (told === undefined)
    return failure("nonsense", "Sentry's answer has no series of events; does the project exist, and may the token read it?");
  const buckets = told.values.map(({ timestamp, value }) => ({
    from: new Date(timestamp - skewMs),
    // Servers disagree on the unit of `meta.interval` (seconds, milliseconds): what we asked for is the length.
    to: new Date(timestamp - skewMs + input.seconds * 1000),
    value: value ?? 0,
  }));
  return ok(buckets.filter((bucket) => bucket.to > input.from && bucket.from < input.to));
}

/** The filter as a term of Sentry's search. */
export function releaseTerm(filter: EventFilter): string {
  return "release" in filter ? `release:${quoted(filter.release)}` : `!release:${quoted(filter.notRelease)}`;
}

function lengthSeconds(window: SentryWindow): number {
  return Math.max(0, window.to.getTime() - window.from.getTime()) / 1000;
}
