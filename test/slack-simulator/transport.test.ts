import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { sign } from "../../sandbox/slack/deliver/http.ts";
import { startBot } from "./bots.ts";
import { bot } from "./seed.ts";
import { call, clientOf, post, startSlack, until, type TestSlack } from "./world.ts";

const at = { user: "U01ANN", channel: "C01DEPLOYS" };

async function link(slack: TestSlack): Promise<string> {
  const answer = await call(clientOf(slack, bot.appToken), "apps.connections.open");
  return String(answer["url"]);
}

/** Opens one connection and collects its frames. */
async function connect(slack: TestSlack): Promise<{ socket: WebSocket; frames: string[] }> {
  const socket = new WebSocket(await link(slack));
  const frames: string[] = [];
  socket.on("message", (data: Buffer) => frames.push(data.toString()));
  await until(() => frames.length > 0, "the first frame");
  return { socket, frames };
}

describe("Socket Mode", () => {
  test("says hello at once, takes a ticket once and ten connections", async () => {
    await using slack = await startSlack();
    const url = await link(slack);
    const first = new WebSocket(url);
    await new Promise((resolve) => first.once("open", resolve));
    const again = await new Promise((resolve) => new WebSocket(url).once("error", resolve));
    expect(String(again)).toContain("401");
    const sockets = [];
    for (let n = 2; n <= 10; n += 1) sockets.push(await connect(slack));
    expect(sockets.at(-1)?.frames[0]).toContain('"num_connections":10');
    const eleventh = await connect(slack);
    expect(eleventh.frames[0]).toContain("too_many_websockets");
    expect(slack.state().dev.connection).toMatchObject({ mode: "socket", count: 10 });
  });

  test("spreads envelopes over the connections", async () => {
    await using slack = await startSlack();
    const [one, two] = [await connect(slack), await connect(slack)];
    for (const { socket } of [one, two]) {
      socket.on("message", (data: Buffer) => {
        const id = /"envelope_id":"([^"]+)"/u.exec(data.toString())?.[1];
        if (id !== undefined) socket.send(JSON.stringify({ envelope_id: id, payload: {} }));
      });
    }
    for (let n = 0; n < 4; n += 1) expect(await slack.command({ ...at, text: "/deploy" })).toMatchObject({ result: "ok" });
    expect([one.frames.length, two.frames.length]).toEqual([3, 3]);
  });

  test.each(["refresh_requested", "drop"])("the bot comes back after %s", async (reason) => {
    await using slack = await startSlack();
    await startBot(slack, "socket", (app) => app.command("/deploy", async ({ ack }) => ack()));
    let openings = 0;
    slack.subscribe(() => {
      openings = slack.state().dev.calls["apps.connections.open"]?.total ?? 0;
    });
    expect(slack.disconnect({ reason })).toBe(1);
    await until(() => openings >= 2 && slack.state().dev.connection.count === 1, "the bot to be back", 30_000);
    expect(await slack.command({ ...at, text: "/deploy" })).toMatchObject({ result: "ok" });
  });
});

