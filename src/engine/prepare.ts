import { filesOfChanges, runOf, type StoredRun } from "../db/runs.ts";
import { loadSnapshot } from "../db/snapshot.ts";
import {
  asSource,
  broughtTo,
  companionAt,
  companionsFor,
  liveSet,
  type CompanionRevision,
  type CompanionSet,
} from "../domain/companion.ts";
import type { App, Environment } from "../domain/config.ts";
import type { ChangeSet } from "../domain/deployment.ts";
import { liveRevision, type BlockedCommit, type Snapshot } from "../domain/environment.ts";
import type { Sha } from "../domain/ids.ts";
import { keptFiles, withKeptFiles } from "../domain/paths.ts";
import type { Prepared } from "../domain/prepared.ts";
import { isReverted } from "../domain/reverted.ts";
import { withTickets } from "../domain/tickets.ts";
import type { Engine } from "./engine.ts";
import { withCompanionLacks, withLacks } from "./live-content.ts";
import { pendingMigrations } from "./pending.ts";
import { samePersonOnce, withPeople } from "./people.ts";

/**
 * What changes against what is live there, with people's Slack ids, and whether it brings back what was rolled back. `chosen`: what it
 * comes with, where something is decided upon that; absent: as it is now.
 */
export async function prepare(
  engine: Engine,
  app: App,
  environment: Environment,
  revision: Sha,
  stored: StoredRun | null,
  chosen?: CompanionSet,
): Promise<Prepared> {
  const host = engine.codeHost(app.repository);
  const snapshot = await loadSnapshot(engine.db, environment, engine.config);
  const live = liveRevision(snapshot)?.revision ?? null;
  const compared = await withLacks(engine, app, await host.compare(app.repository.path, live, revision), { live, revision });
  const brought = await withFiles(engine, app, withPush(compared, stored, live));
  const known = withTickets(app.tickets, await withPeople(engine, app, brought, stored));
  const wanted = chosen ?? companionsFor(snapshot, revision);
  const set = wanted.kind === "set" ? wanted.set : [];
  const before = liveSet(snapshot);
  const migrations = await pendingMigrations(engine, { app, environment }, { live, revision, set, before });
  const changes = await withCompanions(engine, app, { set, before: before ?? [] }, migrations === null ? known : { ...known, migrations });
  let containsBlocked: Sha | null = null;
  for (const blocked of snapshot.blocked) {
    const told = await contains(engine, app, { snapshot, revision, set }, blocked);
    const isNamed = [revision, ...set.map((one) => one.revision)].includes(blocked.revision);
    const contained = told ?? (isNamed || changes.changes.some((change) => change.revision === blocked.revision));
    if (contained && !isReverted(changes.changes, blocked.revision)) containsBlocked = blocked.revision;
  }
  return { changes, containsBlocked, ...(set.length === 0 ? {} : { companions: set }) };
}

/** By the repository whose commit it is. Null: nobody could be asked. */
async function contains(
  engine: Engine,
  app: App,
  at: { readonly snapshot: Snapshot; readonly revision: Sha; readonly set: readonly CompanionRevision[] },
  blocked: BlockedCommit,
): Promise<boolean | null> {
  const taken = [...at.snapshot.open, ...at.snapshot.past].find(({ id }) => id === blocked.deploymentId);
  const its = taken?.plan.companions?.find(({ revision }) => revision === blocked.revision);
  if (its === undefined) return engine.codeHost(app.repository).contains(app.repository.path, at.revision, blocked.revision);
  const companion = companionAt(app.companions, its);
  const now = broughtTo(at.set, its);
  if (companion === undefined || now === undefined) return false;
  return engine.codeHost(companion.repository).contains(companion.repository.path, now.revision, blocked.revision);
}

/** The change set with the commits that the companions bring, behind the app's own. */
async function withCompanions(
  engine: Engine,
  app: App,
  sets: { readonly set: readonly CompanionRevision[]; readonly before: readonly CompanionRevision[] },
  own: ChangeSet,
): Promise<ChangeSet> {
  let all = own;
  for (const companion of app.companions ?? []) {
    const { path } = companion.repository;
    const place = { repository: path, directory: companion.directory };
    const next = broughtTo(sets.set, place)?.revision;
    const live = broughtTo(sets.before, place)?.revision ?? null;
    if (next === undefined || next === live) continue;
    const source = asSource(app, companion);
    const stored = await runOf(engine.db, source.name, next);
    const compared = withPush(await engine.codeHost(companion.repository).compare(path, live, next), stored, live);
    const brought = await withFiles(engine, source, compared);
    const { changes, complete, authors, files } = withTickets(app.tickets, await withPeople(engine, companion, brought, stored));
    const below = <Of extends Pick<ChangeSet, "files">>(of: Of): Of =>
      of.files === undefined ? of : { ...of, files: of.files.map((file) => `${companion.directory}/${file}`) };
    all = {
      ...all,
      changes: [...all.changes, ...changes.map((change) => ({ ...below(change), repository: path }))],
      ...(compared.compareUrl === null
        ? {}
        : { comparisons: [...(all.comparisons ?? []), { repository: path, url: compared.compareUrl }] }),
      complete: all.complete && complete,
      authors: samePersonOnce([...all.authors, ...authors]),
      ...(files === undefined ? {} : { files: keptFiles({}, [...(all.files ?? []), ...(below({ files }).files ?? [])]) }),
    };
  }
  return withCompanionLacks(engine, app, sets, all);
}

/** A push of as many commits may have brought more: GitHub sends no more (docs.github.com, webhook event `push`). */
const MOST_PUSHED = 2048;

/** Without a provider to ask, the push itself says what it brought: all there is if what was live is what it was pushed upon. */
function withPush(compared: ChangeSet, stored: StoredRun | null, live: Sha | null): ChangeSet {
  // Only its companions change.
  if (live !== null && live === stored?.run.revision) return { ...compared, complete: true };
  const push = stored?.run.push ?? null;
  if (compared.changes.length > 0 || push === null) return compared;
  const isOnLive = live !== null && push.before === live;
  const complete = isOnLive && push.changes.length > 0 && push.changes.length < MOST_PUSHED;
  const known = { ...compared, changes: push.changes, complete, compareUrl: compared.compareUrl ?? push.compareUrl };
  const listed = push.changes.flatMap(({ files = [] }) => files);
  return isOnLive && listed.length > 0 ? { ...known, files: listed } : known;
}

/** With what is kept of the files that it changes, and of those of each change, as far as its push listed them. */
async function withFiles(engine: Engine, app: App, brought: ChangeSet): Promise<ChangeSet> {
  const listed = await filesOfChanges(
    engine.db,
    app.name,
    brought.changes.map(({ revision }) => revision),
  );
  const each = brought.changes.map((change) => {
    const files = listed.get(change.revision);
    return files === undefined ? change : { ...change, files };
  });
  const known = { ...brought, changes: withKeptFiles(app, each) };
  return brought.files === undefined ? known : { ...known, files: keptFiles(app, brought.files) };
}
