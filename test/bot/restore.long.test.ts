import { writeFileSync } from "node:fs";
import { Client } from "pg";
import { expect, test } from "vitest";
import { databaseUrl, openBotWorld, type BotWorld } from "../support/bot-world.ts";
import { until } from "../support/until.ts";

const SLOW = 'while [ ! -e "$root/go" ]; do sleep 0.05; done';
const YES = ["approve", "shop", "production", "--override", "--reason", "in a test"];

test("a copy taken in the middle of a deployment does nothing, holds everything and says so until a person has looked", async () => {
  await using world = await openBotWorld();
  const first = await world.bot();
  const done = await world.candidate();
  world.script("migrate", SLOW);
  expect(await world.cli(YES)).toMatchObject({ code: 0 });
  await until(() => world.witnessed().some((line) => line.startsWith("migrate")));
  await first.end("SIGTERM");
  await using copy = await copyOf(world);
  writeFileSync(`${world.folder}/go`, "");
  const again = await world.bot();
  expect(await world.settled("succeeded_unverified", "failed")).toBe("succeeded_unverified");
  await world.candidate();
  expect(await world.cli(YES)).toMatchObject({ code: 0 });
  await until(async () => (await world.newest()).state === "succeeded_unverified" && world.headOf("web-1") !== done);
  await until(async () => (await world.rows("select from deployments where holds_hosts")).length === 0);
  await until(() => world.cards().length === 2);
  await again.end("SIGTERM");
  const ran = world.witnessed().length;
  const before = texts(world);
  const env = { DATABASE_URL: databaseUrl(copy.url) };
  const restored = await world.bot({ env });
  const doctor = await world.cli(["doctor"], env);
  expect(doctor.code).toBe(1);
  expect(doctor.out).toMatch(/WRONG .*shop\/production.*restored.*greenlight unlock shop production/u);
  const rows = await copy.rows<{ state: string; held: string }>(
    "select d.state, e.held_because as held from deployments d join environments e on e.id = d.environment_id",
  );
  expect(rows).toEqual([{ state: "needs_attention", held: expect.stringContaining("restored") }]);
  // Every job that is due has been done, and still nothing was run or said.
  const jobs = () =>
    copy.rows<{ name: string; state: string }>("select name, state from pgboss.job where state < 'completed' and start_after < now()");
  await until(
    async () => (await jobs()).length === 0,
    () => restored.said(),
    60_000,
  );
  expect(world.witnessed()).toHaveLength(ran);
  expect(toldSince(before, world)).toEqual([]);
  const refused = await world.cli(["rollback", "shop", "production", "--reason", "again"], env);
  expect(`${refused.out}${refused.err}`).not.toBe("");
  expect(world.witnessed()).toHaveLength(ran);
  expect(await world.cli(["unlock", "shop", "production", "--reason", "looked at web-1"], env)).toMatchObject({ code: 0 });
  expect(restored.ended()).toBeNull();
});

test("a copy that is not recognised as one runs nothing either: the server has seen more than the database knows", async () => {
  await using world = await openBotWorld();
  const first = await world.bot();
  await world.candidate();
  await first.end("SIGTERM");
  expect(await world.cli(YES)).toMatchObject({ code: 0 });
  await using copy = await copyOf(world);
  const again = await world.bot();
  expect(await world.settled("succeeded_unverified", "failed")).toBe("succeeded_unverified");
  await until(async () => (await world.rows("select from deployments where holds_hosts")).length === 0);
  await world.candidate();
  expect(await world.cli(YES)).toMatchObject({ code: 0 });
  await until(async () => (await world.newest()).state === "succeeded_unverified");
  await until(async () => (await world.rows("select from deployments where holds_hosts")).length === 0);
  await again.end("SIGTERM");
  const ran = world.witnessed().length;
  const env = { DATABASE_URL: databaseUrl(copy.url) };
  // A file-level copy keeps the facts by which a restored database is recognised.
  await copy.rows(
    "update incarnation set database_oid = (select oid from pg_database where datname = current_database()), table_oid = 'incarnation'::regclass::oid::bigint",
  );
  const bot = await world.bot({ env });
  await until(
    async () => (await copy.rows("select from deployments where state = 'needs_attention'")).length === 1,
    () => bot.said(),
    60_000,
  );
  expect(await copy.rows("select from environments where held_because is not null")).toEqual([]);
  expect(world.witnessed()).toHaveLength(ran);
});

function texts(world: BotWorld): ReadonlyMap<string, string> {
  return new Map(world.slack.state().messages.map((message) => [message.ts, JSON.stringify([message.text, message.blocks])]));
}

function toldSince(before: ReadonlyMap<string, string>, world: BotWorld): readonly string[] {
  return [...texts(world)].flatMap(([ts, text]) => (before.get(ts) === text ? [] : [text]));
}

type Copy = AsyncDisposable & { readonly url: string; rows<Row>(text: string): Promise<readonly Row[]> };

/** What a restored backup is: the same rows in another database. Nobody may be connected to the original meanwhile. */
async function copyOf(world: BotWorld): Promise<Copy> {
  const { connectionString } = world.database;
  const name = /@\/(\w+)\?/u.exec(connectionString)?.[1] ?? "";
  const other = `${name}_copy`;
  const admin = new Client({ connectionString: connectionString.replace(`@/${name}?`, "@/postgres?") });
  await admin.connect();
  await admin.query("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1", [name]);
  await admin.query(`create database ${other} template ${name}`);
  const url = connectionString.replace(`@/${name}?`, `@/${other}?`);
  return {
    url,
    async rows<Row>(text: string) {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        return (await client.query(text)).rows as Row[];
      } finally {
        await client.end();
      }
    },
    async [Symbol.asyncDispose]() {
      await admin.query(`drop database ${other} with (force)`);
      await admin.end();
    },
  };
}
