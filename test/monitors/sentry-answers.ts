import type { SentryWatch } from "../../src/domain/config.ts";
import { parseSha } from "../../src/domain/ids.ts";
import type { Look } from "../../src/ports.ts";
import { createMonitors } from "../../src/monitors/monitors.ts";
import { createSentryClient } from "../../src/sentry/client.ts";
import type { Asked, Reply } from "./far-side.ts";

export const LIVE = new Date("2026-03-02T09:33:00.000Z");
export const NOW = new Date("2026-03-02T09:40:00.000Z");
export const TOKEN = "sntrys_a-secret-of-the-test";
const sha = parseSha("9f3c2ab0".repeat(5));
if (sha === null) throw new Error("the test's revision is none");
export const REVISION = sha;
export const RELEASE = `shop@${REVISION}`;

export const WATCH: SentryWatch = {
  connection: "default",
  organization: null,
  project: "shop",
  environment: "production",
  releasePrefix: "shop@",
};

export function look(change: Partial<Look> = {}): Look {
  return {
    look: 7,
    app: "shop",
    environment: "production",
    privacy: "normal",
    revision: REVISION,
    liveAt: LIVE,
    now: NOW,
    baselineMs: 3_600_000,
    everyMs: 60_000,
    forMs: 1_800_000,
    earlier: null,
    servers: ["web-1", "10.0.0.7"],
    code: null,
    ...change,
  };
}

/** The real monitors over the real client, at the given address. */
export function monitorsAt(
  url: string,
  options: { readonly now?: () => Date; readonly timeoutMs?: number; readonly elapsed?: () => number } = {},
) {
  const client = createSentryClient({ url, token: TOKEN, organization: "acme", now: () => NOW, ...options });
  return createMonitors({
    sources: (connection) => (connection === "default" ? client : null),
    report: (fault) => {
      throw new Error("a monitor reported a fault", { cause: fault });
    },
    ...(options.elapsed === undefined ? {} : { elapsed: options.elapsed }),
  });
}

export type Held = {
  /** Events of the release, as (minute after it went live, number). */
  readonly after?: readonly (readonly [minute: number, events: number])[];
  /** Events of other releases in minutes before it went live. */
  readonly before?: readonly (readonly [minute: number, events: number])[];
  readonly users?: number;
  readonly issues?: readonly object[];
  /** Issues by their state, and what happened to each by its id. */
  readonly again?: Readonly<Record<string, readonly object[]>>;
  readonly activities?: Readonly<Record<string, readonly { readonly type: string; readonly dateCreated: string }[]>>;
  /** Figures of the transactions of each minute, by the name of the series. */
  readonly traced?: Readonly<Record<string, number>>;
  readonly tracedBefore?: Readonly<Record<string, number>>;
  readonly releases?: readonly (string | null)[];
  /** Events and people of the release by server. */
  readonly servers?: readonly (readonly [name: string | null, events: number, users: number])[];
  /** People that those servers' errors hit, by issue. */
  readonly usersOfIssue?: Readonly<Record<string, number>>;
};

/** What Sentry answers when it holds these events, in the documented shapes. */
export function answers(held: Held): (asked: Asked) => Reply {
  return ({ url }) => {
    const query = url.searchParams;
    const date = { headers: { date: NOW.toUTCString() } };
    const state = /^is:(regressed|escalating) /.exec(query.get("query") ?? "")?.[1] ?? null;
    if (url.pathname.endsWith("/issues/")) return { ...date, body: (state === null ? held.issues : held.again?.[state]) ?? [] };
    const activity = held.activities?.[url.pathname.split("/").at(-2) ?? ""];
    if (activity !== undefined) return { ...date, body: { activity } };
    const fields = query.getAll("field");
    if (url.pathname.endsWith("/events/") && fields.includes("server_name")) {
      return {
        ...date,
        body: { data: (held.servers ?? []).map(([server, events, users]) => ({ server_name: server, ...row(events, users) })) },
      };
    }
    if (url.pathname.endsWith("/events/") && fields.includes("issue.id")) {
      return {
        ...date,
        body: { data: Object.entries(held.usersOfIssue ?? {}).map(([id, users]) => ({ "issue.id": Number(id), ...row(users, users) })) },
      };
    }
    if (url.pathname.endsWith("/events/")) {
      return { ...date, body: { data: (held.releases ?? []).map((release) => ({ release, "count()": 3 })), meta: {} } };
    }
    if (!url.pathname.endsWith("/events-timeseries/")) return { ...date, status: 404, body: { detail: "Not Found" } };
    if (query.get("dataset") === "spans") {
      const side = query.get("query")?.includes("!release:") === true ? held.tracedBefore : held.traced;
      return { ...date, body: everyMinute(query, side?.[query.get("yAxis") ?? ""] ?? 0) };
    }
    if (query.get("yAxis") !== "count()") return { ...date, body: series(query, [[0, held.users ?? 0]]) };
    return { ...date, body: series(query, query.get("query")?.startsWith("!") === true ? (held.before ?? []) : (held.after ?? [])) };
  };
}

function row(events: number, users: number): object {
  return { "count()": events, "count_unique(user)": users };
}

/** Buckets as Sentry cuts them: whole intervals, the last one incomplete. */
export function series(query: URLSearchParams, events: readonly (readonly [minute: number, events: number])[]): object {
  const interval = Number(query.get("interval"));
  const step = interval * 1000;
  const start = Math.floor(Date.parse(query.get("start") ?? "") / step) * step;
  const end = Date.parse(query.get("end") ?? "");
  const values: object[] = [];
  for (let at = start; at < end; at += step) {
    const inside = events.filter(([minute]) => {
      const time = LIVE.getTime() + minute * 60_000;
      return time >= at && time < at + step;
    });
    values.push({ timestamp: at, value: inside.reduce((sum, [, count]) => sum + count, 0), incomplete: at + step > end });
  }
  const meta = { valueUnit: null, valueType: "integer", interval: step };
  return { timeSeries: [{ yAxis: query.get("yAxis"), values, meta }], meta: { dataset: "errors", start, end } };
}

function everyMinute(query: URLSearchParams, value: number): object {
  const [start, end] = [Date.parse(query.get("start") ?? ""), Date.parse(query.get("end") ?? "")];
  const minutes = Array.from({ length: Math.ceil((end - start) / 60_000) }, (_, index) => (start - LIVE.getTime()) / 60_000 + index);
  return series(
    query,
    minutes.map((minute) => [minute, value] as const),
  );
}

export function issueJson(change: object = {}): object {
  return {
    id: "77",
    title: "KeyError: 'Jane Doe'",
    culprit: "/patients/jane-doe",
    permalink: "https://acme.sentry.test/issues/77/",
    count: "3",
    userCount: 2,
    firstSeen: "2026-03-02T09:34:10.123456Z",
    lastSeen: "2026-03-02T09:36:00Z",
    isUnhandled: true,
    issueCategory: "error",
    metadata: { type: "KeyError", value: "'Jane Doe'", filename: "shop/cart.py", function: "add" },
    ...change,
  };
}
