import { usualDuration } from "../db/deployments.ts";
import { loadSnapshot } from "../db/snapshot.ts";
import type { QueueAnswer, QueueLine, QueuePart } from "../domain/answers.ts";
import type { Environment } from "../domain/config.ts";
import { isOccupying, isWatched, type Deployment } from "../domain/deployment.ts";
import { gate } from "../domain/gate.ts";
import { withLift } from "../domain/lifts.ts";
import { actorName } from "../domain/people.ts";
import { positionWords, queueOf as placesIn } from "../domain/queue.ts";
import type { Engine } from "./engine.ts";
import { titleOf } from "./status.ts";

/** What runs and what waits in these environments; those where nothing does are left out. */
export async function queueOf(engine: Engine, app: string | null, environments: readonly Environment[]): Promise<QueueAnswer> {
  const parts = await Promise.all(environments.map((environment) => queuePart(engine, environment)));
  const busy = parts.filter((part) => part.running.length + part.waiting.length > 0);
  return { kind: "queue", app, environments: busy, now: engine.clock() };
}

async function queuePart(engine: Engine, environment: Environment): Promise<QueuePart> {
  const snapshot = await loadSnapshot(engine.db, environment, engine.config);
  const now = engine.clock();
  const usualMs = await usualDuration(engine.db, environment.id);
  const place = {
    command: engine.config.command,
    app: environment.app,
    environment: environment.name,
    before: environment.after?.environment ?? null,
  };
  const running = snapshot.open.filter((open) => isOccupying(open.state) || isWatched(open.state));
  const asked = snapshot.open.filter((open) => open.state.state === "awaiting_approval");
  return {
    app: environment.app,
    environment: environment.name,
    running: await Promise.all(
      running.map(async (open) => ({ ...(await line(engine, environment, open)), since: open.startedAt, usualMs })),
    ),
    waiting: await Promise.all(
      [
        ...placesIn(snapshot, { now, usualMs }),
        ...asked.map((deployment) => ({ deployment, position: null, of: 0, blockers: gate(snapshot, deployment, now), startsAt: null })),
      ].map(async ({ deployment, position, of, blockers, startsAt }) => ({
        ...(await line(engine, environment, deployment)),
        place: position === null ? null : positionWords({ position, of }),
        since: deployment.state.state === "queued" ? deployment.state.since : deployment.requestedAt,
        blockers: blockers.map((blocker) => withLift(blocker, place, `#${deployment.number}`)),
        startsAt,
        expiresAt: deployment.state.state === "awaiting_approval" ? deployment.state.expiresAt : null,
      })),
    ),
  };
}

async function line(engine: Engine, environment: Environment, deployment: Deployment): Promise<QueueLine> {
  return {
    number: deployment.number,
    kind: deployment.kind,
    state: deployment.state.state,
    revision: deployment.revision,
    title: await titleOf(engine, environment.app, deployment.revision),
    askedBy: actorName(deployment.requestedBy),
  };
}
