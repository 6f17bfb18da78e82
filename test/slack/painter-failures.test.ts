import { describe, expect, test } from "vitest";
import { anyFreePort } from "../../sandbox/world/port.ts";
import { createClients, sdkLogger } from "../../src/slack/clients.ts";
import { failureOf, isUndone } from "../../src/slack/slack-errors.ts";
import { bot } from "../slack-simulator/seed.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { everyCard } from "./cards.ts";
import { hang, type Wall } from "./wall.ts";

/** Each way in which Slack fails, on the simulator; the clock is the test's. */

const cards = everyCard();
function card(name: string): (typeof cards)[string] & object {
  const found = cards[name];
  if (found === undefined) throw new Error(`no card named ${name}`);
  return found;
}

type World = { readonly slack: TestSlack; readonly wall: Wall; pass(ms: number): Promise<void> };

/** A wall whose card `a` stands in Slack and has something new to say. */
async function world(slack: TestSlack, options: { readonly history?: boolean } = {}): Promise<World> {
  let at = new Date("2026-11-24T09:00:00Z").getTime();
  const wall = hang(slack, { ...options, now: () => new Date(at) });
  /** Looks every half a second, as the painter does. */
  async function pass(ms: number): Promise<void> {
    for (const end = at + ms; at < end; at += 500) await wall.look();
  }
  wall.put("a", card("approval"));
  await pass(2_000);
  expect(wall.shown("a")).toBe(true);
  wall.put("a", card("executing"), { priority: "change" });
  return { slack, wall, pass };
}

function cardsIn(slack: TestSlack): readonly string[] {
  return slack.messages("C01DEPLOYS").flatMap((message) => ((message.thread_ts ?? message.ts) === message.ts ? [message.text ?? ""] : []));
}

function calls(slack: TestSlack): number {
  const { calls: made } = slack.state().dev;
  return ["chat.update", "chat.postMessage"].reduce((sum, method) => sum + (made[method]?.total ?? 0), 0);
}

test.each(["message_not_found", "cant_update_message", "edit_window_closed"])(
  "%s: a new card goes on, and its thread says why",
  async (error) => {
    await using slack = await startSlack();
    const { wall, pass } = await world(slack);
    const before = wall.stored("a").ts;
    slack.fault({ method: "chat.update", error });
    await pass(5_000);
    expect(wall.said.lost).toEqual([error]);
    expect(wall.shown("a")).toBe(true);
    expect(wall.stored("a").ts).not.toBe(before);
    expect(slack.messages("C01DEPLOYS").filter((message) => message.text?.includes("This one goes on from here"))).toHaveLength(1);
  },
);

describe.each(["is_archived", "is_inactive", "channel_not_found", "not_in_channel", "restricted_action_read_only_channel"])(
  "%s",
  (error) => {
    test("the channel is tried once a minute, and all goes on when it can be used again", async () => {
      await using slack = await startSlack();
      const { wall, pass } = await world(slack);
      wall.reply("ping", "a", { kind: "ping", ping: "failed", text: "Failed: shop to production." });
      slack.fault({ method: "*", error, forMs: 3_600_000 });
      await pass(1_000);
      expect(wall.said.broken.length).toBeGreaterThan(0);
      expect(wall.said.broken.join()).toMatch(/invite|Unarchive|can allow/u);
      const before = calls(slack);
      await pass(50_000);
      expect(calls(slack)).toBe(before);
      await pass(70_000);
      expect(calls(slack) - before).toBeLessThanOrEqual(2);
      expect(wall.shown("a")).toBe(false);
      slack.clearFaults();
      await pass(65_000);
      expect(wall.said.mended).toEqual(["a"]);
      expect(wall.shown("a")).toBe(true);
      expect(wall.replyTs("ping")).not.toBeNull();
      expect(wall.said.failedReplies).toEqual([]);
      expect(cardsIn(slack)).toHaveLength(1);
    });
  },
);

