import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "drizzle-orm";
import { readMigrationFiles } from "drizzle-orm/migrator";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import { openPool } from "./client.ts";

const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../migrations", import.meta.url));
const Journal = z.object({ entries: z.array(z.object({ tag: z.string() })) });

/** Keys of our session advisory locks, any two numbers nobody else uses in this database ("GL" and a counter). */
const MIGRATE_LOCK = [0x474c, 1] as const;
const START_LOCK = [0x474c, 2] as const;

/**
 * Brings the database to the newest schema this program knows, all pending migrations in one transaction. Replicas that start
 * together wait for each other. `migrationsFolder` is another one only in tests.
 * @throws when the database has a newer or another schema (naming both versions), or when it is unreachable.
 */
export async function migrateDatabase(target: Pool | string, migrationsFolder: string = MIGRATIONS_FOLDER): Promise<void> {
  if (typeof target !== "string") return await withSessionLock(target, MIGRATE_LOCK, (client) => migrateOn(client, migrationsFolder));
  const pool = openPool(target, { max: 1 });
  try {
    await withSessionLock(pool, MIGRATE_LOCK, (client) => migrateOn(client, migrationsFolder));
  } finally {
    await pool.end();
  }
}

/** Runs `start` while no other replica does: migrate, then start the jobs. The lock goes with its connection. */
export function withStartLock<T>(pool: Pool, start: () => Promise<T>): Promise<T> {
  return withSessionLock(pool, START_LOCK, start);
}

async function migrateOn(client: PoolClient, migrationsFolder: string): Promise<void> {
  const db = drizzle(client);
  const refusal = schemaRefusal(await appliedHashes(client), await knownMigrations(migrationsFolder));
  if (refusal !== null) throw new Error(refusal);
  await migrate(db, { migrationsFolder });
  // drizzle looks at the newest date alone: a migration dated before it (two branches merged) would be left out in silence.
  const applied = await appliedHashes(client);
  const missing = (await knownMigrations(migrationsFolder)).filter(({ hash }) => !applied.includes(hash));
  if (missing.length > 0)
    throw new Error(
      `Migration ${missing.map(({ tag }) => tag).join(", ")} is dated before one that was already applied: generate it anew.`,
    );
}

async function knownMigrations(migrationsFolder: string): Promise<KnownMigration[]> {
  const journal = Journal.parse(JSON.parse(await readFile(path.join(migrationsFolder, "meta", "_journal.json"), "utf8")));
  const files = readMigrationFiles({ migrationsFolder });
  return journal.entries.map(({ tag }, index) => ({ tag, hash: files[index]?.hash ?? "" }));
}

async function appliedHashes(client: PoolClient): Promise<string[]> {
  const db = drizzle(client);
  const table = await db.execute<{ found: boolean }>(sql`select to_regclass('drizzle.__drizzle_migrations') is not null as found`);
  if (table.rows[0]?.found !== true) return [];
  const rows = await db.execute<{ hash: string }>(sql`select hash from drizzle.__drizzle_migrations order by created_at, id`);
  return rows.rows.map(({ hash }) => hash);
}

/** Session advisory locks need a real session: a pooler in transaction mode between us and the database breaks them. */
async function withSessionLock<T>(pool: Pool, key: readonly [number, number], work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    // Waiting for another replica's migration is no fault, however long; a migration itself may be long, too.
    await client.query("set lock_timeout = 0; set statement_timeout = 0");
    // A replica whose machine vanished would hold the lock for the two hours of the usual TCP keepalive.
    await client.query("set tcp_keepalives_idle = 30; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3");
    await client.query("select pg_advisory_lock($1, $2)", [...key]);
    await client.query("reset lock_timeout");
    return await work(client);
  } finally {
    // The connection is closed, not reused: its lock and its settings go with it, also when it broke.
    client.release(true);
  }
}

/** One migration: its name as people say it (`0002_watches`), and the hash drizzle stores of its text. */
export type KnownMigration = { readonly tag: string; readonly hash: string };

/**
 * Compares the migrations a database has with those this program brings, both in order. Null when the database can be migrated
 * (or needs nothing); otherwise one sentence that names both versions and says what to do.
 */
export function schemaRefusal(applied: readonly string[], known: readonly KnownMigration[]): string | null {
  const newest = known.at(-1)?.tag ?? "none";
  if (applied.length > known.length) {
    return `The database is at schema version ${applied.length}, this Greenlight knows only up to version ${known.length} (${newest}): start the newer Greenlight that migrated it, or restore a backup from before.`;
  }
  const differs = applied.findIndex((hash, index) => known[index]?.hash !== hash);
  if (differs === -1) return null;
  return `Schema version ${differs + 1} of the database (${short(applied[differs])}) is not the ${known[differs]?.tag} (${short(known[differs]?.hash)}) of this Greenlight, which knows up to version ${known.length} (${newest}): start the Greenlight that migrated it, or point DATABASE_URL at another database.`;
}

function short(hash: string | undefined): string {
  return hash?.slice(0, 12) ?? "none";
}
