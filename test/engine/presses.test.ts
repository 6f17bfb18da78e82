import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unansweredClicks } from "../../src/db/inbox.ts";
import { deploymentById } from "../../src/db/deployments.ts";
import { loadApprovals } from "../../src/db/snapshot.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { parseSha, type DeploymentId, type RunId, type Sha } from "../../src/domain/ids.ts";
import type { Answer, Intent } from "../../src/domain/intent.ts";
import { apply } from "../../src/engine/apply.ts";
import { carryOut, takeClick, type StoredPress } from "../../src/engine/clicks.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";
import type { Replica } from "../support/engine-replica.ts";
import { PRODUCTION, request, standingOf } from "../support/engine-world.ts";
import type { Moment, PresserOrders } from "../support/presser.ts";

/** Three may say yes; how many are needed is the configuration's. */
const APPROVERS = ["UPETRA", "UOLAF", "UNINA"];
let desk: Desk;
let revisions = 0;

beforeAll(async () => void (desk = await openDesk()));
afterAll(() => desk[Symbol.asyncDispose]());

/** Two replicas with the same configuration on the same database. */
async function pair(count: number): Promise<readonly [Replica, Replica]> {
  const config = desk.settings.config.replace("count: 1", `count: ${count}`);
  const names = [`one-${count}`, `other-${count}`] as const;
  const replicas = [await desk.open(names[0], { config }), await desk.open(names[1], { config })] as const;
  for (const replica of replicas) replica.far.groups.set("@product-owners", APPROVERS);
  return replicas;
}

function nextRevision(): Sha {
  revisions += 1;
  const revision = parseSha(revisions.toString(16).padStart(40, "c"));
  if (revision === null) throw new Error("a revision of a test is none");
  return revision;
}

let presses = 0;
async function pressOn(engine: Engine, id: DeploymentId, who: string, over: Partial<Intent> = {}): Promise<StoredPress> {
  const deployment = await deploymentById(engine.db, id);
  if (deployment === null) throw new Error(`no deployment ${id}`);
  const { revision, environmentId, planHash, counter } = deployment;
  const digest = digestOf({ revision, environment: environmentId, planHash });
  presses += 1;
  const intent = { kind: "approve", deployment: id, counter, digest, ...over } as Intent;
  return { id: `press-${presses}-${id}`, actor: { kind: "slack", id: who, name: who }, team: "TACME", intent };
}

async function pressed({ engine }: Replica, press: StoredPress): Promise<Answer> {
  await takeClick(engine, press);
  return carryOut(engine, press.id, await engine.directory.person(press.actor.id));
}

function wordsOf(answer: Answer): string {
  return answer.kind === "done" ? answer.text : answer.kind === "refused" ? answer.refusal.title : answer.kind;
}

async function recorded(kind: string, id: DeploymentId): Promise<number> {
  const text = "select 1 from history where kind = $1 and deployment_id = $2";
  return (await desk.database.pool.query(text, [kind, id])).rowCount ?? 0;
}

async function unanswered(id: DeploymentId): Promise<number> {
  const text = "select 1 from clicks where answer is null and id like '%' || $1";
  return (await desk.database.pool.query(text, [id])).rowCount ?? 0;
}

async function cleared({ engine }: Replica, id: DeploymentId): Promise<void> {
  await apply(engine, PRODUCTION, { kind: "cancel", standing: standingOf("UPETRA"), deployment: id, thenRollBack: false });
}

