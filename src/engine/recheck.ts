import { openDeployments } from "../db/deployments.ts";
import { runOf } from "../db/runs.ts";
import type { DeploymentId, EnvironmentId } from "../domain/ids.ts";
import { apply } from "./apply.ts";
import { vouch } from "./consider.ts";
import { environmentOf, type Engine } from "./engine.ts";

/** Asks people and providers anew, then lets the environment decide what may start. */
export async function recheck(engine: Engine, id: EnvironmentId): Promise<void> {
  const known = environmentOf(engine, id);
  if (known === null) return;
  const { app, environment } = known;
  const queued = (await openDeployments(engine.db, id)).filter(
    (deployment) => deployment.state.state === "queued" && deployment.kind === "deploy",
  );
  const unfit: Record<string, string> = {};
  for (const deployment of queued) {
    const stored = await runOf(engine.db, app.name, deployment.revision);
    const because = stored === null ? null : await vouch(engine, app, environment, stored);
    if (because !== null) unfit[deployment.revision] = because;
  }
  const { release } = environment;
  const entitled = release.mode === "approval" && queued.length > 0 ? (await engine.directory.resolve(release.approval.from)).ids : null;
  const asked = queued.map((deployment) => deployment.id);
  await apply(engine, id, { kind: "recheck", entitled, asked, unfit, id: engine.newId() as DeploymentId });
}
