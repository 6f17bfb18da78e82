import { loadSnapshot } from "../db/snapshot.ts";
import { findApp } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import { digestOf } from "../domain/digest.ts";
import { liveRevision } from "../domain/environment.ts";
import type { Pressed } from "../domain/intent.ts";
import { deploymentById } from "../db/deployments.ts";
import { wayBack } from "../domain/way-back.ts";
import type { Engine } from "./engine.ts";

/** What a rollback asked for by names concerns: what is occupying or live there. Null: nothing that we deployed. */
export async function rollBackOf(
  engine: Engine,
  place: { readonly app: string; readonly environment: string },
): Promise<{ readonly pressed: Pressed; readonly to: { readonly revision: string; readonly title: string | null } | null } | null> {
  const environment = findApp(engine.config, place.app)?.environments.find((candidate) => candidate.name === place.environment);
  if (environment === undefined) return null;
  const snapshot = await loadSnapshot(engine.db, environment, engine.config.hash);
  const busy = snapshot.open.find((deployment) => deployment.kind === "deploy" && deployment.startedAt !== null);
  const live = liveRevision(snapshot);
  const deployment = busy ?? (live === null || live.deploymentId === null ? null : await deploymentById(engine.db, live.deploymentId));
  if (deployment === null) return null;
  return { pressed: pressedOf(deployment), to: wayBack(snapshot, deployment) };
}

/** What a button about this deployment carries. */
export function pressedOf(deployment: Deployment): Pressed {
  const digest = digestOf({ revision: deployment.revision, environment: deployment.environmentId, planHash: deployment.planHash });
  return { deployment: deployment.id, counter: deployment.counter, digest };
}
