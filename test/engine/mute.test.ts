import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deploymentById } from "../../src/db/deployments.ts";
import { digestOf } from "../../src/domain/digest.ts";
import type { ChangeSet } from "../../src/domain/deployment.ts";
import type { Command } from "../../src/domain/environment.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { act } from "../../src/engine/act.ts";
import { apply } from "../../src/engine/apply.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { painting } from "../../src/engine/painting.ts";
import { recheck } from "../../src/engine/recheck.ts";
import { sha } from "../domain/model.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import { NO_CHANGES } from "../support/engine-far-side.ts";
import { PRODUCTION, standingOf } from "../support/engine-world.ts";

const CONFIG = `apps:
  shop:
    repository: github:acme/shop
    channel: "#shop-deploys"
    environments:
      production:
        approval: { from: ["@product-owners"], count: 1, expires: 24h }
        on_call: [UONCALL]
        target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/shop, recipe: django }
        watch: { for: 10h, every: 60s, http: { url: "https://shop.acme.test/health" }, on_regression: offer }
`;
const HOUR = 3_600_000;
const FAILED = { kind: "failed", because: "Step migrate failed on web-1", switched: [] } as const;
let desk: Desk;
let engine: Engine;
const time = { at: new Date("2026-11-23T09:00:00Z") };

beforeAll(async () => {
  desk = await openDesk();
  const { engine: real } = await desk.open("one", { config: CONFIG });
  engine = { ...real, clock: () => time.at };
});
afterAll(() => desk[Symbol.asyncDispose]());

function by(...people: readonly string[]): ChangeSet {
  const authors = people.map((slackId) => ({ name: slackId, email: null, login: slackId, slackId }));
  const changes = authors.map((author, index) => ({
    revision: sha(100 + index),
    title: "feat: more",
    author,
    url: null,
    pullRequest: null,
  }));
  return { ...NO_CHANGES, changes, authors };
}

async function must(command: Command): Promise<void> {
  const applied = await apply(engine, PRODUCTION, command);
  if (!applied.ok) throw new Error(`${applied.refusal.title} ${applied.refusal.reasons.map((reason) => reason.text).join(" ")}`);
}

let revisions = 10;
async function started(changes: ChangeSet, requester = "UDORA"): Promise<DeploymentId> {
  const id = uuidv7() as DeploymentId;
  revisions += 1;
  const standing = standingOf(requester, { approver: false });
  await must({ kind: "request", standing, revision: sha(revisions), runId: null, changes, missing: [], containsBlocked: null, id });
  const found = await deploymentById(engine.db, id);
  if (found === null) throw new Error("it is not there");
  const digest = digestOf({ revision: found.revision, environment: PRODUCTION, planHash: found.planHash });
  await must({ kind: "approve", standing: standingOf("UPETRA"), deployment: id, digest, override: null, approverNames: [] });
  await recheck(engine, PRODUCTION);
  return id;
}

function says(user: string, intent: Intent) {
  return act(
    engine,
    intent,
    {
      actor: { kind: "slack", id: user, name: user },
      person: { id: user, name: user, team: "TACME", guest: false, bot: false, deleted: false },
      ours: true,
    },
    async () => undefined,
  );
}

async function noticesTo(user: string): Promise<readonly { readonly id: string; readonly key: string }[]> {
  const found = await desk.database.pool.query<{ id: string; key: string }>(
    `select id, key from notices where slack_id = $1 order by "order"`,
    [user],
  );
  return found.rows;
}

/** Whom the ping of that deployment would call now. */
async function calls(deployment: DeploymentId): Promise<readonly string[]> {
  await desk.database.pool.query("update cards set ts = '1.1', posted_channel = 'C01' where ts is null");
  const found = await desk.database.pool.query<{ id: string }>("select id from replies where deployment_id = $1", [deployment]);
  const mine = new Set(found.rows.map(({ id }) => id));
  const due = (await painting(engine).nextReplies()).find(({ id, reply }) => mine.has(id) && reply.ping === "failed");
  return due === undefined ? [] : [...due.reply.mention, ...due.authors];
}

