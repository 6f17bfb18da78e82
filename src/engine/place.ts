import { runOf, type StoredRun } from "../db/runs.ts";
import { loadSnapshot } from "../db/snapshot.ts";
import type { App, Environment } from "../domain/config.ts";
import type { Candidate } from "../domain/recorded.ts";
import type { Sha } from "../domain/ids.ts";
import type { Run } from "../domain/pipeline.ts";
import type { Engine } from "./engine.ts";

/**
 * Where a candidate stands among those of its environment, as its position. Newer is what contains the other, whichever was heard of
 * first: webhooks come late, and after an outage the newest commit is found before those that it was pushed upon. It is measured by the
 * newest one that waits or was live there; nobody to ask: as they came.
 */
export async function placeOf(engine: Engine, app: App, environment: Environment, { run, position }: StoredRun): Promise<number> {
  const newest = await newestThere(engine, environment, run.revision);
  if (newest === null) return position;
  // What comes after another stands above it, though the numbers of later rows begin below.
  if (position <= newest.position && (await contains(engine, app, run.revision, newest.revision))) return newest.position + 1;
  return (await contains(engine, app, newest.revision, run.revision)) ? Math.min(position, newest.position - 1) : position;
}

async function newestThere(engine: Engine, environment: Environment, but: Sha): Promise<Candidate | null> {
  const { candidates, open, past } = await loadSnapshot(engine.db, environment, engine.config);
  const there = new Set([...open, ...past.filter(({ liveAt }) => liveAt !== null)].map(({ revision }) => revision));
  const known = candidates.filter(({ revision }) => there.has(revision) && revision !== but);
  return known.toSorted((one, other) => other.position - one.position)[0] ?? null;
}

/** The pushes say it, if they are told; else the code host is asked. */
async function contains(engine: Engine, app: App, revision: Sha, ancestor: Sha): Promise<boolean> {
  const [its, others] = [await runOf(engine.db, app.name, revision), await runOf(engine.db, app.name, ancestor)];
  if (its !== null && isPushedUpon(its.run, ancestor)) return true;
  if (others !== null && isPushedUpon(others.run, revision)) return false;
  return (await engine.codeHost(app.repository).contains(app.repository.path, revision, ancestor)) === true;
}

function isPushedUpon({ push, revision }: Run, other: Sha): boolean {
  return push !== null && other !== revision && (push.before === other || push.changes.some((change) => change.revision === other));
}
