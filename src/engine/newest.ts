import { recentRuns, type StoredRun } from "../db/runs.ts";
import type { App } from "../domain/config.ts";
import { isOfOtherParts } from "../domain/paths.ts";
import type { Engine } from "./engine.ts";

/** Runs that are looked through for the newest of the app's branch. */
const LOOKED_AT = 50;

/** What CI told us of the app's own branch, newest first. A run whose push was lost is known by its workflows. */
export async function branchRuns(engine: Engine, app: App): Promise<readonly StoredRun[]> {
  const runs = await recentRuns(engine.db, app.name, LOOKED_AT);
  return runs.filter(
    ({ run }) =>
      !isOfOtherParts(run) && (run.branch ?? run.workflows.find((workflow) => workflow.branch !== null)?.branch ?? null) === app.branch,
  );
}

/** Pushes to the branch since the newest version of the app that touched nothing of its part of the repository. */
export async function pushedElsewhere(engine: Engine, app: App): Promise<number> {
  if (app.paths === undefined) return 0;
  const runs = (await recentRuns(engine.db, app.name, LOOKED_AT)).filter(({ run }) => run.push !== null && run.branch === app.branch);
  const first = runs.findIndex(({ run }) => !isOfOtherParts(run));
  return first === -1 ? runs.length : first;
}
