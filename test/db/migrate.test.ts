import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Client, type Pool } from "pg";
import { expect, test } from "vitest";
import { openPool } from "../../src/db/client.ts";
import { migrateDatabase, schemaRefusal, withStartLock } from "../../src/db/migrate.ts";
import { freshBareDatabase, freshDatabase } from "../support/database.ts";
import { temporaryFolder, until } from "./embedded-support.ts";

const CHILD = fileURLToPath(new URL("migrate-child.ts", import.meta.url));
const ONE = "create table one (id integer primary key);";
const TWO = "create table two (id integer primary key);";
const THREE = "create table three (id integer primary key);";

test("three replicas that migrate at once all succeed, and each migration runs once", async () => {
  await using database = await freshBareDatabase();
  await using folder = await migrations([ONE, `${TWO}\n--> statement-breakpoint\nselect pg_sleep(0.2);`]);
  await Promise.all([1, 2, 3].map(() => migrateDatabase(database.connectionString, folder.path)));
  expect(await tables(database.connectionString)).toEqual(["one", "two"]);
  expect(await query(database.connectionString, "select count(*)::int as n from drizzle.__drizzle_migrations")).toEqual([{ n: 2 }]);
});

test("a newer program brings the rest, and migrating again changes nothing", async () => {
  await using database = await freshBareDatabase();
  await using older = await migrations([ONE]);
  await using newer = await migrations([ONE, TWO, THREE]);
  await migrateDatabase(database.connectionString, older.path);
  await migrateDatabase(database.connectionString, newer.path);
  await migrateDatabase(database.connectionString, newer.path);
  expect(await tables(database.connectionString)).toEqual(["one", "three", "two"]);
});

test("a program that finds a newer schema refuses, names both versions and changes nothing", async () => {
  await using database = await freshBareDatabase();
  await using newer = await migrations([ONE, TWO, THREE]);
  await using older = await migrations([ONE, TWO]);
  await migrateDatabase(database.connectionString, newer.path);
  await expect(migrateDatabase(database.connectionString, older.path)).rejects.toThrow(
    "The database is at schema version 3, this Greenlight knows only up to version 2 (0001_step): start the newer Greenlight",
  );
  expect(await tables(database.connectionString)).toEqual(["one", "three", "two"]);
});

test("a migration edited after it was applied is refused by its name", async () => {
  await using database = await freshBareDatabase();
  await using before = await migrations([ONE]);
  await using after = await migrations([`${ONE} -- edited`, TWO]);
  await migrateDatabase(database.connectionString, before.path);
  await expect(migrateDatabase(database.connectionString, after.path)).rejects.toThrow(
    /Schema version 1 of the database .* is not the 0000_step/,
  );
  expect(await tables(database.connectionString)).toEqual(["one"]);
});

test("a migration dated before an applied one is reported instead of left out in silence", async () => {
  await using database = await freshBareDatabase();
  await using before = await migrations([ONE]);
  await using after = await migrations([ONE, TWO], [1000, 500]);
  await migrateDatabase(database.connectionString, before.path);
  await expect(migrateDatabase(database.connectionString, after.path)).rejects.toThrow("Migration 0001_step is dated before");
});

test("a migration that fails leaves nothing of the pending ones", async () => {
  await using database = await freshBareDatabase();
  await using folder = await migrations([ONE, TWO, "create table one (again integer);"]);
  await expect(migrateDatabase(database.connectionString, folder.path)).rejects.toThrow("create table one (again integer)");
  expect(await tables(database.connectionString)).toEqual([]);
});

test.each([0, 1, 2])("a replica killed with -9 at migration %i leaves nothing half done, and another one finishes", async (point) => {
  await using database = await freshBareDatabase();
  const steps = [ONE, TWO, THREE];
  // Each migration passes a door; the test holds the one where the replica is to die.
  await using folder = await migrations(
    steps.map((step, index) => `${step}\n--> statement-breakpoint\nselect pg_advisory_xact_lock(${900 + index});`),
  );
  const door = new Client({ connectionString: database.connectionString });
  await door.connect();
  await door.query("select pg_advisory_lock($1)", [900 + point]);
  const child = spawn(process.execPath, [CHILD, database.connectionString, folder.path], { stdio: "inherit" });
  const waiting = `select from pg_locks where locktype = 'advisory' and objid = ${900 + point} and not granted`;
  await until("the replica at the door", async () => (await door.query(waiting)).rowCount === 1);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await tables(database.connectionString)).toEqual([]);
  await door.end();
  await migrateDatabase(database.connectionString, folder.path);
  expect(await tables(database.connectionString)).toEqual(["one", "three", "two"]);
});

test("starts run one after the other", async () => {
  await using database = await freshBareDatabase();
  const pools = [1, 2, 3].map(() => openPool(database.connectionString));
  let inside = 0;
  let most = 0;
  const start = async (pool: Pool) => {
    inside += 1;
    most = Math.max(most, inside);
    await pool.query("select pg_sleep(0.05)");
    inside -= 1;
  };
  await Promise.all(pools.map((pool) => withStartLock(pool, () => start(pool))));
  expect(most).toBe(1);
  await Promise.all(pools.map((pool) => pool.end()));
});

test("a start that fails lets the next one in", async () => {
  await using database = await freshBareDatabase();
  const pool = openPool(database.connectionString);
  await expect(withStartLock(pool, () => Promise.reject(new Error("no jobs today")))).rejects.toThrow("no jobs today");
  expect(await withStartLock(pool, () => Promise.resolve("in"))).toBe("in");
  await pool.end();
});

test("the shipped migrations are known to the program, in order", async () => {
  await using database = await freshDatabase();
  await migrateDatabase(database.pool);
  const { rows } = await database.pool.query("select from drizzle.__drizzle_migrations");
  expect(rows.length).toBeGreaterThan(0);
});

test.each([
  { name: "an empty database", applied: [], refused: false },
  { name: "an older one", applied: ["a"], refused: false },
  { name: "the same", applied: ["a", "b"], refused: false },
  { name: "a newer one", applied: ["a", "b", "c"], refused: true },
  { name: "another history of the same length", applied: ["a", "x"], refused: true },
])("schema of $name: refused $refused", ({ applied, refused }) => {
  const known = [
    { tag: "0000_first", hash: "a" },
    { tag: "0001_second", hash: "b" },
  ];
  expect(schemaRefusal(applied, known) !== null).toBe(refused);
});

/** A migrations folder as drizzle-kit writes it; one step a second unless told when. */
async function migrations(steps: readonly string[], when: readonly number[] = []) {
  const folder = await temporaryFolder();
  const entries = steps.map((_, idx) => ({
    idx,
    version: "7",
    when: when[idx] ?? 1000 * (idx + 1),
    tag: `000${idx}_step`,
    breakpoints: true,
  }));
  await mkdir(path.join(folder.path, "meta"));
  await writeFile(path.join(folder.path, "meta", "_journal.json"), JSON.stringify({ version: "7", dialect: "postgresql", entries }));
  for (const [index, step] of steps.entries()) await writeFile(path.join(folder.path, `000${index}_step.sql`), step);
  return folder;
}

async function tables(connectionString: string): Promise<string[]> {
  const rows = await query(connectionString, "select tablename::text as name from pg_tables where schemaname = 'public' order by 1");
  return rows.map((row) => String(row["name"]));
}

async function query(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
