import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { expect, test } from "vitest";
import { openBotWorld, SECRETS, type BotWorld } from "../support/bot-world.ts";
import type { BotProcess } from "../support/bot-process.ts";
import { until } from "../support/until.ts";

const MB = 1024 * 1024;

test("hostile webhooks: never 5xx, no job that fails for ever, memory stays sane, the bot goes on", { timeout: 600_000 }, async () => {
  await using world = await openBotWorld();
  const bot = await world.bot();
  await world.candidate();
  const real = realBodies(world);
  const push = real.get("push") ?? "";
  const run = real.get("workflow_run") ?? "";
  const job = real.get("workflow_job") ?? "";
  expect([push, run, job]).not.toContain("");
  const title = (text: string) => push.replace(/"message":"[^"]*"/gu, () => `"message":${text}`);
  const bodies: readonly (readonly [string, string, string | Buffer])[] = [
    ["a NUL in a title", "push", title('"a\\u0000b"')],
    ["a lone surrogate in a title", "push", title('"a\\ud800b \\udc00"')],
    ["a NUL in a job's name", "workflow_job", job.replace(/"name":"[^"]*"/u, '"name":"bu\\u0000ild"')],
    ["a lone surrogate in a branch", "workflow_run", run.replace(/"head_branch":"[^"]*"/gu, '"head_branch":"ma\\ud834in"')],
    ["brackets", "push", "[".repeat(2_000_000)],
    ["balanced brackets", "push", "[".repeat(2_000_000) + "]".repeat(2_000_000)],
    ["nested objects", "push", '{"a":'.repeat(1_000_000) + "1" + "}".repeat(1_000_000)],
    ["nested inside a real body", "push", `{"deep":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)},${push.slice(1)}`],
    ["ids over 2^53", "workflow_run", run.replaceAll(/"id":\d+/gu, '"id":98765432109876543210')],
    ["the largest number", "workflow_job", job.replaceAll(/"(id|run_id|run_attempt)":\d+/gu, '"$1":1e400')],
    ["the year 300000", "workflow_job", job.replaceAll(/_at":"\d{4}-/gu, '_at":"+300000-')],
    ["the year 9999999", "workflow_run", run.replaceAll(/_at":"\d{4}-/gu, '_at":"9999999-')],
    ["a huge run number", "workflow_run", run.replaceAll(/"run_number":\d+/gu, '"run_number":9007199254740993')],
    ["another event's body", "workflow_run", push],
    ["an event that is none", "no such event!", push],
    ["prototype keys", "push", `{"__proto__":{"a":1},"constructor":1,${push.slice(1)}`],
    ["no JSON", "push", "not json at all"],
    ["nothing", "push", ""],
    ["bytes that are no UTF-8", "push", Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d])],
    ["null", "workflow_job", "null"],
  ];
  for (const [name, event, body] of bodies) {
    const { status } = await send(bot, event, body);
    expect.soft(status, name).toBeGreaterThanOrEqual(200);
    expect.soft(status, name).toBeLessThan(500);
  }
  const again = randomUUID();
  expect((await send(bot, "push", push, again)).body).toContain("accepted");
  expect((await send(bot, "push", push, again)).body).toContain("duplicate");
  const before = rss(bot.pid);
  const statuses = await Promise.all(Array.from({ length: 60 }, () => unsigned(bot, 24 * MB)));
  expect(statuses.every((status) => status === 401)).toBe(true);
  expect(rss(bot.pid) - before).toBeLessThan(300 * MB);
  const open = () => world.rows<{ id: string; reason: string | null }>("select id, reason from deliveries where result is null");
  await until(
    async () => (await open()).length === 0,
    () => `deliveries without an end: ${bot.said().slice(-4000)}`,
    60_000,
  );
  expect(await world.rows("select name, retry_count, output from pgboss.job where retry_count > 0")).toEqual([]);
  expect(bot.ended()).toBeNull();
  // Two million brackets hold the process up; a socket that Slack's client gave up meanwhile is opened again by itself.
  await until(async () => (await bot.get("/readyz")).status === 200, bot.said, 60_000);
  expect(bot.said()).not.toContain('"level":"error"');
  await world.candidate();
});

/** One real body of each event, as the code host sent it. */
function realBodies(world: BotWorld): ReadonlyMap<string, string> {
  return new Map(world.github.deliveries().map(({ event, body }) => [event, body]));
}

async function send(bot: BotProcess, event: string, body: string | Buffer, id: string = randomUUID()) {
  const bytes = Buffer.from(body);
  const signature = `sha256=${createHmac("sha256", SECRETS.GITHUB_WEBHOOK_SECRET).update(bytes).digest("hex")}`;
  const headers = {
    "content-type": "application/json",
    "x-hub-signature-256": signature,
    "x-github-delivery": id,
    "x-github-event": event,
  };
  const response = await fetch(`${bot.url}/webhooks/github`, { method: "POST", headers, body: bytes });
  return { status: response.status, body: await response.text() };
}

/** Answers the status; the sender goes on writing until it is cut or done, as one who does not listen would. */
function unsigned(bot: BotProcess, bytes: number): Promise<number> {
  return new Promise((answered) => {
    const headers = { "content-type": "application/json", "content-length": bytes, "x-github-event": "push" };
    const call = request(`${bot.url}/webhooks/github`, { method: "POST", headers }, (response) => {
      response.resume();
      answered(response.statusCode ?? 0);
    });
    call.on("error", () => answered(0));
    const chunk = Buffer.alloc(64 * 1024, 0x61);
    let left = bytes;
    function more(): void {
      while (left > 0) {
        left -= chunk.length;
        if (!call.write(chunk)) return void call.once("drain", more);
      }
      call.end();
    }
    more();
  });
}

function rss(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/u.exec(status)?.[1] ?? 0) * 1024;
}
