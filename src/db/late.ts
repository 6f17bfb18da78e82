import { and, eq, gt, inArray } from "drizzle-orm";
import type { Deployment } from "../domain/deployment.ts";
import type { DeploymentId } from "../domain/ids.ts";
import { LATE_FOR_MS } from "../domain/late.ts";
import type { Database } from "./client.ts";
import { deploymentOf } from "./deployments.ts";
import { deployments, lateIssues, live } from "./schema.ts";

/** The longest watch is 30 days: what went live before that and a week is looked at by nobody. */
const LOOKED_BACK_MS = 30 * 24 * 3_600_000 + LATE_FOR_MS;

/** What some server runs, whose watch ended well or without a word. */
export async function liveAfterWatch(db: Database, now: Date): Promise<readonly Deployment[]> {
  const rows = await db
    .select()
    .from(deployments)
    .where(
      and(
        inArray(deployments.id, db.select({ id: live.deploymentId }).from(live)),
        eq(deployments.kind, "deploy"),
        inArray(deployments.state, ["succeeded", "succeeded_unverified"]),
        gt(deployments.liveAt, new Date(now.getTime() - LOOKED_BACK_MS)),
      ),
    );
  return rows.map(deploymentOf);
}

/** Issues that were told of it already. */
export async function lateToldOf(db: Database, id: DeploymentId): Promise<ReadonlySet<string>> {
  const rows = await db.select({ issue: lateIssues.issue }).from(lateIssues).where(eq(lateIssues.deploymentId, id));
  return new Set(rows.map((row) => row.issue));
}

/** Told once however often it is recorded. */
export async function recordLate(tx: Database, id: DeploymentId, issue: string, at: Date): Promise<void> {
  await tx.insert(lateIssues).values({ deploymentId: id, issue, at }).onConflictDoNothing();
}
