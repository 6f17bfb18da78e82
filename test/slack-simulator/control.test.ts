import { request } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isJson, objectOf, parseJson, textOf, type Json } from "../../sandbox/slack/json.ts";
import { controlToken } from "./seed.ts";
import { post, startSlack, until, type TestSlack } from "./world.ts";

/** The page's side: control routes, stream, files. */

function verb(
  slack: TestSlack,
  name: string,
  body: object,
  headers: Record<string, string> = { "x-control-token": controlToken },
): Promise<Response> {
  return fetch(`${slack.url}/_sim/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** A raw GET, since fetch does not let a Host be forged. */
function get(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Collects what the stream says until `stop`. */
async function listen(slack: TestSlack): Promise<{ events: { event: string; data: Json }[]; stop: () => void }> {
  const abort = new AbortController();
  const response = await fetch(`${slack.url}/_sim/stream?token=${controlToken}`, { signal: abort.signal });
  const events: { event: string; data: Json }[] = [];
  void read(response, events).catch(() => {});
  return { events, stop: () => abort.abort() };
}

async function read(response: Response, events: { event: string; data: Json }[]): Promise<void> {
  let rest = "";
  for await (const part of response.body ?? []) {
    const pieces = (rest + Buffer.from(part).toString()).split("\n\n");
    rest = pieces.pop() ?? "";
    for (const piece of pieces) {
      const [event = "", data = ""] = piece.split("\n").map((line) => line.replace(/^(event|data): /u, ""));
      const parsed = parseJson(data);
      if (isJson(parsed)) events.push({ event, data: parsed });
    }
  }
}

describe("the control routes", () => {
  test("want the token, a loopback host by name, and no foreign origin", async () => {
    await using slack = await startSlack();
    const state = `${slack.url}/_sim/state`;
    const host = new URL(slack.url).host;
    expect(await get(state, {})).toBe(403);
    expect(await get(state, { "x-control-token": "guess" })).toBe(403);
    expect(await get(state, { "x-control-token": controlToken })).toBe(200);
    expect(await get(`${state}?token=${controlToken}`, {})).toBe(200);
    expect(await get(state, { "x-control-token": controlToken, host: "evil.test" })).toBe(403);
    expect(await get(state, { "x-control-token": controlToken, host: host.replace("127.0.0.1", "127.0.0.1.evil.test") })).toBe(403);
    expect(await get(state, { "x-control-token": controlToken, origin: "http://evil.test" })).toBe(403);
    expect(await get(state, { "x-control-token": controlToken, origin: "null" })).toBe(403);
    expect(await get(state, { "x-control-token": controlToken, origin: `http://${host}` })).toBe(200);
  });

  test("do what the typed verbs do, and say what was wrong", async () => {
    await using slack = await startSlack();
    const answer = async (name: string, body: object): Promise<[number, Json]> => {
      const response = await verb(slack, name, body);
      return [response.status, objectOf(await response.json())];
    };
    const [status, said] = await answer("say", { user: "U01ANN", channel: "C01DEPLOYS", text: "merged" });
    expect([status, said]).toEqual([200, expect.objectContaining({ text: "merged", user: "U01ANN" })]);
    expect(await answer("history", { channel: "C01DEPLOYS", ts: said["ts"] })).toMatchObject([200, { versions: [{ text: "merged" }] }]);
    expect(await answer("read", { channel: "C01DEPLOYS" })).toMatchObject([200, { messages: [{ text: "merged" }] }]);
    expect(await answer("read", { user: "U01ANN" })).toEqual([200, { ephemerals: [] }]);
    expect(await answer("command", { user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy" })).toMatchObject([
      200,
      { result: "dispatch_failed" },
    ]);
    expect(await answer("fault", { method: "chat.update", retryAfter: 5, forMs: 20_000 })).toMatchObject([200, { id: expect.any(String) }]);
    expect(slack.state().dev.faults).toMatchObject([{ method: "chat.update", retryAfter: 5 }]);
    expect(await answer("fault", { clear: true })).toEqual([200, {}]);
    expect(await answer("advance", { ms: 1000 })).toMatchObject([200, { now: expect.any(String) }]);
    expect(await answer("disconnect", {})).toEqual([200, { closed: 0 }]);
    expect(await answer("say", { user: "U99", channel: "C01DEPLOYS", text: "x" })).toEqual([
      400,
      { error: "there is no user U99 in the team" },
    ]);
    expect(await answer("say", { user: "U01ANN" })).toMatchObject([400, { error: expect.stringContaining("channel") }]);
    expect(await answer("click", { user: "U01ANN", channel: "C01DEPLOYS", ts: said["ts"], action_id: "none" })).toMatchObject([
      400,
      { error: expect.stringContaining("no element none") },
    ]);
    expect(await answer("dance", {})).toEqual([404, { error: "there is no verb dance" }]);
  });

  test("take routes and values of the sandbox, behind the same guard", async () => {
    await using slack = await startSlack();
    slack.route("/_world/", ({ path, body, response }) => {
      response.writeHead(200);
      response.end(`${path} ${body.toString()}`);
    });
    slack.publish("guide", { step: 2 });
    const go = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${slack.url}/_world/kill`, { method: "POST", body: "bot", headers });
    expect((await go({})).status).toBe(403);
    expect(await (await go({ "x-control-token": controlToken })).text()).toBe("/_world/kill bot");
    expect(slack.state().published).toEqual({ guide: { step: 2 } });
  });
});

describe("the stream", () => {
  test("starts with the whole state and goes on with whole changed objects", async () => {
    await using slack = await startSlack();
    await post(slack, { channel: "C01DEPLOYS", text: "before" });
    const stream = await listen(slack);
    const first = await until(() => stream.events[0], "the state");
    expect(first).toMatchObject({
      event: "state",
      data: { team: { name: "Acme" }, messages: [{ text: "before" }], dev: { connection: { mode: "socket", count: 0 } } },
    });

    const ts = await post(slack, { channel: "C01DEPLOYS", text: "card" });
    await slack.web.chat.update({ channel: "C01DEPLOYS", ts, text: "card 2" });
    await slack.web.chat.delete({ channel: "C01DEPLOYS", ts });
    await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy" });
    slack.publish("bot", { alive: false });
    const changes = (topic: string): Json[] =>
      stream.events.filter(({ event, data }) => event === "change" && data["topic"] === topic).map(({ data }) => data);
    await until(() => changes("published").length > 0 && changes("dev").length > 0, "the last changes");
    const key = `C01DEPLOYS/${ts}`;
    expect(changes("message")).toMatchObject([
      { key, value: { text: "card", editCount: 0 } },
      { key, value: { text: "card 2", editCount: 1 } },
      { key, value: null },
    ]);
    expect(changes("press").map((change) => textOf(objectOf(change["value"])["state"]))).toEqual(["pending", "failed"]);
    expect(changes("notice")).toMatchObject([{ value: { user: "U01ANN", text: '/deploy failed with the error "dispatch_failed"' } }]);
    expect(changes("published")).toMatchObject([{ key: "bot", value: { alive: false } }]);
    expect(changes("dev").at(-1)).toMatchObject({
      value: { calls: { "chat.update": { total: 1, perMinute: 50 } }, acks: { unanswered: 1 } },
    });
    stream.stop();
  });
});

describe("the page", () => {
  test("is served from its folder, nothing outside of it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "page-"));
    await writeFile(join(folder, "index.html"), "<title>Simulator</title>");
    await using slack = await startSlack({ pageFolder: folder });
    const page = await fetch(`${slack.url}/`);
    expect([page.headers.get("content-type"), await page.text()]).toEqual(["text/html; charset=utf-8", "<title>Simulator</title>"]);
    expect(await get(`${slack.url}/..%2f..%2f..%2fetc%2fpasswd`, {})).toBe(404);
    expect(await get(`${slack.url}/%zz`, {})).toBe(404);
    expect(await get(`${slack.url}/none.js`, {})).toBe(404);
    await rm(folder, { recursive: true });
  });
});
