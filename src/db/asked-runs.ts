import { and, desc, eq, gt, sql } from "drizzle-orm";
import type { RunId } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { storedRun, type StoredRun } from "./runs.ts";
import { deliveries, runs } from "./schema.ts";

/** When something of a run changed last, and what the code host said when it was asked because nothing did. */
export type Heard = { readonly at: Date; readonly asked: { readonly at: Date; readonly answer: "the same" | "no answer" } | null };

/** Runs first seen since then, newest first, with when they were heard of. */
export async function runsSince(
  db: Database,
  app: string,
  since: Date,
  limit: number,
): Promise<readonly { readonly stored: StoredRun; readonly heard: Heard }[]> {
  const rows = await db
    .select()
    .from(runs)
    .where(and(eq(runs.app, app), gt(runs.firstSeen, since)))
    .orderBy(desc(runs.position))
    .limit(limit);
  return rows.map((row) => ({ stored: storedRun(row), heard: heardOf(row) }));
}

export async function heardOfRun(db: Database, id: RunId): Promise<Heard | null> {
  const [row] = await db.select().from(runs).where(eq(runs.id, id));
  return row === undefined ? null : heardOf(row);
}

export async function recordAsked(tx: Database, id: RunId, asked: NonNullable<Heard["asked"]>): Promise<void> {
  await tx.update(runs).set({ askedAt: asked.at, askedAnswer: asked.answer }).where(eq(runs.id, id));
}

/** Has the app had any run yet? */
export async function hasRuns(db: Database, app: string): Promise<boolean> {
  return (await db.select({ id: runs.id }).from(runs).where(eq(runs.app, app)).limit(1)).length > 0;
}

/** Of these deliveries of a sender, the ids that arrived. */
export async function arrived(
  db: Database,
  sender: { readonly source: string; readonly connection: string },
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.source, sender.source),
        eq(deliveries.connection, sender.connection),
        sql`${deliveries.id} = any(${sql.param(ids)})`,
      ),
    );
  return new Set(rows.map((row) => row.id));
}

/** The hooks of repositories by which deliveries of a sender came, as GitHub numbers them. */
export async function hooksSeen(
  db: Database,
  sender: { readonly source: string; readonly connection: string },
): Promise<readonly string[]> {
  const found = await db.execute<{ hook: string }>(sql`select distinct headers ->> 'x-github-hook-id' as hook from deliveries
    where source = ${sender.source} and connection = ${sender.connection}
    and headers ->> 'x-github-hook-installation-target-type' = 'repository' and headers ->> 'x-github-hook-id' is not null`);
  return found.rows.map((row) => row.hook);
}

function heardOf(row: typeof runs.$inferSelect): Heard {
  const { askedAt, askedAnswer, updatedAt } = row;
  return { at: updatedAt, asked: askedAt === null || askedAnswer === null ? null : { at: askedAt, answer: askedAnswer } };
}