test("an author who muted the app is not mentioned by its pings and gets no message, and hears of it again afterwards", async () => {
  const first = await started(by("UANN", "UBOB"));
  await must({ kind: "steps_ended", deployment: first, outcome: FAILED, id: uuidv7() as DeploymentId });
  expect(await calls(first)).toEqual(expect.arrayContaining(["UANN", "UBOB"]));
  await says("UANN", { kind: "mute", app: "shop", forMs: HOUR });
  expect((await calls(first)).filter((id) => id === "UANN" || id === "UBOB")).toEqual(["UBOB"]);
  await says("UBOB", { kind: "mute", app: null, forMs: null });
  expect((await calls(first)).filter((id) => id === "UANN" || id === "UBOB")).toEqual([]);
  time.at = new Date(time.at.getTime() + HOUR);
  expect((await calls(first)).filter((id) => id === "UANN" || id === "UBOB")).toEqual(["UANN"]);

  const second = await started(by("UANN", "UBOB"));
  await must({ kind: "steps_ended", deployment: second, outcome: { kind: "done" }, id: uuidv7() as DeploymentId });
  const { notices } = painting(engine);
  const [toAnn, toBob] = [(await noticesTo("UANN")).at(-1), (await noticesTo("UBOB")).at(-1)];
  if (toAnn === undefined || toBob === undefined) throw new Error("the authors were not told");
  expect(await notices.load(toAnn.id)).toMatchObject({ kind: "show" });
  expect(await notices.load(toBob.id)).toEqual({ kind: "dropped" });
  await says("UBOB", { kind: "unmute", app: null });
  const third = await started(by("UBOB"));
  await must({ kind: "steps_ended", deployment: third, outcome: { kind: "done" }, id: uuidv7() as DeploymentId });
  const again = (await noticesTo("UBOB")).at(-1);
  expect(again?.key).toBe(`live:${third}`);
  expect(await notices.load(again?.id ?? "")).toMatchObject({ kind: "show" });
});

test("what somebody asks of a person reaches them although they muted everything", async () => {
  await says("UANN", { kind: "mute", app: null, forMs: null });
  await must({
    kind: "lock",
    standing: standingOf("UANN", { approver: false }),
    reason: "a look",
    until: new Date(time.at.getTime() + HOUR),
  });
  await must({ kind: "ask_unlock", standing: standingOf("UBOB", { approver: false }), asked: false });
  const asked = (await noticesTo("UANN")).at(-1);
  expect(asked?.key).toMatch(/^ask:/u);
  expect(await painting(engine).notices.load(asked?.id ?? "")).toMatchObject({ kind: "show" });
  await must({ kind: "unlock", standing: standingOf("UANN", { approver: false }) });
  await says("UANN", { kind: "unmute", app: null });
});

test("a muted author is not called by the message that gathers pings which came late; who is on call is", async () => {
  const id = await started(by("UANN", "UBOB"));
  await must({
    kind: "steps_ended",
    deployment: id,
    outcome: { kind: "unknown", because: "web-1 does not say" },
    id: uuidv7() as DeploymentId,
  });
  await says("UBOB", { kind: "mute", app: "shop", forMs: null });
  time.at = new Date(time.at.getTime() + HOUR);
  const { gatherPings, nextReplies } = painting(engine);
  await gatherPings(time.at);
  const late = async (): Promise<readonly string[]> =>
    (await nextReplies()).flatMap((due) => due.late?.lines.flatMap((line) => line.mention) ?? []);
  const called = await late();
  expect(called.filter((who) => who.includes("UANN") || who.includes("UBOB"))).toEqual(["UANN"]);
  expect(called.some((who) => who.includes("UDORA") || who.includes("UONCALL"))).toBe(true);
  // Muted after it was gathered, and before it is posted.
  await says("UANN", { kind: "mute", app: "shop", forMs: null });
  expect((await late()).filter((who) => who.includes("UANN") || who.includes("UBOB"))).toEqual([]);
  for (const who of ["UANN", "UBOB"]) await says(who, { kind: "unmute", app: null });
  const shown = await deploymentById(engine.db, id);
  await must({
    kind: "resolve",
    standing: standingOf("UPETRA"),
    deployment: id,
    way: "stays_broken",
    reason: `it is ${shown?.state.state}`,
    id: uuidv7() as DeploymentId,
  });
});

test("who is author and asked for it is told once when it is live, and once when it goes back", async () => {
  const before = (await noticesTo("UANN")).length;
  await must({ kind: "found_live", hosts: [{ host: "web-1.acme.test", revision: sha(1) }] });
  const id = await started(by("UANN"), "UANN");
  await must({ kind: "steps_ended", deployment: id, outcome: { kind: "done" }, id: uuidv7() as DeploymentId });
  expect((await noticesTo("UANN")).slice(before).map(({ key }) => key)).toEqual([`live:${id}`]);
  const back = uuidv7() as DeploymentId;
  await must({ kind: "roll_back", standing: standingOf("UPETRA"), deployment: id, reason: "it is broken", id: back });
  await must({ kind: "steps_ended", deployment: back, outcome: { kind: "done" }, id: uuidv7() as DeploymentId });
  const told = (await noticesTo("UANN")).slice(before).map(({ key }) => key);
  expect(told.filter((key) => !key.startsWith("verdict:"))).toEqual([`live:${id}`, `rolled_back:${back}`]);
});
