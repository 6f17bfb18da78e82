import { eq, gt, inArray, or, sql } from "drizzle-orm";
import type { Deployment, FinalName, StateName } from "../domain/deployment.ts";
import type { LiveHost } from "../domain/environment.ts";
import type { DeploymentId, Sha } from "../domain/ids.ts";
import type { Lock, SetFreeze } from "../domain/standing.ts";
import type { Database } from "./client.ts";
import { deploymentOf } from "./deployments.ts";
import { storedRun, type StoredRun } from "./runs.ts";
import { deployments, environments, freezes, live, locks, runs } from "./schema.ts";
import { fromStored } from "./stored.ts";

/** What the Home tab tells of, of all environments at once: a person may see hundreds of them. */

/** Asked for by name, so that the index on states is used: almost all deployments are over. */
const OPEN: Readonly<Record<Exclude<StateName, FinalName>, true>> = {
  awaiting_approval: true,
  queued: true,
  executing: true,
  cancelling: true,
  needs_attention: true,
  watching: true,
  countdown: true,
};
const isOpen = inArray(deployments.state, Object.keys(OPEN));

/** By environment; hosts in the order of their names. */
export async function liveEverywhere(db: Database): Promise<ReadonlyMap<string, readonly LiveHost[]>> {
  const rows = await db.select().from(live).orderBy(live.environmentId, live.host);
  return Map.groupBy(
    rows.map((row) => ({
      environmentId: row.environmentId,
      host: row.host,
      revision: row.revision as Sha,
      since: row.since,
      deploymentId: row.deploymentId as DeploymentId | null,
      source: row.source,
    })),
    (row) => row.environmentId,
  );
}

/** All that is not over, oldest first. */
export async function openEverywhere(db: Database): Promise<readonly Deployment[]> {
  const rows = await db.select().from(deployments).where(isOpen).orderBy(deployments.requestedAt, deployments.id);
  return rows.map(deploymentOf);
}

/** By environment; those that are over are left out. */
export async function locksEverywhere(db: Database, now: Date): Promise<ReadonlyMap<string, Lock>> {
  const rows = await db.select().from(locks).where(gt(locks.until, now));
  return new Map(
    rows.map(({ environmentId, reason, since, until, owner }) => [environmentId, { owner: fromStored(owner), reason, since, until }]),
  );
}

/** By environment, set by people; those that are over are left out. */
export async function freezesEverywhere(db: Database, now: Date): Promise<ReadonlyMap<string, SetFreeze>> {
  const rows = await db.select().from(freezes).where(gt(freezes.until, now));
  return new Map(
    rows.map(({ environmentId, reason, since, until, owner }) => [environmentId, { owner: fromStored(owner), reason, since, until }]),
  );
}

/** By environment: whose servers differ, and what a restored database holds. */
export async function oddPlaces(
  db: Database,
): Promise<ReadonlyMap<string, { readonly mixed: boolean; readonly heldBecause: string | null }>> {
  const rows = await db
    .select({ id: environments.id, mixed: environments.mixed, heldBecause: environments.heldBecause })
    .from(environments)
    .where(or(eq(environments.mixed, true), sql`${environments.heldBecause} is not null`));
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

/** The runs of these revisions, by app and revision. */
export async function runsOf(
  db: Database,
  wanted: readonly { readonly app: string; readonly revision: Sha }[],
): Promise<(app: string, revision: Sha) => StoredRun | null> {
  const revisions = [...new Set(wanted.map(({ revision }) => revision))];
  const rows = revisions.length === 0 ? [] : await db.select().from(runs).where(inArray(runs.revision, revisions));
  const found = new Map(rows.map((row) => [`${row.app} ${row.revision}`, storedRun(row)]));
  return (app, revision) => found.get(`${app} ${revision}`) ?? null;
}

/**
 * Changes whenever the database holds something else that a Home tab tells of. One query, asked every other second: it reads what is open
 * and what is live, never the past.
 */
export async function homeFingerprint(db: Database, now: Date): Promise<string> {
  const at = now.toISOString();
  const found = await db.execute<{ fingerprint: string }>(sql`
    with open as (select id, counter, state, run_id, rolls_back from deployments where ${isOpen})
    select md5(concat_ws('/',
      (select string_agg(concat_ws(',', id, counter, state), ';' order by id) from open),
      (select string_agg(concat_ws(',', a.deployment_id, a.actor, a.plan_hash), ';' order by a.deployment_id, a.actor, a.plan_hash) from approvals a join open on open.id = a.deployment_id),
      (select string_agg(concat_ws(',', c.id, c.posted_channel, c.ts), ';' order by c.id) from cards c join open on c.deployment_id in (open.id, open.rolls_back) or c.run_id = open.run_id),
      (select string_agg(concat_ws(',', channel, broken_because), ';' order by channel, id) from cards where broken_because is not null),
      (select string_agg(concat_ws(',', environment_id, host, revision, since), ';' order by environment_id, host) from live),
      (select string_agg(concat_ws(',', environment_id, owner, reason, until), ';' order by environment_id) from locks where until > ${at}::timestamptz),
      (select string_agg(concat_ws(',', environment_id, owner, reason, until), ';' order by environment_id) from freezes where until > ${at}::timestamptz),
      (select string_agg(concat_ws(',', id, mixed, held_because), ';' order by id) from environments where mixed or held_because is not null),
      (select string_agg(concat_ws(',', slack_id, app, until), ';' order by slack_id, app) from mutes where until is null or until > ${at}::timestamptz),
      (select string_agg(concat_ws(',', app, "from", "to", until), ';' order by app, "from", "to") from delegations where until > ${at}::timestamptz),
      (select concat_ws(',', count(*), max(v.at)) from validations v join live l on l.environment_id = v.environment_id and l.revision = v.revision),
      (select string_agg(concat_ws(',', r.id, r.updated_at), ';' order by r.id) from live l join environments e on e.id = l.environment_id join runs r on r.app = e.app and r.revision = l.revision)
    )) as fingerprint`);
  return found.rows[0]?.fingerprint ?? "";
}
