import { afterAll, beforeAll, expect, test } from "vitest";
import { loadFreeze, loadLock } from "../../src/db/holds.ts";
import { deploymentById } from "../../src/db/deployments.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import type { Answer, Intent } from "../../src/domain/intent.ts";
import { act } from "../../src/engine/act.ts";
import { apply } from "../../src/engine/apply.ts";
import { deploymentCard } from "../../src/engine/card-model.ts";
import { carryOut, takeClick } from "../../src/engine/clicks.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { answerTo } from "../../src/engine/questions.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { startReplica, type Replica } from "../support/engine-replica.ts";
import { PRODUCTION, request, settled, standingOf } from "../support/engine-world.ts";

const PLACE = { app: "shop", environment: "production" } as const;
const HOUR = 3_600_000;
let desk: Desk;
let one: Replica;
let made = 0;

beforeAll(async () => {
  desk = await openDesk();
  one = await desk.open("one");
});
afterAll(() => desk[Symbol.asyncDispose]());

function next(): number {
  made += 1;
  return made;
}

function nextRevision(): Sha {
  const revision = parseSha(next().toString(16).padStart(40, "d"));
  if (revision === null) throw new Error("a revision of a test is none");
  return revision;
}

/** As a press, stored and carried out. */
async function press(engine: Engine, who: string, intent: Intent): Promise<Answer> {
  const id = `hold-${next()}`;
  await takeClick(engine, { id, actor: { kind: "slack", id: who, name: who }, team: "TACME", intent });
  return carryOut(engine, id, await engine.directory.person(who));
}

async function approve(engine: Engine, id: DeploymentId): Promise<void> {
  const deployment = await deploymentById(engine.db, id);
  if (deployment === null) throw new Error(`no deployment ${id}`);
  const digest = digestOf({ revision: deployment.revision, environment: deployment.environmentId, planHash: deployment.planHash });
  const answer = await press(engine, "UPETRA", { kind: "approve", deployment: id, counter: deployment.counter, digest });
  expect(answer.kind).toBe("done");
}

async function cancelled(engine: Engine, id: DeploymentId): Promise<void> {
  await apply(engine, PRODUCTION, { kind: "cancel", standing: standingOf("UPETRA"), deployment: id, thenRollBack: false });
}

async function notices(to: string, key: string): Promise<readonly string[]> {
  const rows = await desk.database.pool.query<{ text: string }>(
    "select text from notices where slack_id = $1 and key like $2 order by at",
    [to, `${key}%`],
  );
  return rows.rows.map((row) => row.text);
}

async function versionOf(id: DeploymentId): Promise<number> {
  const rows = await desk.database.pool.query<{ version: number }>("select version from cards where deployment_id = $1", [id]);
  return rows.rows[0]?.version ?? 0;
}

async function recorded(kind: string): Promise<number> {
  return (await desk.database.pool.query("select 1 from history where kind = $1", [kind])).rowCount ?? 0;
}

test("a lock shows at once on every card that waits there, with the place in the queue and who lifts it", async () => {
  const { engine } = one;
  const [first, second] = [await request(engine, nextRevision()), await request(engine, nextRevision())];
  await approve(engine, first);
  await approve(engine, second);
  const waits = await request(engine, nextRevision());
  const before = await Promise.all([first, second, waits].map(versionOf));
  expect(await press(engine, "UOLAF", { kind: "lock", ...PLACE, reason: "a demo", forMs: HOUR })).toMatchObject({ kind: "done" });
  const after = await Promise.all([first, second, waits].map(versionOf));
  expect(after.map((version, index) => version > (before[index] ?? 0))).toEqual([true, true, true]);

  await recheck(engine, PRODUCTION);
  const lock = await loadLock(engine.db, PRODUCTION);
  const card = await deploymentCard(engine, second);
  expect(card?.queue).toMatchObject({
    position: 2,
    of: 2,
    blockers: [{ rule: "lock", owner: "UOLAF", text: "UOLAF holds it: a demo", liftsAt: lock?.until }],
    opensAt: lock?.until,
    // Nothing was ever timed here: the first one's start is known, the second one's is not.
    startsAt: null,
  });
  expect((await deploymentCard(engine, first))?.queue?.startsAt).toEqual(lock?.until);
  expect((await deploymentCard(engine, waits))?.closing).toMatchObject({ blockers: [{ rule: "lock" }], opensAt: lock?.until });
  expect(await notices("UOLAF", "waits:")).toHaveLength(2);

  const asker = {
    actor: { kind: "slack" as const, id: "UDORA", name: "UDORA" },
    person: await engine.directory.person("UDORA"),
    ours: true,
  };
  const queue = await answerTo(engine, { kind: "queue", app: "shop" }, asker);
  const places = queue.kind === "queue" ? queue.environments.flatMap(({ waiting }) => waiting.map(({ place }) => place)) : [];
  expect(places).toEqual(["1st of 2", "2nd of 2", null]);

  const moved = await versionOf(second);
  await cancelled(engine, first);
  expect(await versionOf(second)).toBeGreaterThan(moved);
  expect((await deploymentCard(engine, second))?.queue).toMatchObject({ position: 1, of: 1 });
  for (const id of [second, waits]) await cancelled(engine, id);
});

