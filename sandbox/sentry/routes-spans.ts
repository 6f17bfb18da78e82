import type { Answer, Visit } from "../loopback.ts";
import { json } from "../loopback.ts";
import { bucketsOf, intervalOf } from "./buckets.ts";
import type { IncomingTransaction } from "./envelope.ts";
import type { SentrySite } from "./payloads.ts";
import { scopeOf } from "./scope.ts";
import { parseSearch, UnknownSearch } from "./search.ts";
import type { SentryStore } from "./store.ts";

/** Transactions over time: of spans only those are kept. @throws UnknownSearch for what Sentry would refuse, or is not known here. */
export function spanSeries(site: SentrySite, store: SentryStore, visit: Visit): Answer {
  const scope = scopeOf(visit, site.project, store.now());
  const intervalMs = intervalOf(visit, scope);
  const terms = parseSearch(visit.query.get("query") ?? "");
  if (!terms.some(({ key, values, isNegated }) => key === "is_transaction" && values[0] === "true" && !isNegated))
    throw new UnknownSearch("Only transactions are kept here: ask for is_transaction:true");
  const found = store.transactions().filter((one) => {
    if (one.ended < scope.start || one.ended > scope.end) return false;
    if (scope.environments.length > 0 && !scope.environments.includes(one.environment)) return false;
    return terms.every(({ key, values, isNegated }) => {
      if (key === "is_transaction") return true;
      if (key !== "release") throw new UnknownSearch(`Unknown search key for spans: ${key}`);
      return values.includes(one.release ?? "") !== isNegated;
    });
  });
  const order = { scope, intervalMs, now: store.now() };
  const timeSeries = visit.query.getAll("yAxis").map((yAxis) => ({
    yAxis,
    values: bucketsOf(found, ({ ended }) => ended, order).map(({ members, ...bucket }) => ({ ...bucket, value: measure(members, yAxis) })),
    meta: { valueType: yAxis.startsWith("p95") ? "duration" : "integer", valueUnit: null, interval: intervalMs },
  }));
  return json(200, { timeSeries, meta: { dataset: "spans", start: scope.start.getTime(), end: scope.end.getTime() } });
}

function measure(transactions: readonly IncomingTransaction[], field: string): number {
  const failed = transactions.filter(({ isFailed }) => isFailed).length;
  if (field === "count()") return transactions.length;
  if (field === "failure_count()") return failed;
  if (field === "failure_rate()") return transactions.length === 0 ? 0 : failed / transactions.length;
  if (field !== "p95(span.duration)") throw new UnknownSearch(`${field} is not a function that this look-alike knows of spans`);
  const times = transactions.map(({ durationMs }) => durationMs).toSorted((one, other) => one - other);
  return times[Math.ceil(0.95 * times.length) - 1] ?? 0;
}
