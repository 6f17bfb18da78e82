import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { expect, test } from "vitest";
import { processList } from "../support/processes.ts";
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

test("no secret of the environment is seen in logs, Slack, the database or the list of processes, not even when a step prints them", async () => {
  await using world = await openBotWorld();
  const secrets = Object.values(SECRETS);
  const bot = await world.bot({ env: { LOG_LEVEL: "trace", METRICS_TOKEN: "planted-metrics-token-9" } });
  const revision = await world.candidate();
  const key = readFileSync(world.env["SSH_PRIVATE_KEY_FILE"] ?? "", "utf8");
  world.script(
    "pull",
    [...secrets.map((secret) => `echo 'leak ${secret}'; printf 'a:%s:b' '${secret}' | base64 -w0`), `cat <<'END'\n${key}\nEND`].join("\n"),
  );
  world.script(
    "restart",
    `for i in 1 2 3; do printf '%s' '${SECRETS.GITHUB_TOKEN.slice(0, 8)}'; sleep 0.6; echo '${SECRETS.GITHUB_TOKEN.slice(8)}'; done; exit 3`,
  );
  const env = { DATABASE_URL: world.env["DATABASE_URL"] ?? "" };
  const asked = await world.cli(["approve", "shop", "production", "--override", "--reason", `because ${SECRETS.GITHUB_TOKEN}`], env);
  expect(asked).toMatchObject({ code: 0 });
  const processes = processList();
  await world.settled("failed", "needs_attention", "succeeded_unverified");
  await until(
    async () => (await world.rows("select from replies where ts is null and failed_because is null")).length === 0,
    bot.said,
    60_000,
  );
  await until(async () => (await world.rows("select from cards where version > drawn_version")).length === 0, bot.said, 60_000);
  const seen = {
    log: bot.said(),
    slack: JSON.stringify(world.slack.state()),
    database: await everything(world),
    processes: processes.filter((line) => !line.includes("--reason")).join("\n"),
    metrics: (await bot.get("/metrics")).body,
  };
  expect(seen.database).toContain(revision);
  expect(seen.database).toContain("[redacted]");
  const coded = Object.values(SECRETS).map((secret) => Buffer.from(`a:${secret}:b`).toString("base64").slice(4, -8));
  const ofKey = key.split("\n").filter((line) => line.length > 40 && !line.startsWith("--"));
  for (const [place, text] of Object.entries(seen))
    for (const secret of [...Object.values(SECRETS), ...coded, ...ofKey])
      expect.soft(text.includes(secret), `${secret} in ${place}`).toBe(false);
});

/** Every column of every table as text; bytes as the text that they are. */
async function everything(world: BotWorld): Promise<string> {
  const tables = await world.rows<{ table: string }>(
    "select quote_ident(table_schema) || '.' || quote_ident(table_name) as table from information_schema.tables where table_schema in ('public', 'pgboss') and table_type = 'BASE TABLE'",
  );
  const texts: string[] = [];
  for (const { table } of tables) {
    for (const row of await world.rows<Record<string, unknown>>(`select * from ${table}`))
      texts.push(
        Object.values(row)
          .map((value) => (Buffer.isBuffer(value) ? value.toString("latin1") : JSON.stringify(value)))
          .join(" "),
      );
  }
  return texts.join("\n");
}

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
