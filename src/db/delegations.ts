import { and, eq } from "drizzle-orm";
import type { Delegation } from "../domain/standing.ts";
import type { Database } from "./client.ts";
import { delegations } from "./schema.ts";

/** Given again, it counts as long as it was given for last. */
export async function saveDelegation(tx: Database, delegation: Delegation): Promise<void> {
  await tx
    .insert(delegations)
    .values(delegation)
    .onConflictDoUpdate({
      target: [delegations.app, delegations.from, delegations.to],
      set: { until: delegation.until, at: delegation.at },
    });
}

export async function dropDelegation(tx: Database, { app, from, to }: Pick<Delegation, "app" | "from" | "to">): Promise<void> {
  await tx.delete(delegations).where(and(eq(delegations.app, app), eq(delegations.from, from), eq(delegations.to, to)));
}

/** All of one app, those that are over too: a yes that was given in time goes by them. */
export async function delegationsOf(db: Database, app: string): Promise<readonly Delegation[]> {
  return db.select().from(delegations).where(eq(delegations.app, app)).orderBy(delegations.at);
}
