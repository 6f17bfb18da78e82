import { captureException, close, init, startInactiveSpan, withScope } from "@sentry/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startSandboxSentry } from "../../sandbox/sentry/server.ts";
import type { SandboxSentry } from "../../sandbox/sentry/server.ts";
import type { Measurement } from "../../src/domain/measurement.ts";
import { judge } from "../../src/domain/verdict/judge.ts";
import { worstFirst } from "../../src/domain/verdict/worst-issue.ts";
import { createMonitors } from "../../src/monitors/monitors.ts";
import { createSentryClient } from "../../src/sentry/client.ts";
import { atTheNeighbours } from "./neighbour.ts";
import { RELEASE, REVISION, TOKEN, WATCH, look } from "./sentry-answers.ts";

const DEPLOYMENT = "0195f3a2-7c11-7000-8000-000000000813";
let sentry: SandboxSentry;

beforeEach(async () => {
  sentry = await startSandboxSentry({ org: "acme", project: "shop", token: TOKEN });
});
afterEach(() => sentry.close());

test("errors that the real SDK sends become an act, and the end of silence is known", async () => {
  await raise({ release: `shop@${"a".repeat(40)}`, people: ["ann"], fault: () => new Error("slow supplier"), handled: true });
  const liveAt = new Date();
  const monitors = monitorsOf(sentry);
  const announced = { revision: REVISION, previous: null, repository: "acme/shop", startedAt: liveAt, liveAt, deployment: DEPLOYMENT };
  expect(await monitors.announce(WATCH, announced)).toBeNull();
  expect(await monitors.announce(WATCH, announced)).toBeNull();
  expect(sentry.releases().find(({ version }) => version === RELEASE)?.deploys).toMatchObject([{ name: DEPLOYMENT }]);

  const quiet = await monitors.sentry(WATCH, look({ look: 1, liveAt, now: after(liveAt) }));
  expect(quiet).toMatchObject({ kind: "errors", signal: "proven", before: { events: 1 }, after: { events: 0 }, newIssues: [] });
  expect(verdictOf(liveAt, [quiet])).toMatchObject({ kind: "inconclusive", why: "No problem seen so far" });

  await raise({ release: RELEASE, people: ["ann", "bob", "ann"], fault: () => new RangeError("no such basket"), handled: false });
  const broken = await monitors.sentry(WATCH, look({ look: 2, liveAt, now: after(liveAt) }));
  expect(broken).toMatchObject({
    after: { events: 3, users: 2 },
    newIssues: [{ title: "RangeError: no such basket", events: 3, users: 2, unhandled: true }],
  });
  expect(verdictOf(liveAt, [quiet, broken])).toMatchObject({ kind: "regressed", level: "act", ongoing: true });
  expect(verdictOf(liveAt, [quiet, broken]).why).toMatch(/New unhandled error: RangeError: no such basket in .*, 3 times, 2 people hit/i);
});

test("an error that was resolved and is back with the release is offered", async () => {
  await raise({ release: `shop@${"a".repeat(40)}`, people: ["ann"], fault: soldOut, handled: false });
  const known = sentry.issues().find(({ type }) => type === "URIError");
  sentry.resolve(known?.id ?? 0);
  const liveAt = new Date();
  await raise({ release: RELEASE, people: ["ann", "bob", "cid"], fault: soldOut, handled: false });
  const seen = await monitorsOf(sentry).sentry(WATCH, look({ liveAt, now: after(liveAt) }));
  expect(seen).toMatchObject({ newIssues: [{ id: String(known?.id), events: 3, users: 3, again: { how: "regressed" } }] });
  expect(verdictOf(liveAt, [seen])).toMatchObject({ kind: "regressed", level: "propose" });
  expect(verdictOf(liveAt, [seen]).why).toMatch(/^An error that was resolved is back: URIError: sold out/);

  sentry.suspect(known?.id ?? 0, { commit: "c0ffee00".repeat(5), author: "Ann Lee" });
  sentry.escalate(known?.id ?? 0);
  const grown = await monitorsOf(sentry).sentry(WATCH, look({ liveAt, now: after(liveAt) }));
  expect(grown).toMatchObject({
    newIssues: [{ again: { how: "escalating" }, suspect: { revision: "c0ffee00".repeat(5), author: "Ann Lee" } }],
  });
});

test("requests that the real SDK traces are counted, timed, and known to have failed", async () => {
  // At a whole minute, as Sentry's intervals are.
  const liveAt = new Date(Math.floor(Date.now() / 60_000) * 60_000 - 180_000);
  const earlier = new Date(liveAt.getTime() - 600_000);
  await trace({ release: `shop@${"a".repeat(40)}`, startedAt: earlier, requests: 60, lastsMs: 100, failing: 0 });
  await trace({ release: RELEASE, startedAt: new Date(liveAt.getTime() + 60_000), requests: 60, lastsMs: 450, failing: 15 });
  const seen = await monitorsOf(sentry).sentry(WATCH, look({ liveAt, now: after(liveAt), baselineMs: 660_000, everyMs: 60_000 }));
  // Fewer than fifty a minute before: they are not worth comparing.
  expect(seen).not.toHaveProperty("transactions");
  await trace({ release: `shop@${"a".repeat(40)}`, startedAt: earlier, requests: 600, lastsMs: 100, failing: 0 });
  const busy = await monitorsOf(sentry).sentry(WATCH, look({ liveAt, now: after(liveAt), baselineMs: 660_000, everyMs: 60_000 }));
  expect(busy).toMatchObject({ transactions: { perMinuteBefore: 60 } });
  const told = busy.kind === "errors" ? busy.transactions?.before?.find(({ count }) => count > 0) : undefined;
  expect(told).toMatchObject({ count: 660, failed: 0, p95Ms: 100 });
  const soon = new Date(liveAt.getTime() + 125_000);
  const then = await monitorsOf(sentry).sentry(WATCH, look({ liveAt, now: soon, baselineMs: 660_000, everyMs: 60_000 }));
  expect(then).toMatchObject({ transactions: { newest: { count: 60, failed: 15, p95Ms: 450 } } });
});

