import { and, eq, isNull } from "drizzle-orm";
import type { DeploymentId, EnvironmentId, Sha } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { gates } from "./schema.ts";

/** A gate of the provider's that asked us, and what became of it. */
export type Gate = {
  readonly connection: string;
  readonly repository: string;
  readonly workflowRun: string;
  /** As the provider calls it. */
  readonly environment: string;
  readonly askedAt: Date;
  readonly environmentId: EnvironmentId;
  readonly revision: Sha;
  /** Null: nobody could be asked yet. */
  readonly deploymentId: DeploymentId | null;
};

type Row = typeof gates.$inferSelect;

export async function saveGate(db: Database, gate: Omit<Gate, "deploymentId">): Promise<void> {
  await db.insert(gates).values(gate).onConflictDoNothing();
}

/** Which the provider still waits for, oldest first. */
export async function openGates(db: Database): Promise<readonly Gate[]> {
  return (await db.select().from(gates).where(isNull(gates.answeredAt)).orderBy(gates.askedAt)).map(gateOf);
}

export async function openGatesOf(db: Database, deployment: DeploymentId): Promise<readonly Gate[]> {
  const rows = await db
    .select()
    .from(gates)
    .where(and(eq(gates.deploymentId, deployment), isNull(gates.answeredAt)));
  return rows.map(gateOf);
}

/** All that a deployment was asked for, answered ones too, oldest first. */
export async function gatesOf(db: Database, deployment: DeploymentId): Promise<readonly Gate[]> {
  return (await db.select().from(gates).where(eq(gates.deploymentId, deployment)).orderBy(gates.askedAt)).map(gateOf);
}

/** People are asked on this deployment for all that waits for the revision there. */
export async function assignGates(
  tx: Database,
  place: { readonly environmentId: EnvironmentId; readonly revision: Sha },
  to: DeploymentId,
): Promise<void> {
  await tx
    .update(gates)
    .set({ deploymentId: to })
    .where(
      and(
        eq(gates.environmentId, place.environmentId),
        eq(gates.revision, place.revision),
        isNull(gates.deploymentId),
        isNull(gates.answeredAt),
      ),
    );
}

/** Is anything waiting there for which nobody was asked? */
export async function hasUnasked(db: Database, place: { readonly environmentId: EnvironmentId; readonly revision: Sha }): Promise<boolean> {
  const rows = await db
    .select({ run: gates.workflowRun })
    .from(gates)
    .where(
      and(
        eq(gates.environmentId, place.environmentId),
        eq(gates.revision, place.revision),
        isNull(gates.deploymentId),
        isNull(gates.answeredAt),
      ),
    )
    .limit(1);
  return rows.length > 0;
}

/** The provider has it, or waits for it no more. */
export async function endGate(
  db: Database,
  gate: Gate,
  answer: { readonly answer: "approved" | "rejected"; readonly comment: string; readonly at: Date },
): Promise<void> {
  await db
    .update(gates)
    .set({ answer: answer.answer, comment: answer.comment, answeredAt: answer.at })
    .where(
      and(
        eq(gates.connection, gate.connection),
        eq(gates.repository, gate.repository),
        eq(gates.workflowRun, gate.workflowRun),
        eq(gates.environment, gate.environment),
        eq(gates.askedAt, gate.askedAt),
      ),
    );
}

function gateOf(row: Row): Gate {
  const { connection, repository, workflowRun, environment, askedAt } = row;
  return {
    connection,
    repository,
    workflowRun,
    environment,
    askedAt,
    environmentId: row.environmentId as EnvironmentId,
    revision: row.revision as Sha,
    deploymentId: row.deploymentId as DeploymentId | null,
  };
}
