import { afterEach, beforeEach, expect, test } from "vitest";
import type { Deployment } from "../../src/domain/deployment.ts";
import type { Answer } from "../../src/domain/intent.ts";
import type { Measurement } from "../../src/domain/measurement.ts";
import { gatherPings } from "../../src/engine/gather-pings.ts";
import { look } from "../../src/engine/look.ts";
import { painting } from "../../src/engine/painting.ts";
import { pressedOf } from "../../src/engine/roll-back-of.ts";
import { standingOf } from "../../src/engine/standing.ts";
import { createRosters } from "../../src/roster/roster.ts";
import { renderLate } from "../../src/slack/render/late.ts";
import { renderReply } from "../../src/slack/render/reply.ts";
import { startDuty, type DutyServer } from "../roster/duty-server.ts";
import { until } from "../support/until.ts";
import { openLookWorld, type LookWorld } from "./look-world.ts";

let duty: DutyServer;
let world: LookWorld;
let paint: ReturnType<typeof painting>;
beforeEach(async () => {
  duty = await startDuty();
  world = await openLookWorld({
    connections: `  duty: { type: roster, url: "${duty.url}" }`,
    staging: [
      "watch: { for: 30m, sentry: { organization: acme, project: shop, environment: staging } }",
      "on_call: [UOSCAR, { roster: duty }]",
    ].join("\n        "),
  });
  const accounts = new Map([["duty", { url: duty.url, token: null }]]);
  world.far.duty.ask = createRosters({ accounts, now: world.engine.clock, timeoutMs: 1_000 }).ask;
  paint = painting(world.engine);
  world.at("Mon 18:00");
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
  await duty[Symbol.asyncDispose]();
});

function crash(number: number, at: Date): Measurement {
  const seen = { id: "1", title: "KeyError", place: null, url: null, events: 1, users: 1, unhandled: true, firstSeen: at, lastSeen: at };
  const after = { from: new Date(at.getTime() - 60_000), to: at, events: 1, users: 1 };
  const before = { from: new Date(at.getTime() - 3_660_000), to: after.from, events: 0, users: null };
  return { monitor: "sentry", look: number, at, kind: "errors", after, before, newIssues: [seen], lastEventAt: at, signal: "proven" };
}

/** Staging runs a version that crashes, seen a minute after it went live; its card stands in Slack. */
async function regressed(): Promise<Deployment> {
  await world.merged("feat: pay");
  const [deployment] = await world.open("staging");
  if (deployment === undefined) throw new Error("nothing is watched");
  await world.desk.database.pool.query("update cards set ts = '1.1', posted_channel = 'C01'");
  world.far.seen.sentry = crash;
  world.at("Mon 18:01");
  await look(world.engine, { deployment: deployment.id, monitor: "sentry", look: 1 });
  return deployment;
}

type Due = Awaited<ReturnType<typeof paint.nextReplies>>[number];

async function alert(): Promise<Due | undefined> {
  return (await paint.nextReplies()).find(({ reply, late }) => reply.ping === "regression" || late !== null);
}

/** The alert as it is posted, once it may be. */
async function posted(): Promise<string> {
  let found: Due | undefined;
  await until(async () => (found = await alert()) !== undefined);
  if (found === undefined) throw new Error("no alert");
  const context = { groups: new Map(), now: world.engine.clock(), timezone: "UTC" };
  return found.late === null
    ? renderReply(found.reply, { ...context, rollBack: found.rollBack, log: found.log }).text
    : renderLate(found.late, context).text;
}

async function rollsBack(who: string, { id }: Deployment): Promise<Answer> {
  const now = (await world.open("staging")).find((one) => one.id === id);
  if (now === undefined) throw new Error("it is over");
  return world.says(who, { kind: "roll_back", ...pressedOf(now), reason: null });
}

