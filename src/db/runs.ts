import { isDeepStrictEqual } from "node:util";
import { and, desc, eq, gt, inArray, sql } from "drizzle-orm";
import type { ChangeSet } from "../domain/deployment.ts";
import type { RunId, Sha } from "../domain/ids.ts";
import { emptyRun, type Run } from "../domain/pipeline.ts";
import { wholeRun, type StoredBody } from "./run-body.ts";
import type { Database } from "./client.ts";
import { runs } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

export type StoredRun = { readonly run: Run; readonly position: number; readonly changes: ChangeSet | null; readonly firstSeen: Date };

/** Locks the run's row alone, made if it is new: ingest touches no environment. */
export async function lockRun(
  tx: Database,
  wanted: { readonly id: RunId; readonly app: string; readonly revision: Sha },
  now: Date,
): Promise<StoredRun> {
  const locked = () =>
    tx
      .select()
      .from(runs)
      .where(and(eq(runs.app, wanted.app), eq(runs.revision, wanted.revision)))
      .for("update");
  const [known] = await locked();
  if (known !== undefined) return storedRun(known);
  await tx
    .insert(runs)
    .values({ ...wanted, body: toStored(emptyRun(wanted.id, wanted.app, wanted.revision)), firstSeen: now, updatedAt: now })
    .onConflictDoNothing();
  const [row] = await locked();
  if (row === undefined) throw new Error(`run of ${wanted.app} at ${wanted.revision} vanished between insert and lock`);
  return storedRun(row);
}

/** Would the row be the same? A row's fields come back in another order than they were written. */
export function isSameRun(one: Run, other: Run): boolean {
  return one === other || isDeepStrictEqual(toStored(one), toStored(other));
}

export async function saveRun(tx: Database, run: Run, now: Date): Promise<void> {
  await tx
    .update(runs)
    .set({ body: toStored(run), updatedAt: now })
    .where(eq(runs.id, run.id));
}

export async function saveRunChanges(db: Database, id: RunId, changes: ChangeSet): Promise<void> {
  await db
    .update(runs)
    .set({ changes: toStored(changes) })
    .where(eq(runs.id, id));
}

export async function runById(db: Database, id: RunId): Promise<StoredRun | null> {
  const [row] = await db.select().from(runs).where(eq(runs.id, id));
  return row === undefined ? null : storedRun(row);
}

export async function runOf(db: Database, app: string, revision: Sha): Promise<StoredRun | null> {
  const [row] = await db
    .select()
    .from(runs)
    .where(and(eq(runs.app, app), eq(runs.revision, revision)));
  return row === undefined ? null : storedRun(row);
}

/** Of each of these commits the files that it left changed, as far as a push that brought it listed them. */
export async function filesOfChanges(db: Database, app: string, revisions: readonly Sha[]): Promise<ReadonlyMap<Sha, readonly string[]>> {
  if (revisions.length === 0) return new Map();
  const rows = await db
    .select()
    .from(runs)
    .where(and(eq(runs.app, app), inArray(runs.revision, [...revisions])));
  const brought = rows.flatMap((row) => storedRun(row).run.push?.changes ?? []);
  return new Map(brought.flatMap(({ revision, files }) => (files === undefined ? [] : [[revision, files]])));
}

/** Newest first. */
export async function recentRuns(db: Database, app: string, limit: number): Promise<readonly StoredRun[]> {
  const rows = await db.select().from(runs).where(eq(runs.app, app)).orderBy(desc(runs.position)).limit(limit);
  return rows.map(storedRun);
}

/** A push that touched only other parts of the repository overtakes nothing. */
const OWN_PART = sql`${runs.body} -> 'push' ->> 'outside' is null`;

/** The newest run of the branch after this one, but what it was pushed upon, of which may be heard later; null while it is the newest. */
export async function newerRun(db: Database, app: string, branch: string, { run, position }: StoredRun): Promise<Sha | null> {
  const upon = [run.push?.before ?? null, ...(run.push?.changes ?? []).map((change) => change.revision)].filter((one) => one !== null);
  const result = await db.execute<{ revision: string }>(sql`select ${runs.revision} as revision from ${runs}
    where ${runs.app} = ${app} and ${runs.position} > ${position} and ${runs.body} ->> 'branch' = ${branch} and ${OWN_PART}
    and not (${runs.revision} = any(${sql.param(upon)})) order by ${runs.position} desc limit 1`);
  const revision = result.rows[0]?.revision;
  return revision === undefined ? null : (revision as Sha);
}

/** Runs of the branch after this one, newest first. */
export async function newerRuns(
  db: Database,
  app: { readonly name: string; readonly branch: string },
  position: number,
  limit: number,
): Promise<readonly StoredRun[]> {
  const rows = await db
    .select()
    .from(runs)
    .where(and(eq(runs.app, app.name), gt(runs.position, position), sql`${runs.body} ->> 'branch' = ${app.branch}`, OWN_PART))
    .orderBy(desc(runs.position))
    .limit(limit);
  return rows.map(storedRun);
}

export function storedRun(row: typeof runs.$inferSelect): StoredRun {
  return {
    run: wholeRun(fromStored<StoredBody>(row.body)),
    position: row.position,
    changes: row.changes === null ? null : fromStored<ChangeSet>(row.changes),
    firstSeen: row.firstSeen,
  };
}
