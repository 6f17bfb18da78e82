import { afterAll, beforeAll, expect, test } from "vitest";
import { openDeployments } from "../../src/db/deployments.ts";
import { runOf } from "../../src/db/runs.ts";
import { environmentId, parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import type { JobEvent, PipelineEvent, Run, StageStatus, WorkflowEvent } from "../../src/domain/pipeline.ts";
import { apply } from "../../src/engine/apply.ts";
import { catchUp } from "../../src/engine/catch-up.ts";
import { consider, reconsider } from "../../src/engine/consider.ts";
import { loadCardModel } from "../../src/engine/card-model.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";
import type { Replica } from "../support/engine-replica.ts";

const GITHUB = { source: "github", connection: "default" };
const STAGING = environmentId("shop", "staging");
const PRODUCTION = environmentId("shop", "production");
const target = (name: string): string => `target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/${name}, recipe: django }`;
const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      staging:
        deploy: automatically
        url: https://staging.acme.test
        acceptance: { stage: acceptance, start: acceptance.yml }
        ${target("staging")}
      production:
        requires: [acceptance]
        after: { environment: staging, for: 0s }
        approval: { from: ["@product-owners"], count: 1, expires: 24h }
        ${target("production")}
`;
const MINUTE = 60_000;

let desk: Desk;
let bot: Replica;
beforeAll(async () => {
  desk = await openDesk();
  bot = await desk.open("one", { config: CONFIG });
});
afterAll(() => desk[Symbol.asyncDispose]());

function revision(letter: string): Sha {
  const parsed = parseSha(letter.repeat(40));
  if (parsed === null) throw new Error(`${letter} makes no revision`);
  return parsed;
}

/** A workflow run of the branch, checked out at `head`. */
function workflow(workflowRun: string, head: Sha, job: { name: string; status: StageStatus; at: Date }): readonly PipelineEvent[] {
  const shared = { repository: "acme/shop", workflowRun, attempt: 1, branch: "main", revision: head, status: job.status };
  const rest = { reopens: false, url: null, startedAt: job.at, updatedAt: job.at };
  const run: WorkflowEvent = {
    kind: "workflow",
    ...shared,
    ...rest,
    provider: "github",
    name: "Acceptance",
    path: ".github/workflows/acceptance.yml",
    trigger: "workflow_dispatch",
    tag: false,
    ownRepository: true,
    parent: null,
  };
  const told: JobEvent = {
    kind: "job",
    ...shared,
    ...rest,
    job: `job-${workflowRun}`,
    name: job.name,
    stage: null,
    workflowName: "Acceptance",
    allowFailure: false,
    finishedAt: job.status === "passed" ? job.at : null,
  };
  return [run, told];
}

/** Staging gets it, as its hosts would say. */
async function onStaging(version: Sha): Promise<DeploymentId> {
  const { engine } = bot;
  const id = engine.newId() as DeploymentId;
  await ingest(engine, GITHUB, workflow(`ci-${version.slice(0, 4)}`, version, { name: "unit", status: "passed", at: engine.clock() }));
  const stored = await runOf(engine.db, "shop", version);
  if (stored === null) throw new Error("no run");
  const candidate = { revision: version, runId: stored.run.id, since: engine.clock(), position: stored.position };
  await apply(engine, STAGING, { kind: "offer", candidate, changes: NO_CHANGES, containsBlocked: null, id });
  await apply(engine, STAGING, { kind: "recheck", entitled: null, asked: [id], unfit: {}, id: engine.newId() as DeploymentId });
  await apply(engine, STAGING, { kind: "steps_ended", deployment: id, outcome: { kind: "done" }, id: engine.newId() as DeploymentId });
  await reconsider(engine, STAGING);
  return id;
}

/** The provider lists a run under the commit that it checked out: of one that we started for an older version it knows nothing there. */
async function reread(_repository: string, run: Run): Promise<Run> {
  return { ...run, workflows: run.workflows.filter(({ workflowRun }) => workflowRun !== "acceptance-1") };
}

async function forProduction(version: Sha): Promise<readonly Sha[]> {
  const stored = await runOf(bot.engine.db, "shop", version);
  const engine = { ...bot.engine, codeHost: () => ({ ...bot.far.codeHost, reread }) };
  if (stored !== null) await consider(engine, stored.run.id);
  return (await openDeployments(bot.engine.db, PRODUCTION)).map((deployment) => deployment.revision);
}

function inMinutes(minutes: number): Date {
  return new Date(bot.engine.clock().getTime() + minutes * MINUTE);
}

test("once staging is live its acceptance is started, once, and told what it is to test", async () => {
  const a = revision("a");
  const id = await onStaging(a);
  await reconsider(bot.engine, STAGING);
  expect(bot.far.started).toEqual([{ revision: a, environment: "staging", deployment: id, url: "https://staging.acme.test" }]);
});

test("its result speaks for what was deployed, though the branch was further by then", async () => {
  const [a, head] = [revision("a"), revision("b")];
  await ingest(bot.engine, GITHUB, workflow("acceptance-1", head, { name: "acceptance", status: "running", at: inMinutes(1) }));
  expect(await forProduction(a)).toEqual([]);
  await ingest(bot.engine, GITHUB, workflow("acceptance-1", head, { name: "acceptance", status: "passed", at: inMinutes(3) }));
  expect(await runOf(bot.engine.db, "shop", head)).toBeNull();
  expect(await forProduction(a)).toEqual([a]);
});

test("the deployment's card says that it is ready", async () => {
  const { rows } = await bot.engine.db.execute<{ id: string }>("select id from cards where deployment_id is not null");
  const drawn = await loadCardModel(bot.engine, rows[0]?.id ?? "");
  expect(drawn?.model).toMatchObject({ kind: "deployment", ready: true });
});

test("what staging moved on from while it was tested is stale, and the card says so", async () => {
  const [c, d] = [revision("c"), revision("d")];
  await onStaging(c);
  await ingest(bot.engine, GITHUB, workflow("acceptance-2", c, { name: "acceptance", status: "running", at: bot.engine.clock() }));
  await onStaging(d);
  await ingest(bot.engine, GITHUB, workflow("acceptance-2", c, { name: "acceptance", status: "passed", at: inMinutes(5) }));
  expect(await forProduction(c)).not.toContain(c);
  const { rows } = await bot.engine.db.execute<{ id: string }>(
    `select c.id from cards c join runs r on r.id = c.run_id where r.revision = '${c}'`,
  );
  const drawn = await loadCardModel(bot.engine, rows[0]?.id ?? "");
  expect(drawn?.model.kind === "run" ? drawn.model.path.map((entry) => entry.doubt ?? null) : []).toEqual([
    null,
    `Stage acceptance is stale: staging got another version (${d.slice(0, 7)}) while it ran.`,
  ]);
  expect(bot.far.started.map((inputs) => inputs["revision"])).toEqual([revision("a"), c, d]);
});

test("a comparison with the code host leaves it where it speaks, and gives none of it to the commit that was checked out", async () => {
  const [e, head] = [revision("e"), revision("f")];
  await onStaging(e);
  const started = `acceptance-${bot.far.started.length}`;
  await ingest(bot.engine, GITHUB, workflow(started, head, { name: "acceptance", status: "running", at: inMinutes(1) }));
  await ingest(bot.engine, GITHUB, workflow("ci-head", head, { name: "unit", status: "running", at: inMinutes(1) }));
  const its = (await runOf(bot.engine.db, "shop", e))?.run.workflows.filter(({ workflowRun }) => workflowRun === started) ?? [];
  const listed = async (_repository: string, run: Run): Promise<Run> => {
    const others = run.workflows.filter(({ workflowRun }) => workflowRun !== started);
    return { ...run, workflows: run.revision === head ? [...others, ...its] : others };
  };
  await catchUp({ ...bot.engine, codeHost: () => ({ ...bot.far.codeHost, reread: listed }) });
  const known = async (version: Sha) => (await runOf(bot.engine.db, "shop", version))?.run.workflows.map(({ workflowRun }) => workflowRun);
  expect(await known(e)).toEqual([`ci-${e.slice(0, 4)}`, started]);
  expect(await known(head)).toEqual(["ci-head"]);
});
