import { and, asc, eq, isNull, lt, or, sql } from "drizzle-orm";
import type { LatePings, Reply } from "../domain/card.ts";
import type { DeploymentId } from "../domain/ids.ts";
import { threadReply } from "../domain/thread-reply.ts";
import { wake } from "./cards.ts";
import type { Database } from "./client.ts";
import { cards, deployments, replies } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

/** A call for people that was not posted yet, or the message that gathers such calls. */
export type LatePing = {
  readonly id: string;
  readonly card: string;
  /** The card's channel, as it is configured. */
  readonly channel: string;
  /** The card is in Slack, so that messages can be posted beside it. */
  readonly posted: boolean;
  readonly at: Date;
  readonly reply: Reply;
  readonly deployment: DeploymentId | null;
  /** Of the deployment; null where there is none. */
  readonly state: string | null;
  readonly environment: string | null;
  readonly app: string;
};

/** Locks and reads what people were to be called for before this time, oldest first. `channel` null: in every channel. */
export async function latePings(
  tx: Database,
  where: { readonly before: Date; readonly channel: string | null },
): Promise<readonly LatePing[]> {
  const isPing = sql`(${replies.body} ->> 'ping' is not null or ${replies.body} ? 'late')`;
  const old = or(lt(replies.at, where.before), sql`${replies.body} ? 'late'`);
  const here = where.channel === null ? [] : [eq(cards.channel, where.channel)];
  const rows = await tx
    .select({ reply: replies, card: cards, state: deployments.state, environment: deployments.environmentId })
    .from(replies)
    .innerJoin(cards, eq(cards.id, replies.cardId))
    .leftJoin(deployments, eq(deployments.id, replies.deploymentId))
    .where(and(isNull(replies.ts), isNull(replies.failedBecause), isPing, old, ...here))
    .orderBy(asc(replies.order))
    .for("update", { of: replies });
  return rows.map(({ reply, card, state, environment }) => ({
    id: reply.id,
    card: card.id,
    channel: card.channel,
    posted: card.ts !== null,
    at: reply.at,
    reply: fromStored<Reply>(reply.body),
    deployment: reply.deploymentId as DeploymentId | null,
    state,
    environment,
    app: card.app,
  }));
}

/** What stands in `late` is said by one message, and by none of its own. */
export async function storeLate(
  tx: Database,
  input: { readonly id: string; readonly card: string; readonly late: LatePings; readonly instead: readonly string[]; readonly at: Date },
): Promise<void> {
  const { id, at } = input;
  const body = threadReply({ key: `late:${id}`, kind: "ping", late: input.late });
  await tx
    .insert(replies)
    .values({ id, cardId: input.card, key: body.key, body: toStored(body), at })
    .onConflictDoUpdate({ target: replies.id, set: { body: toStored(body) } });
  await untold(tx, input.instead, "it is said in one message with others");
}

/** These are not posted any more. */
export async function untold(tx: Database, ids: readonly string[], because: string): Promise<void> {
  for (const id of ids) await tx.update(replies).set({ failedBecause: because }).where(eq(replies.id, id));
  await wake(tx);
}
