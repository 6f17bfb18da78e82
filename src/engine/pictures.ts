import { alarmOf } from "../db/alarms.ts";
import type { Database } from "../db/client.ts";
import { deploymentById, rollbackOf } from "../db/deployments.ts";
import { measurementsOf } from "../db/measurements.ts";
import { addReply, replyAsked } from "../db/replies.ts";
import { find } from "../domain/decide/decision.ts";
import { isFinal, isWatched, type Deployment } from "../domain/deployment.ts";
import type { Change, Snapshot } from "../domain/environment.ts";
import { threadReply } from "../domain/thread-reply.ts";
import { watchFigure, type WatchFigure } from "../domain/watch-figure.ts";
import type { Engine } from "./engine.ts";

/** What could not be shown for so long nobody needs to see any more; the words were told anyway. */
const LATE_MS = 3_600_000;

type Decided = { readonly snapshot: Snapshot; readonly changes: readonly Change[] };

/**
 * Pictures go to the thread at two moments, once each: when a regression is first seen, and at the end of a watch that saw one. In the
 * shadow nobody is called, so only at the end. What goes back is shown when it is known whether that helped.
 */
export async function askForPictures(engine: Engine, tx: Database, { snapshot, changes }: Decided): Promise<void> {
  for (const change of changes) {
    if (change.kind !== "alarm" && (change.kind !== "move" || !isFinal(change.state))) continue;
    const deployment = find(snapshot, change.id);
    if (deployment === undefined || !isWatched(deployment.state)) continue;
    const { watch } = deployment.plan;
    if (change.kind === "alarm") {
      // What the last look saw first is shown once, as the end.
      if (watch?.onRegression !== "shadow" && !isEnding(changes, deployment)) await ask(engine, tx, deployment, "seen");
    } else if (!isGoingBack(changes, deployment)) await askForLastPicture(engine, tx, deployment);
  }
}

/** At the end, if a regression was seen at all. */
export async function askForLastPicture(engine: Engine, tx: Database, deployment: Deployment): Promise<void> {
  if ((await alarmOf(tx, deployment.id)) !== null) await ask(engine, tx, deployment, "ended");
}

function isEnding(changes: readonly Change[], { id }: Deployment): boolean {
  return changes.some((change) => change.kind === "move" && change.id === id && isFinal(change.state));
}

function isGoingBack(changes: readonly Change[], { id }: Deployment): boolean {
  return changes.some((change) => change.kind === "insert" && change.deployment.rollsBack === id);
}

function ask(engine: Engine, tx: Database, { id }: Deployment, moment: "seen" | "ended"): Promise<void> {
  const body = threadReply({ key: `picture:${moment}:${id}`, kind: "note", picture: moment });
  return addReply(tx, { id: engine.newId(), deployment: id, body, at: engine.clock() });
}

/** What the picture of this thread message shows, as it is known now. Null: there is nothing to show, or it is too late for it. */
export async function figureOfReply(engine: Engine, reply: string): Promise<WatchFigure | null> {
  const asked = await replyAsked(engine.db, reply);
  if (asked === null || asked.deployment === null || engine.clock().getTime() - asked.at.getTime() > LATE_MS) return null;
  const deployment = await deploymentById(engine.db, asked.deployment);
  if (deployment === null) return null;
  const rollback = await rollbackOf(engine.db, deployment.id);
  return watchFigure(deployment, await measurementsOf(engine.db, deployment.id), rollback?.liveAt ?? null);
}
