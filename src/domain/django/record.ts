import { faultOf, parseMigrate } from "./migrate-output.ts";
import { appOf, shownOf, unreadMigration, type Migration, type ShownMigration } from "./migration.ts";
import { readApplied, readPreview, type Preview } from "./preview.ts";
import { appliedOf, leafOf, type ShownRow } from "./show-output.ts";

/** What is known of one deployment's migrations, before and after they ran; kept with what it changes. */
export type Migrations = {
  /** What would run, as good as anybody could read it so far; null: nobody could. */
  readonly pending: readonly Migration[] | null;
  /** Who read it: `the repository`, an environment's name, or a server's. */
  readonly source: string;
  /** What ran here, in order; null: nothing has been migrated yet, or nobody can tell. */
  readonly applied: readonly string[] | null;
  /** Begun, and nobody can tell whether it was done. */
  readonly doubtful: readonly string[];
  /** Undone here, by a rollback of the schema. */
  readonly undone: readonly string[];
  /** Per app of what is pending: the last migration that was applied before, or `zero`. Null: nobody read it. */
  readonly leaves: Readonly<Record<string, string>> | null;
};

/** What was found before anything was shown or run. */
export function pendingFound(pending: readonly Migration[] | null, source: string): Migrations {
  return { pending, source, applied: null, doubtful: [], undone: [], leaves: null };
}

/** What stands in the plan: names and classes are approved, words are not. */
export function shownMigrations(known: Migrations | undefined): readonly ShownMigration[] | null {
  return known === undefined || known.pending === null ? null : shownOf(known.pending);
}

/** The true plan, as the new code told it on a server. */
export function withPreview(preview: Preview, migrations: readonly Migration[], host: string): Migrations {
  const apps = [...new Set(migrations.map((migration) => appOf(migration.name)))];
  const leaves = Object.fromEntries(apps.map((app) => [app, leafOf(preview.before, app)]));
  return { pending: migrations, source: host, applied: null, doubtful: [], undone: [], leaves };
}

/**
 * A step's log, and what was read again after its end was lost. `cut`: nobody followed it to its end, so it may have printed, and done,
 * more. Null: it was never begun.
 */
export type SchemaStep = { readonly log: string; readonly reread?: string; readonly cut?: boolean } | null;

/** What became of the database, from the logs alone: read again as often as wanted, it gives the same. */
export function recordOf(known: Migrations | undefined, steps: { readonly preview: SchemaStep; readonly migrate: SchemaStep }): Migrations {
  const base = known ?? pendingFound(null, "");
  if (steps.migrate === null) return { ...base, applied: [], doubtful: [] };
  const run = parseMigrate(steps.migrate.log);
  const before = steps.preview === null ? null : readPreview(steps.preview.log);
  const after = readApplied(steps.migrate.log) ?? readApplied(steps.migrate.reread ?? "");
  if (run?.direction === "backwards")
    return { ...base, applied: [], doubtful: doubtOf(run.begun, after), undone: undoneOf(run.done, after) };
  const applied = before !== null && after !== null ? difference(before.before, after) : (run?.done ?? null);
  if (steps.migrate.cut !== true || after !== null || applied === null)
    return { ...base, applied, doubtful: doubtOf(run?.begun ?? null, after) };
  // What comes after the last line that was seen may have been done as well, and of that nothing is known without a plan.
  if (base.pending === null) return { ...base, applied: null, doubtful: doubtOf(run?.begun ?? null, after) };
  const names = [...(run === null || run.begun === null ? [] : [run.begun]), ...base.pending.map((migration) => migration.name)];
  return { ...base, applied, doubtful: [...new Set(names)].filter((name) => !applied.includes(name)) };
}

function difference(before: readonly ShownRow[], after: readonly ShownRow[]): readonly string[] {
  const had = new Set(appliedOf(before));
  return appliedOf(after).filter((name) => !had.has(name));
}

/** What was undone by its own words is only believed where the host does not say otherwise. */
function undoneOf(done: readonly string[], after: readonly ShownRow[] | null): readonly string[] {
  const still = new Set(after === null ? [] : appliedOf(after));
  return done.filter((name) => !still.has(name));
}

/** Read again afterwards, what was begun is known; otherwise it is in doubt. */
function doubtOf(begun: string | null, after: readonly ShownRow[] | null): readonly string[] {
  return begun === null || after !== null ? [] : [begun];
}

/** What one deployment did to the database; null: nobody can tell. */
export function effectOf(record: Migrations | undefined): readonly Migration[] | null {
  if (record === undefined || record.applied === null) return null;
  const read = new Map((record.pending ?? []).map((migration) => [migration.name, migration]));
  return [...record.applied, ...record.doubtful].map((name) => read.get(name) ?? unreadMigration(name));
}

/** In a sentence why a step of the schema failed, and what that leaves; null: nothing is known beyond its exit code. */
export function schemaFailure(step: { readonly log: string; readonly backwards: boolean }): string | null {
  const fault = faultOf(step.log);
  const left = leftBehind(step);
  switch (fault?.kind) {
    case "lock_timeout":
      return `It gave up waiting for a table's lock, before the site would have to wait too. ${left ?? ""} Deploy again when the long query or dump is over.`.replace(
        "  ",
        " ",
      );
    case "startup_options_refused":
      return "A pooler in front of the database refuses the lock timeout (PGOPTIONS). Let it pass (PgBouncer: ignore_startup_parameters = options), or write `lock_timeout: off`.";
    case "irreversible":
      return `Django cannot undo ${fault.migration ?? "one of the migrations"}. ${left ?? ""}`.trim();
    case "conflict":
      return `${fault.said.slice(0, 200)} Merge them (makemigrations --merge), then deploy again.`;
    case "no_such_migration":
    case "ambiguous":
      return fault.said.slice(0, 200);
    case undefined:
      return left;
    default:
      return fault satisfies never;
  }
}

/** "Applied: orders.0003_x. Not applied: orders.0004_y." */
function leftBehind({ log, backwards }: { readonly log: string; readonly backwards: boolean }): string | null {
  const run = parseMigrate(log);
  if (run === null) return null;
  const after = readApplied(log);
  const applied = new Set(after === null ? [] : appliedOf(after));
  const isDone = (name: string): boolean => (after === null ? run.done.includes(name) : applied.has(name) !== backwards);
  const names = [...run.done, ...(run.begun === null ? [] : [run.begun])];
  const [done, not] = [names.filter(isDone), names.filter((name) => !isDone(name))];
  const word = backwards ? "undone" : "applied";
  return [
    done.length === 0 ? `Nothing was ${word}.` : `${backwards ? "Undone" : "Applied"}: ${done.join(", ")}.`,
    ...(not.length === 0 ? [] : [`${after === null ? `In doubt whether ${word}` : `Not ${word}`}: ${not.join(", ")}.`]),
  ].join(" ");
}

/** What is applied now, in a sentence for whoever has to decide; `wanted` null: nobody knows what should be. */
export function stateOf(log: string, wanted: readonly ShownMigration[] | null): string {
  const rows = readApplied(log);
  if (rows === null) return "Which migrations are applied could not be read.";
  if (wanted === null || wanted.length === 0) {
    const open = rows.filter((row) => !row.applied).map((row) => row.name);
    return open.length === 0 ? "All migrations are applied." : `Not applied: ${open.slice(0, 5).join(", ")}.`;
  }
  const applied = new Set(appliedOf(rows));
  const said = wanted.slice(0, 8).map(({ name }) => `${name} is ${applied.has(name) ? "" : "not "}applied`);
  return `${said.join(", ")}.`;
}
