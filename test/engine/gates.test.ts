import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { deploymentById, openDeployments } from "../../src/db/deployments.ts";
import { openGates } from "../../src/db/gates.ts";
import { runOf } from "../../src/db/runs.ts";
import type { Deployment } from "../../src/domain/deployment.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import type { DeployedEvent, GateAskedEvent, JobEvent, PipelineEvent, WorkflowEvent } from "../../src/domain/pipeline.ts";
import { apply, type Applied } from "../../src/engine/apply.ts";
import { deploymentCard } from "../../src/engine/card-model.ts";
import { consider } from "../../src/engine/consider.ts";
import { drive } from "../../src/engine/drive.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { carryGate, sweepGates } from "../../src/engine/gates.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { recheck } from "../../src/engine/recheck.ts";
import type { Gates } from "../../src/ports.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { PRODUCTION, standingOf } from "../support/engine-world.ts";

const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      production:
        requires: [unit]
        deploy: by_ci
        by_ci: { environment: Live }
        approval: { from: ["@product-owners"], count: 1, expires: 24h }
`;
const SENDER = { source: "github", connection: "default" };
const AT = new Date("2026-03-02T09:00:00Z");
type Told = Parameters<Gates["answerGate"]>[0];

let desk: Desk;
let one: Engine;
let other: Engine;
const told: Told[] = [];
let answer: Awaited<ReturnType<Gates["answerGate"]>> = "answered";
let made = 0;

beforeAll(async () => {
  desk = await openDesk();
  const [first, second] = [await desk.open("one", { config: CONFIG }), await desk.open("other", { config: CONFIG })];
  const host = {
    ...first.far.codeHost,
    answerGate: async (input: Told) => {
      told.push(input);
      return answer;
    },
  };
  one = { ...first.engine, codeHost: () => host };
  other = { ...second.engine, codeHost: () => host };
});
beforeEach(() => {
  told.splice(0);
  answer = "answered";
});
afterAll(() => desk[Symbol.asyncDispose]());

/** A commit whose tests passed, and whose run stands before production. */
function nextRevision(): Sha {
  made += 1;
  const revision = parseSha(made.toString(16).padStart(40, "e"));
  if (revision === null) throw new Error("no revision");
  return revision;
}

async function hear(...events: readonly PipelineEvent[]): Promise<boolean> {
  return (await ingest(one, SENDER, events)).accepted;
}

function tested(revision: Sha): readonly PipelineEvent[] {
  const common = {
    repository: "acme/shop",
    workflowRun: runOfCi(revision),
    attempt: 1,
    branch: "main",
    revision,
    reopens: false,
    updatedAt: AT,
  };
  const workflow: WorkflowEvent = {
    ...common,
    kind: "workflow",
    provider: "github",
    name: "Deliver",
    path: null,
    trigger: "push",
    tag: false,
    ownRepository: true,
    status: "waiting",
    parent: null,
    url: "https://github.test/1",
    startedAt: null,
  };
  const job: JobEvent = {
    ...common,
    kind: "job",
    job: "1",
    name: "unit",
    stage: null,
    workflowName: "Deliver",
    status: "passed",
    allowFailure: false,
    url: null,
    startedAt: null,
    finishedAt: AT,
  };
  return [workflow, job];
}

function runOfCi(revision: Sha): string {
  return String(Number.parseInt(revision.slice(-4), 16));
}

function gate(revision: Sha, over: Partial<GateAskedEvent> = {}): GateAskedEvent {
  return { kind: "gate_asked", repository: "acme/shop", environment: "live", workflowRun: runOfCi(revision), revision, at: AT, ...over };
}

function deployed(revision: Sha, state: DeployedEvent["state"]): DeployedEvent {
  return {
    kind: "deployed",
    repository: "acme/shop",
    revision,
    externalId: `d-${runOfCi(revision)}`,
    environment: "Live",
    tier: null,
    state,
    transient: false,
    url: null,
    log: null,
    by: null,
    ours: null,
    workflowRun: runOfCi(revision),
    at: new Date(Date.now() + 1000),
  };
}

async function considered(revision: Sha): Promise<void> {
  const stored = await runOf(one.db, "shop", revision);
  if (stored === null) throw new Error("nothing was stored");
  await consider(one, stored.run.id);
}

/** Asked for: the deployment that people decide on. */
async function asked(revision = nextRevision(), at = AT): Promise<Deployment> {
  await hear(...tested(revision), gate(revision, { at }));
  await considered(revision);
  const deployment = (await openDeployments(one.db, PRODUCTION)).find((open) => open.revision === revision);
  if (deployment === undefined) throw new Error("nobody was asked");
  return deployment;
}

async function approve(deployment: Deployment, who = "UPETRA"): Promise<Applied> {
  const { id, revision, planHash } = deployment;
  const digest = digestOf({ revision, environment: PRODUCTION, planHash });
  const standing = standingOf(who);
  const applied = await apply(one, PRODUCTION, { kind: "approve", standing, deployment: id, digest, override: null, approverNames: [] });
  await recheck(one, PRODUCTION);
  return applied;
}

async function stateOf({ id }: Deployment): Promise<string | undefined> {
  return (await deploymentById(one.db, id))?.state.state;
}

const signal = new AbortController().signal;

test("a yes lets CI go on, once, by the name of who said it; CI's own word ends it", async () => {
  const deployment = await asked();
  expect(deployment).toMatchObject({ state: { state: "awaiting_approval" }, plan: { gate: "Live", hosts: [], steps: [] } });
  await carryGate(one, deployment.id);
  expect(told).toEqual([]);
  expect((await approve(deployment)).ok).toBe(true);
  expect(await stateOf(deployment)).toBe("executing");
  await Promise.all([drive(one, deployment.id, signal), drive(other, deployment.id, signal), carryGate(one, deployment.id)]);
  expect(told).toEqual([
    {
      repository: "acme/shop",
      workflowRun: runOfCi(deployment.revision),
      environment: "live",
      state: "approved",
      comment: `Approved by UPETRA in Slack (Greenlight #${deployment.number}).`,
    },
  ]);
  expect(await stateOf(deployment)).toBe("executing");
  await hear(deployed(deployment.revision, "live"));
  await drive(one, deployment.id, signal);
  expect(await deploymentById(one.db, deployment.id)).toMatchObject({
    state: { state: "succeeded_unverified", because: "CI deployed it, and nobody watched" },
  });
  const live = await desk.database.pool.query("select host, revision, source, deployment_id from live");
  expect(live.rows).toEqual([{ host: "ci", revision: deployment.revision, source: "ci", deployment_id: null }]);
  expect(told).toHaveLength(1);
});

