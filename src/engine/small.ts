import { addNotice } from "../db/notices.ts";
import { newerRuns, runOf } from "../db/runs.ts";
import { loadLive } from "../db/snapshot.ts";
import type { App } from "../domain/config.ts";
import { isOfOtherParts } from "../domain/paths.ts";
import { tooMuchWaits, weekToTellIn } from "../domain/small.ts";
import type { Engine } from "./engine.ts";

/** Runs that may wait; more than that are not counted one by one. */
const LOOKED_AT = 200;

/** Once a week an app's channel is told that much has gathered; never at night, nor at the weekend. */
export async function nudgeSmall(engine: Engine): Promise<void> {
  const week = weekToTellIn(engine.clock(), engine.config.timezone);
  if (week === null) return;
  for (const app of engine.config.apps) {
    const text = app.small === undefined ? null : await gathered(engine, app);
    if (text === null) continue;
    const notice = { id: engine.newId(), to: app.channel, app: app.name, key: `small:${app.name}:${week}`, text };
    await engine.db.transaction((tx) => addNotice(tx, { ...notice, deployment: null, at: engine.clock() }));
  }
}

async function gathered(engine: Engine, app: App): Promise<string | null> {
  const last = app.environments.findLast((environment) => environment.release.mode !== "by_ci") ?? app.environments.at(-1);
  if (last === undefined || app.small === undefined) return null;
  const [live] = await loadLive(engine.db, last.id);
  const standing = live === undefined ? null : await runOf(engine.db, app.name, live.revision);
  if (standing === null) return null;
  const waiting = (await newerRuns(engine.db, app, standing.position, LOOKED_AT)).filter(({ run }) => !isOfOtherParts(run));
  const [newest, oldest] = [waiting[0], waiting.at(-1)];
  if (newest === undefined || oldest === undefined) return null;
  const changes = Math.max(waiting.length, newest.changes?.changes.length ?? 0);
  const days = Math.floor((engine.clock().getTime() - oldest.firstSeen.getTime()) / 86_400_000);
  return tooMuchWaits(app.small, { app: app.name, environment: last.name, changes, days });
}
