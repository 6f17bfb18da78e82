import { and, asc, eq } from "drizzle-orm";
import type { DeploymentId } from "../domain/ids.ts";
import type { Measurement } from "../domain/measurement.ts";
import type { Database } from "./client.ts";
import { measurements } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

/** Where looks of the watch are stored. */
const WATCH = ["sentry", "http"] as const satisfies readonly Measurement["monitor"][];

/** Early looks have numbers of their own. Only Sentry's webhooks ask for them. */
const SENTRY_EARLY = "sentry early";

/** Where looks after a rollback are stored: one of each monitor, at most. */
const AFTERMATH = { sentry: "aftermath", http: "aftermath http" } as const;
const WATCH_MONITORS: readonly string[] = [...WATCH, SENTRY_EARLY];
export const AFTERMATH_MONITORS: readonly string[] = Object.values(AFTERMATH);

/**
 * Looks of the watch, and `aftermath`: looks after a rollback, at whether what was wrong is over. What a newer version stored under a name
 * that is not known here is neither.
 */
export async function measurementsOf(
  db: Database,
  id: DeploymentId,
): Promise<{ readonly watch: readonly Measurement[]; readonly aftermath: readonly Measurement[] }> {
  const rows = await db.select().from(measurements).where(eq(measurements.deploymentId, id)).orderBy(asc(measurements.at));
  const of = (monitors: readonly string[]): readonly Measurement[] =>
    rows.filter((row) => monitors.includes(row.monitor)).map((row) => fromStored<Measurement>(row.body));
  return { watch: of(WATCH_MONITORS), aftermath: of(AFTERMATH_MONITORS) };
}

/** Was that look beside the due ones made already? */
export async function hasLookedEarly(db: Database, id: DeploymentId, look: number): Promise<boolean> {
  const rows = await db
    .select({ look: measurements.look })
    .from(measurements)
    .where(and(eq(measurements.deploymentId, id), eq(measurements.monitor, SENTRY_EARLY), eq(measurements.look, look)));
  return rows.length > 0;
}

/** False when that look was recorded already: its effects were sent then too. */
export async function storeMeasurement(
  tx: Database,
  id: DeploymentId,
  monitor: Measurement["monitor"] | "aftermath",
  measurement: Measurement,
): Promise<boolean> {
  const rows = await tx
    .insert(measurements)
    .values({
      deploymentId: id,
      monitor: measurement.early === true ? SENTRY_EARLY : monitor === "aftermath" ? AFTERMATH[measurement.monitor] : monitor,
      look: measurement.look,
      at: measurement.at,
      body: toStored(measurement),
    })
    .onConflictDoNothing()
    .returning({ look: measurements.look });
  return rows.length > 0;
}
