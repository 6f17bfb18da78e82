import { and, eq, inArray, or, sql } from "drizzle-orm";
import type { Deployment } from "../domain/deployment.ts";
import type { DeploymentId } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { deploymentOf } from "./deployments.ts";
import { deployments } from "./schema.ts";

/** Who drives a deployment now. Every later write says `where epoch = mine`; every command to a host carries the epoch. */
export type Claim = { readonly deployment: Deployment; readonly epoch: number; readonly holdsHosts: boolean };

/** Thrown when somebody else has claimed the deployment meanwhile: this replica stops at once and writes nothing more. */
export class Overtaken extends Error {
  constructor(id: DeploymentId) {
    super(`deployment ${id} is driven by another replica now`);
    this.name = "Overtaken";
  }
}

/** Raises the fence and takes the deployment; null when there is nothing to drive. */
export async function claim(db: Database, id: DeploymentId, driver: string): Promise<Claim | null> {
  const [row] = await db
    .update(deployments)
    .set({ epoch: sql`${deployments.epoch} + 1`, driver })
    .where(and(eq(deployments.id, id), or(inArray(deployments.state, ["executing", "cancelling"]), eq(deployments.holdsHosts, true))))
    .returning();
  return row === undefined ? null : { deployment: deploymentOf(row), epoch: row.epoch, holdsHosts: row.holdsHosts };
}

/** Locks the row for the rest of the transaction and checks that the fence is still ours. @throws Overtaken */
export async function holdFence(tx: Database, id: DeploymentId, epoch: number): Promise<void> {
  const [row] = await tx.select({ epoch: deployments.epoch }).from(deployments).where(eq(deployments.id, id)).for("update");
  if (row?.epoch !== epoch) throw new Overtaken(id);
}

export async function setHoldsHosts(tx: Database, id: DeploymentId, holdsHosts: boolean): Promise<void> {
  await tx.update(deployments).set({ holdsHosts }).where(eq(deployments.id, id));
}

/** What the world does to it now, for the card; null when it is over. Tells whether it changed. */
export async function setTrouble(tx: Database, id: DeploymentId, trouble: string | null): Promise<boolean> {
  const rows = await tx
    .update(deployments)
    .set({ trouble })
    .where(and(eq(deployments.id, id), sql`${deployments.trouble} is distinct from ${trouble}`))
    .returning({ id: deployments.id });
  return rows.length > 0;
}
