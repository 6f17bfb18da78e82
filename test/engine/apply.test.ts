import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deploymentById, insertDeployment, openDeployments } from "../../src/db/deployments.ts";
import { claim, holdFence, Overtaken } from "../../src/db/fence.ts";
import { activateConfiguration } from "../../src/db/leases.ts";
import { verifyHistory } from "../../src/db/history.ts";
import { history } from "../../src/db/schema.ts";
import { beginStep, stepsOf } from "../../src/db/steps.ts";
import type { Command } from "../../src/domain/environment.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { apply } from "../../src/engine/apply.ts";
import { carryOut, takeClick } from "../../src/engine/clicks.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";
import { PRODUCTION, request, standingOf } from "../support/engine-world.ts";

let desk: Desk;
let one: Replica;
let other: Replica;
let revisions = 0;

beforeAll(async () => {
  desk = await openDesk();
  [one, other] = [await desk.open("one"), await desk.open("other")];
});
afterAll(() => desk[Symbol.asyncDispose]());

function nextRevision(): Sha {
  revisions += 1;
  const revision = parseSha(revisions.toString(16).padStart(40, "a"));
  if (revision === null) throw new Error("a revision of a test is none");
  return revision;
}

async function approval(engine: Engine, id: DeploymentId, who: string): Promise<Extract<Command, { kind: "approve" }>> {
  const deployment = await deploymentById(engine.db, id);
  if (deployment === null) throw new Error(`no deployment ${id}`);
  const digest = digestOf({ revision: deployment.revision, environment: deployment.environmentId, planHash: deployment.planHash });
  return { kind: "approve", standing: standingOf(who), deployment: id, digest, override: null, approverNames: [] };
}

async function ran(id: DeploymentId, then: "failed" | "executing" = "executing"): Promise<void> {
  const asked = (await openDeployments(one.engine.db, PRODUCTION)).map((deployment) => deployment.id);
  await apply(one.engine, PRODUCTION, await approval(one.engine, id, "UPETRA"));
  await apply(one.engine, PRODUCTION, { kind: "recheck", entitled: ["UPETRA"], asked, unfit: {}, id: one.engine.newId() as DeploymentId });
  if (then === "failed") await ends(id);
}

async function ends(id: DeploymentId): Promise<void> {
  const outcome = { kind: "failed" as const, because: "the test is over.", switched: [] };
  await apply(one.engine, PRODUCTION, { kind: "steps_ended", deployment: id, outcome, id: one.engine.newId() as DeploymentId });
}

async function jobs(name: string): Promise<number> {
  const rows = await desk.database.pool.query<{ n: string }>("select count(*) as n from pgboss.job where name = $1", [name]);
  return Number(rows.rows[0]?.n);
}

