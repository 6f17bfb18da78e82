import { and, asc, eq, isNotNull, isNull, or, sql } from "drizzle-orm";
import type { Reply } from "../domain/card.ts";
import type { DeploymentId } from "../domain/ids.ts";
import { wake } from "./cards.ts";
import type { Database } from "./client.ts";
import { cards, replies } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

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

/** A file at Slack that a picture is posted from; `tries` that were begun, the last one at `at`. */
export type StoredUpload = { readonly file: string; readonly title: string; readonly tries: number; readonly at: Date };

/** Writes down who is on duty, before the message is drawn; not if the message says something else by now. */
export async function storeDuty(db: Database, id: string, body: { readonly from: Reply; readonly to: Reply }): Promise<void> {
  await db.transaction(async (tx) => {
    const stored = JSON.stringify(toStored(body.from));
    const written = await tx
      .update(replies)
      .set({ body: toStored(body.to) })
      .where(and(eq(replies.id, id), sql`${replies.body} = ${stored}::jsonb`));
    // Whoever made it say something else has woken the painter.
    if (written.rowCount !== 0) await wake(tx);
  });
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
  /** Of a picture that was begun to be posted. */
  readonly upload: StoredUpload | null;
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
      upload: replies.upload,
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
            upload: row.upload === null ? null : fromStored<StoredUpload>(row.upload),
            reply: fromStored<Reply>(row.body),
            deploymentId: row.deploymentId as DeploymentId | null,
          },
        ],
  );
}

/** When it was asked for, and for which deployment. Null: it is not known any more. */
export async function replyAsked(
  db: Database,
  id: string,
): Promise<{ readonly deployment: DeploymentId | null; readonly at: Date } | null> {
  const [row] = await db.select({ deployment: replies.deploymentId, at: replies.at }).from(replies).where(eq(replies.id, id));
  return row === undefined ? null : { deployment: row.deployment as DeploymentId | null, at: row.at };
}

/** A post begins. `upload`: of a picture. False: it was told otherwise meanwhile. */
export async function beginReply(db: Database, id: string, upload: StoredUpload | null = null): Promise<boolean> {
  const begun = await db
    .update(replies)
    .set({ posting: true, upload: upload === null ? null : toStored(upload) })
    .where(and(eq(replies.id, id), isNull(replies.ts), isNull(replies.failedBecause)));
  return begun.rowCount !== 0;
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
