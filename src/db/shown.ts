import { sql } from "drizzle-orm";
import type { DeploymentId } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { cards } from "./schema.ts";

/** Where the card of a deployment stands in Slack: its own, that of what it rolls back, or its run's. Null: not posted. */
export async function shownCardOf(
  db: Database,
  deployment: DeploymentId,
): Promise<{ readonly channel: string; readonly ts: string } | null> {
  const found = await db.execute<{ channel: string; ts: string }>(sql`select ${cards.postedChannel} as channel, ${cards.ts} as ts
    from ${cards} join deployments d on d.id = ${deployment}
    where ${cards.ts} is not null and ${cards.postedChannel} is not null
      and (${cards.deploymentId} in (d.id, d.rolls_back) or ${cards.runId} = d.run_id)
    order by (${cards.deploymentId} = d.id) desc nulls last, (${cards.deploymentId} = d.rolls_back) desc nulls last limit 1`);
  return found.rows[0] ?? null;
}
