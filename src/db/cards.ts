import { and, eq, inArray, isNotNull, isNull, or, sql } from "drizzle-orm";
import { isFinal, type Deployment } from "../domain/deployment.ts";
import type { DeploymentId, RunId } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { cards, deployments, replies } from "./schema.ts";

export type CardRow = typeof cards.$inferSelect;
export type Priority = CardRow["priority"];

/** Painters listen here; the payload is empty, since rows say what is due. */
export const CARDS_CHANGED = "greenlight_cards";
/** Durations on a card are redrawn about this often. */
const TICK_SECONDS = 2;

/** The run's card, once; a second event of the same run finds it. */
export async function ensureRunCard(
  tx: Database,
  card: { readonly id: string; readonly app: string; readonly channel: string; readonly runId: RunId },
): Promise<void> {
  await tx
    .insert(cards)
    .values({ ...card, priority: "change", ticking: true })
    .onConflictDoNothing();
  await wake(tx);
}

/** A run's card is handed to the first deployment that needs approval for it; later ones get their own. */
export async function giveCard(
  tx: Database,
  card: { readonly id: string; readonly app: string; readonly channel: string },
  deployment: Deployment,
): Promise<void> {
  const handed =
    deployment.runId === null
      ? []
      : await tx
          .update(cards)
          .set({ deploymentId: deployment.id, version: sql`${cards.version} + 1`, priority: "ask", ticking: false })
          .where(and(eq(cards.runId, deployment.runId), isNull(cards.deploymentId)))
          .returning({ id: cards.id });
  if (handed.length === 0)
    await tx
      .insert(cards)
      .values({ ...card, deploymentId: deployment.id, priority: "ask" })
      .onConflictDoNothing();
  await wake(tx);
}

/** Marks the card of a deployment as out of date: its own, its run's, or that of what it rolls back. */
export async function touchDeployment(tx: Database, deployment: Pick<Deployment, "id" | "runId" | "rollsBack" | "state">): Promise<void> {
  const subjects = [deployment.id, ...(deployment.rollsBack === null ? [] : [deployment.rollsBack])];
  const ofRun = deployment.runId === null ? [] : [and(eq(cards.runId, deployment.runId), isNull(cards.deploymentId))];
  await tx
    .update(cards)
    .set({ version: sql`${cards.version} + 1`, priority: priorityOf(deployment), ticking: isTicking(deployment) })
    .where(or(inArray(cards.deploymentId, subjects), ...ofRun));
  await wake(tx);
}

export async function touchRun(tx: Database, runId: RunId, ticking: boolean): Promise<void> {
  const touched = await tx
    .update(cards)
    .set({ version: sql`${cards.version} + 1`, priority: "change", ticking })
    .where(and(eq(cards.runId, runId), isNull(cards.deploymentId)));
  if (touched.rowCount !== 0) await wake(tx);
}

/** A step's progress: redrawn, but after what is more urgent. */
export async function tickDeployment(tx: Database, deployment: Pick<Deployment, "id" | "runId" | "rollsBack">): Promise<void> {
  const subjects = [deployment.id, ...(deployment.rollsBack === null ? [] : [deployment.rollsBack])];
  const ofRun = deployment.runId === null ? [] : [and(eq(cards.runId, deployment.runId), isNull(cards.deploymentId))];
  await tx
    .update(cards)
    .set({
      version: sql`${cards.version} + 1`,
      priority: sql`case when ${cards.version} > ${cards.drawnVersion} then ${cards.priority} else 'tick' end`,
    })
    .where(or(inArray(cards.deploymentId, subjects), ...ofRun));
  await wake(tx);
}

export async function dirtyCards(db: Database): Promise<readonly CardRow[]> {
  return db
    .select()
    .from(cards)
    .where(
      and(
        isNull(cards.brokenBecause),
        or(
          sql`${cards.version} > ${cards.drawnVersion}`,
          isNull(cards.ts),
          and(eq(cards.ticking, true), sql`${cards.lastDrawnAt} < now() - make_interval(secs => ${TICK_SECONDS})`),
        ),
      ),
    );
}

