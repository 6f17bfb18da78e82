import { touchRun } from "../db/cards.ts";
import { assignGates, hasUnasked } from "../db/gates.ts";
import { recentRuns, runById, runOf, saveRunChanges, type StoredRun } from "../db/runs.ts";
import { loadCandidates, loadLive, loadSnapshot } from "../db/snapshot.ts";
import { lostSince } from "../domain/candidate.ts";
import { findCompanion, hasNewSet, isOnItsWay } from "../domain/companion.ts";
import { findApp, type App, type Environment } from "../domain/config.ts";
import { observeOf } from "../domain/observed.ts";
import { environmentId, type DeploymentId, type EnvironmentId, type RunId } from "../domain/ids.ts";
import { startAcceptance } from "./acceptance.ts";
import { apply, type Applied } from "./apply.ts";
import { askForLook } from "./ask-for-look.ts";
import { chosenSet } from "./chosen-set.ts";
import { considerCompanion } from "./consider-companion.ts";
import { concernsBranch, isGoingOn } from "./ingest.ts";
import type { Engine } from "./engine.ts";
import { observeStage } from "./observe.ts";
import { placeOf } from "./place.ts";
import { prepare } from "./prepare.ts";
import { readLive } from "./read-live.ts";
import { missing, vouch } from "./vouch.ts";

type Place = { readonly app: App; readonly environment: Environment };

/** Runs that a change on an environment can make candidates of the next one. */
const RECENT_RUNS = 20;

/** Looks at one run for each environment of its app: the first time it has all that one requires, it is offered there. */
export async function consider(engine: Engine, id: RunId): Promise<void> {
  const stored = await runById(engine.db, id);
  if (stored === null) return;
  const app = findApp(engine.config, stored.run.app);
  if (app === undefined) {
    const found = findCompanion(engine.config.apps, stored.run.app);
    return found === undefined ? undefined : considerCompanion(engine, found.app, found.companion, stored);
  }
  // Nobody sees what a run of another branch would change: it has no card.
  if (stored.changes === null && concernsBranch(app, stored.run)) await recordChanges(engine, app, stored);
  for (const environment of app.environments) await considerFor(engine, app, environment, stored);
  if (concernsBranch(app, stored.run)) await engine.jobs.send(engine.db, "mark", { run: id });
}

/** What is live in one environment changed: those that come after it look again. */
export async function reconsider(engine: Engine, id: EnvironmentId): Promise<void> {
  await startAcceptance(engine, id);
  for (const app of engine.config.apps) {
    if (
      !app.environments.some((environment) => environment.after !== null && environmentId(app.name, environment.after.environment) === id)
    )
      continue;
    for (const environment of app.environments) {
      if (environment.after !== null && environmentId(app.name, environment.after.environment) === id)
        await engine.jobs.send(engine.db, "recheck", { environment: environment.id });
    }
    for (const stored of await runsToLookAt(engine, app, id)) {
      for (const environment of app.environments) {
        if (environment.after !== null && environmentId(app.name, environment.after.environment) === id)
          await considerFor(engine, app, environment, stored);
      }
    }
  }
}

/** The newest runs, and that of what is live there: it may have stood there for long while people looked at it. */
async function runsToLookAt(engine: Engine, app: App, id: EnvironmentId): Promise<readonly StoredRun[]> {
  const recent = await recentRuns(engine.db, app.name, RECENT_RUNS);
  const live = (await loadLive(engine.db, id))[0]?.revision;
  if (live === undefined || recent.some((stored) => stored.run.revision === live)) return recent;
  const standing = await runOf(engine.db, app.name, live);
  return standing === null ? recent : [...recent, standing];
}

