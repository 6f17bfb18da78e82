import { and, asc, eq, inArray, isNotNull, isNull, or, sql } from "drizzle-orm";
import type { Reply } from "../domain/card.ts";
import { isFinal, type Deployment } from "../domain/deployment.ts";
import type { DeploymentId, RunId } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { cards, deployments, replies } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

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
  await tx
    .update(cards)
    .set({ version: sql`${cards.version} + 1`, priority: "change", ticking })
    .where(and(eq(cards.runId, runId), isNull(cards.deploymentId)));
  await wake(tx);
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

/** Thread message of a deployment's card; the key makes it one, however often it is asked for. `again`: it then says what is new. */
export async function addReply(
  tx: Database,
  reply: { readonly id: string; readonly deployment: DeploymentId; readonly body: Reply; readonly at: Date },
  how: { readonly again: boolean } = { again: false },
): Promise<void> {
  const known = how.again
    ? sql`do update set body = excluded.body, stale = replies.ts is not null where replies.body is distinct from excluded.body`
    : sql`do nothing`;
  const cardId = sql<string>`(select ${cards.id} from ${cards} left join deployments d on d.id = ${reply.deployment}
    where ${cards.deploymentId} in (d.id, d.rolls_back) or (${cards.runId} = d.run_id)
    order by (${cards.deploymentId} = d.id) desc nulls last, (${cards.deploymentId} = d.rolls_back) desc nulls last limit 1)`;
  await tx.execute(sql`insert into ${replies} (id, card_id, key, body, deployment_id, at)
    select ${reply.id}, card, ${reply.body.key}, ${JSON.stringify(toStored(reply.body))}::jsonb, ${reply.deployment}, ${reply.at.toISOString()}::timestamptz from (select ${cardId} as card) found
    where card is not null on conflict (card_id, key) ${known}`);
  await wake(tx);
}

/** A thread message that is there already says something else from now on. */
export async function editReply(tx: Database, body: Reply): Promise<void> {
  const edited = await tx
    .update(replies)
    .set({ body: toStored(body), stale: sql`${replies.ts} is not null` })
    .where(eq(replies.key, body.key));
  // Most steps are over before anything was shown of them.
  if (edited.rowCount !== 0) await wake(tx);
}

/** It stands in the thread as `drawn`. What was changed meanwhile is drawn again. False: it stands in another message already. */
export async function markReplyDrawn(db: Database, id: string, ts: string, drawn: Reply): Promise<boolean> {
  const body = JSON.stringify(toStored(drawn));
  const marked = await db
    .update(replies)
    .set({ ts, posting: false, stale: sql`${replies.body} is distinct from ${body}::jsonb` })
    .where(and(eq(replies.id, id), or(isNull(replies.ts), eq(replies.ts, ts))));
  return marked.rowCount !== 0;
}

/** A post begins. False: it was told otherwise meanwhile. */
export async function beginReply(db: Database, id: string): Promise<boolean> {
  const begun = await db
    .update(replies)
    .set({ posting: true })
    .where(and(eq(replies.id, id), isNull(replies.ts), isNull(replies.failedBecause)));
  return begun.rowCount !== 0;
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

export type DueReplyRow = {
  readonly id: string;
  readonly app: string;
  readonly cardId: string;
  readonly channel: string;
  readonly ts: string;
  /** Of the message itself, if it was posted already. */
  readonly replyTs: string | null;
  readonly posting: boolean;
  readonly reply: Reply;
  readonly deploymentId: DeploymentId | null;
};

export async function nextReplies(db: Database): Promise<readonly DueReplyRow[]> {
  const rows = await db
    .select({
      id: replies.id,
      app: cards.app,
      cardId: cards.id,
      channel: cards.postedChannel,
      ts: cards.ts,
      replyTs: replies.ts,
      posting: replies.posting,
      body: replies.body,
      deploymentId: replies.deploymentId,
    })
    .from(replies)
    .innerJoin(cards, eq(cards.id, replies.cardId))
    .where(
      and(or(isNull(replies.ts), eq(replies.stale, true)), isNull(replies.failedBecause), isNotNull(cards.ts), isNull(cards.brokenBecause)),
    )
    .orderBy(asc(replies.order))
    .limit(50);
  return rows.flatMap((row) =>
    row.ts === null || row.channel === null
      ? []
      : [
          {
            id: row.id,
            app: row.app,
            cardId: row.cardId,
            channel: row.channel,
            ts: row.ts,
            replyTs: row.replyTs,
            posting: row.posting,
            reply: fromStored<Reply>(row.body),
            deploymentId: row.deploymentId as DeploymentId | null,
          },
        ],
  );
}

/** What the button in a thread message would do was done, or cannot be done any more: it is drawn again without. */
export async function staleReplies(tx: Database, deployment: DeploymentId, button: "rollBackButton" | "stopButton"): Promise<void> {
  await tx
    .update(replies)
    .set({ stale: true })
    .where(and(eq(replies.deploymentId, deployment), isNotNull(replies.ts), sql`${replies.body} ->> ${button} = 'true'`));
  await wake(tx);
}

export async function markReply(
  db: Database,
  id: string,
  set: { readonly posting?: boolean; readonly ts?: string; readonly stale?: boolean; readonly failedBecause?: string },
): Promise<void> {
  await db.update(replies).set(set).where(eq(replies.id, id));
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
