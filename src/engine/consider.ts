import { touchRun } from "../db/cards.ts";
import { assignGates, hasUnasked } from "../db/gates.ts";
import { lockRun, recentRuns, runById, runOf, saveRun, saveRunChanges, type StoredRun } from "../db/runs.ts";
import { loadAfter, loadCandidates, loadLive, loadSnapshot } from "../db/snapshot.ts";
import { lostSince, missingFor } from "../domain/candidate.ts";
import { findApp, type App, type Environment } from "../domain/config.ts";
import { observeOf } from "../domain/observed.ts";
import type { Blocker, ChangeSet } from "../domain/deployment.ts";
import { environmentId, type DeploymentId, type EnvironmentId, type RunId, type Sha } from "../domain/ids.ts";
import { liveRevision } from "../domain/environment.ts";
import { isOfOtherParts } from "../domain/paths.ts";
import { withTickets } from "../domain/tickets.ts";
import { isReverted } from "../domain/reverted.ts";
import { startAcceptance, withBound } from "./acceptance.ts";
import { apply } from "./apply.ts";
import { askForLook } from "./ask-for-look.ts";
import { concernsBranch, isGoingOn } from "./ingest.ts";
import type { Engine } from "./engine.ts";
import { withLacks } from "./live-content.ts";
import { observeStage } from "./observe.ts";
import { pendingMigrations } from "./pending.ts";
import { withPeople } from "./people.ts";
import { readLive } from "./read-live.ts";

/** Runs that a change on an environment can make candidates of the next one. */
const RECENT_RUNS = 20;

/** Looks at one run for each environment of its app: the first time it has all that one requires, it is offered there. */
export async function consider(engine: Engine, id: RunId): Promise<void> {
  const stored = await runById(engine.db, id);
  if (stored === null) return;
  const app = findApp(engine.config, stored.run.app);
  if (app === undefined) return;
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
  if (known !== undefined) return withdrawLost(engine, { app, environment }, stored, known.since);
  if ((await missing(engine, app, environment, stored)).length > 0) return;
  if (environment.needsValidation && (await askForLook(engine, app, environment, stored))) return;
  const vouched = await vouch(engine, app, environment, stored);
  if (vouched !== null) {
    engine.log("info", `no candidate for ${environment.id}: ${vouched}`, { revision });
    return;
  }
  await readLive(engine, environment);
  const prepared = await prepare(engine, app, environment, revision, stored);
  await apply(engine, environment.id, {
    kind: "offer",
    candidate: { revision, runId: stored.run.id, since: engine.clock(), position: stored.position },
    ...prepared,
    id: engine.newId() as DeploymentId,
  });
}

/** People are asked once it has all that the environment requires, as for anything else that is deployed. */
async function considerGates(engine: Engine, app: App, environment: Environment, stored: StoredRun): Promise<void> {
  const { revision } = stored.run;
  const place = { environmentId: environment.id, revision };
  if (!(await hasUnasked(engine.db, place))) return;
  if ((await missing(engine, app, environment, stored)).length > 0) return;
  if (environment.needsValidation && (await askForLook(engine, app, environment, stored))) return;
  const doubt = await vouch(engine, app, environment, stored);
  if (doubt !== null) return engine.log("info", `nobody is asked for ${environment.id}: ${doubt}`, { revision });
  const prepared = await prepare(engine, app, environment, revision, stored);
  await apply(
    engine,
    environment.id,
    {
      kind: "offer",
      byGate: true,
      candidate: { revision, runId: stored.run.id, since: engine.clock(), position: stored.position },
      ...prepared,
      id: engine.newId() as DeploymentId,
    },
    { after: async (tx, outcome) => (outcome.ok ? assignGates(tx, place, outcome.value.answer as DeploymentId) : undefined) },
  );
}

/** Its pipeline was opened again: until it has passed once more, nobody is asked for it and nothing of it starts. */
async function withdrawLost(
  engine: Engine,
  { app, environment }: { readonly app: App; readonly environment: Environment },
  { run }: StoredRun,
  since: Date,
): Promise<void> {
  const because = lostSince(app, environment, run, since);
  if (because === null) return;
  await apply(engine, environment.id, { kind: "withdraw", revision: run.revision, because });
  await engine.db.transaction((tx) => touchRun(tx, run.id, isGoingOn(run)));
}

