import { and, desc, eq, inArray, isNull, notInArray } from "drizzle-orm";
import { sourceName } from "../domain/companion.ts";
import type { Config, Environment } from "../domain/config.ts";
import { observeOf } from "../domain/observed.ts";
import type { AfterRecord, Snapshot } from "../domain/environment.ts";
import type { Approval } from "../domain/standing.ts";
import { environmentId, type DeploymentId, type EnvironmentId, type RunId, type Sha } from "../domain/ids.ts";
import { loadAbsences } from "./away.ts";
import { cardShownAt } from "./cards.ts";
import type { Database } from "./client.ts";
import { deploymentOf, deploymentsWith, openDeployments, pastDeployments } from "./deployments.ts";
import { nameOf } from "../domain/image.ts";
import { loadImages } from "./images.ts";
import { loadFreeze, loadLock } from "./holds.ts";
import { observedRecords } from "../domain/observed.ts";
import { loadIncidents } from "./incidents.ts";
import { loadObserved } from "./observed.ts";
import { loadPassed } from "./passed.ts";
import { approvals, blockedCommits, candidates, deployments, environments, live, validations } from "./schema.ts";
import { fromStored } from "./stored.ts";

/** Newest candidates that decisions look at; older ones are history. */
const CANDIDATES = 200;

/** Makes sure the row to lock exists; a start does it for every configured environment. */
export async function ensureEnvironment(db: Database, environment: Environment): Promise<void> {
  await db
    .insert(environments)
    .values({ id: environment.id, app: environment.app, name: environment.name })
    .onConflictDoUpdate({ target: environments.id, set: { gone: false } });
}

/** Locks the environment's row: the first lock of every decision, and the only kind of lock order there is. */
export async function lockEnvironment(tx: Database, environment: Environment): Promise<void> {
  const rows = await tx.select({ id: environments.id }).from(environments).where(eq(environments.id, environment.id)).for("update");
  if (rows.length > 0) return;
  await ensureEnvironment(tx, environment);
  await tx.select({ id: environments.id }).from(environments).where(eq(environments.id, environment.id)).for("update");
}

/** Everything a decision may know. Call it with the row locked, or for reading only. */
export async function loadSnapshot(tx: Database, environment: Environment, config: Pick<Config, "hash" | "command">): Promise<Snapshot> {
  const id = environment.id;
  const [row] = await tx.select().from(environments).where(eq(environments.id, id));
  const open = await openDeployments(tx, id);
  const hosts = await loadLive(tx, id);
  const past = await pastWithLive(tx, id, { open, live: hosts });
  const after = environment.after === null ? null : environmentId(environment.app, environment.after.environment);
  return {
    environment,
    configHash: config.hash,
    command: config.command,
    nextNumber: row?.nextNumber ?? 1,
    mixed: row?.mixed ?? false,
    heldBecause: row?.heldBecause ?? null,
    lock: await loadLock(tx, id),
    freeze: await loadFreeze(tx, id),
    live: hosts,
    open,
    past,
    approvals: await loadApprovals(
      tx,
      [...open, ...past].map((deployment) => deployment.id),
    ),
    validations: await loadValidations(tx, after ?? id),
    blocked: await loadBlocked(tx, id),
    candidates: await loadCandidates(tx, id),
    ...(await companionFacts(tx, environment)),
    absences: await loadAbsences(tx),
    ...(after === null ? {} : { words: await loadValidations(tx, id) }),
    ...(observeOf(environment.release) !== null ? { observed: await loadObserved(tx, id) } : {}),
    ...(await imagesOf(tx, environment, after)),
    ...(await countedDown(tx, open)),
    ...(await incidentsOf(tx, environment, [...open, ...past])),
  };
}

/** What ended here lately, and what is live, however long ago that ended: what it came with is known by nothing else. */
async function pastWithLive(tx: Database, id: EnvironmentId, now: Pick<Snapshot, "open" | "live">): Promise<Snapshot["past"]> {
  const past = await pastDeployments(tx, id);
  const known = new Set<string>([...now.open, ...past].map((deployment) => deployment.id));
  const wanted = now.live.flatMap(({ deploymentId }) => (deploymentId === null || known.has(deploymentId) ? [] : [deploymentId]));
  return [...past, ...(await deploymentsWith(tx, [...new Set(wanted)]))];
}

/** What its companions are chosen by; read unlocked, as what the environment before it recorded. */
export async function companionFacts(tx: Database, environment: Environment): Promise<Pick<Snapshot, "after" | "passed">> {
  const { app, after, companions } = environment;
  const records = after === null ? null : await loadAfter(tx, environmentId(app, after.environment));
  if (companions === undefined) return { after: records };
  const sources = companions.map((companion) => sourceName(app, companion));
  return { after: records, passed: await loadPassed(tx, sources) };
}

async function imagesOf(tx: Database, { app, target }: Environment, before: EnvironmentId | null): Promise<Pick<Snapshot, "images">> {
  return target.docker === undefined ? {} : { images: await loadImages(tx, { app, image: nameOf(target.docker.image), before }) };
}