describe("one yes is needed", () => {
  let one: Replica;
  let other: Replica;
  beforeAll(async () => void ([one, other] = await pair(1)));

  test("two people at once: one effect, and the second is told who was first", async () => {
    const id = await request(one.engine, nextRevision());
    const [petra, olaf] = [await pressOn(one.engine, id, "UPETRA"), await pressOn(one.engine, id, "UOLAF")];
    const answers = await Promise.all([pressed(one, petra), pressed(other, olaf)]);
    const winner = answers[0]?.kind === "done" ? "UPETRA" : "UOLAF";
    expect(answers.map((answer) => answer.kind).toSorted()).toEqual(["done", "refused"]);
    expect(answers.map(wordsOf).find((words) => words.startsWith("Not"))).toContain(`${winner} said yes first.`);
    expect([await recorded("approved", id), await unanswered(id)]).toEqual([1, 0]);
    await cleared(one, id);
  });

  test("two quick presses of one person: one effect, and both are answered", async () => {
    const id = await request(one.engine, nextRevision());
    const twice = [await pressOn(one.engine, id, "UPETRA"), await pressOn(one.engine, id, "UPETRA")];
    const answers = await Promise.all(twice.map((press, index) => pressed(index === 0 ? one : other, press)));
    expect(answers.map((answer) => answer.kind).toSorted()).toEqual(["done", "refused"]);
    expect(answers.map(wordsOf).find((words) => words.startsWith("Not"))).toContain("UPETRA said yes first.");
    expect([await recorded("approved", id), await unanswered(id)]).toEqual([1, 0]);
    await cleared(one, id);
  });

  test("a yes against a newer candidate: it counts and is kept, or it is told that it came too late", async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 8; round += 1) {
      const id = await request(one.engine, nextRevision());
      const press = await pressOn(one.engine, id, "UPETRA");
      const newer = one.engine.newId() as DeploymentId;
      const candidate = { revision: nextRevision(), runId: one.engine.newId() as RunId, since: new Date(), position: revisions };
      const offer = () =>
        apply(other.engine, PRODUCTION, { kind: "offer", candidate, changes: NO_CHANGES, containsBlocked: null, id: newer });
      const yes = () => pressed(one, press);
      const offerFirst = round % 2 === 1;
      // The first two one after the other, so that both endings are seen; then at once, and the database says who was first.
      const offering = offerFirst ? offer() : null;
      if (round === 1) await offering;
      const answering = yes();
      if (round === 0) await answering;
      const [answer] = await Promise.all([answering, offering ?? offer()]);
      const state = (await deploymentById(one.engine.db, id))?.state.state;
      expect([answer.kind, state, await recorded("approved", id)]).toEqual(
        answer.kind === "done" ? ["done", "queued", 1] : ["refused", "superseded", 0],
      );
      expect(wordsOf(answer)).toMatch(answer.kind === "done" ? /^Deploying/u : /is newer/u);
      seen.add(answer.kind);
      for (const open of [id, newer]) await cleared(one, open);
    }
    expect([...seen].toSorted()).toEqual(["done", "refused"]);
  });

  test("an old card: what it showed is not what would run, so nothing is recorded", async () => {
    const id = await request(one.engine, nextRevision());
    const press = await pressOn(one.engine, id, "UPETRA");
    await apply(one.engine, PRODUCTION, { kind: "found_live", hosts: [{ host: "web-1.acme.test", revision: nextRevision() }] });
    await recheck(one.engine, PRODUCTION);
    expect(wordsOf(await pressed(other, press))).toContain("has changed since this card was drawn");
    expect(await loadApprovals(one.engine.db, [id])).toEqual([]);
    expect(wordsOf(await pressed(other, await pressOn(one.engine, id, "UPETRA")))).toMatch(/^Deploying/u);
    await cleared(one, id);
  });

  test.each([
    ["before anything was done about it", "stored", 0],
    ["with all written and nothing committed", "within", 0],
    ["with all committed and nobody told", "after", 1],
  ] as const)("killed %s: the next start answers, and there is one yes", async (_when, moment, before) => {
    const id = await request(one.engine, nextRevision());
    const press = await pressOn(one.engine, id, "UPETRA");
    await killedPresser({ settings: { ...desk.settings, replica: `dies-${moment}` }, press, moment });
    expect(await recorded("approved", id)).toBe(before);
    const waiting = await unansweredClicks<StoredPress>(other.engine.db);
    expect(waiting.map((click) => click.id)).toContain(press.id);
    const answers = await Promise.all([one, other].map(async (replica) => wordsOf(await pressed(replica, press))));
    expect(answers).toEqual(Array.from({ length: 2 }, () => "Deploying to production. The card shows how it goes."));
    expect([await recorded("approved", id), await unanswered(id)]).toEqual([1, 0]);
    await cleared(one, id);
  });
});

describe("two yeses are needed", () => {
  let one: Replica;
  let other: Replica;
  beforeAll(async () => void ([one, other] = await pair(2)));

  test("both at once: both count, one of them lets it go", async () => {
    const id = await request(one.engine, nextRevision());
    const [petra, olaf] = [await pressOn(one.engine, id, "UPETRA"), await pressOn(one.engine, id, "UOLAF")];
    const answers = (await Promise.all([pressed(one, petra), pressed(other, olaf)])).map(wordsOf).toSorted();
    expect(answers).toEqual(["Deploying to production. The card shows how it goes.", "Your yes counts. One more is needed."]);
    expect((await deploymentById(one.engine.db, id))?.state.state).toBe("queued");
    expect([(await loadApprovals(one.engine.db, [id])).length, await recorded("approved", id)]).toEqual([2, 2]);
    await cleared(one, id);
  });

  test("three at once: two count, and the third is told who was first", async () => {
    const id = await request(one.engine, nextRevision());
    const all = await Promise.all(APPROVERS.map((who) => pressOn(one.engine, id, who)));
    const answers = await Promise.all(all.map((press, index) => pressed(index === 1 ? other : one, press)));
    const refusals = answers.filter((answer) => answer.kind === "refused").map(wordsOf);
    expect(refusals).toEqual([expect.stringMatching(/is past that\. U(PETRA|OLAF|NINA) said yes first\./u)]);
    expect([await recorded("approved", id), await unanswered(id)]).toEqual([2, 0]);
    await cleared(one, id);
  });

  test("one person twice is one yes", async () => {
    const id = await request(one.engine, nextRevision());
    const twice = [await pressOn(one.engine, id, "UPETRA"), await pressOn(one.engine, id, "UPETRA")];
    const answers = (await Promise.all(twice.map((press, index) => pressed(index === 0 ? one : other, press)))).map(wordsOf);
    expect(answers.toSorted()).toEqual([
      expect.stringMatching(/^You said yes to #\d+ already\.$/u),
      "Your yes counts. One more is needed.",
    ]);
    expect((await deploymentById(one.engine.db, id))?.state.state).toBe("awaiting_approval");
    expect(await recorded("approved", id)).toBe(1);
    await cleared(one, id);
  });
});

async function killedPresser(orders: PresserOrders & { readonly moment: Moment }): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-presser-"));
  const file = join(folder, "orders.json");
  writeFileSync(file, JSON.stringify(orders));
  const script = new URL("../support/presser.ts", import.meta.url).pathname;
  const signal = await new Promise<string | null>((resolve, reject) => {
    execFile(process.execPath, [script, file], { timeout: 120_000 }, (error, _out, said) =>
      error?.signal === "SIGKILL" ? resolve(error.signal) : reject(new Error(`it was not killed at its moment: ${said}`)),
    );
  });
  rmSync(folder, { recursive: true });
  expect(signal).toBe("SIGKILL");
}