/** What keeps the revision from being a candidate there, by what is stored. */
export async function missing(engine: Engine, app: App, environment: Environment, stored: StoredRun): Promise<readonly Blocker[]> {
  const after = environment.after === null ? null : await loadAfter(engine.db, environmentId(app.name, environment.after.environment));
  const text = `It touches nothing of ${app.name}'s part of the repository.`;
  const elsewhere: readonly Blocker[] = isOfOtherParts(stored.run)
    ? [{ rule: "requirements", text, owner: "paths in greenlight.yml", liftsAt: null }]
    : [];
  return [...elsewhere, ...missingFor(app, environment, stored.run, after)];
}

/**
 * The provider's own word, when it can be asked (invariant 5): the run re-read is laid over ours, and the revision must be
 * reachable from the app's branch. Null: fit; else why not.
 */
export async function vouch(engine: Engine, app: App, environment: Environment, stored: StoredRun): Promise<string | null> {
  const host = engine.codeHost(app.repository);
  const { run } = stored;
  const answer = await host.reread(app.repository.path, run);
  const told = answer === null ? null : await withBound(engine, app, answer, run);
  if (told !== null) {
    const after = environment.after === null ? null : await loadAfter(engine.db, environmentId(app.name, environment.after.environment));
    const still = missingFor(app, environment, told, after);
    await engine.db.transaction(async (tx) => {
      const now = engine.clock();
      const current = await lockRun(tx, { id: run.id, app: app.name, revision: run.revision }, now);
      // A delivery came in while the provider was asked: what it told may be older, and another look is on its way.
      if (JSON.stringify(current.run) !== JSON.stringify(run)) return;
      await saveRun(tx, { ...told, id: run.id }, now);
      await touchRun(tx, run.id, isGoingOn(told));
    });
    const [first] = still;
    if (first !== undefined) return `the provider says otherwise: ${first.text}`;
  }
  const reachable = await host.reachable(app.repository.path, app.branch, run.revision);
  return reachable === false ? `${run.revision.slice(0, 7)} is not on ${app.branch}` : null;
}

/** What changes against what is live there, with people's Slack ids, and whether it brings back what was rolled back. */
export async function prepare(
  engine: Engine,
  app: App,
  environment: Environment,
  revision: Sha,
  stored: StoredRun | null,
): Promise<{ readonly changes: ChangeSet; readonly containsBlocked: Sha | null }> {
  const host = engine.codeHost(app.repository);
  const snapshot = await loadSnapshot(engine.db, environment, engine.config.hash);
  const live = liveRevision(snapshot)?.revision ?? null;
  const compared = await withLacks(engine, app, await host.compare(app.repository.path, live, revision), { live, revision });
  const known = withTickets(app.tickets, await withPeople(engine, app, withPush(compared, stored, live), stored));
  const migrations = await pendingMigrations(engine, { app, environment }, { live, revision });
  const changes = migrations === null ? known : { ...known, migrations };
  let containsBlocked: Sha | null = null;
  for (const blocked of snapshot.blocked) {
    const told = await host.contains(app.repository.path, revision, blocked.revision);
    const contained = told ?? (blocked.revision === revision || changes.changes.some((change) => change.revision === blocked.revision));
    if (contained && !isReverted(changes.changes, blocked.revision)) containsBlocked = blocked.revision;
  }
  return { changes, containsBlocked };
}

/** A push of as many commits may have brought more: GitHub sends no more (docs.github.com, webhook event `push`). */
const MOST_PUSHED = 2048;

/** Without a provider to ask, the push itself says what it brought: all there is if what was live is what it was pushed upon. */
function withPush(compared: ChangeSet, stored: StoredRun | null, live: Sha | null): ChangeSet {
  const push = stored?.run.push ?? null;
  if (compared.changes.length > 0 || push === null) return compared;
  const complete = live !== null && push.before === live && push.changes.length > 0 && push.changes.length < MOST_PUSHED;
  return { ...compared, changes: push.changes, complete, compareUrl: compared.compareUrl ?? push.compareUrl };
}

async function recordChanges(engine: Engine, app: App, stored: StoredRun): Promise<void> {
  const asked = app.environments.findLast((environment) => environment.release.mode === "approval") ?? app.environments.at(-1);
  if (asked === undefined) return;
  if ((await loadLive(engine.db, asked.id)).length === 0) await readLive(engine, asked);
  const { changes } = await prepare(engine, app, asked, stored.run.revision, stored);
  await saveRunChanges(engine.db, stored.run.id, changes);
  await engine.db.transaction((tx) => touchRun(tx, stored.run.id, isGoingOn(stored.run)));
}
