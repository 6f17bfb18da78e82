import { recentRuns, type StoredRun } from "../db/runs.ts";
import type { App } from "../domain/config.ts";
import type { Engine } from "./engine.ts";

/** Runs that are looked through for the newest of the app's branch. */
const LOOKED_AT = 50;

/** What CI told us of the app's own branch, newest first. A run whose push was lost is known by its workflows. */
export async function branchRuns(engine: Engine, app: App): Promise<readonly StoredRun[]> {
  const runs = await recentRuns(engine.db, app.name, LOOKED_AT);
  return runs.filter(
    ({ run }) => (run.branch ?? run.workflows.find((workflow) => workflow.branch !== null)?.branch ?? null) === app.branch,
  );
}
