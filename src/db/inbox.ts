import { and, eq, isNull, sql } from "drizzle-orm";
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

export async function storeDelivery(db: Database, delivery: Delivery, now: Date): Promise<"stored" | "duplicate"> {
  const rows = await db
    .insert(deliveries)
    .values({ ...delivery, receivedAt: now })
    .onConflictDoNothing()
    .returning({ id: deliveries.id });
  return rows.length > 0 ? "stored" : "duplicate";
}

export async function loadDelivery(db: Database, key: DeliveryKey): Promise<(Delivery & { readonly result: string | null }) | null> {
  const [row] = await db.select().from(deliveries).where(isDelivery(key));
  return row === undefined ? null : { ...row, headers: fromStored(row.headers) };
}

export async function endDelivery(
  db: Database,
  key: DeliveryKey,
  result: "accepted" | "ignored" | "failed",
  reason: string | null,
): Promise<void> {
  await db
    .update(deliveries)
    .set({ result, reason: reason?.toWellFormed().replaceAll("\u0000", "\uFFFD") ?? null })
    .where(isDelivery(key));
}

function isDelivery({ source, connection, id }: DeliveryKey) {
  return and(eq(deliveries.source, source), eq(deliveries.connection, connection), eq(deliveries.id, id));
}

/** Stored, but nobody recorded what became of it: a start sends them again. */
export async function unfinishedDeliveries(db: Database): Promise<readonly DeliveryKey[]> {
  const { source, connection, id } = deliveries;
  return db.select({ source, connection, id }).from(deliveries).where(isNull(deliveries.result)).orderBy(deliveries.receivedAt);
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
