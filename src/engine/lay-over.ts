import { ensureRunCard, touchRun } from "../db/cards.ts";
import { isSameRun, lockRun, saveRun } from "../db/runs.ts";
import type { App } from "../domain/config.ts";
import type { Run } from "../domain/pipeline.ts";
import { hasEnded } from "../domain/pipeline/ended.ts";
import type { Engine } from "./engine.ts";
import { isGoingOn, isShown } from "./ingest.ts";

/**
 * What the code host shows replaces what we knew, unless a delivery came in meanwhile: that one may be newer. All environments look
 * again, since the deliveries that would say the same find nothing new by then. False: it is the same.
 */
export async function layOver(engine: Engine, app: App, before: Run, told: Run): Promise<boolean> {
  return engine.db.transaction(async (tx) => {
    const now = engine.clock();
    const current = await lockRun(tx, { id: before.id, app: app.name, revision: before.revision }, now);
    if (!isSameRun(current.run, before)) return true;
    const run = { ...told, id: before.id };
    if (isSameRun(run, before)) return false;
    await saveRun(tx, run, now);
    if (isShown(app, run)) await ensureRunCard(tx, { id: engine.newId(), app: app.name, channel: app.channel, runId: run.id });
    await touchRun(tx, run.id, isGoingOn(run));
    await engine.jobs.send(tx, "consider", { run: run.id });
    if (isShown(app, run) && hasEnded(before, run)) await engine.jobs.send(tx, "tests", { run: run.id });
    return true;
  });
}
