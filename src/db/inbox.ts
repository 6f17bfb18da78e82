import { and, eq, isNull, lte, or, sql } from "drizzle-orm";
import type { Answer, Intent } from "../domain/intent.ts";
import type { Database } from "./client.ts";
import { clicks, deliveries } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

/** Which delivery: the id is its sender's own, so that it is one only together with the sender. */
export type DeliveryKey = { readonly source: string; readonly connection: string; readonly id: string };

/** What comes from outside is stored before it is answered: webhook deliveries and people's presses. */
export type Delivery = DeliveryKey & {
  readonly event: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** What became of a delivery. */
export type DeliveryEnd = { readonly result: "accepted" | "ignored" | "failed"; readonly reason: string | null };

/** Stores a delivery. `end`: nobody needs to read it; null: the row itself says that it is unread. */
export type StoreDelivery = (delivery: Delivery, end: DeliveryEnd | null, now: Date) => Promise<"stored" | "duplicate">;

/** One statement, which each connection of the pool has parsed once. */
export function deliveryStore(db: Database): StoreDelivery {
  const value = sql.placeholder;
  const statement = db
    .insert(deliveries)
    .values({
      source: value("source"),
      connection: value("connection"),
      id: value("id"),
      event: value("event"),
      headers: value("headers"),
      body: value("body"),
      receivedAt: value("receivedAt"),
      result: value("result"),
      reason: value("reason"),
    })
    .onConflictDoNothing()
    .returning({ id: deliveries.id })
    .prepare("store_delivery");
  return async (delivery, end, now) => {
    const rows = await statement.execute({
      ...delivery,
      receivedAt: now,
      result: end?.result ?? null,
      reason: storable(end?.reason ?? null),
    });
    return rows.length > 0 ? "stored" : "duplicate";
  };
}

/** The oldest unread ones, oldest first: at most `most`, and of more than one no more bytes than `bytes`. */
export async function unreadDeliveries(
  db: Database,
  wanted: { readonly most: number; readonly bytes: number; readonly now: Date },
): Promise<readonly (Delivery & { readonly failures: number })[]> {
  const found = await db.execute<Unread>(sql`with oldest as materialized (
      select source, connection, id, received_at, octet_length(body) as size from deliveries
      where result is null and (not_before is null or not_before <= ${wanted.now.toISOString()}::timestamptz)
      order by received_at limit ${wanted.most}),
    fitting as (select *, sum(size) over (order by received_at, source, connection, id) - size as before from oldest)
    select d.source, d.connection, d.id, d.event, d.headers, d.body, d.failures from fitting f join deliveries d
    on d.source = f.source and d.connection = f.connection and d.id = f.id
    where f.before < ${wanted.bytes} order by d.received_at`);
  return found.rows.map(({ headers, ...rest }) => ({ ...rest, headers: fromStored(headers) }));
}

type Unread = Omit<Delivery, "headers"> & { headers: unknown; failures: number };

/** Is there any that may be read now? */
export async function hasUnread(db: Database, now: Date): Promise<boolean> {
  const { result, notBefore } = deliveries;
  const due = and(isNull(result), or(isNull(notBefore), lte(notBefore, now)));
  return (await db.select({ id: deliveries.id }).from(deliveries).where(due).limit(1)).length > 0;
}

/** In one statement for all of them. */
export async function endDeliveries(db: Database, ends: readonly (DeliveryKey & DeliveryEnd)[]): Promise<void> {
  if (ends.length === 0) return;
  const rows = JSON.stringify(ends.map((end) => ({ ...end, reason: storable(end.reason) })));
  await db.execute(sql`update deliveries d set result = e.result, reason = e.reason, not_before = null
    from jsonb_to_recordset(${rows}::jsonb) as e(source text, connection text, id text, result text, reason text)
    where d.source = e.source and d.connection = e.connection and d.id = e.id`);
}

/** It could not be read: another try later. */
export async function postponeDelivery(db: Database, key: DeliveryKey, until: Date): Promise<void> {
  await db
    .update(deliveries)
    .set({ notBefore: until, failures: sql`${deliveries.failures} + 1` })
    .where(isDelivery(key));
}

function storable(reason: string | null): string | null {
  return reason?.toWellFormed().replaceAll("\u0000", "\uFFFD") ?? null;
}

function isDelivery({ source, connection, id }: DeliveryKey) {
  return and(eq(deliveries.source, source), eq(deliveries.connection, connection), eq(deliveries.id, id));
}

export type StoredClick<Body> = { readonly body: Body; readonly answer: Answer | null };

export async function storeClick(db: Database, id: string, body: { readonly intent: Intent }, now: Date): Promise<"taken" | "known"> {
  const rows = await db
    .insert(clicks)
    .values({ id, body: toStored(body), receivedAt: now })
    .onConflictDoNothing()
    .returning({ id: clicks.id });
  return rows.length > 0 ? "taken" : "known";
}

/** Locks the click for the transaction, so that two replicas cannot carry it out at once. */
export async function lockClick<Body>(tx: Database, id: string): Promise<StoredClick<Body> | null> {
  const [row] = await tx.select().from(clicks).where(eq(clicks.id, id)).for("update");
  return row === undefined
    ? null
    : { body: fromStored<Body>(row.body), answer: row.answer === null ? null : fromStored<Answer>(row.answer) };
}

export async function saveAnswer(tx: Database, id: string, answer: Answer): Promise<void> {
  await tx
    .update(clicks)
    .set({ answer: toStored(answer) })
    .where(eq(clicks.id, id));
}

export async function markAnswered(db: Database, id: string, now: Date): Promise<void> {
  await db.update(clicks).set({ answeredAt: now }).where(eq(clicks.id, id));
}

/** Nobody saw an answer yet; older than half an hour nobody waits for one. */
export async function unansweredClicks<Body>(db: Database): Promise<readonly Body[]> {
  const rows = await db
    .select({ body: clicks.body })
    .from(clicks)
    .where(sql`${clicks.answeredAt} is null and ${clicks.receivedAt} > now() - interval '30 minutes'`)
    .orderBy(clicks.receivedAt);
  return rows.map((row) => fromStored<Body>(row.body));
}