test("its owner is asked once by each who asks, and is told who took it off", async () => {
  const { engine } = one;
  await press(engine, "UOLAF", { kind: "lock", ...PLACE, reason: "a second demo", forMs: HOUR });
  const told = await recorded("asked_to_unlock");
  const answers = [
    await press(engine, "UDORA", { kind: "ask_unlock", ...PLACE }),
    await press(engine, "UDORA", { kind: "ask_unlock", ...PLACE }),
    await press(engine, "UEVE", { kind: "ask_unlock", ...PLACE }),
  ];
  expect(answers.map((answer) => (answer.kind === "done" ? answer.text : answer.kind))).toEqual([
    expect.stringContaining("UOLAF is told that you ask"),
    expect.stringContaining("You have asked UOLAF already"),
    expect.stringContaining("UOLAF is told that you ask"),
  ]);
  expect(await notices("UOLAF", "ask:unlock:")).toEqual([expect.stringContaining("UDORA asks"), expect.stringContaining("UEVE asks")]);
  expect(await recorded("asked_to_unlock")).toBe(told + 2);

  const refused = await press(engine, "UEVE", { kind: "unlock", ...PLACE });
  expect(refused).toMatchObject({ kind: "refused", refusal: { askUnlock: PLACE } });
  await press(engine, "UPETRA", { kind: "unlock", ...PLACE });
  expect(await notices("UOLAF", "unlocked:")).toEqual(["UPETRA took off your lock of shop/production (a second demo)."]);
  expect(await loadLock(engine.db, PRODUCTION)).toBeNull();
});

test("a freeze set from Slack is stored with its end, holds what is approved, and the operator lifts it", async () => {
  const { engine } = one;
  expect(await press(engine, "UEVE", { kind: "freeze", ...PLACE, reason: "the sale", forMs: HOUR })).toMatchObject({ kind: "refused" });
  expect(await press(engine, "UPETRA", { kind: "freeze", ...PLACE, reason: "the sale", forMs: 30 * 24 * HOUR })).toMatchObject({
    kind: "refused",
  });
  expect(await loadFreeze(engine.db, PRODUCTION)).toBeNull();
  await press(engine, "UPETRA", { kind: "freeze", ...PLACE, reason: "the sale", forMs: HOUR });
  const freeze = await loadFreeze(engine.db, PRODUCTION);
  expect(freeze).toMatchObject({ reason: "the sale", owner: { id: "UPETRA" } });
  const id = await request(engine, nextRevision());
  await approve(engine, id);
  await recheck(engine, PRODUCTION);
  expect((await deploymentById(engine.db, id))?.state).toMatchObject({ state: "queued", recheckAt: freeze?.until });
  const operator = { actor: { kind: "cli" as const, user: "root" }, person: null, ours: true };
  const lifted = await act(engine, { kind: "unfreeze", ...PLACE, reason: "it is over" }, operator, async () => undefined);
  expect(lifted).toMatchObject({ kind: "done" });
  expect(await notices("UPETRA", "unfrozen:")).toEqual([
    "root (command line) lifted your freeze of shop/production (the sale): it is over.",
  ]);
  await recheck(engine, PRODUCTION);
  // It started: with nobody who carries it out it stays there.
  expect((await deploymentById(engine.db, id))?.state.state).toBe("executing");
  const outcome = { kind: "failed" as const, because: "the test is over.", switched: [] };
  await apply(engine, PRODUCTION, { kind: "steps_ended", deployment: id, outcome, id: engine.newId() as DeploymentId });
});

test("a lock that is about to end tells its owner once, and its end lets go what waits by a job of its own", async () => {
  const { engine } = one;
  const id = await request(engine, nextRevision());
  expect(await press(engine, "UOLAF", { kind: "lock", ...PLACE, reason: "a short demo", forMs: 8_000 })).toMatchObject({ kind: "done" });
  const { since, until: end } = (await loadLock(engine.db, PRODUCTION)) ?? { since: new Date(), until: new Date() };
  await approve(engine, id);
  const soon = { ...engine, clock: () => new Date(end.getTime() - 1_000) };
  for (let times = 0; times < 2; times += 1) await recheck(soon, PRODUCTION);
  expect(await notices("UOLAF", "lock-ends:")).toEqual([expect.stringContaining("(a short demo)")]);
  expect((await loadLock(engine.db, PRODUCTION))?.nudgedAt).toEqual(soon.clock());
  const due = await desk.database.pool.query<{ at: Date }>(
    "select start_after as at from pgboss.job where name = 'recheck' and state < 'active'",
  );
  expect(due.rows.map(({ at }) => at.getTime())).toEqual(
    expect.arrayContaining([Math.floor(end.getTime() - (end.getTime() - since.getTime()) / 4), end.getTime()]),
  );
  // Now somebody works: no host answers, so it ends soon after it has begun.
  await using worker = await startReplica({ ...desk.settings, replica: "worker" });
  const ended = await settled(worker.engine, id, "failed");
  expect(ended.startedAt?.getTime()).toBeGreaterThanOrEqual(end.getTime());
});
