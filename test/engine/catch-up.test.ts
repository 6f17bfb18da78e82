import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startSandboxGitHub, type SandboxGitHub } from "../../sandbox/github/server.ts";
import { runOf } from "../../src/db/runs.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import { catchUp } from "../../src/engine/catch-up.ts";
import { loadCardModel } from "../../src/engine/card-model.ts";
import { createChores } from "../../src/engine/chores.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { askForLost } from "../../src/engine/lost.ts";
import { createGitHub } from "../../src/github/client.ts";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { githubWebhook } from "../../src/github/webhook.ts";
import { startHttp } from "../../src/http/server.ts";
import { webhookRoutes } from "../../src/http/webhook-route.ts";
import type { Delivery } from "../../src/http/webhook-source.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { listeningLog } from "../github/far-side.ts";
import { SECRET, silent } from "../http/world.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { until } from "../support/until.ts";

/** GitHub's look-alike, our own port that can be down, and two replicas on one database. */
let desk: Desk;
let sandbox: SandboxGitHub;
let folder: string;
let one: Engine;
let other: Engine;
let http: Awaited<ReturnType<typeof listen>> | null = null;
let port = 0;
const asked: string[] = [];
const SENDER = { source: "github", connection: "default" };

const ready = async () => ({ ok: true, because: [] });

async function listen() {
  const sources = [githubWebhook({ connection: "default", secret: SECRET })];
  return startHttp({ port, host: "127.0.0.1", routes: webhookRoutes({ sources, store, log: silent }), log: silent, ready });
}

