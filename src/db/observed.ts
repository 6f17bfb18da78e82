import { desc, eq, sql } from "drizzle-orm";
import type { EnvironmentId } from "../domain/ids.ts";
import type { Observed } from "../domain/observed.ts";
import type { Database } from "./client.ts";
import { observed } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

/** As many as decisions look at: what was live last comes first, what never was comes after. */
const RECENT = 200;

/** What CI deployed there, newest first. */
export async function loadObserved(db: Database, id: EnvironmentId): Promise<readonly Observed[]> {
  const rows = await db
    .select()
    .from(observed)
    .where(eq(observed.environmentId, id))
    .orderBy(sql`${observed.liveAt} desc nulls last`, desc(observed.externalId))
    .limit(RECENT);
  return rows.map((row) => fromStored<Observed>(row.body));
}

export async function saveObserved(tx: Database, environmentId: EnvironmentId, record: Observed): Promise<void> {
  const { externalId, liveAt } = record;
  await tx
    .insert(observed)
    .values({ environmentId, externalId, body: toStored(record), liveAt })
    .onConflictDoUpdate({ target: [observed.environmentId, observed.externalId], set: { body: toStored(record), liveAt } });
}
