import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { CHANNEL, PEOPLE } from "../../sandbox/world/team.ts";
import { processList } from "../support/processes.ts";
import { openBotWorld, SECRETS, type BotWorld } from "../support/bot-world.ts";
import { until } from "../support/until.ts";
import { AWKWARD, isIn, planted } from "./planted.ts";

/** Is said plainly, and must be found: a search that finds nothing proves nothing. */
const CANARY = "canary-in-a-coal-mine-7";

test("of more than twenty planted secrets none is found in the database, the logs, Slack, its files or the list of processes", async () => {
  await using world = await openBotWorld();
  const bot = await world.bot({ env: { LOG_LEVEL: "trace", METRICS_TOKEN: AWKWARD } });
  const revision = await world.candidate();
  const all = planted(readFileSync(world.env["SSH_PRIVATE_KEY_FILE"] ?? "", "utf8"));
  expect(all.length).toBeGreaterThanOrEqual(20);
  const lines = all.map((one) => one.print).join("\n");
  world.script("pull", lines);
  // Long enough for the thread to follow it while it runs.
  world.script("migrate", `echo '${CANARY}'\nsh -c 'sleep 6; :' '${CANARY}'\n${lines}`);
  world.script("restart", `${lines}\nexit 3`);
  await using watch = openWatch(world);
  const env = { DATABASE_URL: world.env["DATABASE_URL"] ?? "" };
  const because = `because ${SECRETS.GITHUB_TOKEN} and password=planted-db-password`;
  const asked = await world.cli(["approve", "shop", "production", "--override", "--reason", because], env);
  expect(asked).toMatchObject({ code: 0 });
  await world.settled("failed", "needs_attention", "succeeded_unverified");
  await told(world, bot.said);
  const locked = await world.slack.command({
    user: PEOPLE.bob,
    channel: CHANNEL.id,
    text: `/deploy lock shop production see ${SECRETS.SENTRY_AUTH_TOKEN}`,
  });
  expect(locked.result).toBe("ok");
  await pressWholeLog(world);
  const printed = await world.cli(["logs", "shop/production#1"], env);
  expect(printed).toMatchObject({ code: 0 });
  const { processes, output } = await watch.end();
  const { slack, files } = saidInSlack(world);
  const seen = {
    log: bot.said(),
    slack,
    files,
    database: await everything(world),
    "output while it ran": output,
    "the command line": `${printed.out}${printed.err}${asked.out}${asked.err}`,
    // What the operator types is on his own command line, whatever we do.
    processes: processes.filter((line) => !line.includes("--reason")).join("\n"),
    metrics: (await bot.get("/metrics")).body,
  };
  for (const place of ["slack", "files", "database", "output while it ran", "the command line", "processes"] as const)
    expect(isIn(seen[place], CANARY), `the canary in ${place}`).toBe(true);
  expect(seen.database).toContain(revision);
  expect(seen.database).toContain("[redacted]");
  expect(seen.log).toContain("Greenlight is ready");
  expect(seen.slack).toContain("running for");
  for (const [place, text] of Object.entries(seen)) {
    for (const { name, secret } of all) expect.soft(isIn(text, secret), `${name} in ${place}`).toBe(false);
    for (const [name, secret] of Object.entries(SECRETS)) expect.soft(isIn(text, secret), `${name} in ${place}`).toBe(false);
  }
}, 240_000);

type Watched = { readonly processes: readonly string[]; readonly output: string };

/** Looks again and again at what is seen only while steps run. */
function openWatch(world: BotWorld): AsyncDisposable & { end(): Promise<Watched> } {
  const processes = new Set<string>();
  const output = new Set<string>();
  const over = new AbortController();
  const watching = (async () => {
    for (; !over.signal.aborted; await pause(50)) {
      for (const line of processList()) processes.add(line);
      for (const { head, tail } of await world.rows<{ head: Buffer; tail: Buffer }>("select head, tail from steps"))
        output.add(`${head}${tail}`);
      for (const { body } of await world.rows<{ body: unknown }>("select body from replies")) output.add(JSON.stringify(body));
    }
  })();
  async function end(): Promise<Watched> {
    over.abort();
    await watching;
    return { processes: [...processes], output: [...output].join("\n") };
  }
  return { end, [Symbol.asyncDispose]: async () => void (await end()) };
}

async function told(world: BotWorld, said: () => string): Promise<void> {
  const due = "select from replies where (ts is null or stale) and failed_because is null";
  await until(async () => (await world.rows(due)).length === 0, said, 60_000);
  await until(async () => (await world.rows("select from cards where version > drawn_version")).length === 0, said, 60_000);
}

async function pressWholeLog(world: BotWorld): Promise<void> {
  const message = world.slack.messages(CHANNEL.id).find((one) => JSON.stringify(one.blocks).includes('"log_file"'));
  expect(message).toBeDefined();
  await world.slack.click({ user: PEOPLE.ann, action_id: "log_file", channel: CHANNEL.id, ts: message?.ts ?? "" });
  await until(() => world.slack.state().messages.some((one) => one.files.length > 0), undefined, 60_000);
}

/** Every version of every message, what was said to one person, and what is in the files. */
function saidInSlack({ slack }: BotWorld): { readonly slack: string; readonly files: string } {
  // What people typed is theirs; all else in there is what the bot said.
  const { presses: _, ...state } = slack.state();
  const versions = state.messages.flatMap((message) => slack.history(message.channel, message.ts));
  const files = state.messages.flatMap((message) => message.files).map((file) => slack.file(String(file["id"]))?.text ?? "");
  return { slack: JSON.stringify([state, versions]), files: files.join("\n") };
}

/** Every column of every table, the queue's too, as text; bytes as the text that they are. */
async function everything(world: BotWorld): Promise<string> {
  const tables = await world.rows<{ table: string }>(
    "select quote_ident(table_schema) || '.' || quote_ident(table_name) as table from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'",
  );
  const texts: string[] = [];
  for (const { table } of tables) {
    for (const row of await world.rows<Record<string, unknown>>(`select * from ${table}`))
      texts.push(
        Object.values(row)
          .map((value) => (Buffer.isBuffer(value) ? value.toString() : JSON.stringify(value)))
          .join(" "),
      );
  }
  return texts.join("\n");
}
