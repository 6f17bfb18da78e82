import { afterAll, beforeAll, expect, test } from "vitest";
import { runOf } from "../../src/db/runs.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import type { TestsEvent } from "../../src/domain/pipeline.ts";
import { testsOf } from "../../src/domain/pipeline/tests.ts";
import { fetchTests } from "../../src/engine/fetch-tests.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { A, runBody } from "../github/bodies.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { configOf, type Replica } from "../support/engine-replica.ts";

const GITHUB = { source: "github", connection: "default" };
const NAME = "test_patient_Jan_Peeters_85.07.30";

let desk: Desk;
let bot: Replica;
beforeAll(async () => {
  desk = await openDesk();
  bot = await desk.open("one");
});
afterAll(() => desk[Symbol.asyncDispose]());

function sha(text: string): Sha {
  const revision = parseSha(text);
  if (revision === null) throw new Error("no revision");
  return revision;
}

async function ended(revision: string, engine = bot.engine): Promise<void> {
  const read = normaliseGitHub("workflow_run", Buffer.from(JSON.stringify(runBody({ head_sha: revision }))));
  if (read.kind !== "events") throw new Error("it is no event");
  await ingest(engine, GITHUB, read.events);
}

function report(revision: string): TestsEvent {
  const failures = [{ name: NAME, file: "test/cart.py", line: 3, flaky: false }];
  const place = { repository: "acme/shop", revision: sha(revision), workflowRun: "30433642", attempt: 1, job: null, url: null };
  return { kind: "tests", ...place, total: 4, failed: 1, skipped: 0, flaky: 0, failures, at: new Date() };
}

async function jobs(): Promise<readonly { readonly run: string }[]> {
  const { rows } = await desk.database.pool.query<{ data: { run: string } }>(
    "select data from pgboss.job where name = 'tests' and state = 'created'",
  );
  return rows.map(({ data }) => data);
}

test("after a workflow ended its tests are asked for once, and kept with the run", async () => {
  await ended(A);
  await ended(A);
  const stored = await runOf(bot.engine.db, "shop", sha(A));
  if (stored === null) throw new Error("no run");
  expect(await jobs()).toEqual([{ run: stored.run.id }]);
  const asked: unknown[] = [];
  const engine = {
    ...bot.engine,
    codeHost: () => ({
      ...bot.far.codeHost,
      tests: async (repository: string) => {
        asked.push(repository);
        return [report(A)];
      },
    }),
  };
  await fetchTests(engine, stored.run.id);
  expect(asked).toEqual(["acme/shop"]);
  const now = await runOf(bot.engine.db, "shop", sha(A));
  expect(now === null ? null : testsOf(now.run)).toMatchObject({ total: 4, failed: 1, failures: [{ name: NAME, line: 3 }] });
  // A provider that cannot be asked changes nothing, and fails no job.
  await fetchTests(bot.engine, stored.run.id);
  expect(bot.faults).toEqual([]);
});

test("under strict privacy no name of a test reaches the database", async () => {
  const strict = configOf(desk.settings.config.replace("    channel:", "    privacy: strict\n    channel:"));
  const engine = { ...bot.engine, config: strict };
  const revision = "c".repeat(40);
  await ended(revision, engine);
  await ingest(engine, GITHUB, [report(revision)]);
  const { rows } = await desk.database.pool.query<{ body: unknown }>("select body from runs where revision = $1", [revision]);
  expect(JSON.stringify(rows)).not.toContain("Peeters");
  const stored = await runOf(engine.db, "shop", sha(revision));
  expect(stored === null ? null : testsOf(stored.run)).toMatchObject({ total: 4, failed: 1, failures: [] });
});
