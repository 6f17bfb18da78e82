import { unfinished } from "../db/deployments.ts";
import { environmentsInTrouble } from "../db/incidents.ts";
import { hasUnread } from "../db/inbox.ts";
import { heldBecause } from "../db/snapshot.ts";
import { measurementsOf } from "../db/measurements.ts";
import { openDeployments } from "../db/deployments.ts";
import { isOccupying, isWatched, type Deployment } from "../domain/deployment.ts";
import { callReader } from "./deliveries.ts";
import type { Engine } from "./engine.ts";

/** How often the sweep runs besides the start. */
export const SWEEP_EVERY_MS = 30_000;

/** Re-sends what a non-final row lacks: a job that was dropped, expired or never written. Everything sent is idempotent. */
export async function sweep(engine: Engine): Promise<void> {
  const open = await unfinished(engine.db);
  await engine.db.transaction(async (tx) => {
    for (const { deployment, holdsHosts } of open) {
      if (
        deployment.state.state === "executing" ||
        deployment.state.state === "cancelling" ||
        (holdsHosts && !isOccupying(deployment.state))
      )
        await engine.jobs.send(tx, "drive", { deployment: deployment.id });
      if (isWatched(deployment.state)) await resendLooks(engine, tx, deployment);
    }
  });
  const troubled = new Set(await environmentsInTrouble(engine.db, engine.clock()));
  for (const environment of new Set([...open.map(({ deployment }) => deployment.environmentId), ...troubled])) {
    // In a restored database nothing is decided, nor said, until a person has looked.
    if ((await heldBecause(engine.db, environment)) !== null) continue;
    // What awaits a yes too: it expires, and a changed configuration makes another plan of it.
    const waits = (await openDeployments(engine.db, environment)).some(
      ({ state }) => state.state === "queued" || state.state === "awaiting_approval",
    );
    if (waits || troubled.has(environment)) await engine.db.transaction((tx) => engine.jobs.send(tx, "recheck", { environment }));
  }
  if (await hasUnread(engine.db, engine.clock())) await callReader(engine);
}

/** A look that is overdue by more than two intervals has lost its job; a look that was recorded meanwhile is not repeated. */
async function resendLooks(engine: Engine, tx: Parameters<Engine["jobs"]["send"]>[0], deployment: Deployment): Promise<void> {
  const watch = deployment.plan.watch;
  if (watch === null || deployment.liveAt === null) return;
  const { watch: done } = await measurementsOf(engine.db, deployment.id);
  for (const monitor of ["sentry", "http"] as const) {
    if (watch[monitor] === null) continue;
    const last = done.filter((one) => one.monitor === monitor && one.look > 0 && one.early !== true).at(-1);
    const lastAt = last?.at ?? deployment.liveAt;
    if (engine.clock().getTime() - lastAt.getTime() < watch.everyMs * 2 + SWEEP_EVERY_MS) continue;
    await engine.jobs.send(tx, "look", { deployment: deployment.id, monitor, look: (last?.look ?? 0) + 1 });
  }
}
