import { appOf, migrationName } from "./migration.ts";

/** One line of `showmigrations --plan`. */
export type ShownRow = { readonly name: string; readonly applied: boolean };

/**
 * `showmigrations --plan`: `[X]  app.name` or `[ ]  app.name`, in the order of dependencies. It hides what is applied but unknown to
 * this code. Null: it is something else.
 */
export function parseShowMigrations(output: string): readonly ShownRow[] | null {
  const rows: ShownRow[] = [];
  for (const raw of output.split("\n")) {
    const line = raw.trimEnd();
    if (line === "" || line === "(no migrations)") continue;
    const found = /^\[([X ])\] {2}(\S+)(?: .*)?$/u.exec(line);
    const name = migrationName(found?.[2] ?? "");
    if (found === null || name === null) return null;
    rows.push({ name, applied: found[1] === "X" });
  }
  return rows;
}

/** What is applied, in the order of dependencies. */
export function appliedOf(rows: readonly ShownRow[]): readonly string[] {
  return rows.filter((row) => row.applied).map((row) => row.name);
}

/** The last applied migration of an app, as `migrate app NAME` takes it; `zero` where none is applied. */
export function leafOf(rows: readonly ShownRow[], app: string): string {
  const last = appliedOf(rows).findLast((name) => appOf(name) === app);
  return last === undefined ? "zero" : last.slice(app.length + 1);
}
