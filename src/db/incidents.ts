import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, lte, or } from "drizzle-orm";
import type { Incident, KnownIncident } from "../domain/escalation.ts";
import type { DeploymentId, EnvironmentId } from "../domain/ids.ts";
import type { Measurement } from "../domain/measurement.ts";
import type { Page, PageCause, PagerCall } from "../domain/page.ts";
import type { Actor } from "../domain/people.ts";
import type { Database } from "./client.ts";
import { AFTERMATH_MONITORS } from "./measurements.ts";
import { alarms, deployments, incidents, measurements, pages } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

/** Of these deployments, what is known of their trouble; one without any has no line, unless somebody is on it. */
export async function loadIncidents(tx: Database, ids: readonly DeploymentId[]): Promise<readonly KnownIncident[]> {
  if (ids.length === 0) return [];
  const rows = await tx
    .select({ id: deployments.id, onIt: deployments.onIt, isReal: alarms.isReal, incident: incidents })
    .from(deployments)
    .leftJoin(incidents, eq(incidents.deploymentId, deployments.id))
    .leftJoin(alarms, eq(alarms.deploymentId, deployments.id))
    .where(and(inArray(deployments.id, [...ids]), or(isNotNull(deployments.onIt), isNotNull(incidents.deploymentId))));
  const looks = await aftermaths(
    tx,
    rows.flatMap(({ incident }) => (incident === null || incident.since === null ? [] : [incident.deploymentId])),
  );
  return rows.map(({ id, onIt, isReal, incident }) => ({
    deployment: id as DeploymentId,
    since: incident?.since ?? null,
    told: incident?.told ?? null,
    cause: (incident?.cause ?? null) as PageCause | null,
    calls: incident?.calls ?? 0,
    noteAt: incident?.noteAt ?? null,
    onIt: onIt === null ? null : fromStored<{ actor: Actor }>(onIt).actor,
    isFalse: isReal === false,
    aftermath: looks.get(id) ?? [],
  }));
}

async function aftermaths(tx: Database, ids: readonly string[]): Promise<ReadonlyMap<string, readonly Measurement[]>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select()
    .from(measurements)
    .where(and(inArray(measurements.deploymentId, [...ids]), inArray(measurements.monitor, [...AFTERMATH_MONITORS])))
    .orderBy(asc(measurements.look), asc(measurements.at));
  const looks = new Map<string, Measurement[]>();
  for (const row of rows) looks.set(row.deploymentId, [...(looks.get(row.deploymentId) ?? []), fromStored<Measurement>(row.body)]);
  return looks;
}

export async function saveIncident(tx: Database, { deployment, ...set }: Incident): Promise<void> {
  await tx
    .insert(incidents)
    .values({ deploymentId: deployment, ...set })
    .onConflictDoUpdate({ target: incidents.deploymentId, set });
}

/** Environments in which somebody waits to be woken, or told in the morning: time alone decides about them. */
export async function environmentsInTrouble(db: Database, now: Date): Promise<readonly EnvironmentId[]> {
  const uncalled = or(isNull(incidents.told), eq(incidents.told, "resolve"));
  const rows = await db
    .selectDistinct({ id: deployments.environmentId })
    .from(incidents)
    .innerJoin(deployments, eq(deployments.id, incidents.deploymentId))
    .where(or(and(isNotNull(incidents.since), isNull(incidents.noteAt), uncalled), lte(incidents.noteAt, now)));
  return rows.map((row) => row.id as EnvironmentId);
}

export async function savePage(tx: Database, { deployment, sequence, connection, page }: PagerCall, at: Date): Promise<void> {
  await tx.insert(pages).values({ deploymentId: deployment, sequence, connection, body: toStored(page), at });
}

/** A call that is to be made. `first` false: one before it is still tried; `isNeeded` false: by now somebody took it, or it is over. */
export type DuePage = PagerCall & { readonly at: Date; readonly tries: number; readonly first: boolean; readonly isNeeded: boolean };

/** Null: it was taken, or refused for good. */
export async function duePage(db: Database, id: DeploymentId, sequence: number): Promise<DuePage | null> {
  const mine = and(eq(pages.deploymentId, id), isNull(pages.sentAt), isNull(pages.failedBecause));
  const [row] = await db
    .select()
    .from(pages)
    .where(and(mine, eq(pages.sequence, sequence)));
  if (row === undefined) return null;
  const before = await db
    .select({ sequence: pages.sequence })
    .from(pages)
    .where(and(mine, lt(pages.sequence, sequence)))
    .limit(1);
  const [incident] = await db.select({ told: incidents.told }).from(incidents).where(eq(incidents.deploymentId, id));
  return {
    deployment: id,
    sequence,
    connection: row.connection,
    page: fromStored<Page>(row.body),
    at: row.at,
    tries: row.tries,
    first: before.length === 0,
    isNeeded: incident === undefined || incident.told === "trigger",
  };
}

/** What became of a try. Neither: it is tried again. */
export async function markPage(
  tx: Database,
  call: { readonly deployment: DeploymentId; readonly sequence: number },
  set: { readonly sentAt?: Date; readonly failedBecause?: string; readonly tries: number },
): Promise<void> {
  await tx
    .update(pages)
    .set(set)
    .where(and(eq(pages.deploymentId, call.deployment), eq(pages.sequence, call.sequence)));
}

/** Why the last call of each pager was refused for good, by connection: what `doctor` says. One that was taken has no line. */
export async function lastFailures(db: Database): Promise<ReadonlyMap<string, string>> {
  const rows = await db.selectDistinctOn([pages.connection]).from(pages).orderBy(pages.connection, desc(pages.at));
  return new Map(rows.flatMap(({ connection, failedBecause }) => (failedBecause === null ? [] : [[connection, failedBecause]])));
}
