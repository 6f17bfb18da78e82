import { openDeployments } from "../db/deployments.ts";
import { isEnvironmentMixed, loadLive, loadLock } from "../db/snapshot.ts";
import { runOf } from "../db/runs.ts";
import type { Environment } from "../domain/config.ts";
import { shortSha, type Sha } from "../domain/ids.ts";
import type { StatusRow } from "../domain/intent.ts";
import { actorName } from "../domain/people.ts";
import type { Engine } from "./engine.ts";

/** What is live where, what is on its way, who holds it: for `/deploy status`, the Home tab and the command line. */
export async function statusRows(engine: Engine, appName: string | null): Promise<readonly StatusRow[]> {
  const apps = engine.config.apps.filter((app) => appName === null || app.name === appName);
  const rows = apps.flatMap((app) => app.environments.map((environment) => statusRow(engine, app.name, environment)));
  return Promise.all(rows);
}

async function statusRow(engine: Engine, app: string, environment: Environment): Promise<StatusRow> {
  const live = (await loadLive(engine.db, environment.id))[0];
  const open = (await openDeployments(engine.db, environment.id)).findLast((deployment) => deployment.state.state !== "watching");
  const lock = await loadLock(engine.db, environment.id);
  return {
    app,
    environment: environment.name,
    live:
      live === undefined
        ? null
        : { revision: shortSha(live.revision), since: live.since, title: await titleOf(engine, app, live.revision), source: live.source },
    mixed: await isEnvironmentMixed(engine.db, environment.id),
    current:
      open === undefined
        ? null
        : {
            number: open.number,
            state: open.state.state,
            revision: shortSha(open.revision),
            title: await titleOf(engine, app, open.revision),
          },
    lock: lock === null || lock.until <= engine.clock() ? null : { owner: actorName(lock.owner), reason: lock.reason, until: lock.until },
  };
}

/** The title of a revision's own commit, as its push or its comparison told it. */
export async function titleOf(engine: Engine, app: string, revision: Sha): Promise<string | null> {
  const stored = await runOf(engine.db, app, revision);
  const changes = [...(stored?.run.push?.changes ?? []), ...(stored?.changes?.changes ?? [])];
  return changes.find((change) => change.revision === revision)?.title ?? null;
}
