import { deploymentById } from "../db/deployments.ts";
import { lateToldOf, liveAfterWatch, recordLate } from "../db/late.ts";
import type { DeploymentId } from "../domain/ids.ts";
import { CRASH_FREE_TOLD, lateSince } from "../domain/late.ts";
import { judgeCrashFree } from "../domain/verdict/crash-free.ts";
import { apply } from "./apply.ts";
import { environmentOf, type Engine } from "./engine.ts";
import { undoHere } from "./undo.ts";

/** Of each version that is live and watched no more it is asked once how many of its sessions crash. */
export async function lookForCrashes(engine: Engine): Promise<void> {
  const now = engine.clock();
  for (const deployment of await liveAfterWatch(engine.db, now)) {
    if (lateSince(deployment, now) !== null) await engine.jobs.send(engine.db, "sessions", { deployment: deployment.id });
  }
}

/** Asks for its sessions, and tells once if more of them crash than before. Who cannot be asked is asked again an hour later. */
export async function crashFree(engine: Engine, id: DeploymentId): Promise<void> {
  const deployment = await deploymentById(engine.db, id);
  const now = engine.clock();
  const sentry = deployment?.plan.watch?.sentry ?? null;
  if (deployment === null || sentry === null || deployment.liveAt === null || lateSince(deployment, now) === null) return;
  if (environmentOf(engine, deployment.environmentId) === null || (await lateToldOf(engine.db, id)).has(CRASH_FREE_TOLD)) return;
  const { revision, liveAt } = deployment;
  const seen = await engine.monitors.sessions(sentry, { revision, liveAt, now });
  const fall = seen === null ? null : judgeCrashFree({ ...seen, liveAt });
  if (fall === null) return;
  const undo = await undoHere(engine, deployment);
  await apply(
    engine,
    deployment.environmentId,
    { kind: "crash_free_fell", deployment: id, fall, undo },
    {
      before: async (tx) => !(await lateToldOf(tx, id)).has(CRASH_FREE_TOLD),
      // What was not told, as during a rollback that is cancelled then, may be told an hour later.
      after: async (tx, outcome) => {
        if (outcome.ok && outcome.value.history.length > 0) await recordLate(tx, id, CRASH_FREE_TOLD, now);
      },
    },
  );
}
