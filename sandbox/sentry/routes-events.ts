import type { Answer, JsonObject, Route, Visit } from "../loopback.ts";
import { json } from "../loopback.ts";
import type { SentrySite } from "./payloads.ts";
import { usersOf } from "./payloads.ts";
import { bucketsOf, intervalOf } from "./buckets.ts";
import type { BucketOrder } from "./buckets.ts";
import type { Scope } from "./scope.ts";
import { isInScope, orBadRequest, scopeOf } from "./scope.ts";
import { eventFits, parseSearch, refuseUnknownEventKeys, UnknownSearch } from "./search.ts";
import { spanSeries } from "./routes-spans.ts";
import type { SentryStore, StoredEvent } from "./store.ts";

const GROUP_KEYS = ["id", "timestamp", "release", "environment", "server_name", "level", "issue.id", "error.type"] as const;

/** Counts of events over time, and as a table. */
export function eventRoutes(site: SentrySite, store: SentryStore): Route[] {
  const route = (path: string, answer: (visit: Visit) => Answer): Route => ({
    method: "GET",
    path: `/api/0/organizations/${site.org}${path}`,
    answer: (visit) => orBadRequest(() => answer(visit)),
  });
  return [
    route("/events-timeseries", (visit) =>
      visit.query.get("dataset") === "spans" ? spanSeries(site, store, visit) : timeseries(site, store, visit),
    ),
    route("/events", (visit) => table(site, store, visit)),
  ];
}

function chosen(site: SentrySite, store: SentryStore, visit: Visit): { scope: Scope; events: StoredEvent[] } {
  const dataset = visit.query.get("dataset") ?? "errors";
  if (dataset !== "errors") throw new UnknownSearch(`dataset must be errors here, not ${dataset}`);
  const scope = scopeOf(visit, site.project, store.now());
  const terms = parseSearch(visit.query.get("query") ?? "");
  refuseUnknownEventKeys(terms);
  return { scope, events: store.events().filter((event) => isInScope(event, scope) && eventFits(event, terms)) };
}

function timeseries(site: SentrySite, store: SentryStore, visit: Visit): Answer {
  const { scope, events } = chosen(site, store, visit);
  const intervalMs = intervalOf(visit, scope);
  const fields = visit.query.getAll("yAxis");
  const groups = grouped(events, visit.query.getAll("groupBy"), Number(visit.query.get("topEvents")) || 0);
  const order = { scope, intervalMs, now: store.now() };
  const series = groups.flatMap(({ key, members }, index) =>
    (fields.length === 0 ? ["count()"] : fields).map((yAxis) => ({
      yAxis,
      ...(key === null ? {} : { groupBy: key }),
      values: valuesOf(members, yAxis, order),
      meta: { valueType: "integer", valueUnit: null, interval: intervalMs, ...(key === null ? {} : { order: index, isOther: false }) },
    })),
  );
  return json(200, { timeSeries: series, meta: { dataset: "errors", start: scope.start.getTime(), end: scope.end.getTime() } });
}

function valuesOf(events: readonly StoredEvent[], yAxis: string, order: BucketOrder): JsonObject[] {
  return bucketsOf(events, ({ at }) => at, order).map(({ members, ...bucket }) => ({ ...bucket, value: measure(members, yAxis) }));
}

function table(site: SentrySite, store: SentryStore, visit: Visit): Answer {
  const { events } = chosen(site, store, visit);
  const fields = visit.query.getAll("field");
  if (fields.length === 0) throw new UnknownSearch("No columns selected");
  const aggregates = fields.filter((field) => field.includes("("));
  const keys = fields.filter((field) => !field.includes("("));
  const groups = keys.length === 0 ? [{ key: null, members: events }] : grouped(events, keys, 0);
  const rows = groups.map(({ key, members }) => {
    const names = Object.fromEntries((key ?? []).map((part) => [part.key, part.value]));
    return { ...names, ...Object.fromEntries(aggregates.map((field) => [field, measure(members, field)])) };
  });
  const types = Object.fromEntries(fields.map((field) => [field, field.includes("(") ? "integer" : "string"]));
  const size = Math.min(100, Number(visit.query.get("per_page")) || 100);
  return json(200, { data: sortRows(rows, visit.query.get("sort")).slice(0, size), meta: { fields: types, dataset: "errors" } });
}

function sortRows(rows: readonly JsonObject[], sort: string | null): JsonObject[] {
  const field = sort?.replace(/^-/, "") ?? "";
  const value = (row: JsonObject) => (field === "timestamp" ? Date.parse(String(row[field])) : Number(row[field] ?? 0));
  if (field === "") return [...rows];
  return rows.toSorted((one, other) => (sort?.startsWith("-") ? value(other) - value(one) : value(one) - value(other)));
}

type Group = {
  readonly key: readonly { readonly key: string; readonly value: string | null }[] | null;
  readonly members: readonly StoredEvent[];
};

/** Largest group first; `top` limits them, 0 means all. */
function grouped(events: readonly StoredEvent[], keys: readonly string[], top: number): Group[] {
  if (keys.length === 0) return [{ key: null, members: events }];
  const groups = Map.groupBy(events, (event) => JSON.stringify(keys.map((key) => valueOf(event, key))));
  const all = [...groups.values()].map((members) => ({
    key: keys.map((key) => ({ key, value: members[0] === undefined ? null : valueOf(members[0], key) })),
    members,
  }));
  const bySize = all.toSorted((one, other) => other.members.length - one.members.length);
  return top > 0 ? bySize.slice(0, top) : bySize;
}

function valueOf(event: StoredEvent, key: string): string | null {
  switch (key) {
    case "id":
      return event.eventId;
    case "timestamp":
      return event.at.toISOString();
    case "release":
      return event.release;
    case "environment":
      return event.environment;
    case "server_name":
      return event.serverName;
    case "level":
      return event.level;
    case "issue.id":
      return String(event.issueId);
    case "error.type":
      return event.type;
    default:
      throw new UnknownSearch(`Unknown field ${key}; known are ${GROUP_KEYS.join(", ")}`);
  }
}

function measure(events: readonly StoredEvent[], field: string): number {
  if (field === "count()") return events.length;
  if (field === "count_unique(user)" || field === "count_unique(user.id)") return usersOf(events);
  if (field === "count_unique(issue)") return new Set(events.map((event) => event.issueId)).size;
  throw new UnknownSearch(`${field} is not a function that this look-alike knows`);
}
