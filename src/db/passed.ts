import { and, desc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import type { PassedRevision } from "../domain/companion.ts";
import type { RunId, Sha } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { passedRevisions } from "./schema.ts";

const NEWEST = [desc(passedRevisions.position), desc(passedRevisions.since)] as const;

/** The newest of each of these companions, and all whose proof is lost. */
export async function loadPassed(tx: Database, sources: readonly string[]): Promise<readonly PassedRevision[]> {
  const its = inArray(passedRevisions.source, [...sources]);
  const newest = await tx
    .selectDistinctOn([passedRevisions.source])
    .from(passedRevisions)
    .where(its)
    .orderBy(passedRevisions.source, ...NEWEST);
  const lost = await tx
    .select()
    .from(passedRevisions)
    .where(and(its, isNotNull(passedRevisions.lostAt)));
  const isNewest = (row: (typeof lost)[number]) => newest.some((one) => one.source === row.source && one.revision === row.revision);
  return [...newest, ...lost.filter((row) => !isNewest(row))].map(passedOf);
}

/** Null: it has never passed. */
export async function passedAt(tx: Database, key: Pick<PassedRevision, "source" | "revision">): Promise<PassedRevision | null> {
  const [row] = await tx.select().from(passedRevisions).where(isOf(key));
  return row === undefined ? null : passedOf(row);
}

/** Of one companion, whether its proof is lost or not. Null: none has passed. */
export async function newestPassed(tx: Database, source: string): Promise<PassedRevision | null> {
  const [row] = await tx
    .select()
    .from(passedRevisions)
    .where(eq(passedRevisions.source, source))
    .orderBy(...NEWEST)
    .limit(1);
  return row === undefined ? null : passedOf(row);
}

/** It passed, for the first time or once more; then it keeps its position. `newest`: by which that was chosen. False: another came in between. */
export async function savePassed(
  tx: Database,
  passed: PassedRevision & { readonly runId: RunId },
  newest: PassedRevision | null,
): Promise<boolean> {
  const { lost: _lost, ...row } = passed;
  // The first two of a companion have no row to lock.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${passed.source}, 0))`);
  if ((await newestPassed(tx, passed.source))?.revision !== newest?.revision) return false;
  const { runId, since } = row;
  await tx
    .insert(passedRevisions)
    .values(row)
    .onConflictDoUpdate({ target: [passedRevisions.source, passedRevisions.revision], set: { runId, since, lostAt: null } });
  return true;
}

/** CI does again what had proven it. */
export async function losePassed(tx: Database, key: Pick<PassedRevision, "source" | "revision">, now: Date): Promise<void> {
  await tx
    .update(passedRevisions)
    .set({ lostAt: now })
    .where(and(isOf(key), isNull(passedRevisions.lostAt)));
}

function isOf({ source, revision }: Pick<PassedRevision, "source" | "revision">) {
  return and(eq(passedRevisions.source, source), eq(passedRevisions.revision, revision));
}

function passedOf({ source, revision, since, position, lostAt }: typeof passedRevisions.$inferSelect): PassedRevision {
  return { source, revision: revision as Sha, since, position, ...(lostAt === null ? {} : { lost: true }) };
}
