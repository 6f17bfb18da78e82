import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startSandboxSentry } from "../../sandbox/sentry/server.ts";
import type { SandboxSentry } from "../../sandbox/sentry/server.ts";
import { asObject } from "../../sandbox/loopback.ts";
import { answerPointer, openJudge } from "./judge.ts";
import { eventually, startReceiver } from "./receiver.ts";

const TOKEN = "sntryu_sandbox";
const OLD = "a".repeat(40);
const NEW = "b".repeat(40);
const run = promisify(execFile);
const judge = openJudge("sentry/spec/api.trimmed.openapi.json");

let sentry: SandboxSentry;

beforeEach(async () => {
  sentry = await startSandboxSentry({ org: "acme", project: "shop", token: TOKEN });
});

afterEach(() => sentry.close());

/** Events through the real SDK in a process of its own. */
async function report(
  orders: readonly { release: string; user: string; isHandled?: boolean; inBasket?: boolean; environment?: string }[],
  dsn = sentry.dsn,
): Promise<void> {
  const full = orders.map((order) => ({
    message: "x is undefined",
    environment: "production",
    isHandled: false,
    inBasket: true,
    ...order,
  }));
  const env = { PATH: process.env["PATH"], DSN: dsn, ORDERS: JSON.stringify(full) };
  await run(process.execPath, [join(import.meta.dirname, "sentry-child.ts")], { env, timeout: 30_000 });
}

async function ask(path: string, sent: { method?: string; body?: object; token?: string } = {}) {
  const body = sent.body === undefined ? {} : { body: JSON.stringify(sent.body) };
  const response = await fetch(`${sentry.apiUrl}/api/0/organizations/acme${path}`, {
    method: sent.method ?? "GET",
    headers: { authorization: `Bearer ${sent.token ?? TOKEN}` },
    ...body,
  });
  const answer: unknown = await response.json();
  return { status: response.status, headers: response.headers, body: answer };
}

