import { describe, expect, test } from "vitest";
import { NEEDED_SCOPES } from "../../src/slack/boot.ts";
import { seed } from "../slack-simulator/seed.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { deploymentId } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { hang, type Wall } from "./wall.ts";

const cards = everyCard();
function card(name: string): (typeof cards)[string] & object {
  const found = cards[name];
  if (found === undefined) throw new Error(`no card named ${name}`);
  return found;
}

function posts(slack: TestSlack): readonly { readonly ts: string; readonly text: string; readonly thread: string | null }[] {
  return slack.messages("C01DEPLOYS").map((message) => ({ ts: message.ts, text: message.text ?? "", thread: message.thread_ts ?? null }));
}

async function painted(wall: Wall): Promise<void> {
  await until(
    () => wall.clean(),
    () => `cards stay unpainted: ${wall.reports.join("; ")}`,
  );
}

function total(slack: TestSlack, method: string): number {
  return slack.state().dev.calls[method]?.total ?? 0;
}

describe("the painter", () => {
  test("posts a card once by its channel's name, then edits that message", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("a", card("approval"));
    await painted(wall);
    wall.put("a", card("executing"));
    await painted(wall);
    expect(posts(slack)).toHaveLength(1);
    expect(posts(slack)[0]?.text).toMatch(/^Deploying: shop/u);
    expect(wall.stored("a").channel).toBe("C01DEPLOYS");
  });

  test("sends nothing when a change does not show", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("a", card("approval"));
    await painted(wall);
    wall.put("a", card("failed"));
    await painted(wall);
    const before = total(slack, "chat.update");
    wall.put("a", card("failed"));
    await painted(wall);
    expect(total(slack, "chat.update")).toBe(before);
  });

  test("shows the latest state after a storm of 429, and never an older one afterwards", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("a", card("approval"));
    await painted(wall);
    slack.fault({ method: "chat.update", retryAfter: 1, times: 3 });
    for (const name of ["executing", "watching", "regression", "rolled_back"]) wall.put("a", card(name), { priority: "change" });
    await painted(wall);
    expect(posts(slack)[0]?.text).toMatch(/^Rolled back/u);
    const { ts } = wall.stored("a");
    expect(slack.history("C01DEPLOYS", ts ?? "").length).toBeLessThanOrEqual(3);
  });

  test("posts a new card when somebody deleted the message, and says so in its thread", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("a", card("approval"));
    await painted(wall);
    const first = wall.stored("a").ts ?? "";
    await slack.web.chat.delete({ channel: "C01DEPLOYS", ts: first });
    wall.put("a", card("executing"));
    await painted(wall);
    expect(wall.said.lost).toEqual(["message_not_found"]);
    const second = wall.stored("a").ts ?? "";
    expect(second).not.toBe(first);
    await until(() => posts(slack).some((message) => message.thread === second && message.text.includes("somebody deleted it")));
  });

  test("finds the post whose answer was lost instead of posting twice", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    slack.fault({ method: "chat.postMessage", status: 500, afterwards: true, times: 1 });
    wall.put("a", card("approval"));
    await painted(wall);
    expect(posts(slack)).toHaveLength(1);
    expect(wall.stored("a").ts).toBe(posts(slack)[0]?.ts);
  });

  test("finds a ping whose answer was lost also at the end of a long thread", { timeout: 120_000 }, async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("a", card("approval"));
    await painted(wall);
    const thread_ts = wall.stored("a").ts ?? "";
    for (let said = 0; said < 230; said += 1) await slack.web.chat.postMessage({ channel: "C01DEPLOYS", thread_ts, text: `word ${said}` });
    slack.fault({ method: "chat.postMessage", status: 500, afterwards: true, times: 1 });
    wall.reply("r", "a", { text: "Regression in shop.", ping: "regression" });
    await until(() => wall.replyTs("r") !== null, undefined, 60_000);
    expect(slack.thread("C01DEPLOYS", thread_ts).filter(({ text }) => text?.includes("Regression in shop.") === true)).toHaveLength(1);
  });

  test("works with the least scopes: the post whose answer was lost is posted again, and nothing stands still", async () => {
    const scopes = [...NEEDED_SCOPES, "channels:history"];
    await using slack = await startSlack({ seed: { ...seed, bot: { ...seed.bot, scopes } } });
    const wall = hang(slack);
    slack.fault({ method: "chat.postMessage", status: 500, afterwards: true, times: 1 });
    wall.put("private", card("approval"), { channel: "C06OURS" });
    wall.put("a", card("approval"));
    await painted(wall);
    wall.put("private", card("executing"));
    await painted(wall);
    expect(posts(slack).length).toBeGreaterThan(0);
    expect(wall.stored("private").channel).toBe("C06OURS");
    expect(wall.reports).toEqual([]);
  });

  test("marks an archived and an unknown channel with what to do, and goes on with the others", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("old", card("approval"), { channel: "#old" });
    wall.put("none", card("approval"), { channel: "#nowhere" });
    wall.put("out", card("approval"), { channel: "C02GENERAL" });
    wall.put("a", card("approval"));
    await until(() => wall.said.broken.length === 3 && wall.stored("a").ts !== null);
    expect(wall.said.broken.join(" ")).toContain("/invite @greenlight");
    expect(wall.said.broken.join(" ")).toContain("archived");
  });

  test("one card that Slack never answers does not hold up another", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("slow", card("approval"));
    await painted(wall);
    slack.fault({ method: "chat.update", delayMs: 30_000, times: 1 });
    wall.put("slow", card("executing"));
    await until(() => slack.state().dev.faults.length === 0);
    const begun = Date.now();
    wall.put("b", card("countdown"));
    await until(() => wall.stored("b").ts !== null);
    expect(Date.now() - begun).toBeLessThan(9_000);
  });

  test("tells the story as plain text when Slack refuses the blocks, and reports it", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    slack.fault({ method: "chat.postMessage", error: "invalid_blocks", times: 1 });
    wall.put("a", card("approval"));
    await painted(wall);
    expect(posts(slack)[0]?.text).toMatch(/^Approval needed: shop/u);
    expect(wall.reports.join()).toContain("invalid_blocks");
  });

  test("a painter without the lease paints nothing", async () => {
    await using slack = await startSlack();
    const other = hang(slack, { lease: () => false });
    const wall = hang(slack);
    other.put("b", card("approval"));
    wall.put("a", card("approval"));
    await painted(wall);
    expect(posts(slack)).toHaveLength(1);
  });
});