const counting: typeof fetch = (input, init) => {
  asked.push(`${init?.method ?? "GET"} ${String(input instanceof Request ? input.url : input)}`);
  return fetch(input, init);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "engine-catch-up-"));
  desk = await openDesk();
  const replicas = [(await desk.open("one")).engine, (await desk.open("other")).engine];
  const [first, second] = replicas;
  if (first === undefined || second === undefined) throw new Error("two replicas are needed");
  one = first;
  http = await listen();
  port = Number(new URL(http.url).port);
  sandbox = await startSandboxGitHub({
    folder,
    repository: "acme/shop",
    webhook: { url: `${http.url}/webhooks/github`, secret: SECRET },
    token: "ghp_sandbox",
    stageSeconds: { build: 0.05, unit: 0.05, integration: 0.05, acceptance: 0.05 },
  });
  const account = { apiUrl: sandbox.apiUrl, token: "ghp_sandbox", app: null, log: listeningLog(), fetch: counting };
  const [hereAsked, thereAsked] = [createGitHub(account), createGitHub(account)];
  one = { ...first, codeHost: () => hereAsked };
  other = { ...second, codeHost: () => thereAsked };
});
beforeEach(() => void asked.splice(0));
afterAll(async () => {
  await http?.close();
  await sandbox.close();
  await desk[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function down(): Promise<void> {
  await http?.close();
  http = null;
}

async function up(): Promise<void> {
  http ??= await listen();
}

async function pushed(): Promise<Sha> {
  const revision = parseSha((await sandbox.push({ kind: "good", author: "bob" })).sha);
  if (revision === null) throw new Error("the sandbox made no commit");
  return revision;
}

/** All that GitHub had to say of the revision was tried. */
async function told(revision: Sha): Promise<void> {
  await until(
    () => {
      const run = sandbox.state().runs.find(({ sha }) => sha === revision);
      const last = sandbox.deliveries().some(({ body }) => body.includes(revision) && body.includes('"action":"completed","workflow_run"'));
      return run?.status === "completed" && last;
    },
    () => `the run of ${revision} does not end`,
  );
}

async function store({ id, event, headers, body }: Omit<Delivery, "result" | "reason">): Promise<"stored" | "duplicate"> {
  const rows = await desk.database.pool.query(
    "insert into deliveries (source, connection, id, event, headers, body, received_at) values ('github', 'default', $1, $2, $3, $4, now()) on conflict do nothing",
    [id, event, JSON.stringify(headers), body],
  );
  return rows.rowCount === 1 ? "stored" : "duplicate";
}

/** What came in is folded into the runs. */
async function digest(): Promise<void> {
  const rows = await desk.database.pool.query<{ id: string; event: string; body: Buffer }>(
    "update deliveries set result = 'accepted' where result is null returning id, event, body",
  );
  for (const { event, body } of rows.rows) {
    const read = normaliseGitHub(event, body);
    if (read.kind === "events") await ingest(one, SENDER, read.events);
  }
}

async function stateOf(revision: Sha): Promise<readonly string[]> {
  const stored = await runOf(one.db, "shop", revision);
  return stored === null ? [] : stored.run.workflows.flatMap(({ status, jobs }) => [status, ...jobs.map((job) => job.status)]);
}

const PASSED = ["passed", "passed", "passed", "passed"];

/** A commit of which only the beginning arrived: its push, its run and a stage that runs. GitHub has long seen the end of it. */
async function halfHeard(): Promise<Sha> {
  await down();
  const revision = await pushed();
  await told(revision);
  const about = sandbox.deliveries().filter(({ body, redelivery }) => body.includes(revision) && !redelivery);
  const first = (event: string, action: string | null) => about.findLast((sent) => sent.event === event && sent.action === action);
  for (const sent of [first("push", null), first("workflow_run", "requested"), first("workflow_job", "in_progress")]) {
    if (sent === undefined) throw new Error("the sandbox did not send it");
    await store({ ...SENDER, id: sent.guid, event: sent.event, headers: {}, body: Buffer.from(sent.body) });
  }
  await digest();
  expect(await stateOf(revision)).toEqual(["queued", "running"]);
  return revision;
}

test("what GitHub could not hand over while nobody listened is asked for at the start, once, by one of two replicas", async () => {
  const before = await pushed();
  await told(before);
  await digest();
  expect(await stateOf(before)).toEqual(PASSED);
  await down();
  const missed = await pushed();
  await told(missed);
  const failed = sandbox.deliveries().filter(({ statusCode }) => statusCode === 0);
  expect(failed.length).toBeGreaterThan(6);
  await up();
  const replicas = [createChores(one), createChores(other)];
  for (const replica of replicas) replica.look();
  for (const replica of replicas) await replica.settled();
  // The newest commit was compared at once; its push, and who pushed it, come with the webhooks.
  expect(await stateOf(missed)).toEqual(PASSED);
  await until(
    () => new Set(again().map(({ guid }) => guid)).size === failed.length && again().every(({ statusCode }) => statusCode === 202),
    () => `${again().length} of ${failed.length} were delivered again`,
  );
  expect(again()).toHaveLength(failed.length);
  await digest();
  expect(await stateOf(missed)).toEqual(PASSED);
  expect((await runOf(one.db, "shop", missed))?.run.push?.pusher.login).toBe("bob-acme");
  // All of it is here now: nothing is asked for a second time.
  await askForLost(one);
  expect(again()).toHaveLength(failed.length);
});

function again() {
  return sandbox.deliveries().filter(({ redelivery }) => redelivery);
}

test("an open run is compared by one of two replicas, and goes on where GitHub has gone", async () => {
  const revision = await halfHeard();
  await desk.database.pool.query("delete from chores where name = 'compare open runs'");
  const replicas = [createChores(one), createChores(other)];
  for (const replica of [...replicas, ...replicas]) replica.look();
  for (const replica of replicas) await replica.settled();
  expect(await stateOf(revision)).toEqual(PASSED);
  expect(asked.filter((request) => request.includes(`head_sha=${revision}`))).toHaveLength(1);
});

test("while GitHub is away nothing is changed, it is asked once a round, and the card says so", async () => {
  const revisions = [await halfHeard(), await halfHeard()];
  await silentFor("40 minutes");
  expect(await lineOf(revisions[0])).toBe(":double_vertical_bar: *No word from CI* for 40 min");
  asked.splice(0);
  sandbox.fail({ status: 503, forMs: 3_600_000 });
  await catchUp(one);
  for (const revision of revisions) expect(await stateOf(revision)).toEqual(["queued", "running"]);
  // Once, and once more because a reading may be repeated.
  expect(asked.filter((request) => request.includes("/actions/runs?")).length).toBeLessThanOrEqual(2);
  expect(await lineOf(revisions[0])).toBe(":double_vertical_bar: *No word from CI* for 40 min; asked GitHub: it does not answer");
  sandbox.fail({ status: 200, forMs: 0 });
  const host = one.codeHost({ kind: "github", connection: "default" });
  // GitHub shows what we know: it runs still.
  await catchUp({ ...one, codeHost: () => ({ ...host, reread: async (_repository, run) => run }) });
  expect(await lineOf(revisions[0])).toBe(":double_vertical_bar: *No word from CI* for 40 min; asked GitHub: still running");
  await catchUp(one);
  for (const revision of revisions) expect([await stateOf(revision), await lineOf(revision)]).toEqual([PASSED, null]);
});

async function silentFor(time: string): Promise<void> {
  await desk.database.pool.query(`update runs set updated_at = now() - interval '${time}', asked_at = null`);
}

/** What the run's card says of the silence; null: nothing. */
async function lineOf(revision: Sha | undefined): Promise<string | null> {
  const rows = await desk.database.pool.query<{ id: string }>(
    "select c.id from cards c join runs r on r.id = c.run_id where r.revision = $1",
    [revision],
  );
  const loaded = await loadCardModel(one, rows.rows[0]?.id ?? "");
  if (loaded === null) throw new Error(`${revision} has no card`);
  const drawn = JSON.stringify(renderCard(loaded.model, { now: new Date(), timezone: "UTC" }));
  return /:double_vertical_bar: \*No word from CI\*[^"\\]*/.exec(drawn)?.[0] ?? null;
}