describe("HTTP mode", () => {
  test("signs the exact bytes, with Slack's headers", async () => {
    await using slack = await startSlack();
    const seen: { headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        seen.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
        response.writeHead(500, { "x-slack-no-retry": "1" });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    slack.setRequestUrl(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/slack/events`);
    expect(await slack.command({ ...at, text: "/deploy shöp & co" })).toMatchObject({
      result: "http_error",
      status: 500,
      shown: '/deploy failed with the error "dispatch_failed"',
    });
    expect(await slack.openHome({ user: "U01ANN" })).toMatchObject({ result: "http_error" });
    const [form, event] = seen;
    expect(form?.headers).toMatchObject({
      "content-type": "application/x-www-form-urlencoded",
      "user-agent": expect.stringContaining("Slackbot 1.0"),
    });
    expect(form?.headers["x-slack-signature"]).toBe(
      sign(bot.signingSecret, String(form?.headers["x-slack-request-timestamp"]), form?.body ?? ""),
    );
    expect(Object.fromEntries(new URLSearchParams(form?.body))).toMatchObject({
      command: "/deploy",
      text: "shöp & co",
      channel_name: "shop-deploys",
      team_id: "T01SIM",
    });
    expect(event?.headers["content-type"]).toBe("application/json");
    // X-Slack-No-Retry was heeded: a retry at once would have overtaken this command.
    slack.advance(600_000);
    await slack.command({ ...at, text: "/deploy" });
    await slack.command({ ...at, text: "/deploy" });
    expect(slack.state().dev.acks.log.filter((entry) => entry.kind === "app_home_opened")).toHaveLength(1);
    await new Promise((resolve) => server.close(resolve));
  });

  test("numbers its retries and says why", async () => {
    await using slack = await startSlack();
    const retries: unknown[] = [];
    const ids = new Set<string>();
    const server = createServer((request, response) => {
      retries.push([request.headers["x-slack-retry-num"], request.headers["x-slack-retry-reason"]]);
      request.on("data", (part: Buffer) => ids.add(/"event_id":"([^"]+)"/u.exec(part.toString())?.[1] ?? ""));
      request.on("end", () => response.writeHead(retries.length > 1 ? 200 : 500).end());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    slack.setRequestUrl(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/slack/events`);
    await slack.event({ type: "subteam_members_changed", subteam_id: "S01OWNERS" });
    await until(() => slack.state().dev.acks.log.length === 2, "the retry");
    expect(retries).toEqual([
      [undefined, undefined],
      ["1", "http_error"],
    ]);
    expect(ids.size).toBe(1);
    await new Promise((resolve) => server.close(resolve));
  });

  test("asks the real bot for its challenge, and is refused with a wrong secret", async () => {
    await using slack = await startSlack();
    await startBot(slack, "http", () => {});
    expect(await slack.verifyRequestUrl()).toBe(true);
    await using forger = await startSlack({ bot: { ...bot, signingSecret: "another" } });
    await startBot(forger, "http", (app) => app.command("/deploy", async ({ ack }) => ack()));
    expect(await forger.command({ ...at, text: "/deploy" })).toMatchObject({ result: "http_error", status: 401 });
  });
});

function update(slack: TestSlack, ts: string): Promise<unknown> {
  return call(slack.web, "chat.update", { channel: "C01DEPLOYS", ts, text: "edited" });
}

test("a change of the team is an event, and what was sent can be sent again under its own id", async () => {
  await using slack = await startSlack();
  const seen: unknown[] = [];
  await startBot(slack, "socket", (app) => {
    app.event("subteam_members_changed", async ({ body, event }) => void seen.push([body.event_id, event.added_users]));
    app.event("channel_archive", async ({ event }) => void seen.push(event.channel));
    app.command("/deploy", async ({ ack, command }) => {
      seen.push(command.trigger_id);
      await ack();
    });
  });
  await slack.change({ usergroup: { id: "S01OWNERS", users: ["U01ANN", "U02BOB"] } });
  expect(await slack.redeliver()).toMatchObject({ result: "ok" });
  expect(seen[1]).toEqual(seen[0]);
  await slack.change({ channel: { id: "C02GENERAL", is_archived: true } });
  expect(seen[2]).toBe("C02GENERAL");
  const { id } = await slack.command({ ...at, text: "/deploy" });
  expect(await slack.redeliver(id)).toMatchObject({ id, result: "ok" });
  expect(seen[4]).toEqual(seen[3]);
  await expect(slack.redeliver("none")).rejects.toThrow("nothing was sent");
});

describe("faults", () => {
  test("an error, a status, a 429 and a cut connection, each as often as ordered", async () => {
    await using slack = await startSlack();
    const ts = await post(slack, { channel: "C01DEPLOYS", text: "card" });
    slack.fault({ method: "chat.update", error: "edit_window_closed", times: 2 });
    expect(await update(slack, ts)).toMatchObject({ error: "edit_window_closed" });
    expect(await update(slack, ts)).toMatchObject({ error: "edit_window_closed" });
    slack.fault({ method: "*", status: 503 });
    await expect(update(slack, ts)).rejects.toMatchObject({ code: "slack_webapi_http_error", statusCode: 503 });
    slack.fault({ method: "chat.update", retryAfter: 30 });
    await expect(update(slack, ts)).rejects.toMatchObject({ code: "slack_webapi_rate_limited_error", retryAfter: 30 });
    slack.fault({ method: "chat.update", drop: true });
    await expect(update(slack, ts)).rejects.toMatchObject({ code: "slack_webapi_request_error" });
    expect(await update(slack, ts)).toMatchObject({ ok: true });
    expect(slack.state().dev).toMatchObject({ refused429: 1, faults: [] });
  });

  test("last for a time", async () => {
    await using slack = await startSlack({ now: () => new Date("2026-11-23T09:00:00Z") });
    const ts = await post(slack, { channel: "C01DEPLOYS", text: "card" });
    slack.fault({ method: "chat.update", retryAfter: 5, forMs: 20_000 });
    await expect(update(slack, ts)).rejects.toMatchObject({ retryAfter: 5 });
    slack.advance(19_999);
    await expect(update(slack, ts)).rejects.toMatchObject({ retryAfter: 5 });
    slack.advance(1);
    expect(await update(slack, ts)).toMatchObject({ ok: true });
  });

  test("can leave the caller not knowing: the message is there, the answer is not", async () => {
    await using slack = await startSlack();
    slack.fault({ method: "chat.postMessage", drop: true, afterwards: true });
    await expect(post(slack, { channel: "C01DEPLOYS", text: "card" })).rejects.toMatchObject({ code: "slack_webapi_request_error" });
    expect(slack.messages("C01DEPLOYS")).toMatchObject([{ text: "card" }]);
  });

  test("can be slow, by the simulator's clock", async () => {
    await using slack = await startSlack();
    slack.fault({ method: "auth.test", delayMs: 60_000 });
    let done = false;
    const answer = call(slack.web, "auth.test").then((value) => {
      done = true;
      return value;
    });
    await until(() => slack.state().dev.faults.length === 0, "the fault to strike");
    expect(done).toBe(false);
    slack.advance(60_000);
    expect(await answer).toMatchObject({ ok: true });
  });
});
