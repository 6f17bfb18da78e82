import { sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { cards, clicks, pages, replies } from "./schema.ts";

/**
 * After a restore the past must not be told or done again: queued jobs go, unsent thread messages and unanswered presses are
 * closed, and cards stay as they are until something new happens.
 */
export async function silencePast(db: Database): Promise<void> {
  await db.execute(sql`delete from pgboss.job where state < 'completed'`);
  await db
    .update(replies)
    .set({ failedBecause: "the database was restored", posting: false })
    .where(sql`${replies.ts} is null and ${replies.failedBecause} is null`);
  await db
    .update(pages)
    .set({ failedBecause: "the database was restored" })
    .where(sql`${pages.sentAt} is null and ${pages.failedBecause} is null`);
  await db
    .update(clicks)
    .set({ answeredAt: sql`now()` })
    .where(sql`${clicks.answeredAt} is null`);
  await db.update(cards).set({ drawnVersion: sql`${cards.version}`, ticking: false, posting: false });
}

/** How long what came from outside is kept (security: webhook bodies hold other people's data). */
const KEEP = "7 days";
/** Output of steps may hold people's data too; a month is as long as anybody asks what a deployment printed. */
const KEEP_LOGS = "30 days";

/** Longer than anything waits for a yes. */
const KEEP_ABSENCES = "90 days";

/** Longer than a code host is told again, and than anybody looks at what it was told of an old commit. */
const KEEP_TOLD = "90 days";

/** Deletes raw webhook bodies, answered presses and output of steps that nobody needs any more. */
export async function forgetOld(db: Database): Promise<void> {
  await db.execute(sql`delete from deliveries where result is not null and received_at < now() - ${KEEP}::interval`);
  await db.execute(sql`delete from clicks where answered_at is not null and received_at < now() - ${KEEP}::interval`);
  await db.execute(sql`delete from rates where at < now() - interval '1 hour'`);
  await db.execute(sql`delete from absences where until < now() - ${KEEP_ABSENCES}::interval`);
  await db.execute(sql`delete from told where at < now() - ${KEEP_TOLD}::interval`);
  await db.execute(sql`update steps set head = ''::bytea, tail = ''::bytea, dropped = "offset"
    where finished_at < now() - ${KEEP_LOGS}::interval and (head <> ''::bytea or tail <> ''::bytea)`);
  await db.execute(sql`update replies set body = jsonb_set(body, '{preformatted}', 'null')
    where at < now() - ${KEEP_LOGS}::interval and body ->> 'kind' = 'log' and body ->> 'preformatted' is not null`);
}
