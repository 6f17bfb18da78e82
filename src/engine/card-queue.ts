import { loadSnapshot } from "../db/snapshot.ts";
import type { DeploymentCard } from "../domain/card.ts";
import type { Environment } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { Snapshot } from "../domain/environment.ts";
import { gate } from "../domain/gate.ts";
import { withLift } from "../domain/lifts.ts";
import { nextOpening } from "../domain/opening.ts";
import { positionWords, queueOf } from "../domain/queue.ts";
import type { Engine } from "./engine.ts";

/** What a card says of what holds a deployment back: its place while it is queued, what is closed while it waits for a yes. */
export function queueView(
  engine: Engine,
  snapshot: Snapshot,
  deployment: Deployment,
  usualMs: number | null,
): Pick<DeploymentCard, "queue" | "closing"> {
  const now = engine.clock();
  const { app, name, after } = snapshot.environment;
  const place = { command: engine.config.command, app, environment: name, before: after?.environment ?? null };
  const card = `#${deployment.number}`;
  if (deployment.state.state === "queued") {
    const found = queueOf(snapshot, { now, usualMs }).find((one) => one.deployment.id === deployment.id);
    if (found === undefined) return { queue: null, closing: null };
    const { deployment: _, blockers, ...rest } = found;
    return { queue: { ...rest, blockers: blockers.map((blocker) => withLift(blocker, place, card)) }, closing: null };
  }
  if (deployment.state.state !== "awaiting_approval") return { queue: null, closing: null };
  const closed = gate(snapshot, deployment, now).filter(({ rule }) => rule === "lock" || rule === "freeze");
  const opensAt = nextOpening(snapshot, deployment, now);
  return {
    queue: null,
    closing: closed.length === 0 ? null : { blockers: closed.map((blocker) => withLift(blocker, place, card)), opensAt },
  };
}

/** A queued deployment in the line of its run's card: its place, and what is first in its way. Null: it does not queue, or starts at once. */
export async function waitsFor(engine: Engine, environment: Environment, deployment: Deployment): Promise<string | null> {
  if (deployment.state.state !== "queued") return null;
  const snapshot = await loadSnapshot(engine.db, environment, engine.config);
  const found = queueOf(snapshot, { now: engine.clock(), usualMs: null }).find((one) => one.deployment.id === deployment.id);
  const first = found?.blockers[0];
  return found === undefined || first === undefined ? null : `${positionWords(found)}, ${first.text}`;
}
