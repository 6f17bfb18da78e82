import { describe, expect, test } from "vitest";
import { startBot, type Mode } from "./bots.ts";
import { plain, section } from "./blocks.ts";
import { call, clientOf, post, startSlack, until, type TestSlack } from "./world.ts";

const at = { user: "U01ANN", channel: "C01DEPLOYS" };
const modal = (title: string, more: object = {}): object => ({
  type: "modal",
  callback_id: "m",
  title: plain(title),
  submit: plain("Go"),
  blocks: [section("x")],
  ...more,
});

/** A running bot that keeps the newest trigger and response_url of /deploy. */
async function withCommand(slack: TestSlack, mode: Mode = "socket"): Promise<{ trigger: string; responseUrl: string }> {
  const seen = { trigger: "", responseUrl: "" };
  await startBot(slack, mode, (app) => {
    app.command("/deploy", async ({ ack, command }) => {
      Object.assign(seen, { trigger: command.trigger_id, responseUrl: command.response_url });
      await ack();
    });
  });
  await slack.command({ ...at, text: "/deploy" });
  return seen;
}

describe("triggers", () => {
  test("work once", async () => {
    await using slack = await startSlack();
    const { trigger } = await withCommand(slack);
    expect(await call(slack.web, "views.open", { trigger_id: trigger, view: modal("One") })).toMatchObject({ ok: true });
    expect(await call(slack.web, "views.open", { trigger_id: trigger, view: modal("Two") })).toMatchObject({
      error: "exchanged_trigger_id",
    });
  });

  test.each([
    [3000, { ok: true }],
    [3001, { ok: false, error: "expired_trigger_id" }],
  ])("after %i ms", async (ms, answer) => {
    await using slack = await startSlack({ now: () => new Date("2026-11-23T09:00:00Z") });
    const { trigger } = await withCommand(slack);
    slack.advance(ms);
    expect(await call(slack.web, "views.open", { trigger_id: trigger, view: modal("One") })).toMatchObject(answer);
  });

  test("are not spent by a view that is refused", async () => {
    await using slack = await startSlack();
    const { trigger } = await withCommand(slack);
    const long = modal("A title of more than 24 characters");
    expect(await call(slack.web, "views.open", { trigger_id: trigger, view: long })).toMatchObject({ error: "invalid_arguments" });
    expect(await call(slack.web, "views.open", { trigger_id: trigger, view: modal("One") })).toMatchObject({ ok: true });
    expect(await call(slack.web, "views.push", { trigger_id: "1.2.x", view: modal("Two") })).toMatchObject({ error: "invalid_trigger_id" });
  });
});

async function respond(url: string, body: object): Promise<[number, string]> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return [response.status, await response.text()];
}

describe("response_urls", () => {
  test("work five times", async () => {
    await using slack = await startSlack();
    const { responseUrl } = await withCommand(slack);
    for (let n = 1; n <= 5; n += 1) expect(await respond(responseUrl, { text: `${n}` })).toEqual([200, "ok"]);
    expect(await respond(responseUrl, { text: "6" })).toEqual([404, '{"ok":false,"error":"used_url"}']);
    expect(slack.ephemerals("U01ANN").map((one) => one.text)).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("work for thirty minutes", async () => {
    await using slack = await startSlack({ now: () => new Date("2026-11-23T09:00:00Z") });
    const { responseUrl } = await withCommand(slack);
    slack.advance(30 * 60_000);
    expect(await respond(responseUrl, { text: "in time", response_type: "in_channel" })).toEqual([200, "ok"]);
    slack.advance(1);
    expect(await respond(responseUrl, { text: "late" })).toEqual([404, '{"ok":false,"error":"expired_url"}']);
    expect(slack.messages("C01DEPLOYS").map((one) => one.text)).toEqual(["in time"]);
  });

  test("refuse bad blocks without counting them", async () => {
    await using slack = await startSlack();
    const { responseUrl } = await withCommand(slack);
    const [status, body] = await respond(responseUrl, { blocks: [{ type: "banner" }] });
    expect([status, body]).toEqual([400, expect.stringContaining("unsupported type: banner")]);
    expect(await respond(responseUrl, {})).toEqual([400, '{"ok":false,"error":"no_text"}']);
    for (let n = 1; n <= 5; n += 1) expect(await respond(responseUrl, { text: "x" })).toEqual([200, "ok"]);
  });
});

describe.each<Mode>(["socket", "http"])("in %s mode", (mode) => {
  test("an ack later than 3 s shows a warning, and operation_timeout for a command", async () => {
    await using slack = await startSlack();
    const waiting: (() => void)[] = [];
    await startBot(slack, mode, (app) => {
      app.command("/deploy", async ({ ack }) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        await ack().catch(() => {});
      });
      app.action("press", async ({ ack }) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        await ack().catch(() => {});
      });
    });
    const command = slack.command({ ...at, text: "/deploy" });
    await until(() => waiting.length === 1, "the command");
    slack.advance(3000);
    expect(await command).toMatchObject({ result: "operation_timeout", shown: '/deploy failed with the error "operation_timeout"' });
    expect(slack.state().notices).toMatchObject([{ user: "U01ANN", text: '/deploy failed with the error "operation_timeout"' }]);

    const ts = await post(slack, {
      channel: at.channel,
      text: "t",
      blocks: [{ type: "actions", elements: [{ type: "button", action_id: "press", text: plain("Press") }] }],
    });
    const click = slack.click({ ...at, ts, action_id: "press" });
    await until(() => waiting.length === 2, "the click");
    expect(slack.state().presses.at(-1)).toMatchObject({ action_id: "press", state: "pending" });
    slack.advance(3000);
    expect(await click).toMatchObject({ result: "operation_timeout", shown: expect.stringContaining("not at all") });
    expect(slack.state().presses.at(-1)).toMatchObject({ action_id: "press", state: "failed" });
    expect(slack.state().dev.acks).toMatchObject({ unanswered: 2 });
    for (const go of waiting) go();
  });

  test("a command fails with dispatch_failed while the bot is down, and works when it is back", async () => {
    await using slack = await startSlack();
    const stop = await startBot(slack, mode, (app) => app.command("/deploy", async ({ ack }) => ack()));
    expect(await slack.command({ ...at, text: "/deploy" })).toMatchObject({ result: "ok" });
    await stop();
    if (mode === "socket") await until(() => slack.state().dev.connection.count === 0, "the socket to be gone");
    expect(await slack.command({ ...at, text: "/deploy" })).toMatchObject({
      result: "dispatch_failed",
      shown: '/deploy failed with the error "dispatch_failed"',
    });
    await startBot(slack, mode, (app) => app.command("/deploy", async ({ ack }) => ack()));
    expect(await slack.command({ ...at, text: "/deploy" })).toMatchObject({ result: "ok" });
  });

  test("an event without an ack comes again at once, after a minute, after five, then never", async () => {
    await using slack = await startSlack({ now: () => new Date("2026-11-23T09:00:00Z") });
    const stop = await startBot(slack, mode, () => {});
    await stop();
    if (mode === "socket") await until(() => slack.state().dev.connection.count === 0, "the socket to be gone");
    const log = (): string[] => slack.state().dev.acks.log.map((entry) => `${entry.kind} ${entry.result}`);
    await slack.openHome({ user: "U01ANN" });
    await until(() => log().length === 2, "the retry at once");
    slack.advance(59_999);
    expect(log()).toHaveLength(2);
    slack.advance(1);
    await until(() => log().length === 3, "the retry after a minute");
    slack.advance(300_000);
    await until(() => log().length === 4, "the retry after five minutes");
    slack.advance(3_600_000);
    expect(new Set(log())).toEqual(new Set(["app_home_opened dispatch_failed"]));
    expect(log()).toHaveLength(4);
  });
});

