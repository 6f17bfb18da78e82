import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parsed } from "../../src/sentry/scope.ts";
import { IssuesShape, ReleaseShape, TimeSeriesShape } from "../../src/sentry/shapes.ts";
import { startFarSide } from "./far-side.ts";
import type { Asked, Reply } from "./far-side.ts";
import type { Held } from "./sentry-answers.ts";
import { LIVE, REVISION, WATCH, answers, issueJson, look, monitorsAt } from "./sentry-answers.ts";

const fixtures = process.env["GREENLIGHT_FIXTURES"] ?? join(import.meta.dirname, "../../../shared/fixtures");
const spec = join(fixtures, "sentry/spec/api.trimmed.openapi.json");
const ABSENT = "Sentry's published specification is not here (set GREENLIGHT_FIXTURES)";

test("every request of ours is one that Sentry publishes", async ({ skip }) => {
  skip(!existsSync(spec), ABSENT);
  const traced = { "count()": 400, "failure_count()": 8, "p95(span.duration)": 812.4 };
  const held: Held = {
    before: [[-1, 1]],
    after: [[1, 3]],
    issues: [issueJson()],
    again: { regressed: [issueJson({ id: "70" })] },
    activities: { 70: [{ type: "set_regression", dateCreated: "2026-03-02T09:35:00Z" }] },
    servers: [["web-1", 3, 2]],
    usersOfIssue: { 77: 2 },
    traced,
    tracedBefore: traced,
  };
  await using sentry = await startFarSide((asked) => {
    if (asked.url.pathname.endsWith("/releases/")) return { body: { version: `shop@${REVISION}` } };
    if (asked.url.pathname.endsWith("/deploys/")) return { body: asked.method === "GET" ? [] : { id: "1", environment: "production" } };
    return asked.url.pathname.endsWith("/sessions/") ? sessionsOf(asked) : answers(held)(asked);
  });
  const monitors = monitorsAt(sentry.url);
  expect(await monitors.sentry(WATCH, look())).toMatchObject({
    kind: "errors",
    origin: { users: 2 },
    transactions: { newest: { failed: 8 } },
  });
  const day = { revision: REVISION, liveAt: LIVE, now: new Date(LIVE.getTime() + 24 * 3_600_000) };
  expect(await monitors.sessions(WATCH, day)).toMatchObject({ ours: [{ sessions: 900, crashed: 9 }], others: [{ sessions: 900 }] });
  const announced = { revision: REVISION, previous: REVISION, repository: "acme/shop", startedAt: LIVE, liveAt: LIVE, deployment: "812" };
  expect(await monitors.announce(WATCH, announced)).toBeNull();
  expect(sentry.asked.length).toBeGreaterThanOrEqual(20);
  const published = sentry.asked.filter(({ url }) => !url.pathname.endsWith("/committers/"));
  expect(published.flatMap(faultsOf)).toEqual([]);
});

test("the published examples are understood", ({ skip }) => {
  skip(!existsSync(spec), ABSENT);
  const [issue] = parsed(IssuesShape, sample("issues.list.json")) ?? [];
  expect(issue).toMatchObject({ id: "1", count: 150, userCount: 0, isUnhandled: false, firstSeen: new Date("2018-11-06T21:19:55Z") });
  expect(parsed(TimeSeriesShape, sample("events-timeseries.json"))?.timeSeries[0]).toMatchObject({
    yAxis: "count()",
    values: [{ value: 5 }, { value: 5 }],
  });
  expect(parsed(ReleaseShape, sample("release.create.201.json"))).toEqual({ version: "frontend@1.0.0" });
});

/** One whole hour of the time that is asked for. */
function sessionsOf({ url }: Asked): Reply {
  const series = { "sum(session)": [900], "crash_free_rate(session)": [0.99] };
  return { body: { intervals: [url.searchParams.get("start")], groups: [{ by: {}, totals: {}, series }], start: "", end: "", query: "" } };
}

/** What the specification does not know of a request: its path, its parameters, or a member of its body. */
function faultsOf(asked: Asked): string[] {
  const paths = member(JSON.parse(readFileSync(spec, "utf8")), "paths");
  const template = Object.keys(Object(paths)).find((path) =>
    new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(asked.url.pathname),
  );
  const operation = member(member(paths, template ?? ""), asked.method.toLowerCase());
  if (operation === undefined) return [`${asked.method} ${asked.url.pathname} is not published`];
  const parameters = Object.values(Object(member(operation, "parameters")));
  const faults = [...asked.url.searchParams].flatMap(([name, value]) => {
    const schema = member(
      parameters.find((parameter) => member(parameter, "name") === name && member(parameter, "in") === "query"),
      "schema",
    );
    const allowed: unknown = member(schema, "enum");
    if (schema === undefined) return [`${asked.url.pathname} has no parameter ${name}`];
    return Array.isArray(allowed) && !allowed.includes(value) ? [`${name} may not be ${value}`] : [];
  });
  return [...faults, ...bodyFaults(asked, operation)];
}

function bodyFaults(asked: Asked, operation: unknown): string[] {
  if (asked.body === "") return [];
  const schema = ["requestBody", "content", "application/json", "schema"].reduce(member, operation);
  const known = Object.keys(Object(member(schema, "properties")));
  const told: unknown = JSON.parse(asked.body);
  const names = Object.keys(Object(told));
  const required: unknown = member(schema, "required");
  const missing = Array.isArray(required) ? required.filter((name) => !names.includes(String(name))) : [];
  return [...names.filter((name) => !known.includes(name)), ...missing].map(
    (name) => `${asked.url.pathname}: ${String(name)} is wrong or missing`,
  );
}

function sample(name: string): unknown {
  return JSON.parse(readFileSync(join(fixtures, "sentry/api", name), "utf8"));
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}
