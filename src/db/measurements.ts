import { asc, eq } from "drizzle-orm";
import type { DeploymentId } from "../domain/ids.ts";
import type { Measurement } from "../domain/measurement.ts";
import type { Database } from "./client.ts";
import { measurements } from "./schema.ts";
import { fromStored, toStored } from "./stored.ts";

/** Looks of the watch, and `aftermath`: looks after a rollback, at whether the errors stopped. */
export async function measurementsOf(
  db: Database,
  id: DeploymentId,
): Promise<{ readonly watch: readonly Measurement[]; readonly aftermath: readonly Measurement[] }> {
  const rows = await db.select().from(measurements).where(eq(measurements.deploymentId, id)).orderBy(asc(measurements.at));
  const of = (aftermath: boolean): readonly Measurement[] =>
    rows.filter((row) => (row.monitor === "aftermath") === aftermath).map((row) => fromStored<Measurement>(row.body));
  return { watch: of(false), aftermath: of(true) };
}

/** False when that look was recorded already: its effects were sent then too. */
export async function storeMeasurement(tx: Database, id: DeploymentId, monitor: string, measurement: Measurement): Promise<boolean> {
  const rows = await tx
    .insert(measurements)
    .values({ deploymentId: id, monitor, look: measurement.look, at: measurement.at, body: toStored(measurement) })
    .onConflictDoNothing()
    .returning({ look: measurements.look });
  return rows.length > 0;
}
