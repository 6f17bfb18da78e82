import { desc, eq, sql } from "drizzle-orm";
import { fromStored, toStored } from "./stored.ts";
import { findEnvironment, type App, type Config, type Environment } from "../domain/config.ts";
import type { EnvironmentId } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { configurations, leases, replicas } from "./schema.ts";

/** Longer than a few missed renewals, shorter than a person's patience. */
const LEASE_SECONDS = 10;

/** Takes or renews a lease by the database's clock; true while it is ours. */
export async function holdLease(db: Database, name: string, holder: string): Promise<boolean> {
  const rows = await db
    .insert(leases)
    .values({ name, holder, until: sql`now() + make_interval(secs => ${LEASE_SECONDS})` })
    .onConflictDoUpdate({
      target: leases.name,
      set: { holder, until: sql`now() + make_interval(secs => ${LEASE_SECONDS})` },
      setWhere: sql`${leases.holder} = ${holder} or ${leases.until} < now()`,
    })
    .returning({ holder: leases.holder });
  return rows.length > 0;
}

export async function dropLease(db: Database, name: string, holder: string): Promise<void> {
  await db.delete(leases).where(sql`${leases.name} = ${name} and ${leases.holder} = ${holder}`);
}

/** The newest configuration started is the active one; the same one started again is not a new version. */
export async function activateConfiguration(db: Database, config: Config, now: Date): Promise<void> {
  if ((await activeHash(db)) !== config.hash)
    await db.insert(configurations).values({ hash: config.hash, body: toStored(config), loadedAt: now });
}

export async function activeHash(db: Database): Promise<string | null> {
  const [row] = await db.select({ hash: configurations.hash }).from(configurations).orderBy(desc(configurations.id)).limit(1);
  return row?.hash ?? null;
}

/** The configuration in force; null before the first start. */
export async function activeConfiguration(db: Database): Promise<Config | null> {
  const [row] = await db.select({ body: configurations.body }).from(configurations).orderBy(desc(configurations.id)).limit(1);
  return row === undefined ? null : fromStored<Config>(row.body);
}

/** The newest configuration that knew this environment: what runs there goes on though it was taken out. Null: none ever did. */
export async function lastConfigurationWith(
  db: Database,
  id: EnvironmentId,
): Promise<{ readonly app: App; readonly environment: Environment } | null> {
  const rows = await db.select({ body: configurations.body }).from(configurations).orderBy(desc(configurations.id));
  for (const row of rows) {
    const found = findEnvironment(fromStored<Config>(row.body), id);
    if (found !== undefined) return found;
  }
  return null;
}

export async function seeReplica(db: Database, id: string, configHash: string, now: Date): Promise<void> {
  await db
    .insert(replicas)
    .values({ id, configHash, seenAt: now })
    .onConflictDoUpdate({ target: replicas.id, set: { configHash, seenAt: now } });
}

export async function forgetReplica(db: Database, id: string): Promise<void> {
  await db.delete(replicas).where(eq(replicas.id, id));
}