test("a regression calls who is on duty now, who may roll back; whose shift was yesterday may not", async () => {
  duty.names({ slack: "UYANN" });
  const deployment = await regressed();
  expect(await posted()).toMatch(/^<@UOSCAR> <@UYANN> Regression in shop, staging: still happening\./u);

  duty.names({ slack: "UDORA" });
  world.at("Tue 18:01");
  expect(await rollsBack("UYANN", deployment)).toMatchObject({
    kind: "refused",
    refusal: { title: expect.stringMatching(/^Not rolled back: approvers, on-call people .* you are none of them\.$/u) },
  });
  expect(await rollsBack("UDORA", deployment)).toMatchObject({ kind: "done" });
  // What was said is not rewritten: whoever was called was called.
  expect(await posted()).toContain("<@UYANN>");
});

test("a roster that answers nothing good holds back no alert: who is named is called, and the message says why nobody else is", async () => {
  duty.answers((response) => response.writeHead(500).end());
  const deployment = await regressed();
  const text = await posted();
  expect(text).toMatch(/^<@UOSCAR> Regression in shop, staging: still happening\./u);
  expect(text).toMatch(/The duty roster duty could not be read \(127\.0\.0\.1:\d+ answers HTTP 500\), so nobody is on duty by it\./u);

  const refused = await rollsBack("UDORA", deployment);
  expect(refused).toMatchObject({ kind: "refused", refusal: { title: expect.stringContaining("The duty roster duty could not be read") } });
  expect(await rollsBack("UOSCAR", deployment)).toMatchObject({ kind: "done" });
});

test("a roster that hangs keeps no other message waiting, and its own for its timeout alone", async () => {
  duty.answers(() => undefined);
  await regressed();
  await world.desk.database.pool.query(
    `insert into replies (id, card_id, key, body, at) select gen_random_uuid(), id, 'other', $1, now() from cards limit 1`,
    [{ key: "other", kind: "note", ping: null, broadcast: false, mention: [], text: "another", preformatted: null, rollBackButton: false }],
  );
  const first = await paint.nextReplies();
  expect(first.map(({ reply }) => reply.text)).toContain("another");
  expect(first.some(({ reply }) => reply.ping === "regression")).toBe(false);
  expect(await posted()).toContain("no answer in time");
});

test("an asking that fails in an unknown way is reported, and the alert goes out", async () => {
  world.far.duty.ask = () => Promise.reject(new Error("a bug of ours"));
  await regressed();
  expect(await posted()).toContain("<@UOSCAR> Regression in shop, staging");
});

test("what could not be posted in time calls who is on duty by then", async () => {
  duty.names("UYANN");
  await regressed();
  await posted();
  duty.names("UDORA");
  world.at("Mon 19:01");
  await gatherPings(world.engine, { why: "slack", since: world.engine.clock(), channel: null });
  const text = await posted();
  expect(text).toContain("While Slack was away");
  expect(text).toContain("<@UOSCAR> <@UDORA> <@UBOB> Regression in shop, staging");
  expect(text).not.toContain("UYANN");
});

test("no roster is asked for whoever may without it, nor for somebody of another workspace", async () => {
  duty.names("UDORA");
  const app = world.engine.config.apps[0];
  const staging = app?.environments.find(({ name }) => name === "staging");
  const production = app?.environments.find(({ name }) => name === "production");
  if (staging === undefined || production === undefined) throw new Error("the configuration has changed");
  const environment = { ...production, onCall: staging.onCall };
  const of = async (id: string, ours: boolean) =>
    standingOf(world.engine, { kind: "slack", id, name: id }, await world.engine.directory.person(id), ours, environment);
  expect(await of("UPETRA", true)).toMatchObject({ approver: true });
  expect(await of("UOSCAR", true)).toMatchObject({ approver: false, onCall: true });
  expect(await of("UDORA", false)).toMatchObject({ onCall: false });
  expect(duty.asked).toEqual([]);
  expect(await of("UDORA", true)).toMatchObject({ onCall: true });
  expect(duty.asked).toHaveLength(1);
});