test.each(["missing_scope", "token_revoked", "account_inactive"])(
  "%s: nothing is sent for half a minute, it is reported once, and then all goes on",
  async (error) => {
    await using slack = await startSlack();
    const { wall, pass } = await world(slack);
    slack.fault({ method: "chat.update", error, forMs: 3_600_000 });
    const before = calls(slack);
    await pass(100_000);
    expect(calls(slack) - before).toBeLessThanOrEqual(4);
    expect(wall.reports).toHaveLength(1);
    expect(wall.reports[0]).toMatch(/nstall the app again/u);
    slack.clearFaults();
    await pass(31_000);
    expect(wall.shown("a")).toBe(true);
  },
);

test.each(["invalid_blocks", "msg_too_long"])("%s: the story is told as plain text, and the fault is reported", async (error) => {
  await using slack = await startSlack();
  const { wall, pass } = await world(slack);
  slack.fault({ method: "chat.update", error });
  await pass(1_000);
  expect(wall.shown("a")).toBe(true);
  expect(cardsIn(slack)[0]).toMatch(/^Deploying: shop/u);
  expect(wall.reports.join()).toContain(error);
});

test("a card that Slack refuses in every form is tried once a minute, no more", async () => {
  await using slack = await startSlack();
  const { wall, pass } = await world(slack);
  slack.fault({ method: "chat.update", error: "invalid_blocks", forMs: 3_600_000 });
  const before = calls(slack);
  await pass(130_000);
  expect(calls(slack) - before).toBeLessThanOrEqual(6);
  expect(wall.said.broken[0]).toContain("refuses this card");
});

test.each([
  { name: "500", fault: { status: 500 } },
  { name: "503 after it was done", fault: { status: 503, afterwards: true } },
  { name: "a cut connection", fault: { drop: true } },
  { name: "internal_error", fault: { error: "internal_error" } },
  { name: "429", fault: { retryAfter: 3 } },
  { name: "ratelimited without a header", fault: { error: "ratelimited" } },
])("$name on an edit: the newest state is shown later, by one message", async ({ fault }) => {
  await using slack = await startSlack();
  const { wall, pass } = await world(slack);
  slack.fault({ method: "chat.update", times: 3, ...fault });
  await pass(1_000);
  wall.put("a", card("rolled_back"), { priority: "terminal" });
  await pass(120_000);
  expect(wall.shown("a")).toBe(true);
  expect(cardsIn(slack)).toEqual([expect.stringMatching(/^Rolled back/u)]);
});

test("429 on edits holds back no post, and 429 on posts no edit", async () => {
  await using slack = await startSlack();
  const { wall, pass } = await world(slack);
  slack.fault({ method: "chat.update", retryAfter: 60, times: 1 });
  await pass(1_000);
  wall.put("b", card("approval"));
  await pass(5_000);
  expect([wall.shown("a"), wall.shown("b")]).toEqual([false, true]);
  await pass(60_000);
  slack.fault({ method: "chat.postMessage", retryAfter: 60, times: 1 });
  wall.put("c", card("approval"));
  await pass(2_000);
  wall.put("a", card("failed"), { priority: "terminal" });
  await pass(5_000);
  expect([wall.shown("a"), wall.shown("c")]).toEqual([true, false]);
});

test("a thread message whose card is gone goes below the new card", async () => {
  await using slack = await startSlack();
  const { wall, pass } = await world(slack);
  await pass(5_000);
  wall.reply("1", "a", { text: "first" });
  slack.fault({ method: "chat.postMessage", error: "thread_not_found" });
  await pass(10_000);
  expect(wall.said.lost).toEqual(["thread_not_found"]);
  expect(slack.messages("C01DEPLOYS").find((message) => message.text === "first.")?.thread_ts).toBe(wall.stored("a").ts);
});

