import { eq } from "drizzle-orm";
import type { Database } from "./client.ts";
import { leases } from "./schema.ts";

/** That Slack is away outlives the painter that noticed it. Kept as a lease that nobody competes for: its `until` is its beginning. */
const AWAY = "slack is away";

/** Since when Slack is away; null: it is not. */
export async function awaySince(db: Database): Promise<Date | null> {
  const [row] = await db.select({ since: leases.until }).from(leases).where(eq(leases.name, AWAY));
  return row?.since ?? null;
}

export async function beginAway(db: Database, since: Date, holder: string): Promise<void> {
  await db.insert(leases).values({ name: AWAY, holder, until: since }).onConflictDoNothing();
}

export async function endAway(db: Database): Promise<void> {
  await db.delete(leases).where(eq(leases.name, AWAY));
}