test("the rarer error of a file that the deployment changes is told first, and its commit is asked for", async () => {
  const liveAt = new Date();
  await raise({ release: RELEASE, people: ["ann", "ann", "ann"], fault: atTheNeighbours, handled: false });
  await raise({ release: RELEASE, people: ["bob"], fault: soldOut, handled: false });
  const ours = sentry.issues().find(({ type }) => type === "URIError");
  sentry.suspect(ours?.id ?? 0, { commit: "c0ffee00".repeat(5), author: "Ann Lee" });
  const known = { files: ["monitors/neighbour.mts", "monitors/real-sdk.test.ts"], directories: [] };
  const seen = await monitorsOf(sentry).sentry(WATCH, look({ liveAt, now: after(liveAt), code: known }));
  if (seen.kind !== "errors") throw new Error(`expected errors, got ${seen.kind}`);
  expect(worstFirst(seen.newIssues)).toMatchObject([
    { title: "URIError: sold out", events: 1, changedFiles: ["monitors/real-sdk.test.ts"], suspect: { author: "Ann Lee" } },
    { title: "EvalError: the neighbour is away", events: 3 },
  ]);
  expect(seen.newIssues.filter(({ changedFiles }) => changedFiles !== undefined)).toHaveLength(1);
  expect(verdictOf(liveAt, [seen]).why).toMatch(/^New unhandled error: URIError: sold out in .*, in a file that this deployment changes/u);

  const unknown = await monitorsOf(sentry).sentry(WATCH, look({ liveAt, now: after(liveAt) }));
  expect(verdictOf(liveAt, [unknown]).why).toMatch(/^New unhandled error: EvalError: .*, 3 times, 1 person hit$/u);
});

test("errors that strangers send are offered, never acted upon", async () => {
  const liveAt = new Date();
  const stranger = { release: RELEASE, people: ["eve", "mallory", "trudy"], server: "laptop", handled: false };
  await raise({ ...stranger, fault: () => new SyntaxError("sent from elsewhere") });
  const seen = await monitorsOf(sentry).sentry(WATCH, look({ liveAt, now: after(liveAt) }));
  expect(seen).toMatchObject({ origin: { kind: "servers", events: 0, all: 3, users: 0 } });
  expect(verdictOf(liveAt, [seen])).toMatchObject({ kind: "regressed", level: "propose", ongoing: true });
  expect(verdictOf(liveAt, [seen]).lacks).toBe("none of them names a deployed server as its sender");
});

test("a Sentry that fails in the middle of a watch is a gap", async () => {
  const liveAt = new Date(Date.now() - 60_000);
  sentry.fail({ status: 503, forMs: 60_000 });
  const seen = await monitorsOf(sentry).sentry(WATCH, look({ liveAt, now: new Date() }));
  sentry.fail({ status: 200, forMs: 0 });
  expect(seen).toMatchObject({ kind: "gap", because: "Sentry failed (HTTP 503)" });
});

function monitorsOf(world: SandboxSentry) {
  const client = createSentryClient({ url: world.apiUrl, token: TOKEN, organization: "acme", now: () => new Date() });
  return createMonitors({
    sources: () => client,
    report: (fault) => {
      throw new Error("a monitor reported a fault", { cause: fault });
    },
  });
}

function verdictOf(liveAt: Date, measurements: readonly Measurement[]) {
  const clock = { liveAt, until: new Date(liveAt.getTime() + 1_800_000), now: new Date() };
  return judge({ forMs: 1_800_000, everyMs: 60_000 }, measurements, clock);
}

async function trace(app: {
  readonly release: string;
  readonly startedAt: Date;
  readonly requests: number;
  readonly lastsMs: number;
  readonly failing: number;
}) {
  init({ dsn: sentry.dsn, release: app.release, environment: "production", tracesSampleRate: 1, defaultIntegrations: false });
  for (let request = 0; request < app.requests; request += 1) {
    const span = startInactiveSpan({ name: "GET /basket", op: "http.server", startTime: app.startedAt, forceTransaction: true });
    if (request < app.failing) span.setStatus({ code: 2, message: "internal_error" });
    span.end(new Date(app.startedAt.getTime() + app.lastsMs));
  }
  await close(20_000);
}

function soldOut(): Error {
  return new URIError("sold out");
}

/** A moment after everything that has been sent, and never the moment of going live itself. */
function after(liveAt: Date): Date {
  return new Date(Math.max(Date.now(), liveAt.getTime()) + 1);
}

async function raise(app: {
  readonly release: string;
  readonly people: readonly string[];
  readonly fault: () => Error;
  readonly handled: boolean;
  readonly server?: string;
}) {
  init({
    dsn: sentry.dsn,
    release: app.release,
    environment: "production",
    serverName: app.server ?? "web-1.acme.test",
    defaultIntegrations: false,
  });
  for (const id of app.people) {
    withScope((scope) => {
      scope.setUser({ id });
      captureException(app.fault(), { mechanism: { type: "generic", handled: app.handled } });
    });
  }
  await close(20_000);
}