/** What stands at a path of an answer: `at(body, 0, "id")`. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce((inner: unknown, key) => (Array.isArray(inner) ? inner.at(Number(key)) : asObject(inner)?.[key]), value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const issues = (query: string, more = "") => ask(`/issues/?query=${encodeURIComponent(query)}&statsPeriod=24h${more}`);

test("what the real SDK sends becomes an issue with its first release, counts and users", async () => {
  await report([
    { release: OLD, user: "1", inBasket: false, isHandled: true },
    { release: NEW, user: "1" },
    { release: NEW, user: "2" },
    { release: NEW, user: "2", environment: "staging" },
    { release: NEW, user: "3", inBasket: false, isHandled: true },
  ]);
  expect(sentry.counts({ release: NEW })).toEqual({ events: 4, unhandled: 3, users: 3, issues: 2 });
  const fresh = await issues(`firstRelease:"${NEW}" is:unresolved`, "&environment=production&sort=new&limit=100");
  expect(fresh.body).toMatchObject([
    {
      title: "TypeError: x is undefined",
      culprit: "fillBasket (sentry-child.ts)",
      count: "2",
      userCount: 2,
      isUnhandled: true,
      substatus: "new",
    },
  ]);
  expect((await issues(`firstRelease:"${NEW}" error.unhandled:true`)).body).toHaveLength(1);
  expect((await issues(`release:"${NEW}"`)).body).toHaveLength(2);
  expect((await issues(`release:"${NEW}" !firstRelease:"${NEW}"`)).body).toMatchObject([{ title: "RangeError: x is undefined" }]);
  const detail = await ask(`/issues/${String(at(fresh.body, 0, "id"))}/`);
  expect(detail.body).toMatchObject({ firstRelease: { version: NEW } });
  expect(await (await fetch(String(at(fresh.body, 0, "permalink")))).text()).toContain("TypeError: x is undefined");
});

test("events are counted by time, release and user", async () => {
  await report([
    { release: OLD, user: "1" },
    { release: NEW, user: "1" },
    { release: NEW, user: "2" },
  ]);
  const series = await ask(
    `/events-timeseries/?dataset=errors&yAxis=count()&yAxis=count_unique(user)&interval=60&statsPeriod=10m&query=${encodeURIComponent(`release:"${NEW}"`)}`,
  );
  const sum = (index: number) =>
    listOf(at(series.body, "timeSeries", index, "values")).reduce((total: number, point) => total + Number(at(point, "value")), 0);
  expect([sum(0), sum(1)]).toEqual([2, 2]);
  expect(at(series.body, "timeSeries", 0, "values", -1, "incomplete")).toBe(true);
  const groups = await ask(
    "/events-timeseries/?dataset=errors&yAxis=count()&interval=60&statsPeriod=10m&groupBy=release&topEvents=5&sort=-count()",
  );
  expect(listOf(at(groups.body, "timeSeries")).map((one) => at(one, "groupBy", 0, "value"))).toEqual([NEW, OLD]);
  const table = await ask("/events/?dataset=errors&field=release&field=count()&field=count_unique(user)&statsPeriod=1h&sort=-count()");
  expect(at(table.body, "data")).toEqual([
    { release: NEW, "count()": 2, "count_unique(user)": 2 },
    { release: OLD, "count()": 1, "count_unique(user)": 1 },
  ]);
});

test("an issue that was resolved and comes back is regressed", async () => {
  await report([{ release: OLD, user: "1" }]);
  const [issue] = sentry.issues();
  const resolved = await ask(`/issues/${issue?.id}/`, { method: "PUT", body: { status: "resolved", statusDetails: { inRelease: OLD } } });
  expect(resolved.body).toMatchObject({ status: "resolved", statusDetails: { inRelease: OLD } });
  await report([{ release: NEW, user: "1" }]);
  expect((await issues(`is:regressed release:"${NEW}"`)).body).toHaveLength(1);
  const detail = await ask(`/issues/${issue?.id}/`);
  expect(at(detail.body, "activity", 0)).toMatchObject({ type: "set_regression", data: { version: NEW } });
});

test("a new issue and its return are told by signed webhooks", async () => {
  const receiver = await startReceiver();
  const told = await startSandboxSentry({
    org: "acme",
    project: "shop",
    token: TOKEN,
    webhook: { url: receiver.url, secret: "client secret" },
  });
  try {
    await report([{ release: OLD, user: "1" }], told.dsn);
    const hook = await eventually("the webhook", () => receiver.received[0]);
    expect(hook.payload).toMatchObject({ action: "created", data: { issue: { title: "TypeError: x is undefined", count: "1" } } });
    expect(hook.headers["sentry-hook-signature"]).toBe(createHmac("sha256", "client secret").update(hook.text).digest("hex"));
    expect(hook.headers["sentry-hook-resource"]).toBe("issue");
  } finally {
    await told.close();
    await receiver.close();
  }
});

test("a release is made once and takes deploys", async () => {
  const release = { version: NEW, projects: ["shop"], refs: [{ repository: "acme/shop", commit: NEW, previousCommit: OLD }] };
  expect((await ask("/releases/", { method: "POST", body: release })).status).toBe(201);
  expect((await ask("/releases/", { method: "POST", body: release })).status).toBe(208);
  expect((await ask("/releases/", { method: "POST", body: { version: "a/b", projects: ["shop"] } })).status).toBe(400);
  expect((await ask("/releases/", { method: "POST", body: { version: OLD, projects: ["shopp"] } })).status).toBe(400);
  expect((await ask(`/releases/${NEW}/deploys/`, { method: "POST", body: { environment: "production" } })).status).toBe(201);
  expect((await ask(`/releases/${OLD}/deploys/`, { method: "POST", body: { environment: "production" } })).status).toBe(404);
  const deploys = await ask(`/releases/${NEW}/deploys/`);
  expect(deploys.body).toMatchObject([{ environment: "production" }]);
  expect(deploys.headers.get("link")).toMatch(/rel="next"; results="false"/);
  expect((await ask(`/releases/${NEW}/`)).body).toMatchObject({ deployCount: 1, newGroups: 0 });
});

test("silence accepts events and keeps none; a fault answers for a while", async () => {
  sentry.silence(true);
  await report([{ release: NEW, user: "1" }]);
  expect(sentry.counts().events).toBe(0);
  sentry.silence(false);
  await report([{ release: NEW, user: "1" }]);
  expect(sentry.counts().events).toBe(1);
  sentry.fail({ status: 503, forMs: 60_000 });
  expect((await issues("")).status).toBe(503);
  sentry.fail({ status: 503, forMs: 0 });
  const well = await issues("");
  expect(well.status).toBe(200);
  expect(well.headers.get("x-sentry-rate-limit-remaining")).toMatch(/^\d+$/);
});

test("a wrong token, a wrong key and a wrong question are refused", async () => {
  expect((await ask("/issues/", { token: "wrong" })).status).toBe(401);
  expect((await fetch(`${sentry.apiUrl}/api/${sentry.projectId}/envelope/?sentry_key=wrong`, { method: "POST" })).status).toBe(403);
  await report([{ release: NEW, user: "1" }]);
  expect((await issues("fristRelease:x")).status).toBe(400);
  expect((await ask("/issues/?end=2026-01-01T00:00:00")).status).toBe(400);
  expect((await ask("/issues/?project=other")).status).toBe(400);
});

test("every answer is what Sentry's schema of the route asks", async (context) => {
  if (judge === null) return context.skip("the fixtures with Sentry's specification are absent");
  await report([{ release: NEW, user: "1" }]);
  const base = "/api/0/organizations/{organization_id_or_slug}";
  const asked: [string, string, string, object?][] = [
    ["POST", "/releases/", "/releases/", { version: OLD, projects: ["shop"] }],
    ["GET", "/releases/", "/releases/"],
    ["POST", "/releases/{version}/deploys/", `/releases/${NEW}/deploys/`, { environment: "production" }],
    ["GET", "/releases/{version}/deploys/", `/releases/${NEW}/deploys/`],
    ["GET", "/releases/{version}/", `/releases/${NEW}/`],
    ["GET", "/issues/", "/issues/?expand=owners&expand=inbox&expand=sessions"],
    ["GET", "/issues/{issue_id}/", `/issues/${sentry.issues()[0]?.id}/`],
    ["GET", "/events-timeseries/", "/events-timeseries/?dataset=errors&groupBy=release&topEvents=2&sort=-count()&statsPeriod=1h"],
    ["GET", "/events/", "/events/?dataset=errors&field=release&field=count()"],
    ["GET", "/sessions/", "/sessions/?field=sum(session)&field=crash_free_rate(session)&interval=1h&statsPeriod=3h"],
    ["GET", "/events/", "/events/?dataset=errors&field=id&field=timestamp&sort=-timestamp&per_page=1"],
    [
      "GET",
      "/events-timeseries/",
      "/events-timeseries/?dataset=spans&yAxis=p95(span.duration)&query=is_transaction:true&interval=60&statsPeriod=1h",
    ],
    ["GET", "/projects/", "/projects/"],
  ];
  for (const [method, template, path, body] of asked) {
    const answer = await ask(path, { method, ...(body === undefined ? {} : { body }) });
    const faults = judge(answerPointer(method, base + template, answer.status), answer.body);
    expect([method, template, ...faults]).toEqual([method, template]);
  }
});
