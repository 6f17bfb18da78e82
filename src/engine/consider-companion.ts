import { dropPassed, passedAt, savePassed } from "../db/passed.ts";
import { recentRuns, type StoredRun } from "../db/runs.ts";
import { lostSince, missingFor } from "../domain/candidate.ts";
import { asSource, type Companion } from "../domain/companion.ts";
import type { App } from "../domain/config.ts";
import type { Engine } from "./engine.ts";
import { askingOf, vouchFor } from "./vouch.ts";

/** Runs of the app that a companion's new revision can make candidates. */
const RECENT_RUNS = 20;

/** Looks at one run of a companion: once it has passed all that is required, what comes with the app is another set. */
export async function considerCompanion(engine: Engine, app: App, companion: Companion, stored: StoredRun): Promise<void> {
  const source = asSource(app, companion);
  const asking = askingOf(companion);
  const { run, position } = stored;
  const key = { source: source.name, revision: run.revision };
  const known = await passedAt(engine.db, key);
  if (known !== null) {
    if (lostSince(source, asking, run, known.since) === null) return;
    await engine.db.transaction(async (tx) => {
      await dropPassed(tx, key);
      await chooseAnew(engine, tx, app);
    });
    return;
  }
  if (run.push === null && companion.requires.length === 0) return;
  if (missingFor(source, asking, run, null).length > 0) return;
  const doubt = await vouchFor(engine, source, asking, stored);
  if (doubt !== null) return engine.log("info", `${companion.repository.path} brings nothing to ${app.name}: ${doubt}`, { ...key });
  await engine.db.transaction(async (tx) => {
    await savePassed(tx, { ...key, runId: run.id, position, since: engine.clock() });
    await chooseAnew(engine, tx, app);
  });
}

/** What waits is planned anew, and candidates are offered with what they come with now. */
async function chooseAnew(engine: Engine, tx: Engine["db"], app: App): Promise<void> {
  for (const { id, after } of app.environments) if (after === null) await engine.jobs.send(tx, "recheck", { environment: id });
  for (const { run } of await recentRuns(tx, app.name, RECENT_RUNS)) await engine.jobs.send(tx, "consider", { run: run.id });
}
