import { and, eq, inArray, or, sql } from "drizzle-orm";
import type { Deployment } from "../domain/deployment.ts";
import type { DeploymentId, EnvironmentId } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { deploymentOf } from "./deployments.ts";
import { deployments, environments } from "./schema.ts";

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

/** The highest deployment number ever given out in this environment. */
export async function highestNumber(db: Database, environmentId: EnvironmentId): Promise<number> {
  const [row] = await db.select({ next: environments.nextNumber }).from(environments).where(eq(environments.id, environmentId));
  return (row?.next ?? 1) - 1;
}

/** Locks the row for the rest of the transaction and checks that the fence is still ours. @throws Overtaken */
export async function holdFence(tx: Database, id: DeploymentId, epoch: number): Promise<void> {
  const [row] = await tx.select({ epoch: deployments.epoch }).from(deployments).where(eq(deployments.id, id)).for("update");
  if (row?.epoch !== epoch) throw new Overtaken(id);
}

export async function setHoldsHosts(tx: Database, id: DeploymentId, holdsHosts: boolean): Promise<void> {
  await tx.update(deployments).set({ holdsHosts }).where(eq(deployments.id, id));
}

/** What the world does to it now, for the card; null when it is over. Answers since when, by what is stored. */
export async function setTrouble(
  tx: Database,
  id: DeploymentId,
  trouble: string | null,
  now: Date,
): Promise<{ readonly changed: boolean; readonly since: Date }> {
  const [row] = await tx
    .select({ trouble: deployments.trouble, since: deployments.troubleSince })
    .from(deployments)
    .where(eq(deployments.id, id));
  const since = trouble === null ? null : (row?.since ?? now);
  const changed = (row?.trouble ?? null) !== trouble;
  if (changed) await tx.update(deployments).set({ trouble, troubleSince: since }).where(eq(deployments.id, id));
  return { changed, since: since ?? now };
}

/** Is it still to be executed, by us? What a follower asks every second, so that a cancel does not wait for a silent step. */
export async function standsFirm(db: Database, id: DeploymentId, epoch: number): Promise<boolean> {
  const [row] = await db.select({ epoch: deployments.epoch, state: deployments.state }).from(deployments).where(eq(deployments.id, id));
  return row?.epoch === epoch && row.state === "executing";
}
