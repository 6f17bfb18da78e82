import { loadSnapshot } from "../db/snapshot.ts";
import { wayOf } from "../domain/decide/schema-back.ts";
import type { Deployment } from "../domain/deployment.ts";
import { backOf, undoOf, type Undo } from "../domain/django/back.ts";
import { effectOf } from "../domain/django/record.ts";
import type { Snapshot } from "../domain/environment.ts";
import { undoBefore } from "../domain/undo-before.ts";
import { environmentOf, type Engine } from "./engine.ts";

/** What a rollback of this deployment would mean now, by all that was done to the database since the version it would go back to. */
export async function undoHere(engine: Engine, deployment: Deployment): Promise<Undo> {
  const known = environmentOf(engine, deployment.environmentId);
  if (known === null) return { kind: "no", because: "It is not in the configuration any more, so nothing goes back there." };
  return undoIn(await loadSnapshot(engine.db, known.environment, engine.config), deployment);
}

/** The same from a snapshot. Before it migrated: what it would mean, by what is known of its migrations. */
export function undoIn(snapshot: Snapshot, deployment: Deployment): Undo {
  const record = deployment.changes.migrations;
  const begun = deployment.startedAt !== null && record !== undefined && record.applied !== null;
  if (deployment.liveAt === null && !begun) return undoBefore(deployment);
  const way = wayOf(snapshot, deployment);
  if (way === null) return undoOf(effectOf(record), "here");
  return { ...undoOf(way.since?.migrations ?? null, "here"), back: backOf(way.since) };
}