/** Whose message that is: the deployment of the card, or of the thread message. Null: none of ours, or of no deployment yet. */
export async function deploymentIn(db: Database, message: { readonly channel: string; readonly ts: string }): Promise<DeploymentId | null> {
  const result = await db.execute<{ id: string | null }>(sql`
    select coalesce(r.deployment_id, c.deployment_id, (
      select d.id from deployments d where d.run_id = c.run_id and d.kind = 'deploy' and d.started_at is not null
      order by d.started_at desc limit 1)) as id
    from ${cards} c left join ${replies} r on r.card_id = c.id and r.ts = ${message.ts}
    where c.posted_channel = ${message.channel} and (c.ts = ${message.ts} or r.ts = ${message.ts}) limit 1`);
  return (result.rows[0]?.id ?? null) as DeploymentId | null;
}

export async function cardById(db: Database, id: string): Promise<CardRow | null> {
  const [row] = await db.select().from(cards).where(eq(cards.id, id));
  return row ?? null;
}

/** Where the card that tells of a deployment stands: its own, or that of its run. Null: it is not in Slack. */
export async function cardPosted(
  db: Database,
  deployment: DeploymentId,
): Promise<{ readonly channel: string; readonly ts: string } | null> {
  const [row] = await db
    .select({ channel: cards.postedChannel, ts: cards.ts })
    .from(cards)
    .innerJoin(deployments, sql`${cards.deploymentId} = ${deployments.id} or ${cards.runId} = ${deployments.runId}`)
    .where(sql`${deployments.id} = ${deployment} and ${cards.ts} is not null and ${cards.postedChannel} is not null`)
    .orderBy(sql`${cards.deploymentId} = ${deployments.id} desc nulls last`)
    .limit(1);
  return row === undefined || row.channel === null || row.ts === null ? null : { channel: row.channel, ts: row.ts };
}

/** As of when the card that tells of a deployment is drawn in Slack. Null: Slack never took it. */
export async function cardShownAt(tx: Database, deployment: DeploymentId): Promise<Date | null> {
  const [row] = await tx
    .select({ at: sql<Date | null>`max(${cards.lastDrawnAt})`.mapWith(cards.lastDrawnAt) })
    .from(cards)
    .innerJoin(deployments, sql`${cards.deploymentId} = ${deployments.id} or ${cards.runId} = ${deployments.runId}`)
    .where(eq(deployments.id, deployment));
  return row?.at ?? null;
}

export async function markPosting(db: Database, id: string, posting: boolean): Promise<void> {
  await db.update(cards).set({ posting }).where(eq(cards.id, id));
}

/** False: the card stands in another message already, and what was posted is one too many. `asOf`: when it was read. */
export async function markPainted(
  db: Database,
  id: string,
  at: {
    readonly channel: string;
    readonly ts: string;
    readonly hash: string;
    readonly drawnVersion: number;
    readonly asOf: Date;
    readonly posted: boolean;
  },
): Promise<boolean> {
  const marked = await db
    .update(cards)
    .set({
      posting: false,
      postedChannel: at.channel,
      ts: at.ts,
      drawnHash: at.hash,
      drawnVersion: at.drawnVersion,
      lastDrawnAt: at.asOf,
      firstDrawnAt: sql`coalesce(${cards.firstDrawnAt}, ${at.asOf.toISOString()}::timestamptz)`,
      brokenBecause: null,
    })
    .where(and(eq(cards.id, id), ...(at.posted ? [isNull(cards.ts)] : [])));
  return marked.rowCount !== 0;
}

export async function markLost(db: Database, id: string): Promise<void> {
  await db.update(cards).set({ ts: null, posting: false, drawnHash: null }).where(eq(cards.id, id));
}

export async function markBroken(db: Database, id: string, because: string): Promise<void> {
  await db.update(cards).set({ brokenBecause: because, posting: false }).where(eq(cards.id, id));
}

/** A start, or a person who invited the bot meanwhile: try the channels again. */
export async function unbreakCards(db: Database): Promise<void> {
  await db.update(cards).set({ brokenBecause: null }).where(isNotNull(cards.brokenBecause));
}

export async function wake(db: Database): Promise<void> {
  await db.execute(sql`select pg_notify(${CARDS_CHANGED}, '')`);
}

function priorityOf(deployment: Pick<Deployment, "state">): Priority {
  if (isFinal(deployment.state) || deployment.state.state === "needs_attention") return "terminal";
  return deployment.state.state === "awaiting_approval" || deployment.state.state === "countdown" ? "ask" : "change";
}

/** States whose cards show running durations. */
function isTicking(deployment: Pick<Deployment, "state">): boolean {
  return ["executing", "cancelling", "countdown", "watching"].includes(deployment.state.state);
}
