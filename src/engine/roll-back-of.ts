import { loadSnapshot } from "../db/snapshot.ts";
import { findApp } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import { digestOf } from "../domain/digest.ts";
import { liveRevision, type Snapshot } from "../domain/environment.ts";
import type { Pressed } from "../domain/intent.ts";
import { deploymentById } from "../db/deployments.ts";
import { stepsOf } from "../db/steps.ts";
import { wayBackOf } from "./card-roll.ts";
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
  const deployment = busy ?? (await liveThere(engine, snapshot));
  if (deployment === null) return null;
  return { pressed: pressedOf(deployment), to: wayBackOf(snapshot, deployment, await stepsOf(engine.db, deployment.id)) };
}

/** What is live; where servers differ, the newest that reached any of them: that is what somebody wants to take back. */
async function liveThere(engine: Engine, snapshot: Snapshot): Promise<Deployment | null> {
  const known = [...snapshot.open, ...snapshot.past];
  const reached = known.filter((deployment) => snapshot.live.some((row) => row.deploymentId === deployment.id));
  const newest = reached.filter((deployment) => deployment.kind === "deploy").toSorted((a, b) => b.number - a.number)[0];
  if (snapshot.mixed && newest !== undefined) return newest;
  const live = liveRevision(snapshot);
  return live === null || live.deploymentId === null ? null : deploymentById(engine.db, live.deploymentId);
}

/** What a button about this deployment carries. */
export function pressedOf(deployment: Deployment): Pressed {
  const digest = digestOf({ revision: deployment.revision, environment: deployment.environmentId, planHash: deployment.planHash });
  return { deployment: deployment.id, counter: deployment.counter, digest };
}