test("a deployment that CI could not make has failed, as CI says", async () => {
  const deployment = await asked();
  await approve(deployment);
  await drive(one, deployment.id, signal);
  await hear(deployed(deployment.revision, "failed"));
  await drive(one, deployment.id, signal);
  expect(await deploymentById(one.db, deployment.id)).toMatchObject({
    state: { state: "failed", because: "CI could not deploy it. Its own log says why." },
  });
});

test("a no, and a wait that is over, reject it with the reason", async () => {
  const rejected = await asked();
  await apply(one, PRODUCTION, { kind: "reject", standing: standingOf("UPETRA"), deployment: rejected.id, reason: "not on a Friday" });
  await carryGate(one, rejected.id);
  await carryGate(one, rejected.id);
  expect(told.map(({ state, comment }) => `${state} ${comment}`)).toEqual([
    `rejected Rejected by UPETRA: not on a Friday (Greenlight #${rejected.number}).`,
  ]);
  told.splice(0);
  const late = await asked();
  await recheck({ ...one, clock: () => new Date(Date.now() + 25 * 3_600_000) }, PRODUCTION);
  expect(await stateOf(late)).toBe("expired");
  await carryGate(one, late.id);
  expect(told.map(({ state, comment }) => `${state} ${comment}`)).toEqual([
    `rejected Not approved (expired): nobody said yes in time (Greenlight #${late.number}).`,
  ]);
});

test("the rules of the environment hold: what lacks a stage asks nobody, and is refused there in the end with what it lacks", async () => {
  const revision = nextRevision();
  const [workflow] = tested(revision);
  if (workflow === undefined) throw new Error("no workflow");
  expect(await hear(workflow, gate(revision, { at: new Date() }))).toBe(true);
  await considered(revision);
  await sweepGates(one);
  expect([(await openDeployments(one.db, PRODUCTION)).filter((open) => open.revision === revision), told]).toEqual([[], []]);
  await sweepGates({ ...one, clock: () => new Date(Date.now() + 400 * 86_400_000) });
  expect(told).toMatchObject([{ state: "rejected", comment: "Nobody was asked in time: Stage unit has not run for this version." }]);
  expect(await hear(gate(nextRevision(), { environment: "staging" }))).toBe(false);
});

test("an answer that GitHub did not take is told again, also by another replica that finds it after a crash", async () => {
  const deployment = await asked();
  await approve(deployment);
  answer = "not answered";
  await drive(one, deployment.id, signal);
  expect((await openGates(one.db)).some((open) => open.deploymentId === deployment.id)).toBe(true);
  answer = "over";
  await desk.database.pool.query("delete from pgboss.job where name = 'gate'");
  await sweepGates(other);
  const jobs = await desk.database.pool.query("select 1 from pgboss.job where name = 'gate' and data ->> 'deployment' = $1", [
    deployment.id,
  ]);
  expect(jobs.rowCount).toBe(1);
  await carryGate(other, deployment.id);
  expect(told.map(({ state }) => state)).toEqual(["approved", "approved"]);
  expect((await openGates(one.db)).some((open) => open.deploymentId === deployment.id)).toBe(false);
  await hear(deployed(deployment.revision, "live"));
  await drive(one, deployment.id, signal);
});