/** Older ones are over: whoever was to be woken for them was. */
const INCIDENTS = 50;

async function incidentsOf(tx: Database, { escalate }: Environment, all: Snapshot["past"]): Promise<Pick<Snapshot, "incidents">> {
  if (escalate === undefined) return {};
  return {
    incidents: await loadIncidents(
      tx,
      all.slice(0, INCIDENTS).map((deployment) => deployment.id),
    ),
  };
}

async function countedDown(tx: Database, open: Snapshot["open"]): Promise<Pick<Snapshot, "shownAt">> {
  const counted = open.find(({ state }) => state.state === "countdown");
  return counted === undefined ? {} : { shownAt: await cardShownAt(tx, counted.id) };
}

export async function loadLive(tx: Database, id: EnvironmentId): Promise<Snapshot["live"]> {
  const rows = await tx.select().from(live).where(eq(live.environmentId, id)).orderBy(live.host);
  return rows.map((row) => ({
    host: row.host,
    revision: row.revision as Sha,
    since: row.since,
    deploymentId: row.deploymentId as DeploymentId | null,
    source: row.source,
  }));
}

export async function loadApprovals(tx: Database, ids: readonly DeploymentId[]): Promise<readonly Approval[]> {
  if (ids.length === 0) return [];
  const rows = await tx
    .select()
    .from(approvals)
    .where(inArray(approvals.deploymentId, [...ids]))
    .orderBy(approvals.at);
  return rows.map((row) => ({
    deploymentId: row.deploymentId as DeploymentId,
    actor: fromStored(row.who),
    revision: row.revision as Sha,
    planHash: row.planHash,
    at: row.at,
    override: row.override,
    notBefore: row.notBefore,
  }));
}

export async function loadValidations(tx: Database, id: EnvironmentId): Promise<Snapshot["validations"]> {
  const rows = await tx.select().from(validations).where(eq(validations.environmentId, id));
  return rows.map((row) => ({
    environmentId: id,
    revision: row.revision as Sha,
    actor: fromStored(row.who),
    verdict: row.verdict,
    reason: row.reason,
    at: row.at,
  }));
}

async function loadBlocked(tx: Database, id: EnvironmentId): Promise<Snapshot["blocked"]> {
  const rows = await tx
    .select()
    .from(blockedCommits)
    .where(and(eq(blockedCommits.environmentId, id), isNull(blockedCommits.allowedBy)));
  return rows.map((row) => ({ revision: row.revision as Sha, deploymentId: row.deploymentId as DeploymentId, at: row.at }));
}

export async function loadCandidates(tx: Database, id: EnvironmentId): Promise<Snapshot["candidates"]> {
  const rows = await tx
    .select()
    .from(candidates)
    .where(eq(candidates.environmentId, id))
    .orderBy(desc(candidates.position))
    .limit(CANDIDATES);
  return rows.map((row) => ({ revision: row.revision as Sha, runId: row.runId as RunId, since: row.since, position: row.position }));
}

/** What the `after:` environment recorded, newest first; read unlocked: it only ever grows. */
export async function loadAfter(tx: Database, id: EnvironmentId): Promise<readonly AfterRecord[]> {
  const rows = await tx
    .select()
    .from(deployments)
    .where(eq(deployments.environmentId, id))
    .orderBy(desc(deployments.number))
    .limit(CANDIDATES);
  const ours = rows.map(deploymentOf).flatMap((deployment) =>
    deployment.liveAt === null
      ? []
      : [
          {
            revision: deployment.revision,
            liveAt: deployment.liveAt,
            state: deployment.state.state,
            number: deployment.number,
            ...(deployment.plan.companions === undefined ? {} : { companions: deployment.plan.companions }),
          },
        ],
  );
  const byCi = observedRecords(await loadObserved(tx, id));
  return byCi.length === 0 ? ours : [...ours, ...byCi].toSorted((a, b) => b.liveAt.getTime() - a.liveAt.getTime());
}

export async function isEnvironmentMixed(db: Database, id: EnvironmentId): Promise<boolean> {
  const [row] = await db.select({ mixed: environments.mixed }).from(environments).where(eq(environments.id, id));
  return row?.mixed ?? false;
}

/** Why nothing starts here until a person has looked; null: it is not held. */
export async function heldBecause(db: Database, id: EnvironmentId): Promise<string | null> {
  const [row] = await db.select({ because: environments.heldBecause }).from(environments).where(eq(environments.id, id));
  return row?.because ?? null;
}

/** Marks and answers the environments that have a row but are configured no more. */
export async function goneEnvironments(db: Database, configured: readonly EnvironmentId[]): Promise<readonly EnvironmentId[]> {
  const rows = await db
    .update(environments)
    .set({ gone: true })
    .where(notInArray(environments.id, [...configured]))
    .returning({ id: environments.id });
  return rows.map((row) => row.id as EnvironmentId);
}