describe("thread messages", () => {
  test("show no log in a channel that another workspace shares", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("a", card("executing"), { channel: "C05SHARED" });
    wall.reply("log", "a", { kind: "log", text: "web-1, migrate: ended with exit code 1", preformatted: "customer data", logButton: true });
    await until(() => wall.replyTs("log") !== null, undefined, 60_000);
    const said = JSON.stringify(slack.messages("C05SHARED"));
    expect(said).toContain("ended with exit code 1");
    expect(said).not.toContain("customer data");
    expect(said).not.toContain("log_file");
  });

  test("the tail of a running step is edited in place, and a busy Slack holds up no ping behind it", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("a", card("executing"));
    wall.reply("log", "a", { kind: "log", text: "web-1, migrate: running for 5 s", preformatted: "one" });
    await until(() => wall.replyTs("log") !== null);
    const ts = wall.replyTs("log") ?? "";
    wall.edit("log", { text: "web-1, migrate: running for 10 s", preformatted: "one\ntwo" });
    await until(() => slack.history("C01DEPLOYS", ts).length === 2, undefined, 60_000);
    slack.fault({ method: "chat.update", retryAfter: 30, times: 100 });
    wall.edit("log", { text: "web-1, migrate: done in 12.0 s", preformatted: "one\ntwo\nthree", logButton: true });
    wall.reply("ping", "a", { kind: "ping", text: "Failed: shop to production." });
    await until(() => wall.replyTs("ping") !== null, undefined, 25_000);
    expect(wall.replyTs("log")).toBe(ts);
  });

  test("come once and in order, with the group called and the Roll back button", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("a", card("regression"));
    const pressed = { deployment: deploymentId(1), counter: 3, digest: "0123456789abcdef" };
    wall.reply("1", "a", { text: "Bob pushed <!channel> 3 changes" });
    wall.reply("2", "a", { text: "The end of the log:", preformatted: "\u001b[31mTraceback\nboom" });
    wall.reply(
      "3",
      "a",
      {
        kind: "ping",
        ping: "regression",
        broadcast: true,
        mention: ["@product-owners", "U02BOB", "@nobody <!here>"],
        text: "Regression in shop, production: still happening.",
        rollBackButton: true,
      },
      { pressed, app: "shop", environment: "production", revision: "4c1e77d" },
    );
    slack.fault({ method: "chat.postMessage", status: 500, afterwards: true, times: 1 });
    await until(
      () => wall.replyTs("3") !== null,
      () => wall.reports.join("; "),
    );
    const thread = posts(slack).filter((message) => message.thread !== null && message.ts !== message.thread);
    expect(thread.map((message) => message.text)).toEqual([
      "Bob pushed &lt;!channel&gt; 3 changes.",
      "The end of the log:",
      "<!subteam^S01OWNERS> <@U02BOB> @nobody &lt;!here&gt; Regression in shop, production: still happening.",
    ]);
    const last = slack.messages("C01DEPLOYS").at(-1);
    expect(JSON.stringify(last?.blocks)).toContain("Roll back to 4c1e77d");
    expect(JSON.stringify(slack.messages("C01DEPLOYS"))).not.toContain("\\u001b");
  });

  test("a ping loses its button when the rollback was entered", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("a", card("regression"));
    const pressed = { deployment: deploymentId(1), counter: 3, digest: "0123456789abcdef" };
    const ping = { kind: "ping", ping: "regression", text: "Regression in shop.", rollBackButton: true } as const;
    wall.reply("1", "a", ping, { pressed, app: "shop", environment: "production", revision: "4c1e77d" });
    await until(() => wall.replyTs("1") !== null);
    const shown = (): string => JSON.stringify(slack.messages("C01DEPLOYS").at(-1)?.blocks);
    expect(shown()).toContain("Roll back to 4c1e77d");
    wall.outdate("1");
    await until(() => !shown().includes("Roll back"));
    expect(shown()).toContain("Regression in shop.");
  });

  test("a refused thread message is written down and does not stop the next", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("a", card("approval"));
    await painted(wall);
    slack.fault({ method: "chat.postMessage", error: "cannot_reply_to_message", times: 1 });
    wall.reply("1", "a", { text: "first" });
    wall.reply("2", "a", { text: "second" });
    await until(() => wall.replyTs("2") !== null);
    expect(wall.said.failedReplies).toEqual(["cannot_reply_to_message"]);
  });
});