describe("a crash or a lost answer", () => {
  test("where the history may be read nothing is said twice", async () => {
    await using slack = await startSlack();
    const { wall, pass } = await world(slack);
    await pass(2_000);
    slack.fault({ method: "chat.postMessage", status: 500, afterwards: true, times: 2 });
    wall.put("b", card("approval"));
    wall.reply("1", "a", { text: "first" });
    await pass(60_000);
    expect(cardsIn(slack)).toHaveLength(2);
    expect(slack.messages("C01DEPLOYS").filter((message) => message.text === "first.")).toHaveLength(1);
  });

  test("a thread message whose blocks Slack refuses is said once as text, also when that answer is lost", async () => {
    await using slack = await startSlack();
    const { wall, pass } = await world(slack);
    await pass(2_000);
    slack.fault({ method: "chat.postMessage", error: "invalid_blocks", times: 1 });
    slack.fault({ method: "chat.postMessage", status: 500, afterwards: true, times: 1 });
    wall.reply("1", "a", { text: "first" });
    await pass(60_000);
    expect(slack.messages("C01DEPLOYS").filter((message) => message.text === "first.")).toHaveLength(1);
    expect(wall.replyTs("1")).not.toBeNull();
    expect(wall.said.failedReplies).toEqual([]);
  });

  test("a refusal is an answer: what was refused is not looked for, and said once", async () => {
    await using slack = await startSlack();
    const { wall, pass } = await world(slack, { history: false });
    await pass(2_000);
    slack.fault({ method: "chat.postMessage", retryAfter: 2, times: 2 });
    wall.put("b", card("approval"));
    await pass(10_000);
    expect(wall.stored("b").posting).toBe(false);
    expect(cardsIn(slack)).toHaveLength(2);
  });

  test("a painter that was overtaken while it posted removes its own message", async () => {
    await using slack = await startSlack();
    const { wall, pass } = await world(slack);
    await pass(2_000);
    slack.fault({ method: "chat.postMessage", delayMs: 1_000, times: 1 });
    wall.put("b", card("approval"));
    const looking = wall.look();
    await until(() => slack.state().dev.faults.length === 0);
    // Meanwhile the other painter wrote down where it had posted the card.
    const ts = "1764000000.000999";
    wall.put("b", card("approval"), { channel: "C01DEPLOYS", ts });
    await looking;
    expect(wall.stored("b").ts).toBe(ts);
    expect(cardsIn(slack)).toHaveLength(1);
  });

  test("what never left this machine was not done, and what nobody answered may have been", async () => {
    const { painter } = createClients(
      { botToken: bot.botToken, apiUrl: `http://127.0.0.1:${await anyFreePort()}/api/` },
      sdkLogger(() => undefined),
    );
    const refused = await painter.auth.test().then(
      () => null,
      (error: unknown) => failureOf(error),
    );
    expect(refused).toEqual({ kind: "later", code: "not_reached" });
    expect(refused === null || isUndone(refused)).toBe(true);
    await using slack = await startSlack();
    slack.fault({ method: "auth.test", drop: true });
    const cut = await slack.web.auth.test().then(
      () => null,
      (error: unknown) => failureOf(error),
    );
    expect(cut).toMatchObject({ kind: "unknown" });
  });
});

test("without any answer for a minute Slack is away; with the first answer it is back, and everything is tried at once", async () => {
  await using slack = await startSlack();
  const { wall, pass } = await world(slack);
  const others = Array.from({ length: 4 }, (_, index) => `other-${index}`);
  slack.fault({ method: "*", drop: true, forMs: 86_400_000 });
  for (const id of others) wall.put(id, card("approval"));
  await pass(50_000);
  expect(wall.said.away).toEqual([]);
  await pass(600_000);
  expect(wall.said.away).toHaveLength(1);
  slack.clearFaults();
  await pass(45_000);
  expect(wall.said.back).toHaveLength(1);
  expect([...others, "a"].every((id) => wall.shown(id))).toBe(true);
  expect(slack.history("C01DEPLOYS", wall.stored("a").ts ?? "")).toHaveLength(2);
});
