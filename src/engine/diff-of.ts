import { runOf, type StoredRun } from "../db/runs.ts";
import { loadCandidates, loadSnapshot, isEnvironmentMixed, loadLive } from "../db/snapshot.ts";
import type { DiffAnswer, DiffChanges, DiffPart, NamedRevision } from "../domain/answers.ts";
import { isLiveSet } from "../domain/companion.ts";
import type { App, Environment } from "../domain/config.ts";
import type { ChangeSet } from "../domain/deployment.ts";
import { type Sha } from "../domain/ids.ts";
import { prepare } from "./prepare.ts";
import type { Engine } from "./engine.ts";
import { branchRuns } from "./newest.ts";
import { titleOf } from "./status.ts";
import { notProven } from "./vouch.ts";

/** Titles and names that an answer shows; the rest is counted. */
const TITLES = 20;
const AUTHORS = 10;

/** What the newest candidate would change in each environment, and what is newer than it and waits. */
export async function diffOf(engine: Engine, app: App, environments: readonly Environment[]): Promise<DiffAnswer> {
  const newest = (await branchRuns(engine, app))[0] ?? null;
  const parts = await Promise.all(environments.map((environment) => diffPart(engine, app, environment, newest)));
  return { kind: "diff", app: app.name, environments: parts, now: engine.clock() };
}

async function diffPart(engine: Engine, app: App, environment: Environment, newest: StoredRun | null): Promise<DiffPart> {
  const recorded = await loadLive(engine.db, environment.id);
  const first = environment.target.hosts[0]?.name;
  const live = recorded.find((row) => row.host === first) ?? recorded[0] ?? null;
  const mixed = await isEnvironmentMixed(engine.db, environment.id);
  const [candidate] = await loadCandidates(engine.db, environment.id);
  const byCi = environment.release.mode === "by_ci";
  const old =
    candidate === undefined ||
    (candidate.revision === live?.revision && !mixed && (await comesAsLive(engine, environment, candidate.revision)));
  return {
    environment: environment.name,
    live: live === null ? null : { ...(await named(engine, app, live.revision)), since: live.since },
    mixed,
    byCi,
    candidate: candidate === undefined ? null : await named(engine, app, candidate.revision),
    changes: old ? null : await changesTo(engine, app, environment, candidate.revision),
    next: byCi || newest === null || newest.run.revision === candidate?.revision ? null : await waiting(engine, app, environment, newest),
  };
}

async function comesAsLive(engine: Engine, environment: Environment, revision: Sha): Promise<boolean> {
  return environment.companions === undefined || isLiveSet(await loadSnapshot(engine.db, environment, engine.config), revision);
}

async function changesTo(engine: Engine, app: App, environment: Environment, revision: Sha): Promise<DiffChanges> {
  const { changes } = await prepare(engine, app, environment, revision, await runOf(engine.db, app.name, revision));
  return shown(changes);
}

function shown({ changes, complete, behind, compareUrl, comparisons, authors }: ChangeSet): DiffChanges {
  const names = [...new Set([...changes.map((change) => change.author.name), ...authors.map((author) => author.name)])];
  return {
    total: changes.length,
    complete,
    behind,
    titles: changes.slice(-TITLES).map(({ title, repository, author, url }) => ({
      title: title.slice(0, 200),
      ...(repository === undefined ? {} : { repository }),
      author: author.name,
      url,
    })),
    authors: names.length > AUTHORS ? [...names.slice(0, AUTHORS), `${names.length - AUTHORS} more`] : names,
    compareUrl,
    ...(comparisons === undefined ? {} : { comparisons }),
  };
}

/** Null: it was a candidate before, or is live. */
async function waiting(engine: Engine, app: App, environment: Environment, { run }: StoredRun): Promise<DiffPart["next"]> {
  if ((await loadCandidates(engine.db, environment.id)).some((known) => known.revision === run.revision)) return null;
  if ((await loadLive(engine.db, environment.id)).some((host) => host.revision === run.revision)) return null;
  return { ...(await named(engine, app, run.revision)), waitsFor: await notProven(engine, app, environment, run) };
}

async function named(engine: Engine, app: App, revision: Sha): Promise<NamedRevision> {
  return { revision, title: await titleOf(engine, app.name, revision) };
}
