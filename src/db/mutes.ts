import { and, eq, gt, inArray, isNull, or } from "drizzle-orm";
import type { Mute } from "../domain/mute.ts";
import type { Database } from "./client.ts";
import { mutes } from "./schema.ts";

/** Stands for all apps, where the key may not be null. */
const ALL = "";

/** A later word about the same app replaces the earlier one. */
export async function setMute(tx: Database, slackId: string, mute: Mute): Promise<void> {
  const row = { slackId, app: mute.app ?? ALL, until: mute.until, at: mute.since };
  await tx
    .insert(mutes)
    .values(row)
    .onConflictDoUpdate({ target: [mutes.slackId, mutes.app], set: { until: row.until, at: row.at } });
}

/** App null: every mute of this person ends. Answers whether there was one. */
export async function endMute(tx: Database, slackId: string, app: string | null): Promise<boolean> {
  const which = app === null ? eq(mutes.slackId, slackId) : and(eq(mutes.slackId, slackId), eq(mutes.app, app));
  return ((await tx.delete(mutes).where(which)).rowCount ?? 0) > 0;
}

/** What this person does not want to hear of now. */
export async function mutesOf(db: Database, slackId: string, now: Date): Promise<readonly Mute[]> {
  const rows = await db
    .select()
    .from(mutes)
    .where(and(eq(mutes.slackId, slackId), or(isNull(mutes.until), gt(mutes.until, now))))
    .orderBy(mutes.app);
  return rows.map((row) => ({ app: row.app === ALL ? null : row.app, until: row.until, since: row.at }));
}

/** Of these people, those who do not want to hear of this app now. */
export async function mutedAmong(db: Database, people: readonly string[], app: string, now: Date): Promise<ReadonlySet<string>> {
  if (people.length === 0) return new Set();
  const rows = await db
    .select({ slackId: mutes.slackId })
    .from(mutes)
    .where(and(inArray(mutes.slackId, [...people]), inArray(mutes.app, [app, ALL]), or(isNull(mutes.until), gt(mutes.until, now))));
  return new Set(rows.map((row) => row.slackId));
}
