import { describe, expect, test } from "vitest";
import { seed } from "../slack-simulator/seed.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { everyCard } from "./cards.ts";
import { hang } from "./wall.ts";

/** What one person reads in their messages with the bot. */
function readBy(slack: TestSlack, user: string): readonly string[] {
  const channel = slack.state().channels.find((one) => one.is_im && one.user === user);
  return channel === undefined ? [] : slack.messages(channel.id).map((message) => message.text ?? "");
}

function blocksReadBy(slack: TestSlack, user: string): string {
  const channel = slack.state().channels.find((one) => one.is_im && one.user === user);
  return channel === undefined ? "" : JSON.stringify(slack.messages(channel.id).map((message) => message.blocks));
}

const looking = { ...seed, bot: { ...seed.bot, scopes: [...seed.bot.scopes, "im:history"] } };

describe("a direct message", () => {
  test("reaches its reader alone, in their own time, with the way to the card", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.put("a", everyCard()["approval"] ?? fail());
    await until(() => wall.stored("a").ts !== null);
    const card = { channel: "C01DEPLOYS", ts: wall.stored("a").ts ?? "" };
    const text = "Your change <!channel> is live. The watch ends at 2026-07-01T10:00:00.000Z.";
    wall.notice("n", "U02BOB", text, { card });
    await until(() => wall.noticeState("n").ts !== null);
    expect(readBy(slack, "U02BOB")).toEqual(["Your change &lt;!channel&gt; is live. The watch ends at Wed 1 Jul 12:00 CEST."]);
    expect(blocksReadBy(slack, "U02BOB")).toContain("<!date^1782900000^");
    expect(blocksReadBy(slack, "U02BOB")).toContain(`/archives/C01DEPLOYS/p${card.ts.replace(".", "")}|Open the card>`);
    expect(readBy(slack, "U01ANN")).toEqual([]);
  });

  test("whose answer was lost is found and not said again", async () => {
    await using slack = await startSlack({ seed: looking });
    const wall = hang(slack);
    slack.fault({ method: "chat.postMessage", status: 500, afterwards: true, times: 1 });
    wall.notice("n", "U02BOB", "Live.");
    await until(() => wall.noticeState("n").ts !== null);
    expect(readBy(slack, "U02BOB")).toEqual(["Live."]);
  });

  test("that never arrived is posted again where the bot may look", async () => {
    await using slack = await startSlack({ seed: looking });
    const wall = hang(slack);
    slack.fault({ method: "chat.postMessage", status: 500, times: 1 });
    wall.notice("n", "U02BOB", "Live.");
    await until(() => wall.noticeState("n").ts !== null);
    expect(readBy(slack, "U02BOB")).toEqual(["Live."]);
  });

  test("of unknown outcome is given up where nobody may look, and the next one follows", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    slack.fault({ method: "chat.postMessage", status: 500, afterwards: true, times: 1 });
    wall.notice("n", "U02BOB", "Live.");
    wall.notice("next", "U02BOB", "Rolled back.");
    await until(() => wall.noticeState("next").ts !== null, undefined, 60_000);
    expect(wall.noticeState("n").failed).toContain("not said twice");
    expect(readBy(slack, "U02BOB")).toEqual(["Live.", "Rolled back."]);
  });

  test("is kept while Slack is away, and waits out a 429", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    slack.fault({ method: "auth.test", status: 503, times: 2 });
    slack.fault({ method: "chat.postMessage", retryAfter: 1, times: 1 });
    wall.notice("n", "U02BOB", "Live.");
    await until(() => wall.noticeState("n").ts !== null, undefined, 60_000);
    expect(readBy(slack, "U02BOB")).toEqual(["Live."]);
  });

  test("to somebody Slack does not know is written down as failed, and cards go on", async () => {
    await using slack = await startSlack();
    const wall = hang(slack);
    wall.notice("n", "U99NOBODY", "Live.");
    wall.notice("gone", "U03EVE", "Live.", { kind: "show" });
    wall.put("a", everyCard()["approval"] ?? fail());
    await until(() => wall.noticeState("n").failed !== null && wall.stored("a").ts !== null && wall.noticeState("gone").ts !== null);
    expect(wall.noticeState("n").failed).toBe("channel_not_found");
  });

  test("for another channel speaks in the team's time: more than one reads it", async () => {
    await using slack = await startSlack();
    const wall = hang(slack, { timezone: "Asia/Tokyo" });
    wall.notice("n", "#shop-deploys", "Frozen until 2026-07-01T10:00:00.000Z.", { timezone: null });
    wall.notice("own", "U02BOB", "Frozen until 2026-07-01T10:00:00.000Z.");
    await until(() => wall.noticeState("n").ts !== null && wall.noticeState("own").ts !== null, undefined, 60_000);
    expect(slack.messages("C01DEPLOYS").map(({ text }) => text)).toEqual(["Frozen until Wed 1 Jul 19:00 GMT+9."]);
    expect(readBy(slack, "U02BOB")).toEqual(["Frozen until Wed 1 Jul 12:00 CEST."]);
  });

  test("comes after cards and thread messages", async () => {
    await using slack = await startSlack();
    const wall = hang(slack, { lease: () => begun });
    let begun = false;
    wall.notice("n", "U02BOB", "Live.");
    wall.put("a", everyCard()["approval"] ?? fail());
    wall.reply("r", "a", { text: "In the thread." });
    begun = true;
    await until(() => wall.noticeState("n").ts !== null, undefined, 60_000);
    expect(Number(wall.replyTs("r"))).toBeGreaterThan(0);
    expect(Number(wall.noticeState("n").ts)).toBeGreaterThan(Number(wall.replyTs("r")));
    expect(slack.state().dev.calls["chat.postMessage"]?.total).toBe(3);
  });
});

function fail(): never {
  throw new Error("no such card");
}
