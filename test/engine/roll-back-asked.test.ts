import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { markPainted } from "../../src/db/cards.ts";
import { addReply, markReplyDrawn } from "../../src/db/replies.ts";
import { deploymentById, openDeployments } from "../../src/db/deployments.ts";
import { digestOf } from "../../src/domain/digest.ts";
import { parseSha, type DeploymentId, type Sha } from "../../src/domain/ids.ts";
import type { Answer, Intent } from "../../src/domain/intent.ts";
import { act } from "../../src/engine/act.ts";
import { apply } from "../../src/engine/apply.ts";
import { pressedOf, rollBackOf } from "../../src/engine/roll-back-of.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";
import { PRODUCTION, request, standingOf } from "../support/engine-world.ts";

const PLACE = { app: "shop", environment: "production" };
let desk: Desk;
let one: Replica;
/** Live one after the other; the last is live now. */
let lived: readonly DeploymentId[];

function sha(number: number): Sha {
  const revision = parseSha(number.toString(16).padStart(8, "a").padEnd(40, "0"));
  if (revision === null) throw new Error("a revision of a test is none");
  return revision;
}

async function wentLive(revision: Sha): Promise<DeploymentId> {
  const { engine } = one;
  const id = await request(engine, revision);
  const { environmentId, planHash } = await known(id);
  const digest = digestOf({ revision, environment: environmentId, planHash });
  const newId = (): DeploymentId => engine.newId() as DeploymentId;
  await apply(engine, PRODUCTION, {
    kind: "approve",
    standing: standingOf("UPETRA"),
    deployment: id,
    digest,
    override: null,
    approverNames: [],
  });
  const asked = (await openDeployments(engine.db, PRODUCTION)).map((deployment) => deployment.id);
  await apply(engine, PRODUCTION, { kind: "recheck", entitled: ["UPETRA"], asked, unfit: {}, id: newId() });
  await apply(engine, PRODUCTION, { kind: "steps_ended", deployment: id, outcome: { kind: "done" }, id: newId() });
  return id;
}

async function known(id: DeploymentId): Promise<NonNullable<Awaited<ReturnType<typeof deploymentById>>>> {
  const deployment = await deploymentById(one.engine.db, id);
  if (deployment === null) throw new Error(`no deployment ${id}`);
  return deployment;
}

function last(): DeploymentId {
  const id = lived.at(-1);
  if (id === undefined) throw new Error("nothing is live");
  return id;
}

async function answerTo(intent: Intent): Promise<Answer> {
  const person = await one.engine.directory.person("UPETRA");
  return act(one.engine, intent, { actor: { kind: "slack", id: "UPETRA", name: "Petra" }, person, ours: true }, async () => undefined);
}

beforeAll(async () => {
  desk = await openDesk();
  one = await desk.open("one");
  lived = [await wentLive(sha(1)), await wentLive(sha(2)), await wentLive(sha(3))];
});
afterAll(() => desk[Symbol.asyncDispose]());

async function named(to: string | null) {
  return (await rollBackOf(one.engine, { ...PLACE, to }))?.chosen;
}

describe("the version that is named", () => {
  test("is a tag or branch resolved once, the beginning of an id, or nothing that anybody knows", async () => {
    const { resolve } = one.far.codeHost;
    const asked: string[] = [];
    Object.assign(one.far.codeHost, {
      async resolve(_repository: string, ref: string) {
        asked.push(ref);
        return ref === "v1.0" ? sha(1) : null;
      },
    });
    expect([await named("v1.0"), await named(sha(2)), await named(sha(2).slice(0, 9)), await named("v9")]).toEqual([
      sha(1),
      sha(2),
      sha(2),
      null,
    ]);
    expect(asked).toEqual(["v1.0", "v9"]);
    expect(await named(null)).toBeUndefined();
    Object.assign(one.far.codeHost, { resolve });
  });
});