describe("rate limits", () => {
  test("chat.postMessage: three at once, then one a second in a channel", async () => {
    await using slack = await startSlack({ relaxed: false, now: () => new Date("2026-11-23T09:00:00Z") });
    const say = (channel: string): Promise<Record<string, unknown>> => call(slack.web, "chat.postMessage", { channel, text: "t" });
    for (let n = 0; n < 3; n += 1) expect(await say("C01DEPLOYS")).toMatchObject({ ok: true });
    await expect(say("C01DEPLOYS")).rejects.toMatchObject({ code: "slack_webapi_rate_limited_error", retryAfter: 1 });
    await expect(say("#shop-deploys")).rejects.toMatchObject({ retryAfter: 1 });
    expect(await say("C05SHARED")).toMatchObject({ ok: true });
    slack.advance(1000);
    expect(await say("C01DEPLOYS")).toMatchObject({ ok: true });
    expect(slack.state().dev).toMatchObject({ refused429: 2, calls: { "chat.postMessage": { total: 7, refused: 2 } } });
  });

  test.each([
    ["chat.update", 60],
    ["usergroups.list", 24],
    ["users.info", 120],
  ])("%s: %i in a burst, then its tier", async (method, burst) => {
    await using slack = await startSlack({ relaxed: false, now: () => new Date("2026-11-23T09:00:00Z") });
    const ts = await post(slack, { channel: "C01DEPLOYS", text: "t" });
    const go = (): Promise<Record<string, unknown>> => call(slack.web, method, { channel: "C01DEPLOYS", ts, text: "t", user: "U01ANN" });
    for (let n = 0; n < burst; n += 1) expect(await go()).toMatchObject({ ok: true });
    await expect(go()).rejects.toMatchObject({ code: "slack_webapi_rate_limited_error" });
    slack.advance(60_000);
    expect(await go()).toMatchObject({ ok: true });
    expect(slack.state().dev.calls[method]).toMatchObject({ lastMinute: 1 });
  });

  test("the real client waits for Retry-After and comes back", async () => {
    await using slack = await startSlack();
    slack.fault({ method: "chat.update", retryAfter: 1, times: 1 });
    const ts = await post(slack, { channel: "C01DEPLOYS", text: "t" });
    const started = performance.now();
    const patient = clientOf(slack, undefined, {
      retryConfig: { retries: 1, minTimeout: 0, randomize: false },
      rejectRateLimitedCalls: false,
    });
    await patient.chat.update({ channel: "C01DEPLOYS", ts, text: "late" });
    expect(performance.now() - started).toBeGreaterThan(900);
    expect(slack.history("C01DEPLOYS", ts).map((version) => version.text)).toEqual(["t", "late"]);
  });
});
