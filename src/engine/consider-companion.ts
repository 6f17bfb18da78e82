import { losePassed, newestPassed, passedAt, savePassed } from "../db/passed.ts";
import { recentRuns, type StoredRun } from "../db/runs.ts";
import { lostSince, missingFor } from "../domain/candidate.ts";
import { asSource, type Companion, type PassedRevision } from "../domain/companion.ts";
import type { App } from "../domain/config.ts";
import type { Engine } from "./engine.ts";
import { askingOf, vouchFor } from "./vouch.ts";

/** Runs of the app that a companion's new revision can make candidates. */
const RECENT_RUNS = 20;

/** Looks at one run of a companion: once it has passed all that is required, what comes with the app is another set. */
export async function considerCompanion(engine: Engine, app: App, companion: Companion, stored: StoredRun): Promise<void> {
  const source = asSource(app, companion);
  const asking = askingOf(companion);
  const { run } = stored;
  const key = { source: source.name, revision: run.revision };
  const known = await passedAt(engine.db, key);
  if (known !== null && known.lost !== true) {
    if (lostSince(source, asking, run, known.since) === null) return;
    await engine.db.transaction(async (tx) => {
      await losePassed(tx, key, engine.clock());
      await chooseAnew(engine, tx, app);
    });
    return;
  }
  if (!(await isOfBranch(engine, companion, stored))) return;
  if (missingFor(source, asking, run, null).length > 0) return;
  const doubt = await vouchFor(engine, source, asking, stored);
  if (doubt !== null) return engine.log("info", `${companion.repository.path} brings nothing to ${app.name}: ${doubt}`, { ...key });
  const newest = await newestPassed(engine.db, source.name);
  const position = known?.position ?? (await placeOf(engine, companion, stored, newest));
  if (position === null)
    return engine.log("info", `${companion.repository.path} brings nothing to ${app.name}: what has passed contains it`, { ...key });
  await engine.db.transaction(async (tx) => {
    const isSaved = await savePassed(tx, { ...key, runId: run.id, position, since: engine.clock() }, newest);
    await (isSaved ? chooseAnew(engine, tx, app) : engine.jobs.send(tx, "consider", { run: run.id }));
  });
}

/** Where nothing is required, a pipeline of it says nothing: its push does, or the code host. */
async function isOfBranch(engine: Engine, { repository, branch, requires }: Companion, { run }: StoredRun): Promise<boolean> {
  if (run.push !== null || requires.length > 0) return true;
  return (await engine.codeHost(repository).reachable(repository.path, branch, run.revision)) === true;
}

/** Newer is what contains the other, whichever was heard of first. Null: it is older than what has passed. Nobody to ask: as they came. */
async function placeOf(
  engine: Engine,
  { repository }: Companion,
  { run, position }: StoredRun,
  newest: PassedRevision | null,
): Promise<number | null> {
  if (newest === null) return position;
  const host = engine.codeHost(repository);
  if ((await host.contains(repository.path, newest.revision, run.revision)) === true) return null;
  const contains = (await host.contains(repository.path, run.revision, newest.revision)) === true;
  return contains ? Math.max(position, newest.position + 1) : position;
}

/** What waits is planned anew, or goes on if it waited for this; candidates are offered with what they come with now. */
async function chooseAnew(engine: Engine, tx: Engine["db"], app: App): Promise<void> {
  for (const { id } of app.environments) await engine.jobs.send(tx, "recheck", { environment: id });
  for (const { run } of await recentRuns(tx, app.name, RECENT_RUNS)) await engine.jobs.send(tx, "consider", { run: run.id });
}