describe("two at once, from two replicas", () => {
  test("two approvals are one effect, and the second is told who was first", async () => {
    const id = await request(one.engine, nextRevision());
    const [petra, olaf] = [await approval(one.engine, id, "UPETRA"), await approval(other.engine, id, "UOLAF")];
    const before = await jobs("recheck");
    const outcomes = await Promise.all([apply(one.engine, PRODUCTION, petra), apply(other.engine, PRODUCTION, olaf)]);
    const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal.title]));
    expect(refusals).toEqual([expect.stringMatching(/^Not approved again: #\d+ is past that\. U(PETRA|OLAF) said yes first\./u)]);
    const winner = outcomes[0]?.ok === true ? "UPETRA" : "UOLAF";
    expect(refusals[0]).toContain(`${winner} said yes first.`);
    const rows = await one.engine.db.select().from(history).where(eq(history.deploymentId, id));
    expect(rows.filter((row) => row.kind === "approved")).toHaveLength(1);
    // Now, and when the approval expires.
    expect(await jobs("recheck")).toBe(before + 2);
    await apply(one.engine, PRODUCTION, { kind: "cancel", standing: standingOf("UPETRA"), deployment: id, thenRollBack: false });
  });

  test("one click, carried out by both, is one effect with one answer", async () => {
    const id = await request(one.engine, nextRevision());
    const { digest } = await approval(one.engine, id, "UPETRA");
    const intent: Intent = { kind: "approve", deployment: id, counter: 1, digest };
    const actor = { kind: "slack" as const, id: "UPETRA", name: "Petra" };
    const click = { id: `click-${id}`, actor, team: "TACME", intent };
    expect(await takeClick(one.engine, click)).toBe("taken");
    expect(await takeClick(other.engine, click)).toBe("known");
    const person = await one.engine.directory.person("UPETRA");
    const answers = await Promise.all([carryOut(one.engine, click.id, person), carryOut(other.engine, click.id, person)]);
    expect(answers[0]).toEqual({ kind: "done", text: "Deploying to production. The card shows how it goes." });
    expect(answers[1]).toEqual(answers[0]);
    expect(await carryOut(other.engine, click.id, person)).toEqual(answers[0]);
    await apply(one.engine, PRODUCTION, { kind: "cancel", standing: standingOf("UPETRA"), deployment: id, thenRollBack: false });
  });

  test("a click of another team is refused, though its ids are ours", async () => {
    const id = await request(one.engine, nextRevision());
    const { digest } = await approval(one.engine, id, "UPETRA");
    const actor = { kind: "slack" as const, id: "UPETRA", name: "Petra" };
    const click = { id: `foreign-${id}`, actor, team: "TOTHER", intent: { kind: "approve" as const, deployment: id, counter: 1, digest } };
    await takeClick(one.engine, click);
    const answer = await carryOut(one.engine, click.id, await one.engine.directory.person("UPETRA"));
    expect(answer).toMatchObject({ kind: "refused", refusal: { title: expect.stringContaining("you belong to another workspace") } });
    await apply(one.engine, PRODUCTION, { kind: "cancel", standing: standingOf("UPETRA"), deployment: id, thenRollBack: false });
  });
});

test("the database itself refuses a second occupying deployment", async () => {
  const id = await request(one.engine, nextRevision());
  await ran(id);
  const running = await deploymentById(one.engine.db, id);
  expect(running?.state.state).toBe("executing");
  if (running === null) throw new Error("it vanished");
  const twin = { ...running, id: one.engine.newId() as DeploymentId, number: 9000 };
  const fault: unknown = await insertDeployment(one.engine.db, twin).catch((cause: unknown) => cause);
  expect(fault).toMatchObject({ cause: { code: "23505", constraint: "deployments_one_occupying" } });
  await ends(id);
});

test("a yes that became too old while it waited can be given again by the same person", async () => {
  const id = await request(one.engine, nextRevision());
  const tomorrow: Engine = { ...one.engine, clock: () => new Date(Date.now() + 25 * 3_600_000) };
  const recheck = (asked: readonly DeploymentId[]) =>
    apply(tomorrow, PRODUCTION, { kind: "recheck", entitled: ["UPETRA"], asked, unfit: {}, id: one.engine.newId() as DeploymentId });
  await apply(one.engine, PRODUCTION, await approval(one.engine, id, "UPETRA"));
  await recheck([]);
  expect((await deploymentById(one.engine.db, id))?.state).toMatchObject({ state: "awaiting_approval", voided: "the approval is too old" });
  await apply(tomorrow, PRODUCTION, await approval(one.engine, id, "UPETRA"));
  await recheck([id]);
  expect((await deploymentById(one.engine.db, id))?.state.state).toBe("executing");
  await ends(id);
});

