import { endAway } from "../db/away.ts";
import { unfinished } from "../db/deployments.ts";
import { heldBecause } from "../db/snapshot.ts";
import type { Engine } from "./engine.ts";

/** People can be asked again: what waits for them gets back the time in which they could not be, and its card says until when. */
export async function slackIsBack(engine: Engine): Promise<void> {
  await endAway(engine.db, engine.clock());
  const waiting = (await unfinished(engine.db)).filter(
    ({ deployment: { state } }) => state.state === "awaiting_approval" || state.state === "queued",
  );
  for (const environment of new Set(waiting.map(({ deployment }) => deployment.environmentId)))
    if ((await heldBecause(engine.db, environment)) === null)
      await engine.db.transaction((tx) => engine.jobs.send(tx, "recheck", { environment }));
}
