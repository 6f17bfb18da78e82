import type { Database } from "../db/client.ts";
import { measurementsOf } from "../db/measurements.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { Engine } from "./engine.ts";

/** Each monitor's next look comes now, if its last one is older than this, in milliseconds: one that is recorded meanwhile is not repeated. */
export async function lookNow(
  engine: Engine,
  tx: Database,
  { id, liveAt, plan: { watch } }: Deployment,
  olderThanMs: number,
): Promise<void> {
  if (watch === null || liveAt === null) return;
  const { watch: done } = await measurementsOf(tx, id);
  for (const monitor of ["sentry", "http"] as const) {
    if (watch[monitor] === null) continue;
    const last = done.findLast((one) => one.monitor === monitor && one.look > 0 && one.early !== true);
    if (engine.clock().getTime() - (last?.at ?? liveAt).getTime() < olderThanMs) continue;
    await engine.jobs.send(tx, "look", { deployment: id, monitor, look: (last?.look ?? 0) + 1 });
  }
}
