import { deploymentIn } from "../db/cards.ts";
import { deploymentById } from "../db/deployments.ts";
import { loadSnapshot } from "../db/snapshot.ts";
import { stepsOf } from "../db/steps.ts";
import { findApp, type Environment } from "../domain/config.ts";
import { whyNotBack } from "../domain/decide/roll-back.ts";
import type { Deployment } from "../domain/deployment.ts";
import { digestOf } from "../domain/digest.ts";
import { liveRevision, type Snapshot } from "../domain/environment.ts";
import type { Sha } from "../domain/ids.ts";
import type { Pressed } from "../domain/intent.ts";
import type { RollBackAsked, RollBackOffer } from "../domain/roll-back-offer.ts";
import { wayKey, waysBack } from "../domain/way-back.ts";
import { wayBackOf } from "./card-roll.ts";
import { chosenTo } from "./chosen-to.ts";
import { environmentOf, type Engine } from "./engine.ts";

/** What a rollback that somebody asks for concerns, and where it may go. Null: nothing that we deployed. */
export async function rollBackOf(engine: Engine, asked: RollBackAsked): Promise<RollBackOffer | null> {
  const found = await concerned(engine, asked);
  if (found === null) return null;
  const { snapshot, deployment } = found;
  const usual = wayBackOf(snapshot, deployment, await stepsOf(engine.db, deployment.id));
  const chosen = "app" in asked ? await chosenIn(engine, deployment, asked.to ?? null) : undefined;
  const others = waysBack(snapshot, deployment).filter((way) => usual === null || wayKey(way) !== wayKey(usual));
  return {
    pressed: pressedOf(deployment),
    app: snapshot.environment.app,
    environment: snapshot.environment.name,
    number: deployment.number,
    revision: deployment.revision,
    ways: usual === null ? [] : [usual, ...others],
    against: whyNotBack(snapshot, deployment),
    running: deployment.state.state === "executing",
    ...(chosen === undefined ? {} : { chosen }),
  };
}

/** A tag or branch is resolved once, here, and again by nobody: the form carries the commit. */
async function chosenIn(engine: Engine, deployment: Deployment, named: string | null): Promise<Sha | null | undefined> {
  const known = environmentOf(engine, deployment.environmentId);
  const chosen = known === null ? {} : await chosenTo(engine, known, deployment, named);
  return chosen === null ? null : chosen.to;
}

async function concerned(
  engine: Engine,
  asked: RollBackAsked,
): Promise<{ readonly snapshot: Snapshot; readonly deployment: Deployment } | null> {
  if ("app" in asked) {
    const environment = findApp(engine.config, asked.app)?.environments.find((candidate) => candidate.name === asked.environment);
    if (environment === undefined) return null;
    const snapshot = await snapshotOf(engine, environment);
    const busy = snapshot.open.find((deployment) => deployment.kind === "deploy" && deployment.startedAt !== null);
    const deployment = busy ?? (await liveThere(engine, snapshot));
    return deployment === null ? null : { snapshot, deployment };
  }
  const id = "deployment" in asked ? asked.deployment : await deploymentIn(engine.db, asked);
  const deployment = id === null ? null : await deploymentById(engine.db, id);
  const known = deployment === null ? null : environmentOf(engine, deployment.environmentId);
  return deployment === null || known === null ? null : { snapshot: await snapshotOf(engine, known.environment), deployment };
}

function snapshotOf(engine: Engine, environment: Environment): Promise<Snapshot> {
  return loadSnapshot(engine.db, environment, engine.config);
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
