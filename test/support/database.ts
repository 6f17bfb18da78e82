import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { Client, type Pool } from "pg";
import { inject } from "vitest";
import { openDatabase, type Database } from "../../src/db/client.ts";
import { migrateDatabase } from "../../src/db/migrate.ts";

const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../migrations", import.meta.url));
/** Advisory lock key under which the first test that needs the template makes it, and the others wait. */
const TEMPLATE_LOCK = 7_001;

/** A database of one test. `connectionString` is for what opens its own pool (a second replica, a child process). */
export type TestDatabase = AsyncDisposable & { readonly connectionString: string; readonly db: Database; readonly pool: Pool };

/** A migrated database nobody else has: `await using database = await freshDatabase()`. Dropped at the end, with whoever is still connected. */
export async function freshDatabase(): Promise<TestDatabase> {
  const bare = await freshBareDatabase(await ensureTemplate());
  const { db, pool, close } = openDatabase(bare.connectionString);
  const dispose = async () => {
    await close();
    await bare[Symbol.asyncDispose]();
  };
  return { connectionString: bare.connectionString, db, pool, [Symbol.asyncDispose]: dispose };
}

/** An empty database, for tests of the migration itself; with a template's name, a copy of that. */
export async function freshBareDatabase(template = "template0"): Promise<AsyncDisposable & { readonly connectionString: string }> {
  const name = `t_${randomUUID().replaceAll("-", "")}`;
  await onCluster((admin) => admin.query(`create database ${name} template ${template}`));
  const dispose = async () => void (await onCluster((admin) => admin.query(`drop database if exists ${name} with (force)`)));
  return { connectionString: databaseUrl(name), [Symbol.asyncDispose]: dispose };
}

/** Made once per run by whichever test comes first; under its final name only when it is complete. */
async function ensureTemplate(): Promise<string> {
  const name = `template_${await migrationsDigest()}`;
  await onCluster(async (admin) => {
    await admin.query("select pg_advisory_lock($1)", [TEMPLATE_LOCK]);
    const found = await admin.query("select from pg_database where datname = $1", [name]);
    if (found.rowCount !== 0) return;
    const draft = `draft_${randomUUID().replaceAll("-", "")}`;
    await admin.query(`create database ${draft} template template0`);
    await migrateDatabase(databaseUrl(draft));
    // A database with a connection cannot be copied; the migration's last one may still be saying goodbye.
    await admin.query(`alter database ${draft} with allow_connections false`);
    await admin.query("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1", [draft]);
    await admin.query(`alter database ${draft} rename to ${name}`);
  });
  return name;
}

/** Part of the template's name, so that a changed migration in watch mode makes a new one. */
async function migrationsDigest(): Promise<string> {
  const digest = createHash("sha256");
  for (const file of (await readdir(MIGRATIONS_FOLDER)).filter((name) => name.endsWith(".sql")).toSorted()) {
    digest.update(await readFile(path.join(MIGRATIONS_FOLDER, file)));
  }
  return digest.digest("hex").slice(0, 12);
}

async function onCluster<T>(work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: databaseUrl("postgres") });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** The database greenlight's place in the cluster's connection string is taken by another one's name. */
function databaseUrl(name: string): string {
  return inject("clusterUrl").replace("@/greenlight?", `@/${name}?`);
}
