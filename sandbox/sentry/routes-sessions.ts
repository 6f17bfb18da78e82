import type { Answer, Route, Visit } from "../loopback.ts";
import { json } from "../loopback.ts";
import type { IncomingSessions } from "./envelope-sessions.ts";
import type { SentrySite } from "./payloads.ts";
import type { Scope } from "./scope.ts";
import { orBadRequest, scopeOf } from "./scope.ts";
import { parseSearch, periodMs, UnknownSearch } from "./search.ts";
import type { SentryStore } from "./store.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** More points than this Sentry refuses. */
const MAX_POINTS = 10_000;
const GROUP_KEYS = ["project", "release", "environment"] as const;

/** Sessions by the hour: release health. Format: docs.sentry.io/api/releases/retrieve-release-health-session-statistics. */
export function sessionRoutes(site: SentrySite, store: SentryStore): Route[] {
  const path = `/api/0/organizations/${site.org}/sessions`;
  return [{ method: "GET", path, answer: (visit) => orBadRequest(() => statistics(site, store, visit)) }];
}

function statistics(site: SentrySite, store: SentryStore, visit: Visit): Answer {
  const { query } = visit;
  const fields = query.getAll("field");
  if (fields.length === 0) throw new UnknownSearch('Request is missing a "field"');
  const intervalMs = sessionInterval(query.get("interval"));
  const scope = rounded(scopeOf(visit, site.project, store.now()), intervalMs);
  const length = (scope.end.getTime() - scope.start.getTime()) / intervalMs;
  if (length > MAX_POINTS) throw new UnknownSearch("Your interval and date range would create too many results.");
  const starts = Array.from({ length }, (_, index) => scope.start.getTime() + index * intervalMs);
  const groups = grouped(site, found(store, scope, query.get("query") ?? ""), query.getAll("groupBy"));
  const told = groups.map(({ by, members }) => ({
    by,
    totals: query.get("includeTotals") === "0" ? {} : measured(fields, members),
    series: Object.fromEntries(
      fields.map((field) => [field, starts.map((start) => measure(field, startedIn(members, start, intervalMs)))]),
    ),
  }));
  return json(200, {
    groups: told,
    start: text(scope.start),
    end: text(scope.end),
    intervals: starts.map(text),
    query: query.get("query") ?? "",
  });
}

function text(at: Date | number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** @throws UnknownSearch for less than an hour, more than a day, and what does not divide one. */
function sessionInterval(asked: string | null): number {
  const intervalMs = periodMs(asked ?? "1h");
  if (intervalMs === null) throw new UnknownSearch(`Invalid interval: ${asked}`);
  if (intervalMs < HOUR_MS || intervalMs % HOUR_MS !== 0)
    throw new UnknownSearch("The interval has to be a multiple of the minimum interval of one hour.");
  if (DAY_MS % intervalMs !== 0) throw new UnknownSearch("The interval should divide one day cleanly.");
  return intervalMs;
}

/** Whole intervals: what begins or ends within one is widened to it. */
function rounded(scope: Scope, intervalMs: number): Scope {
  const start = new Date(Math.floor(scope.start.getTime() / intervalMs) * intervalMs);
  return { ...scope, start, end: new Date(Math.ceil(scope.end.getTime() / intervalMs) * intervalMs) };
}

function found(store: SentryStore, scope: Scope, search: string): readonly IncomingSessions[] {
  const terms = parseSearch(search);
  const unknown = terms.find(({ key }) => key !== "release" && key !== "environment");
  if (unknown !== undefined) throw new UnknownSearch(`Invalid search filter: ${unknown.key}`);
  return store.sessions().filter((one) => {
    if (one.started < scope.start || one.started >= scope.end) return false;
    if (scope.environments.length > 0 && !scope.environments.includes(one.environment)) return false;
    return terms.every(({ key, values, isNegated }) => values.includes(key === "release" ? one.release : one.environment) !== isNegated);
  });
}

/** Without a word to group by there is one group, also of nothing; else one for each value that there is. */
function grouped(site: SentrySite, sessions: readonly IncomingSessions[], keys: readonly string[]) {
  const unknown = keys.find((key) => !GROUP_KEYS.some((known) => known === key));
  if (unknown !== undefined) throw new UnknownSearch(`Invalid groupBy: ${unknown}; known here are ${GROUP_KEYS.join(", ")}`);
  if (keys.length === 0) return [{ by: {}, members: sessions }];
  const valueOf = (one: IncomingSessions, key: string) =>
    key === "project" ? site.project.id : key === "release" ? one.release : one.environment;
  const groups = Map.groupBy(sessions, (one) => JSON.stringify(keys.map((key) => [key, valueOf(one, key)])));
  return [...groups].map(([by, members]) => ({ by: Object.fromEntries(JSON.parse(by)), members }));
}

function startedIn(sessions: readonly IncomingSessions[], start: number, intervalMs: number): readonly IncomingSessions[] {
  return sessions.filter(({ started }) => started.getTime() >= start && started.getTime() < start + intervalMs);
}

function measured(fields: readonly string[], sessions: readonly IncomingSessions[]) {
  return Object.fromEntries(fields.map((field) => [field, measure(field, sessions)]));
}

/** Of no session there is no rate. */
function measure(field: string, members: readonly IncomingSessions[]): number | null {
  const all = members.reduce((sum, { sessions }) => sum + sessions, 0);
  const crashed = members.reduce((sum, one) => sum + one.crashed, 0);
  if (field === "sum(session)") return all;
  if (field === "crash_rate(session)") return all === 0 ? null : crashed / all;
  if (field === "crash_free_rate(session)") return all === 0 ? null : 1 - crashed / all;
  throw new UnknownSearch(`Invalid field: "${field}"`);
}