async function considerFor(engine: Engine, app: App, environment: Environment, stored: StoredRun): Promise<void> {
  const { revision } = stored.run;
  if (environment.release.mode === "by_ci") return observeStage(engine, app, environment, stored);
  if (observeOf(environment.release) !== null) return considerGates(engine, app, environment, stored);
  const known = (await loadCandidates(engine.db, environment.id)).find((candidate) => candidate.revision === revision);
  if (known !== undefined) {
    if (await withdrawLost(engine, { app, environment }, stored, known.since)) return;
    if (!(await comesAnew(engine, { app, environment }, stored))) return;
  }
  if ((await missing(engine, app, environment, stored)).length > 0) return;
  if (environment.needsValidation && (await askForLook(engine, app, environment, stored))) return;
  const chosen = await chosenSet(engine, environment, revision);
  const vouched = await vouch(engine, app, environment, stored, chosen);
  if (vouched !== null) {
    engine.log("info", `no candidate for ${environment.id}: ${vouched}`, { revision });
    return;
  }
  await readLive(engine, environment);
  const prepared = await prepare(engine, app, environment, revision, stored, chosen);
  const offered = await apply(engine, environment.id, {
    kind: "offer",
    candidate: { revision, runId: stored.run.id, since: engine.clock(), position: await placeOf(engine, app, environment, stored) },
    ...prepared,
    id: engine.newId() as DeploymentId,
  });
  await lookAgain(engine, stored, offered);
}

/** What comes with it changed meanwhile. */
async function lookAgain(engine: Engine, { run }: StoredRun, offered: Applied): Promise<void> {
  if (offered.ok) return;
  engine.log("info", offered.refusal.title, { revision: run.revision });
  await engine.jobs.send(engine.db, "consider", { run: run.id });
}

/** People are asked once it has all that the environment requires, as for anything else that is deployed. */
async function considerGates(engine: Engine, app: App, environment: Environment, stored: StoredRun): Promise<void> {
  const { revision } = stored.run;
  const place = { environmentId: environment.id, revision };
  if (!(await hasUnasked(engine.db, place))) return;
  if ((await missing(engine, app, environment, stored)).length > 0) return;
  if (environment.needsValidation && (await askForLook(engine, app, environment, stored))) return;
  const chosen = await chosenSet(engine, environment, revision);
  const doubt = await vouch(engine, app, environment, stored, chosen);
  if (doubt !== null) return engine.log("info", `nobody is asked for ${environment.id}: ${doubt}`, { revision });
  const prepared = await prepare(engine, app, environment, revision, stored, chosen);
  const asked = await apply(
    engine,
    environment.id,
    {
      kind: "offer",
      byGate: true,
      candidate: { revision, runId: stored.run.id, since: engine.clock(), position: await placeOf(engine, app, environment, stored) },
      ...prepared,
      id: engine.newId() as DeploymentId,
    },
    { after: async (tx, outcome) => (outcome.ok ? assignGates(tx, place, outcome.value.answer as DeploymentId) : undefined) },
  );
  await lookAgain(engine, stored, asked);
}

/** Its pipeline was opened again: until it has passed once more, nobody is asked for it and nothing of it starts. False: it was not. */
async function withdrawLost(engine: Engine, { app, environment }: Place, { run }: StoredRun, since: Date): Promise<boolean> {
  const because = lostSince(app, environment, run, since);
  if (because === null) return false;
  await apply(engine, environment.id, { kind: "withdraw", revision: run.revision, because });
  await engine.db.transaction((tx) => touchRun(tx, run.id, isGoingOn(run)));
  return true;
}

/** It was offered before, and its companions are others now. What still waits is planned anew instead, and people look once more. */
async function comesAnew(engine: Engine, { app, environment }: Place, stored: StoredRun): Promise<boolean> {
  if (environment.companions === undefined) return false;
  const { revision } = stored.run;
  const snapshot = await loadSnapshot(engine.db, environment, engine.config);
  if (hasNewSet(snapshot, revision)) return true;
  const waits = snapshot.open.some((deployment) => deployment.startedAt === null && isOnItsWay(snapshot, deployment, revision));
  if (waits && environment.needsValidation && (await missing(engine, app, environment, stored)).length === 0)
    await askForLook(engine, app, environment, stored);
  return false;
}

async function recordChanges(engine: Engine, app: App, stored: StoredRun): Promise<void> {
  const asked = app.environments.findLast((environment) => environment.release.mode === "approval") ?? app.environments.at(-1);
  if (asked === undefined) return;
  if ((await loadLive(engine.db, asked.id)).length === 0) await readLive(engine, asked);
  const { changes } = await prepare(engine, app, asked, stored.run.revision, stored);
  await saveRunChanges(engine.db, stored.run.id, changes);
  await engine.db.transaction((tx) => touchRun(tx, stored.run.id, isGoingOn(stored.run)));
}
