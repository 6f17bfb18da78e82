import { and, eq } from "drizzle-orm";
import type { Lock, SetFreeze } from "../domain/standing.ts";
import type { EnvironmentId } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { freezes, locks, notices } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

/** What people hold: locks and freezes, at most one of each an environment. One that is over stays until the next takes its place. */

export async function loadLock(tx: Database, id: EnvironmentId): Promise<Lock | null> {
  const [row] = await tx.select().from(locks).where(eq(locks.environmentId, id));
  if (row === undefined) return null;
  const { reason, since, until, nudgedAt } = row;
  return { owner: fromStored(row.owner), reason, since, until, ...(nudgedAt === null ? {} : { nudgedAt }) };
}

export async function saveLock(tx: Database, environmentId: EnvironmentId, lock: Lock | null): Promise<void> {
  await tx.delete(locks).where(eq(locks.environmentId, environmentId));
  if (lock !== null) await tx.insert(locks).values({ environmentId, ...lock, owner: toStored(lock.owner) });
}

export async function loadFreeze(tx: Database, id: EnvironmentId): Promise<SetFreeze | null> {
  const [row] = await tx.select().from(freezes).where(eq(freezes.environmentId, id));
  return row === undefined ? null : { owner: fromStored(row.owner), reason: row.reason, since: row.since, until: row.until };
}

export async function saveFreeze(tx: Database, environmentId: EnvironmentId, freeze: SetFreeze | null): Promise<void> {
  await tx.delete(freezes).where(eq(freezes.environmentId, environmentId));
  if (freeze !== null) await tx.insert(freezes).values({ environmentId, ...freeze, owner: toStored(freeze.owner) });
}

/** Was this person told this before? */
export async function wasTold(db: Database, slackId: string, key: string): Promise<boolean> {
  const rows = await db
    .select({ id: notices.id })
    .from(notices)
    .where(and(eq(notices.slackId, slackId), eq(notices.key, key)));
  return rows.length > 0;
}
