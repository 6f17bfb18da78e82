import { and, eq, isNull, or, sql } from "drizzle-orm";
import type { DeploymentId } from "../domain/ids.ts";
import { shownCardOf } from "./shown.ts";
import type { Database } from "./client.ts";
import { cards, replies } from "./schema.ts";

type Place = { readonly channel: string; readonly ts: string };

/**
 * Where the card of a deployment stands, if not in this message and not above it: then the message is one too many. Null: it is ours,
 * or a post is on its way whose place is not written down yet.
 */
export async function cardElsewhere(db: Database, message: Place, deployment: DeploymentId): Promise<Place | null> {
  const here = await db
    .select({ id: cards.id })
    .from(cards)
    .where(and(eq(cards.postedChannel, message.channel), eq(cards.ts, message.ts)))
    .limit(1);
  const posted = await db
    .select({ id: replies.id })
    .from(replies)
    .where(and(eq(replies.ts, message.ts)))
    .limit(1);
  const onItsWay = await db
    .select({ id: cards.id })
    .from(cards)
    .leftJoin(replies, and(eq(replies.cardId, cards.id), isNull(replies.ts), eq(replies.posting, true)))
    .where(
      and(
        sql`exists (select from deployments d where d.id = ${deployment} and (${cards.deploymentId} in (d.id, d.rolls_back) or ${cards.runId} = d.run_id))`,
        or(isNull(cards.ts), eq(cards.posting, true), sql`${replies.id} is not null`),
      ),
    )
    .limit(1);
  return here.length + posted.length + onItsWay.length > 0 ? null : shownCardOf(db, deployment);
}
