import { and, desc, eq, inArray, notInArray, sql } from "drizzle-orm";
import { FINAL_STATES, type ChangeSet, type Deployment, type DeploymentFields, type DeploymentState } from "../domain/deployment.ts";
import type { DeploymentId, EnvironmentId, RunId, Sha } from "../domain/ids.ts";
import type { Actor } from "../domain/people.ts";
import type { Plan } from "../domain/plan.ts";
import type { Database } from "./client.ts";
import { deployments } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

type Row = typeof deployments.$inferSelect;
/** As far back as a way back may lie: a healthy revision older than this many deployments is no place to return to. */
const PAST = 50;

/** The row as the domain reads it; the fence (epoch, driver) is not the domain's. */
export function deploymentOf(row: Row): Deployment {
  return {
    id: row.id as DeploymentId,
    number: row.number,
    environmentId: row.environmentId as EnvironmentId,
    kind: row.kind,
    revision: row.revision as Sha,
    from: row.fromRevision as Sha | null,
    plan: fromStored<Plan>(row.plan),
    planHash: row.planHash,
    configHash: row.configHash,
    counter: row.counter,
    runId: row.runId as RunId | null,
    requestedBy: fromStored(row.requestedBy),
    requestedAt: row.requestedAt,
    changes: fromStored(row.changes),
    rollsBack: row.rollsBack as DeploymentId | null,
    rolledBackBy: row.rolledBackBy as DeploymentId | null,
    automatic: row.automatic,
    startedAt: row.startedAt,
    liveAt: row.liveAt,
    state: fromStored<DeploymentState>(row.stateBody),
  };
}

export async function insertDeployment(db: Database, deployment: Deployment): Promise<void> {
  const { from, state, ...rest } = deployment;
  await db.insert(deployments).values({
    ...rest,
    fromRevision: from,
    plan: toStored(deployment.plan),
    requestedBy: toStored(deployment.requestedBy),
    changes: toStored(deployment.changes),
    state: state.state,
    stateBody: toStored(state),
  });
}

/** A progress tick keeps the counter: only another state is a decision. */
export async function moveDeployment(db: Database, id: DeploymentId, state: DeploymentState, fields: DeploymentFields): Promise<void> {
  const { changes, ...set } = fields;
  await db
    .update(deployments)
    .set({
      state: state.state,
      stateBody: toStored(state),
      counter: sql`${deployments.counter} + (case when ${deployments.state} = ${state.state} then 0 else 1 end)`,
      trouble: null,
      troubleSince: null,
      ...set,
      ...(changes === undefined ? {} : { changes: toStored(changes) }),
    })
    .where(eq(deployments.id, id));
}

/** What is known of its migrations by now; the rest of what it changes is frozen. */
export async function recordMigrations(tx: Database, id: DeploymentId, changes: ChangeSet): Promise<void> {
  await tx
    .update(deployments)
    .set({ changes: toStored(changes) })
    .where(eq(deployments.id, id));
}

export async function replanDeployment(db: Database, id: DeploymentId, plan: Plan, planHash: string): Promise<void> {
  await db
    .update(deployments)
    .set({ plan: toStored(plan), planHash, fromRevision: plan.from, counter: sql`${deployments.counter} + 1` })
    .where(eq(deployments.id, id));
}

export async function openDeployments(db: Database, environmentId: EnvironmentId): Promise<readonly Deployment[]> {
  const rows = await db
    .select()
    .from(deployments)
    .where(and(eq(deployments.environmentId, environmentId), notInArray(deployments.state, [...FINAL_STATES])))
    .orderBy(deployments.number);
  return rows.map(deploymentOf);
}

export async function pastDeployments(db: Database, environmentId: EnvironmentId): Promise<readonly Deployment[]> {
  const rows = await db
    .select()
    .from(deployments)
    .where(and(eq(deployments.environmentId, environmentId), inArray(deployments.state, [...FINAL_STATES])))
    .orderBy(desc(deployments.number))
    .limit(PAST);
  return rows.map(deploymentOf);
}

/** In whatever state. */
export async function deploymentsWith(db: Database, ids: readonly DeploymentId[]): Promise<readonly Deployment[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select()
    .from(deployments)
    .where(inArray(deployments.id, [...ids]));
  return rows.map(deploymentOf);
}

/** In whatever state, newest first. */
export async function newestDeployments(db: Database, environmentId: EnvironmentId, limit: number): Promise<readonly Deployment[]> {
  const rows = await db
    .select()
    .from(deployments)
    .where(eq(deployments.environmentId, environmentId))
    .orderBy(desc(deployments.number))
    .limit(limit);
  return rows.map(deploymentOf);
}

export async function deploymentById(db: Database, id: DeploymentId): Promise<Deployment | null> {
  const [row] = await db.select().from(deployments).where(eq(deployments.id, id));
  return row === undefined ? null : deploymentOf(row);
}

export async function deploymentsOfRun(db: Database, runId: RunId): Promise<readonly Deployment[]> {
  const rows = await db.select().from(deployments).where(eq(deployments.runId, runId)).orderBy(deployments.requestedAt);
  return rows.map(deploymentOf);
}

export async function rollbackOf(db: Database, id: DeploymentId): Promise<Deployment | null> {
  const [row] = await db.select().from(deployments).where(eq(deployments.rollsBack, id)).orderBy(desc(deployments.number)).limit(1);
  return row === undefined ? null : deploymentOf(row);
}

/** All that is not over, of all environments: what a start has to pick up. */
export async function unfinished(db: Database): Promise<readonly { readonly deployment: Deployment; readonly holdsHosts: boolean }[]> {
  const rows = await db
    .select()
    .from(deployments)
    .where(sql`${deployments.state} not in ${[...FINAL_STATES]} or ${deployments.holdsHosts}`);
  return rows.map((row) => ({ deployment: deploymentOf(row), holdsHosts: row.holdsHosts }));
}

/** Median milliseconds from start to live of the last deployments here; null when there was none. */
export async function usualDuration(db: Database, environmentId: EnvironmentId): Promise<number | null> {
  const result = await db.execute<{ ms: number | null }>(sql`
    select percentile_cont(0.5) within group (order by ms) as ms from (
      select extract(epoch from ${deployments.liveAt} - ${deployments.startedAt}) * 1000 as ms from ${deployments}
      where ${deployments.environmentId} = ${environmentId} and ${deployments.kind} = 'deploy' and ${deployments.liveAt} is not null
      order by ${deployments.number} desc limit 20) as recent`);
  const ms = result.rows[0]?.ms;
  return ms === null || ms === undefined ? null : Number(ms);
}

/** What only the card wants of the row. */
export async function deploymentExtras(
  db: Database,
  id: DeploymentId,
): Promise<{ readonly trouble: string | null; readonly onIt: { readonly actor: Actor; readonly at: Date } | null }> {
  const [row] = await db.select({ trouble: deployments.trouble, onIt: deployments.onIt }).from(deployments).where(eq(deployments.id, id));
  return { trouble: row?.trouble ?? null, onIt: row?.onIt === null || row?.onIt === undefined ? null : fromStored(row.onIt) };
}

/** By the name that people use: the number counts up per environment. */
export async function deploymentNumbered(db: Database, environmentId: string, number: number): Promise<Deployment | null> {
  const [row] = await db
    .select()
    .from(deployments)
    .where(and(eq(deployments.environmentId, environmentId), eq(deployments.number, number)));
  return row === undefined ? null : deploymentOf(row);
}
