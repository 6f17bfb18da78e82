import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { captureException, captureSession, close, endSession, getClient, init, startSession } from "@sentry/node";
import { describe, expect, test } from "vitest";
import { startSandboxSentry } from "../../sandbox/sentry/server.ts";
import { judgeCrashFree } from "../../src/domain/verdict/crash-free.ts";
import { startFarSide } from "./far-side.ts";
import type { Reply } from "./far-side.ts";
import { LIVE, monitorsAt, RELEASE, REVISION, TOKEN, WATCH } from "./sentry-answers.ts";

const HOUR = 3_600_000;
const OLD = `shop@${"a".repeat(40)}`;
const ASKED = { revision: REVISION, liveAt: LIVE, now: at(30) } as const;

/** So many hours after it went live. */
function at(hours: number): Date {
  return new Date(LIVE.getTime() + hours * HOUR);
}

async function standIn(now = at(30)) {
  const sentry = await startSandboxSentry({ org: "acme", project: "shop", token: TOKEN, now: () => now });
  return { ...sentry, [Symbol.asyncDispose]: () => sentry.close() };
}

/** Counted by the minute, as servers send them; through the real SDK. */
async function send(
  dsn: string,
  hours: readonly number[],
  told: { release: string; exited: number; crashed: number; environment?: string },
) {
  const { release, environment = "production", exited, crashed } = told;
  init({ dsn, release, environment, defaultIntegrations: false });
  getClient()?.sendSession({ aggregates: hours.map((hour) => ({ started: at(hour).toISOString(), exited, errored: 0, crashed })) });
  await close(20_000);
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

describe("sessions that the real SDK sends", () => {
  test("a fall of the crash-free rate is found, from two questions", async () => {
    await using sentry = await standIn();
    await send(sentry.dsn, range(-168, 0), { release: OLD, exited: 998, crashed: 2 });
    await send(sentry.dsn, range(0, 30), { release: RELEASE, exited: 992, crashed: 8 });
    await send(sentry.dsn, range(0, 30), { release: RELEASE, exited: 0, crashed: 500, environment: "staging" });
    const seen = await monitorsAt(sentry.apiUrl, { now: () => at(30) }).sessions(WATCH, ASKED);
    // It went live at 09:33: the hours from 10:00 on are its own, the last whole day and an hour of them; those up to 09:00 are others'.
    expect(seen?.ours.map(({ from }) => from.toISOString()).toSorted()).toEqual(
      range(0, 24).map((hour) => new Date(Date.parse("2026-03-02T15:00:00Z") + hour * HOUR).toISOString()),
    );
    expect(seen?.ours.every(({ sessions, crashed }) => sessions === 1000 && crashed === 8)).toBe(true);
    expect(seen?.others.at(-1)).toEqual({ from: new Date("2026-03-02T08:00:00Z"), sessions: 1000, crashed: 2 });
    expect(judgeCrashFree({ ...(seen ?? { ours: [], others: [] }), liveAt: LIVE })).toMatchObject({
      now: { sessions: 6000, crashed: 48 },
      before: { sessions: 42_000, crashed: 84 },
    });
  });

  test("each request of a server is one, and one that ends by an unhandled error crashed", async () => {
    await using sentry = await standIn(new Date());
    const env = { DSN: sentry.dsn, RELEASE, REQUESTS: "12", FAILING: "3" };
    await promisify(execFile)(process.execPath, [join(import.meta.dirname, "sessions-child.ts")], { env, timeout: 60_000 });
    const asked = { statsPeriod: "2h", field: "sum(session)", interval: "1h", groupBy: "release" };
    expect(await ask(sentry.apiUrl, { ...asked, query: `release:"${RELEASE}"` })).toMatchObject({
      groups: [{ totals: { "sum(session)": 12 } }],
    });
    const rate = await ask(sentry.apiUrl, { ...asked, field: "crash_free_rate(session)" });
    expect(rate).toMatchObject({ groups: [{ by: { release: RELEASE }, totals: { "crash_free_rate(session)": 0.75 } }] });
  });

  test("one that goes on and crashes then is one, and crashed", async () => {
    await using sentry = await standIn();
    init({ dsn: sentry.dsn, release: RELEASE, environment: "production", defaultIntegrations: false });
    startSession({ started: at(2).getTime() / 1000 });
    captureSession();
    endSession();
    startSession({ started: at(3).getTime() / 1000 });
    captureSession();
    captureException(new TypeError("no such basket"), { mechanism: { type: "onuncaughtexception", handled: false } });
    await close(20_000);
    const field = ["sum(session)", "crash_free_rate(session)"];
    const told = await ask(sentry.apiUrl, { statsPeriod: "30h", interval: "1d", field });
    expect(told).toMatchObject({ groups: [{ totals: { "sum(session)": 2, "crash_free_rate(session)": 0.5 } }] });
  });
});

describe("what Sentry cannot say is not known", () => {
  test("an app without sessions costs one question, and is no good one", async () => {
    await using sentry = await startFarSide(() => ({ body: { intervals: [], groups: [], start: "", end: "", query: "" } }));
    expect(await monitorsAt(sentry.url).sessions(WATCH, ASKED)).toBeNull();
    expect(sentry.asked).toHaveLength(1);
    const { searchParams } = sentry.asked[0]?.url ?? new URL("http://nobody");
    expect([...searchParams.getAll("field"), searchParams.get("interval"), searchParams.get("query")]).toEqual([
      "sum(session)",
      "crash_free_rate(session)",
      "1h",
      `release:"${RELEASE}"`,
    ]);
    expect([searchParams.get("start"), searchParams.get("end")]).toEqual(["2026-03-02T15:00:00.000Z", "2026-03-03T15:00:00.000Z"]);
  });

  const intervals = range(6, 12).map((hour) => `2026-03-02T${String(hour + 8).padStart(2, "0")}:00:00Z`);
  const series = (count: readonly (number | null)[], rate: readonly (number | null)[]) => ({
    intervals,
    groups: [{ by: {}, totals: {}, series: { "sum(session)": count, "crash_free_rate(session)": rate } }],
  });
  test.each<{ name: string; reply: Reply }>([
    { name: "a token that may not", reply: { status: 403, body: { detail: "You do not have permission to perform this action." } } },
    { name: "a server without sessions", reply: { status: 404, body: {} } },
    { name: "a question that it rejects", reply: { status: 400, body: { detail: "Invalid field" } } },
    { name: "an answer of another shape", reply: { body: { groups: "none" } } },
    { name: "a rate of two hundred percent", reply: { body: series([900, 900, 900, 900, 900, 900], [2, 2, 2, 2, 2, 2]) } },
    { name: "sessions without a rate", reply: { body: series([900, 900, 900, 900, 900, 900], [null, null, null, null, null, null]) } },
    { name: "a rate without sessions", reply: { body: series([0, 0, null, null, 0, 0], [1, 1, 1, 1, null, null]) } },
  ])("$name", async ({ reply }) => {
    await using sentry = await startFarSide(() => reply);
    expect(await monitorsAt(sentry.url).sessions(WATCH, ASKED)).toBeNull();
    expect(await monitorsAt(sentry.url).sessions({ ...WATCH, connection: "nobody" }, ASKED)).toBeNull();
  });
});

test("the stand-in refuses what Sentry refuses", async () => {
  await using sentry = await standIn();
  const good = { field: "sum(session)", interval: "1h", statsPeriod: "6h" };
  expect(await ask(sentry.apiUrl, good)).toMatchObject({ groups: [{ by: {}, totals: { "sum(session)": 0 } }] });
  for (const bad of [
    { interval: "30m" },
    { interval: "5h" },
    { interval: "2d" },
    { field: [] },
    { field: "count()" },
    { groupBy: "server_name" },
    { query: "level:error" },
    { query: "KeyError" },
    { project: "billing" },
    { start: "2026-03-02T15:00:00Z" },
    { statsPeriod: "1000w" },
  ]) {
    expect([bad, await ask(sentry.apiUrl, { ...good, ...bad })]).toEqual([bad, { detail: expect.any(String) }]);
  }
});

async function ask(url: string, query: Readonly<Record<string, string | readonly string[]>>): Promise<unknown> {
  const asked = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])),
  );
  const response = await fetch(`${url}/api/0/organizations/acme/sessions/?${asked.toString()}`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  return response.json();
}
