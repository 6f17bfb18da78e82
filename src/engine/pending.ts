import { openDeployments, pastDeployments } from "../db/deployments.ts";
import type { Database } from "../db/client.ts";
import { stepsOf } from "../db/steps.ts";
import { broughtTo, companionAt, type CompanionRevision } from "../domain/companion.ts";
import type { App, Environment } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import { logOf, migrateRow } from "../domain/django/course.ts";
import { migrationOfPath, readMigrationFile } from "../domain/django/migration-file.ts";
import { unreadMigration, type Migration } from "../domain/django/migration.ts";
import { readApplied } from "../domain/django/preview.ts";
import { pendingFound, type Migrations } from "../domain/django/record.ts";
import { appliedOf, type ShownRow } from "../domain/django/show-output.ts";
import { environmentId, type EnvironmentId, type Sha } from "../domain/ids.ts";
import type { Engine } from "./engine.ts";

/** How far back an environment's records are looked through: what is older has its files in the repository. */
const LOOKED_AT = 20;

/** From what is live to what would be, each with its companions. `before` null: nobody knows what is live with it. */
type Range = {
  readonly live: Sha | null;
  readonly revision: Sha;
  readonly set: readonly CompanionRevision[];
  readonly before: readonly CompanionRevision[] | null;
};

/**
 * What a revision would do to the database, before any of it runs there: code that nobody has approved is never run to find out. What
 * the environment before it recorded of the same revision tells it best, since it did run there; else the files in the repository do.
 */
export async function pendingMigrations(
  engine: Engine,
  place: { readonly app: App; readonly environment: Environment },
  range: Range,
): Promise<Migrations | null> {
  const { app, environment } = place;
  if (environment.target.type !== "ssh" || environment.target.recipe !== "django") return null;
  const here = await lastApplied(engine.db, await recorded(engine.db, environment.id));
  const before = environment.after === null ? null : environmentId(app.name, environment.after.environment);
  const earlier = before === null ? [] : await recorded(engine.db, before);
  const same = earlier.find((deployment) => deployment.revision === range.revision && deployment.liveAt !== null);
  const there = same === undefined ? null : await lastApplied(engine.db, [same]);
  const known = new Map(earlier.toReversed().flatMap((deployment) => named(deployment.changes.migrations?.pending ?? [])));
  const source = environment.after?.environment ?? "";
  if (there !== null && here !== null) {
    const applied = new Set(appliedOf(here));
    const names = there.map((row) => row.name).filter((name) => !applied.has(name));
    const files = names.every((name) => known.has(name)) ? null : await fromRepository(engine, app, range);
    const read = new Map(named(files ?? []));
    return pendingFound(
      names.map((name) => known.get(name) ?? read.get(name) ?? unreadMigration(name)),
      source,
    );
  }
  const files = await fromRepository(engine, app, range);
  if (files !== null)
    return pendingFound(
      files.map((file) => known.get(file.name) ?? file),
      "the repository",
    );
  const ran = same?.changes.migrations;
  if (ran === undefined || ran.applied === null) return null;
  return pendingFound(
    ran.applied.map((name) => known.get(name) ?? unreadMigration(name)),
    source,
  );
}

/** Deployments that were begun there, newest first. */
async function recorded(db: Database, id: EnvironmentId): Promise<readonly Deployment[]> {
  const all = [...(await openDeployments(db, id)), ...(await pastDeployments(db, id))];
  return all
    .filter((deployment) => deployment.startedAt !== null)
    .toSorted((a, b) => (b.startedAt?.getTime() ?? 0) - (a.startedAt?.getTime() ?? 0) || b.number - a.number)
    .slice(0, LOOKED_AT);
}

/** What the newest of them that says so found applied when it had migrated. */
async function lastApplied(db: Database, newestFirst: readonly Deployment[]): Promise<readonly ShownRow[] | null> {
  for (const deployment of newestFirst) {
    const row = migrateRow(deployment.plan, await stepsOf(db, deployment.id));
    const applied = row === null ? null : readApplied(logOf(row));
    if (applied !== null) return applied;
    // It migrated, and nobody can tell how far: what was found before it is not so any more.
    if (row !== null) return null;
  }
  return null;
}

async function fromRepository(engine: Engine, app: App, range: Range): Promise<readonly Migration[] | null> {
  const files = [...((await engine.codeHost(app.repository).addedMigrations(app.repository.path, range.live, range.revision)) ?? [null])];
  for (const next of range.set) {
    const { repository, directory, revision } = next;
    const companion = companionAt(app.companions, next);
    const live = broughtTo(range.before ?? undefined, next)?.revision ?? null;
    if (live === revision) continue;
    const its = companion === undefined ? null : await engine.codeHost(companion.repository).addedMigrations(repository, live, revision);
    // It lies below its directory, and that may be what the migrations' app is called by.
    files.push(...(its?.map((file) => ({ ...file, path: `${directory}/${file.path}` })) ?? [null]));
  }
  const known = files.filter((file) => file !== null);
  // Of one repository nobody could say: the rest alone would be taken for all.
  if (known.length < files.length) return null;
  return known
    .flatMap(({ path, text }) => {
      const name = migrationOfPath(path);
      return name === null ? [] : [text === null ? unreadMigration(name) : readMigrationFile(name, text)];
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function named(migrations: readonly Migration[]): readonly (readonly [string, Migration])[] {
  return migrations.filter((migration) => migration.class !== "unread").map((migration) => [migration.name, migration] as const);
}