test("a crash in the transaction leaves neither state nor job nor history", async () => {
  const id = await request(one.engine, nextRevision());
  const before = { recheck: await jobs("recheck"), entries: (await verifyHistory(one.engine.db, one.engine.historyKey)).entries };
  const crash = apply(one.engine, PRODUCTION, await approval(one.engine, id, "UPETRA"), {
    after: () => Promise.reject(new Error("the lights went out")),
  });
  await expect(crash).rejects.toThrow("the lights went out");
  expect((await deploymentById(one.engine.db, id))?.state.state).toBe("awaiting_approval");
  expect(await jobs("recheck")).toBe(before.recheck);
  expect((await verifyHistory(one.engine.db, one.engine.historyKey)).entries).toBe(before.entries);
  expect((await desk.database.pool.query("select 1 from approvals where deployment_id = $1", [id])).rowCount).toBe(0);
  await apply(one.engine, PRODUCTION, { kind: "cancel", standing: standingOf("UPETRA"), deployment: id, thenRollBack: false });
});

describe("the fence", () => {
  test("whoever was overtaken throws, and has written nothing", async () => {
    const id = await request(one.engine, nextRevision());
    await ran(id);
    const mine = await claim(one.engine.db, id, "one");
    const theirs = await claim(other.engine.db, id, "other");
    expect([mine?.epoch, theirs?.epoch]).toEqual([1, 2]);
    const [step] = mine?.deployment.plan.steps ?? [];
    if (step === undefined) throw new Error("a plan without steps");
    const late = one.engine.db.transaction(async (tx) => {
      await beginStep(tx, id, step, 1, new Date());
      await holdFence(tx, id, mine?.epoch ?? 0);
    });
    await expect(late).rejects.toThrow(Overtaken);
    expect(await stepsOf(one.engine.db, id)).toEqual([]);
    await other.engine.db.transaction((tx) => holdFence(tx, id, theirs?.epoch ?? 0));
    await ends(id);
    expect(await claim(one.engine.db, id, "one")).toBeNull();
  });

  test("of ten claims at once each has its own number", async () => {
    const id = await request(one.engine, nextRevision());
    await ran(id);
    const claims = await Promise.all(Array.from({ length: 10 }, (_, index) => claim((index % 2 === 0 ? one : other).engine.db, id, "x")));
    expect(claims.map((claimed) => claimed?.epoch).toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await ends(id);
  });
});

test("of an environment taken out of the configuration, what runs goes on and what waits is cancelled", async () => {
  const [running, waiting] = [await request(one.engine, nextRevision()), await request(one.engine, nextRevision())];
  await ran(running);
  await activateConfiguration(one.engine.db, one.engine.config, new Date());
  const without: Engine = { ...one.engine, config: { ...one.engine.config, apps: [] } };
  expect(await apply(without, PRODUCTION, await approval(one.engine, waiting, "UPETRA"))).toMatchObject({
    ok: false,
    refusal: { title: "Not done: shop/production is not in the configuration any more." },
  });
  await apply(without, PRODUCTION, { kind: "gone" });
  expect((await deploymentById(one.engine.db, waiting))?.state).toMatchObject({
    state: "cancelled",
    because: "the environment is not in the configuration any more",
  });
  expect((await deploymentById(one.engine.db, running))?.state.state).toBe("executing");
  const outcome = { kind: "failed" as const, because: "the test is over.", switched: [] };
  await apply(without, PRODUCTION, { kind: "steps_ended", deployment: running, outcome, id: one.engine.newId() as DeploymentId });
  expect((await deploymentById(one.engine.db, running))?.state.state).toBe("failed");
});

test("every refusal has a title and is stored with its click, also of a deployment nobody knows", async () => {
  const actor = { kind: "slack" as const, id: "UPETRA", name: "Petra" };
  const unknown = one.engine.newId() as DeploymentId;
  const click = {
    id: `unknown-${unknown}`,
    actor,
    team: "TACME",
    intent: { kind: "on_it" as const, deployment: unknown, counter: 1, digest: "" },
  };
  await takeClick(one.engine, click);
  const answer = await carryOut(one.engine, click.id, await one.engine.directory.person("UPETRA"));
  expect(answer).toMatchObject({ kind: "refused", refusal: { title: "Not done: this deployment is not known here any more." } });
});