describe("what a rollback concerns", () => {
  test("by its names: what is live there, and every version that ran there, the default first", async () => {
    const offer = await rollBackOf(one.engine, PLACE);
    expect(offer).toMatchObject({ ...PLACE, revision: sha(3), number: 3, against: null, running: false });
    expect(offer?.pressed.deployment).toBe(last());
    expect(offer?.ways.map((way) => way.revision)).toEqual([sha(2), sha(1)]);
    expect(await rollBackOf(one.engine, { app: "shop", environment: "nowhere" })).toBeNull();
  });

  test("by the place of its message: of its card, of what is in the thread, and of nothing else", async () => {
    const { db, clock } = one.engine;
    const card = await desk.database.pool.query<{ id: string }>("select id from cards where deployment_id = $1", [last()]);
    const at = { channel: "C01", ts: "1.1", hash: "h", drawnVersion: 1, asOf: clock(), posted: true };
    await markPainted(db, card.rows[0]?.id ?? "", at);
    const body = {
      key: "k",
      kind: "note",
      ping: null,
      broadcast: false,
      mention: [],
      text: "t",
      preformatted: null,
      rollBackButton: false,
    } as const;
    const reply = one.engine.newId();
    await addReply(db, { id: reply, deployment: last(), body, at: clock() });
    await markReplyDrawn(db, reply, "1.2", body);
    const found = async (channel: string, ts: string): Promise<DeploymentId | null> =>
      (await rollBackOf(one.engine, { channel, ts }))?.pressed.deployment ?? null;
    expect(await found("C01", "1.1")).toBe(last());
    expect(await found("C01", "1.2")).toBe(last());
    expect(await found("C01", "1.3")).toBeNull();
    expect(await found("C02", "1.1")).toBeNull();
  });

  test("of one that is not live any more it says why not", async () => {
    const offer = await rollBackOf(one.engine, { deployment: lived[0] ?? last() });
    expect(offer?.against).toEqual({ because: "it is not what runs there now.", change: null });
  });
});

const OLD = { digest: "0".repeat(16) };
const PRESSES: readonly Record<string, unknown>[] = [
  { kind: "approve" },
  { kind: "override", reason: "fire" },
  { kind: "reject", reason: "no" },
  { kind: "offer_again" },
  { kind: "cancel", thenRollBack: false },
  { kind: "cancel", thenRollBack: true },
  { kind: "roll_back", reason: null },
  { kind: "roll_back", reason: null, schema: true },
  { kind: "stop_countdown" },
  { kind: "keep_watching" },
  { kind: "on_it" },
  { kind: "allow_again", reason: "fixed" },
  { kind: "resolve", way: "mark_live", reason: "I looked" },
];

test.each(PRESSES)("$kind, drawn for another plan, is answered in the transaction whatever its front was", async (press) => {
  const intent = { ...press, ...pressedOf(await known(last())), ...OLD } as Intent;
  const before = await known(last());
  const answer = await answerTo(intent);
  expect(answer).toMatchObject({ kind: "refused", refusal: { title: expect.stringContaining("has changed since this card was drawn") } });
  expect(await known(last())).toEqual(before);
});

describe("a rollback to a chosen version", () => {
  test.each([
    ["that was drawn for another plan", { digest: "0".repeat(16) }, "what would be deployed has changed"],
    ["to what is not known", { to: "feedfacefeed" }, "nothing by that name was live in production"],
    ["to what was never live there", { to: "f".repeat(40) }, "was never live in production"],
  ])("%s is answered and changes nothing", async (_which, over, because) => {
    const pressed = pressedOf(await known(last()));
    const answer = await answerTo({ kind: "roll_back", reason: null, ...pressed, ...over });
    expect(answer).toMatchObject({ kind: "refused", refusal: { title: expect.stringContaining(because) } });
    expect(await openDeployments(one.engine.db, PRODUCTION)).toEqual([]);
  });

  test("is found by the beginning of its id, and goes there", async () => {
    const pressed = pressedOf(await known(last()));
    const answer = await answerTo({ kind: "roll_back", reason: "the price is wrong", to: sha(1).slice(0, 9), ...pressed });
    expect(answer).toMatchObject({ kind: "done", text: expect.stringContaining(`Rolling back to ${sha(1).slice(0, 7)}`) });
    const [rollback] = await openDeployments(one.engine.db, PRODUCTION);
    expect(rollback).toMatchObject({ kind: "rollback", revision: sha(1), rollsBack: last() });
  });
});
