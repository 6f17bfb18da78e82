import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { rates } from "./schema.ts";

/**
 * Takes one of this person's turns, if there is one left: so many a minute, filled again as time goes on by the database's clock, and
 * counted over all replicas.
 */
export async function takeTurn(db: Database, slackId: string, perMinute: number): Promise<boolean> {
  const left = sql`least(${perMinute}::float8,
    ${rates.left} + greatest(0, extract(epoch from clock_timestamp() - ${rates.at})) * ${perMinute}::float8 / 60)`;
  const rows = await db
    .insert(rates)
    .values({ slackId, left: perMinute - 1, at: sql`clock_timestamp()` })
    .onConflictDoUpdate({ target: rates.slackId, set: { left: sql`${left} - 1`, at: sql`clock_timestamp()` }, setWhere: sql`${left} >= 1` })
    .returning({ slackId: rates.slackId });
  return rows.length > 0;
}
