import { unfinished } from "../db/deployments.ts";
import { environmentsInTrouble } from "../db/incidents.ts";
import { hasUnread } from "../db/inbox.ts";
import { heldBecause } from "../db/snapshot.ts";
import { openDeployments } from "../db/deployments.ts";
import { isOccupying, isWatched } from "../domain/deployment.ts";
import { callReader } from "./deliveries.ts";
import type { Engine } from "./engine.ts";
import { lookNow } from "./look-now.ts";

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
      // A look that is overdue by more than two intervals has lost its job.
      if (isWatched(deployment.state)) await lookNow(engine, tx, deployment, 2 * (deployment.plan.watch?.everyMs ?? 0) + SWEEP_EVERY_MS);
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
