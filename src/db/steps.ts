import { and, asc, eq } from "drizzle-orm";
import type { DeploymentId } from "../domain/ids.ts";
import type { PlanStep } from "../domain/plan.ts";
import type { Database } from "./client.ts";
import { steps } from "./schema.ts";

export type StepRow = typeof steps.$inferSelect;
export type StepKey = { readonly deployment: DeploymentId; readonly step: string; readonly host: string; readonly attempt: number };

export async function stepsOf(db: Database, deployment: DeploymentId): Promise<readonly StepRow[]> {
  return db.select().from(steps).where(eq(steps.deploymentId, deployment)).orderBy(asc(steps.phase), asc(steps.attempt));
}

export async function stepOf(db: Database, key: StepKey): Promise<StepRow | null> {
  const [row] = await db.select().from(steps).where(matching(key));
  return row ?? null;
}

/** Written before the host is asked to start it: what may have happened is never unknown to us. */
export async function beginStep(tx: Database, deployment: DeploymentId, step: PlanStep, attempt: number, at: Date): Promise<void> {
  await tx
    .insert(steps)
    .values({
      deploymentId: deployment,
      target: "ssh",
      step: step.id,
      host: step.host,
      attempt,
      kind: "command",
      status: "running",
      phase: step.phase,
      startedAt: at,
    })
    .onConflictDoNothing();
}

/** `head` null: it is stored already, and would only be written once more. */
export async function recordOutput(
  tx: Database,
  key: StepKey,
  output: { readonly offset: number; readonly dropped: number; readonly head: Buffer | null; readonly tail: Buffer },
): Promise<void> {
  const { head, ...rest } = output;
  await tx
    .update(steps)
    .set(head === null ? rest : { ...rest, head })
    .where(matching(key));
}

export async function endStep(
  tx: Database,
  key: StepKey,
  end: {
    readonly status: "done" | "failed" | "unknown";
    readonly exitCode: number | null;
    readonly note: string | null;
    readonly at: Date;
  },
): Promise<void> {
  await tx.update(steps).set({ status: end.status, exitCode: end.exitCode, note: end.note, finishedAt: end.at }).where(matching(key));
}

/** A person wants the hosts asked again: what was lost is followed once more, under the same attempt. */
export async function followUnknownSteps(tx: Database, deployment: DeploymentId): Promise<void> {
  await tx
    .update(steps)
    .set({ status: "running", finishedAt: null })
    .where(and(eq(steps.deploymentId, deployment), eq(steps.status, "unknown")));
}

/** What was done was undone again: each step begins anew, as the next attempt. */
export async function startOver(tx: Database, deployment: DeploymentId): Promise<void> {
  await tx.update(steps).set({ status: "undone" }).where(eq(steps.deploymentId, deployment));
}

function matching(key: StepKey) {
  return and(eq(steps.deploymentId, key.deployment), eq(steps.step, key.step), eq(steps.host, key.host), eq(steps.attempt, key.attempt));
}
