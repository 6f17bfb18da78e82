import { and, desc, eq } from "drizzle-orm";
import type { DeployedEvent } from "../domain/pipeline.ts";
import { review, type Review } from "../domain/review.ts";
import type { Database } from "./client.ts";
import { reviews } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

/** Lays what was told over what is stored, under the row's lock. */
export async function saveReview(tx: Database, app: string, event: DeployedEvent): Promise<void> {
  const name = event.environment;
  const first = review(null, event);
  const made = await tx
    .insert(reviews)
    .values({ app, name, body: toStored(first), toldAt: first.toldAt, isOpen: first.isOpen })
    .onConflictDoNothing()
    .returning({ name: reviews.name });
  if (made.length > 0) return;
  const mine = and(eq(reviews.app, app), eq(reviews.name, name));
  const [row] = await tx.select().from(reviews).where(mine).for("update");
  if (row === undefined) return;
  const next = review(fromStored<Review>(row.body), event);
  await tx
    .update(reviews)
    .set({ body: toStored(next), toldAt: next.toldAt, isOpen: next.isOpen })
    .where(mine);
}

/** Those that are open, newest word first; at most `limit`, and how many there are. */
export async function openReviews(
  db: Database,
  app: string,
  limit: number,
): Promise<{ readonly shown: readonly Review[]; readonly total: number }> {
  const isOpen = and(eq(reviews.app, app), eq(reviews.isOpen, true));
  const rows = await db.select().from(reviews).where(isOpen).orderBy(desc(reviews.toldAt)).limit(limit);
  return { shown: rows.map((row) => fromStored<Review>(row.body)), total: await db.$count(reviews, isOpen) };
}
