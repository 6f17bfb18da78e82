import { asc, isNull, sql } from "drizzle-orm";
import type { Absence } from "../domain/absence.ts";
import type { Database } from "./client.ts";
import { absences } from "./schema.ts";

/** Since when Slack is away; null: it is not. */
export async function awaySince(db: Database): Promise<Date | null> {
  const [row] = await db.select({ since: absences.since }).from(absences).where(isNull(absences.until));
  return row?.since ?? null;
}

/** Outlives the painter that noticed it; one absence at a time. */
export async function beginAway(db: Database, since: Date): Promise<void> {
  await db.insert(absences).values({ since }).onConflictDoNothing();
}

export async function endAway(db: Database, until: Date): Promise<void> {
  await db
    .update(absences)
    .set({ until: sql`greatest(${until}, ${absences.since})` })
    .where(isNull(absences.until));
}

/** All that are remembered, oldest first: by them nothing lapses. */
export async function loadAbsences(db: Database): Promise<readonly Absence[]> {
  return db.select({ since: absences.since, until: absences.until }).from(absences).orderBy(asc(absences.since));
}
