import { eq, sql } from "drizzle-orm";
import type { Alarm, AlarmWord } from "../domain/alarm.ts";
import type { DeploymentId } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { alarms } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

/** Seen at the first look that says so; when a rollback would have begun is the first such look too. */
export async function recordAlarm(
  tx: Database,
  seen: { readonly id: DeploymentId; readonly at: Date; readonly wouldActAt: Date | null },
): Promise<void> {
  await tx
    .insert(alarms)
    .values({ deploymentId: seen.id, seenAt: seen.at, wouldActAt: seen.wouldActAt })
    .onConflictDoUpdate({
      target: alarms.deploymentId,
      set: { wouldActAt: sql`coalesce(${alarms.wouldActAt}, excluded.would_act_at)` },
    });
}

/** Who said something before is in the history. */
export async function recordAlarmWord(tx: Database, id: DeploymentId, word: AlarmWord): Promise<void> {
  await tx
    .update(alarms)
    .set({ isReal: word.isReal, saidBy: toStored(word.by), saidAt: word.at })
    .where(eq(alarms.deploymentId, id));
}

/** Null: no regression was seen of it. */
export async function alarmOf(db: Database, id: DeploymentId): Promise<Alarm | null> {
  const [row] = await db.select().from(alarms).where(eq(alarms.deploymentId, id));
  return row === undefined ? null : alarmFrom(row);
}

export function alarmFrom(row: Pick<typeof alarms.$inferSelect, "seenAt" | "wouldActAt" | "isReal" | "saidBy" | "saidAt">): Alarm {
  const { seenAt, wouldActAt, isReal, saidBy, saidAt } = row;
  const word = isReal === null || saidAt === null ? null : { isReal, by: fromStored<AlarmWord["by"]>(saidBy), at: saidAt };
  return { seenAt, wouldActAt, word };
}
