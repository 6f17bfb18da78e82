import { migrationName } from "./migration.ts";

/** One migration of `migrate --plan`: its name, and what it would do in Django's words. */
export type PlannedMigration = { readonly name: string; readonly operations: readonly string[] };

/**
 * `migrate --plan`: `Planned operations:`, names at the margin, operations below them by four spaces; or the sentence that nothing is
 * planned. Null: it is something else, and nothing may be claimed of it (an empty list would say that nothing is pending).
 */
export function parseMigratePlan(output: string): readonly PlannedMigration[] | null {
  const lines = output
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
  const start = lines.indexOf("Planned operations:");
  if (start === -1) return null;
  const rest = lines.slice(start + 1);
  if (rest.length === 1 && rest[0] === "  No planned migration operations.") return [];
  const planned: { name: string; operations: string[] }[] = [];
  for (const line of rest) {
    const operation = /^ {4}(.*)$/u.exec(line)?.[1];
    if (operation !== undefined) {
      const current = planned.at(-1);
      if (current === undefined) return null;
      current.operations.push(operation);
      continue;
    }
    const name = migrationName(line);
    if (name === null) return null;
    planned.push({ name, operations: [] });
  }
  return planned.length === 0 ? null : planned;
}
