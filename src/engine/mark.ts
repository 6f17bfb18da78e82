import { deploymentById, deploymentsOfRun } from "../db/deployments.ts";
import { runById, type StoredRun } from "../db/runs.ts";
import { loadCandidates } from "../db/snapshot.ts";
import { markOf, nameAbroad } from "../domain/abroad.ts";
import { findApp, type App, type Environment } from "../domain/config.ts";
import type { RunId } from "../domain/ids.ts";
import { missing } from "./vouch.ts";
import type { Engine } from "./engine.ts";
import { concernsBranch } from "./ingest.ts";
import { tellOnce } from "./tell.ts";

/** Marks a commit at the code host, once for each environment that asks people: how far it is on the way there. */
export async function mark(engine: Engine, id: RunId): Promise<void> {
  const stored = await runById(engine.db, id);
  const app = stored === null ? undefined : findApp(engine.config, stored.run.app);
  if (stored === null || app === undefined || !concernsBranch(app, stored.run)) return;
  for (const environment of app.environments)
    if (environment.release.mode === "approval") await markFor(engine, app, environment, stored.run.id);
}

async function markFor(engine: Engine, app: App, environment: Environment, id: RunId): Promise<void> {
  await tellOnce(engine, `mark:${environment.id}:${id}`, {
    again: (at) => engine.jobs.send(engine.db, "mark", { run: id }, at),
    async say(last) {
      const stored = await runById(engine.db, id);
      if (stored === null) return null;
      const { state, description } = await markNow(engine, app, environment, stored);
      const said = `${state} ${description}`;
      if (said === last) return null;
      const told = await engine.codeHost(app.repository).mark({
        repository: app.repository.path,
        revision: stored.run.revision,
        context: `greenlight/${nameAbroad(engine.config, app, environment)}`,
        state,
        description,
        url: null,
      });
      return { said, told };
    },
  });
}

async function markNow(engine: Engine, app: App, environment: Environment, stored: StoredRun): Promise<ReturnType<typeof markOf>> {
  const { id, revision } = stored.run;
  const deployments = (await deploymentsOfRun(engine.db, id)).filter(
    (one) => one.environmentId === environment.id && one.kind === "deploy",
  );
  const deployment = deployments.toSorted((a, b) => a.number - b.number).at(-1) ?? null;
  const by = deployment?.rolledBackBy ?? null;
  const candidate = (await loadCandidates(engine.db, environment.id)).some((one) => one.revision === revision);
  return markOf({
    environment,
    candidate,
    missing: candidate ? [] : await missing(engine, app, environment, stored),
    deployment,
    rollback: by === null ? null : await deploymentById(engine.db, by),
  });
}
