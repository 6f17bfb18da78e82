import { and, eq, ne, sql } from "drizzle-orm";
import type { Change, Snapshot } from "../domain/environment.ts";
import { actorKey } from "../domain/people.ts";
import { CI_HOST } from "../domain/observed.ts";
import { recordAlarm, recordAlarmWord } from "./alarms.ts";
import type { Database } from "./client.ts";
import { saveFreeze, saveLock } from "./holds.ts";
import { dropDelegation, saveDelegation } from "./delegations.ts";
import { insertDeployment, moveDeployment, replanDeployment } from "./deployments.ts";
import { saveIncident, savePage } from "./incidents.ts";
import { saveObserved } from "./observed.ts";
import { approvals, blockedCommits, candidates, deployments, environments, live, validations } from "./schema.ts";
import { startOver } from "./steps.ts";
import { toStored } from "./stored.ts";

/** Writes one decided change. In the order of the decision: rows leave before rows enter. */
export async function writeChange(tx: Database, snapshot: Snapshot, change: Change, now: Date): Promise<void> {
  const environmentId = snapshot.environment.id;
  switch (change.kind) {
    case "insert":
      await tx
        .update(environments)
        .set({ nextNumber: sql`${environments.nextNumber} + 1` })
        .where(eq(environments.id, environmentId));
      await insertDeployment(tx, change.deployment);
      return;
    case "move":
      await moveDeployment(tx, change.id, change.state, change.set);
      return;
    case "replan":
      await replanDeployment(tx, change.id, change.plan, change.planHash);
      return;
    case "start_over":
      await startOver(tx, change.id);
      return;
    case "approve":
      await tx
        .insert(approvals)
        .values({ ...change.approval, actor: actorKey(change.approval.actor), who: toStored(change.approval.actor), environmentId })
        // A yes that became too old is given again: the new one counts from now.
        .onConflictDoUpdate({
          target: [approvals.deploymentId, approvals.actor, approvals.planHash],
          set: {
            at: change.approval.at,
            who: toStored(change.approval.actor),
            override: change.approval.override,
            notBefore: change.approval.notBefore ?? null,
          },
        });
      return;
    case "delegate":
      return saveDelegation(tx, change.delegation);
    case "undelegate":
      return dropDelegation(tx, change.delegation);
    case "redraw":
      return;
    case "candidate":
      await tx
        .insert(candidates)
        .values({ environmentId, ...change.candidate })
        .onConflictDoNothing();
      return;
    case "withdraw":
      await tx.delete(candidates).where(and(eq(candidates.environmentId, environmentId), eq(candidates.revision, change.revision)));
      return;
    case "validate":
      await tx
        .insert(validations)
        .values({
          environmentId,
          revision: change.validation.revision,
          actor: actorKey(change.validation.actor),
          who: toStored(change.validation.actor),
          verdict: change.validation.verdict,
          reason: change.validation.reason,
          at: change.validation.at,
        })
        // A person's newest word counts; the earlier one is in the history.
        .onConflictDoUpdate({
          target: [validations.environmentId, validations.revision, validations.actor],
          set: { verdict: change.validation.verdict, reason: change.validation.reason, at: change.validation.at },
        });
      return;
    case "lock":
      await saveLock(tx, environmentId, change.lock);
      return;
    case "freeze":
      await saveFreeze(tx, environmentId, change.freeze);
      return;
    case "observe":
      return saveObserved(tx, environmentId, change.record);
    case "live":
      // What CI deploys is one place, what we deploy is servers: whoever deploys now leaves nothing of the other.
      await tx
        .delete(live)
        .where(
          and(
            eq(live.environmentId, environmentId),
            change.hosts.some(({ source }) => source === "ci") ? ne(live.host, CI_HOST) : eq(live.host, CI_HOST),
          ),
        );
      for (const host of change.hosts) {
        await tx
          .insert(live)
          .values({ environmentId, ...host })
          .onConflictDoUpdate({
            target: [live.environmentId, live.host],
            set: { revision: host.revision, since: host.since, deploymentId: host.deploymentId, source: host.source },
          });
      }
      return;
    case "mixed":
      await tx.update(environments).set({ mixed: change.mixed }).where(eq(environments.id, environmentId));
      return;
    case "hold":
      await tx.update(environments).set({ heldBecause: change.because }).where(eq(environments.id, environmentId));
      return;
    case "block":
      await tx
        .insert(blockedCommits)
        .values({ environmentId, revision: change.revision, deploymentId: change.deploymentId, at: now })
        .onConflictDoUpdate({
          target: [blockedCommits.environmentId, blockedCommits.revision],
          set: { deploymentId: change.deploymentId, at: now, allowedBy: null, allowedBecause: null },
        });
      return;
    case "allow":
      await tx
        .update(blockedCommits)
        .set({ allowedBy: toStored(change.by), allowedBecause: change.because })
        .where(and(eq(blockedCommits.environmentId, environmentId), eq(blockedCommits.revision, change.revision)));
      return;
    case "on_it":
      await tx
        .update(deployments)
        .set({ onIt: toStored({ actor: change.by, at: now }) })
        .where(eq(deployments.id, change.id));
      return;
    case "alarm":
      return recordAlarm(tx, { id: change.id, at: now, wouldActAt: change.wouldActAt });
    case "alarm_word":
      return recordAlarmWord(tx, change.id, change.word);
    case "incident":
      return saveIncident(tx, change.incident);
    case "page":
      return savePage(tx, change.call, now);
    default:
      change satisfies never;
  }
}
