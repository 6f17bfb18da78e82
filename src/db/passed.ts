import { and, desc, eq, inArray } from "drizzle-orm";
import type { PassedRevision } from "../domain/companion.ts";
import type { RunId, Sha } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { passedRevisions } from "./schema.ts";

/** The newest of each of these companions. */
export async function loadPassed(tx: Database, sources: readonly string[]): Promise<readonly PassedRevision[]> {
  const rows = await tx
    .selectDistinctOn([passedRevisions.source])
    .from(passedRevisions)
    .where(inArray(passedRevisions.source, [...sources]))
    .orderBy(passedRevisions.source, desc(passedRevisions.position));
  return rows.map(passedOf);
}

/** Null: it has not passed, or not any more. */
export async function passedAt(tx: Database, key: Pick<PassedRevision, "source" | "revision">): Promise<PassedRevision | null> {
  const [row] = await tx.select().from(passedRevisions).where(isOf(key));
  return row === undefined ? null : passedOf(row);
}

export async function savePassed(tx: Database, passed: PassedRevision & { readonly runId: RunId }): Promise<void> {
  await tx.insert(passedRevisions).values(passed).onConflictDoNothing();
}

/** CI does again what had proven it. */
export async function dropPassed(tx: Database, key: Pick<PassedRevision, "source" | "revision">): Promise<void> {
  await tx.delete(passedRevisions).where(isOf(key));
}

function isOf({ source, revision }: Pick<PassedRevision, "source" | "revision">) {
  return and(eq(passedRevisions.source, source), eq(passedRevisions.revision, revision));
}

function passedOf({ source, revision, since, position }: typeof passedRevisions.$inferSelect): PassedRevision {
  return { source, revision: revision as Sha, since, position };
}
