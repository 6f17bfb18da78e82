import { afterAll, beforeAll, expect, test } from "vitest";
import { deploymentById, openDeployments } from "../../src/db/deployments.ts";
import { runOf } from "../../src/db/runs.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import type { JobEvent, PipelineEvent, StageStatus, WorkflowEvent } from "../../src/domain/pipeline.ts";
import { apply } from "../../src/engine/apply.ts";
import { consider } from "../../src/engine/consider.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { mark } from "../../src/engine/mark.ts";
import { recheck } from "../../src/engine/recheck.ts";
import type { CommitStatus } from "../../src/ports.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { PRODUCTION, rollBack, standingOf } from "../support/engine-world.ts";

let desk: Desk;
let engine: Engine;
const marks: Parameters<CommitStatus["mark"]>[0][] = [];
let away = false;

beforeAll(async () => {
  desk = await openDesk();
  const bot = await desk.open("one");
  const host = {
    ...bot.far.codeHost,
    mark: async (input: (typeof marks)[number]) => {
      if (!away) marks.push(input);
      return !away;
    },
  };
  engine = { ...bot.engine, codeHost: () => host };
});
afterAll(() => desk[Symbol.asyncDispose]());

function revisionOf(digit: string): Sha {
  const revision = parseSha(digit.repeat(40));
  if (revision === null) throw new Error(`${digit} makes no revision`);
  return revision;
}

const AT = new Date("2026-03-02T09:00:00Z");

function said(revision: Sha, status: StageStatus, over: Partial<WorkflowEvent> = {}): readonly PipelineEvent[] {
  const common = {
    repository: "acme/shop",
    workflowRun: revision.slice(0, 4),
    attempt: 1,
    branch: "main",
    revision,
    status,
    reopens: false,
  };
  const workflow: WorkflowEvent = {
    ...common,
    kind: "workflow",
    provider: "github",
    name: "CI",
    path: null,
    trigger: "push",
    tag: false,
    ownRepository: true,
    parent: null,
    url: "https://github.test/77",
    startedAt: null,
    updatedAt: AT,
    ...over,
  };
  const job: JobEvent = {
    ...common,
    kind: "job",
    job: "1",
    name: "unit",
    stage: null,
    workflowName: "CI",
    allowFailure: false,
    url: null,
    startedAt: null,
    finishedAt: status === "passed" ? AT : null,
    updatedAt: AT,
  };
  return [workflow, job];
}

/** What CI says is folded, considered and told, as the jobs would do it. */
async function heard(revision: Sha, status: StageStatus, over: Partial<WorkflowEvent> = {}): Promise<void> {
  await ingest(engine, { source: "github", connection: "default" }, said(revision, status, over));
  const stored = await runOf(engine.db, "shop", revision);
  if (stored === null) throw new Error("nothing was stored");
  await consider(engine, stored.run.id);
  await mark(engine, stored.run.id);
}

async function marked(revision: Sha): Promise<string | null> {
  const stored = await runOf(engine.db, "shop", revision);
  if (stored === null) throw new Error("nothing was stored");
  await mark(engine, stored.run.id);
  const last = marks.findLast((one) => one.revision === revision);
  return last === undefined ? null : `${last.context} ${last.state} ${last.description}`;
}

async function newest(): Promise<DeploymentId> {
  const id = (await openDeployments(engine.db, PRODUCTION)).at(-1)?.id;
  if (id === undefined) throw new Error("nothing is open");
  return id;
}

/** The runs that were to be marked anew; none is any more. */
async function takeMarkJobs(): Promise<readonly string[]> {
  const jobs = await desk.database.pool.query<{ run: string }>("delete from pgboss.job where name = 'mark' returning data->>'run' as run");
  return jobs.rows.map(({ run }) => run);
}

test("a commit's mark says what it lacks, that it is ready, live, and that it was taken back; each once", async () => {
  const [first, second] = [revisionOf("1"), revisionOf("2")];
  let last = { id: "" as DeploymentId, number: "" };
  for (const revision of [first, second]) {
    await heard(revision, "running");
    expect(await marked(revision)).toBe("greenlight/production pending Not ready for production: Stage unit is running");
    await heard(revision, "passed");
    const id = await newest();
    const asked = await deploymentById(engine.db, id);
    if (asked === null) throw new Error("it vanished");
    const number = `#${asked.number}`;
    expect(await marked(revision)).toBe(`greenlight/production success Ready for production: ${number} waits for a yes`);
    const digest = digestOf({ revision, environment: PRODUCTION, planHash: asked.planHash });
    await apply(engine, PRODUCTION, {
      kind: "approve",
      standing: standingOf("UPETRA"),
      deployment: id,
      digest,
      override: null,
      approverNames: [],
    });
    await recheck(engine, PRODUCTION);
    expect(await marked(revision)).toBe(`greenlight/production pending ${number} is being deployed to production`);
    await apply(engine, PRODUCTION, { kind: "steps_ended", deployment: id, outcome: { kind: "done" }, id: engine.newId() as DeploymentId });
    expect(await marked(revision)).toBe(`greenlight/production success Deployed to production (${number})`);
    last = { id, number };
  }
  const back = await rollBack(engine, last.id);
  expect(await marked(second)).toBe(`greenlight/production success Deployed to production (${last.number})`);
  await takeMarkJobs();
  await apply(engine, PRODUCTION, {
    kind: "steps_ended",
    deployment: back.id,
    outcome: { kind: "done" },
    id: engine.newId() as DeploymentId,
  });
  expect(await takeMarkJobs()).toContain((await runOf(engine.db, "shop", second))?.run.id);
  expect(await marked(second)).toBe(`greenlight/production failure Rolled back from production (${last.number})`);
  expect(marks).toHaveLength(9);
  // The repository may be public: nobody's name and nobody's words.
  expect(JSON.stringify(marks)).not.toMatch(/UPETRA|it is broken/);
});

test("what another branch or a pull request built gets no mark", async () => {
  const revision = revisionOf("3");
  await heard(revision, "passed", { trigger: "pull_request", branch: "feature" });
  expect(await marked(revision)).toBeNull();
});

test("a mark that could not be set is set later, as it is then", async () => {
  const revision = revisionOf("4");
  away = true;
  await heard(revision, "running");
  const waiting = await desk.database.pool.query(
    "select 1 from pgboss.job where name = 'mark' and start_after > now() + interval '30 seconds'",
  );
  expect(waiting.rowCount).toBe(1);
  away = false;
  await heard(revision, "passed");
  expect(marks.filter((one) => one.revision === revision)).toHaveLength(1);
  expect(await marked(revision)).toMatch(/success Ready for production: #\d+ waits for a yes/);
});
