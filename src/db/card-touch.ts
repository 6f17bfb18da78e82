import { and, eq, inArray, isNotNull, isNull, or, sql } from "drizzle-orm";
import type { EnvironmentId, Sha } from "../domain/ids.ts";
import { wake } from "./cards.ts";
import type { Database } from "./client.ts";
import { cards, deployments, runs } from "./schema.ts";

/** Cards that tell of these revisions, or of what waits in these environments, are out of date; how urgent they are stays as it is. */
export async function touchCardsOf(
  tx: Database,
  about: { readonly app: string; readonly revisions: readonly Sha[]; readonly waitingIn: readonly EnvironmentId[] },
): Promise<void> {
  const { app, revisions, waitingIn } = about;
  if (revisions.length + waitingIn.length === 0) return;
  const ofRuns = tx
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.app, app), inArray(runs.revision, [...revisions])));
  const shown = tx
    .select({ id: deployments.id })
    .from(deployments)
    .innerJoin(sql`environments e`, sql`e.id = ${deployments.environmentId} and e.app = ${app}`)
    .where(inArray(deployments.revision, [...revisions]));
  const waiting = tx
    .select({ id: deployments.id })
    .from(deployments)
    .where(and(inArray(deployments.environmentId, [...waitingIn]), inArray(deployments.state, ["awaiting_approval", "queued"])));
  const waitingRuns = tx
    .select({ id: deployments.runId })
    .from(deployments)
    .where(and(inArray(deployments.environmentId, [...waitingIn]), eq(deployments.state, "queued"), isNotNull(deployments.runId)));
  await tx
    .update(cards)
    .set({
      version: sql`${cards.version} + 1`,
      priority: sql`case when ${cards.version} > ${cards.drawnVersion} then ${cards.priority} else 'change' end`,
    })
    .where(
      or(
        ...(revisions.length === 0 ? [] : [inArray(cards.runId, ofRuns), inArray(cards.deploymentId, shown)]),
        ...(waitingIn.length === 0
          ? []
          : [inArray(cards.deploymentId, waiting), and(isNull(cards.deploymentId), inArray(cards.runId, waitingRuns))]),
      ),
    );
  await wake(tx);
}
