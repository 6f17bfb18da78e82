import { and, desc, eq, inArray, isNotNull, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Alarm, AlarmWord } from "../domain/alarm.ts";
import { FINAL_STATES } from "../domain/deployment.ts";
import type { DeploymentId, EnvironmentId } from "../domain/ids.ts";
import type { WatchRecord } from "../domain/trust.ts";
import type { Database } from "./client.ts";
import { alarms, deployments } from "./schema.ts";
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

function alarmFrom(row: Pick<typeof alarms.$inferSelect, "seenAt" | "wouldActAt" | "isReal" | "saidBy" | "saidAt">): Alarm {
  const { seenAt, wouldActAt, isReal, saidBy, saidAt } = row;
  const word = isReal === null || saidAt === null ? null : { isReal, by: fromStored<AlarmWord["by"]>(saidBy), at: saidAt };
  return { seenAt, wouldActAt, word };
}

/** As far back as an answer looks: enough for any advice, and what is older was another judge's. */
const COUNTED = 200;

/** The newest watches of an environment that have ended or have seen something, newest first. */
export async function watchRecords(db: Database, environmentId: EnvironmentId): Promise<readonly WatchRecord[]> {
  const back = alias(deployments, "back");
  const rows = await db
    .select({
      id: deployments.id,
      number: deployments.number,
      liveAt: deployments.liveAt,
      verdict: sql<WatchRecord["verdict"]>`${deployments.stateBody} -> 'verdict' ->> 'kind'`,
      alarm: alarms,
      backAutomatic: back.automatic,
      backAt: back.requestedAt,
    })
    .from(deployments)
    .leftJoin(alarms, eq(alarms.deploymentId, deployments.id))
    .leftJoin(back, eq(back.rollsBack, deployments.id))
    .where(
      and(
        eq(deployments.environmentId, environmentId),
        eq(deployments.kind, "deploy"),
        isNotNull(deployments.liveAt),
        sql`jsonb_typeof(${deployments.plan} -> 'watch') = 'object'`,
        or(inArray(deployments.state, [...FINAL_STATES]), isNotNull(alarms.deploymentId)),
      ),
    )
    .orderBy(desc(deployments.number), back.number)
    .limit(2 * COUNTED);
  // A rollback that was asked for again is told by the first one.
  const firsts = new Map(rows.toReversed().map((row) => [row.id, row]));
  return [...firsts.values()]
    .toSorted((left, right) => right.number - left.number)
    .slice(0, COUNTED)
    .flatMap(({ number, liveAt, verdict, alarm, backAutomatic, backAt }) =>
      liveAt === null
        ? []
        : [
            {
              number,
              liveAt,
              verdict,
              alarm: alarm === null ? null : alarmFrom(alarm),
              rollback: backAutomatic === null || backAt === null ? null : { automatic: backAutomatic, at: backAt },
            },
          ],
    );
}
