import type { SchemaUndo } from "./commands.ts";
import { appOf, worstOf, type Migration } from "./migration.ts";
import { effectOf, type Migrations } from "./record.ts";

/** What was done to the database since a revision ran there, oldest first, and where each app stood then. */
export type Since = { readonly migrations: readonly Migration[]; readonly leaves: Readonly<Record<string, string>> | null };

/** Can it be undone, before anybody says yes; `back`: how, if more is known of it than that. */
export type Undo = { readonly kind: "yes" | "code_only" | "no" | "unknown"; readonly because: string; readonly back?: Back };

/** How a deployment can go back. */
export type Back =
  | { readonly kind: "code"; readonly because: string }
  /** Earlier code does not run on the database as it is: it goes back too, and this goes with it. */
  | { readonly kind: "code_and_schema"; readonly because: string; readonly undo: SchemaUndo; readonly loses: readonly string[] }
  | { readonly kind: "by_hand"; readonly because: string; readonly byHand: readonly string[] };

/** One deployment, as far as its migrations matter. */
export type Migrated = { readonly revision: string; readonly liveAt: Date | null; readonly record: Migrations | undefined };

/**
 * What happened to the database since `target` last ran there, from the newest deployment to the oldest; what a rollback of the schema
 * undid in between did not happen. Null: of one of them nobody can tell.
 */
export function sinceOf(newestFirst: readonly Migrated[], target: string): Since | null {
  const undone = new Set<string>();
  let migrations: readonly Migration[] = [];
  let leaves: Record<string, string> | null = {};
  for (const { revision, liveAt, record } of newestFirst) {
    if (revision === target && liveAt !== null) break;
    const effect = effectOf(record);
    if (effect === null) return null;
    for (const name of record?.undone ?? []) undone.add(name);
    const kept = effect.filter((migration) => !undone.has(migration.name));
    migrations = [...kept, ...migrations];
    for (const app of new Set(kept.map((migration) => appOf(migration.name)))) {
      const leaf: string | undefined = record?.leaves?.[app];
      leaves = leaf === undefined || leaves === null ? null : { ...leaves, [app]: leaf };
    }
  }
  return { migrations, leaves };
}

/** What going back means; null: nobody can tell what was done to the database. */
export function backOf(since: Since | null): Back {
  if (since === null) return { kind: "code", because: "Nobody has read yet what it does to the database." };
  const misses = missesOf(since.migrations);
  if (misses.length === 0) return { kind: "code", because: undoOf(since.migrations, "here").because };
  const because = `Earlier code needs ${few(misses)}, which the database does not have any more.`;
  const undo = schemaUndoOf(since);
  return undo.kind === "no"
    ? { kind: "by_hand", because: `${because} ${undo.because}`, byHand: undo.byHand }
    : { kind: "code_and_schema", because, undo: undo.undo, loses: undo.loses };
}

/** How the schema goes back, if Django can take all of it back: one step that it cannot is one too many. */
export function schemaUndoOf(
  since: Since,
):
  | { readonly kind: "undo"; readonly undo: SchemaUndo; readonly loses: readonly string[] }
  | { readonly kind: "no"; readonly because: string; readonly byHand: readonly string[] } {
  const { migrations, leaves } = since;
  const stuck = migrations.filter((migration) => migration.class === "irreversible" || migration.class === "unread");
  const apps = [...new Set(migrations.toReversed().map((migration) => appOf(migration.name)))];
  const targets = apps.flatMap((app) => (leaves?.[app] === undefined ? [] : [{ app, to: leaves[app] }]));
  const words = targets.map(({ app, to }) => `In the code that is live now: manage.py migrate ${app} ${to}.`);
  if (stuck.length > 0) {
    const because = `Django cannot undo ${few(stuck.map((migration) => migration.name))}.`;
    return {
      kind: "no",
      because,
      byHand: [`Restore the backup from before it, or undo ${few(stuck.map((one) => one.name))} by your own SQL.`, ...words],
    };
  }
  if (targets.length < apps.length)
    return {
      kind: "no",
      because: "Nobody recorded which migrations were applied before it.",
      byHand: ["Look with manage.py showmigrations, and undo by manage.py migrate APP NAME."],
    };
  const loses = migrations.flatMap((migration) => migration.operations.flatMap((operation) => operation.loses ?? []));
  return { kind: "undo", undo: { targets, names: migrations.toReversed().map((migration) => migration.name) }, loses };
}

/**
 * Can it be undone, said before or after it ran. `yes` is kept for additions alone: an automatic rollback goes by it, and it leaves
 * the schema as it is, always.
 */
export function undoOf(migrations: readonly Migration[] | null, where: "here" | "before"): Undo {
  if (migrations === null) return { kind: "unknown", because: "Nobody has read yet what it does to the database." };
  if (migrations.length === 0)
    return { kind: "yes", because: where === "here" ? "The database was not changed." : "The database is not changed." };
  const names = few(migrations.map((migration) => migration.name));
  const worst = worstOf(migrations.map((migration) => migration.class));
  const misses = missesOf(migrations);
  const of = (one: Migration["class"]): string => few(migrations.filter((migration) => migration.class === one).map(({ name }) => name));
  if (misses.length > 0) {
    const takes = `${where === "here" ? "Earlier code needs" : "It takes away"} ${few(misses)}${where === "here" ? ", which is gone" : ", which earlier code needs"}.`;
    return { kind: "no", because: worst === "irreversible" ? `${takes} Django cannot undo ${of("irreversible")}.` : takes };
  }
  switch (worst) {
    case "additive":
      return {
        kind: "yes",
        because: `The code goes back; what ${names} ${where === "here" ? "added" : "adds"} to the database stays and does no harm.`,
      };
    case "risky":
      return { kind: "code_only", because: `The code goes back, the database keeps ${names}; earlier code may not fit it.` };
    case "destructive":
    case "irreversible":
      return {
        kind: "code_only",
        because: `The code goes back; what ${few([of(worst)])} ${where === "here" ? "did" : "does"} to the data stays.`,
      };
    case "unread":
      return { kind: "unknown", because: `Nobody could read what ${of("unread")} ${where === "here" ? "did" : "does"} to the database.` };
    default:
      return worst satisfies never;
  }
}

function missesOf(migrations: readonly Migration[]): readonly string[] {
  // What came and went on the way is missed by nobody earlier, but who can tell: said once too often.
  return [...new Set(migrations.flatMap((migration) => migration.operations.flatMap((operation) => operation.misses ?? [])))];
}

/** "a, b, c and 2 more". */
export function few(words: readonly string[], most = 3): string {
  const more = words.length - most;
  const shown = words.slice(0, most);
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  return shown.length < 2 ? (shown[0] ?? "") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