test("the same question twice is one card; asked again by a second attempt, people are asked again", async () => {
  const deployment = await asked();
  const { revision } = deployment;
  await hear(gate(revision), gate(revision, { at: new Date(AT.getTime() + 1000) }));
  await considered(revision);
  expect((await openDeployments(one.db, PRODUCTION)).filter((open) => open.revision === revision)).toHaveLength(1);
  await approve(deployment);
  await drive(one, deployment.id, signal);
  expect(told.map(({ state }) => state)).toEqual(["approved", "approved"]);
  await hear(deployed(revision, "failed"));
  await drive(one, deployment.id, signal);
  await hear(gate(revision, { at: new Date(AT.getTime() + 60_000) }));
  await considered(revision);
  const again = (await openDeployments(one.db, PRODUCTION)).find((open) => open.revision === revision);
  expect([again?.state.state, again?.number]).toEqual(["awaiting_approval", deployment.number + 1]);
});

function inMinutes(minutes: number): Date {
  return new Date(AT.getTime() + minutes * 60_000);
}

test("the end of an earlier attempt says nothing of the one that asks, and an end after it asked does", async () => {
  const [again, given] = [nextRevision(), nextRevision()];
  async function ended(revision: Sha, over: Partial<WorkflowEvent>): Promise<void> {
    const [workflow] = tested(revision);
    if (workflow?.kind === "workflow") await hear({ ...workflow, ...over });
  }
  await hear(...tested(again));
  await ended(again, { status: "failed", updatedAt: inMinutes(1) });
  const deployment = await asked(again, inMinutes(5));
  await approve(deployment);
  await drive(one, deployment.id, signal);
  await carryGate(one, deployment.id);
  expect(await stateOf(deployment)).toBe("executing");
  await ended(again, { attempt: 2, status: "passed", updatedAt: inMinutes(9) });
  await carryGate(one, deployment.id);
  expect(await stateOf(deployment)).toBe("succeeded_unverified");

  const cancelled = await asked(given);
  await ended(given, { status: "cancelled", updatedAt: inMinutes(2) });
  await approve(cancelled);
  await drive(one, cancelled.id, signal);
  await carryGate(one, cancelled.id);
  expect(await stateOf(cancelled)).toBe("failed");
});

test("an earlier version that asks late takes no question away from a later one", async () => {
  const [earlier, later] = [nextRevision(), nextRevision()];
  await hear(...tested(earlier));
  const question = await asked(later);
  await asked(earlier);
  expect(await stateOf(question)).toBe("awaiting_approval");
});

test("nobody can ask for it by hand, stop it once CI has it, or roll it back here: CI does that", async () => {
  const deployment = await asked();
  await approve(deployment);
  await drive(one, deployment.id, signal);
  const standing = standingOf("UPETRA");
  const stopped = await apply(one, PRODUCTION, { kind: "cancel", standing, deployment: deployment.id, thenRollBack: false });
  const back = await apply(one, PRODUCTION, {
    kind: "roll_back",
    standing,
    deployment: deployment.id,
    reason: "x",
    id: one.newId() as DeploymentId,
  });
  expect([stopped, back].map((done) => (done.ok ? "done" : done.refusal.title))).toEqual([
    "Not stopped: CI deploys it by now.",
    "Not rolled back: CI does that in production.",
  ]);
  await hear(deployed(deployment.revision, "live"));
  await drive(one, deployment.id, signal);
});

test("the card says that CI deploys it, and offers what can be done here alone", async () => {
  const deployment = await asked();
  const shown: string[] = [await card(deployment)];
  await approve(deployment);
  await drive(one, deployment.id, signal);
  shown.push(await card(deployment));
  await hear(deployed(deployment.revision, "live"));
  await drive(one, deployment.id, signal);
  shown.push(await card(deployment));
  const [waiting, going, live] = shown;
  for (const text of shown) expect(text).not.toMatch(/\b0 servers|Roll back|no downtime|undefined| on ,|in the thread/);
  expect(waiting).toMatch(/Approve & Deploy.*CI deploys it/s);
  expect(going).toContain("CI may go on, and deploys it.");
  expect(going).not.toContain("Stop");
  expect(live).toContain("CI deployed it, and nobody watched");
});

async function card({ id }: Deployment): Promise<string> {
  const model = await deploymentCard(one, id);
  if (model === null) throw new Error("it has no card");
  return JSON.stringify(renderCard(model, { now: new Date(), timezone: "UTC" }));
}
