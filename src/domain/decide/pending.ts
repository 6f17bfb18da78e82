import type { Deployment } from "../deployment.ts";
import type { Migrations } from "../django/record.ts";
import type { Effect } from "../environment.ts";
import { note } from "./decision.ts";

/** As many as a thread message shows without being cut. */
const MOST = 30;

/**
 * The migrations by name, class and operation: they belong into the thread, the card has only their sum. What raw SQL says stays out:
 * it may hold data of people.
 */
export function pendingNote(deployment: Deployment, migrations: Migrations | undefined, key: string): readonly Effect[] {
  const pending = migrations?.pending ?? null;
  if (migrations === undefined || pending === null || pending.length === 0) return [];
  const lines = pending
    .slice(0, MOST)
    .flatMap((migration) => [
      `${migration.name}: ${migration.class}`,
      ...migration.operations.slice(0, 8).map((operation) => `    ${operation.text.replace(/ -> .*$/u, "")}`),
    ]);
  const more = pending.length - MOST;
  const text = `${pending.length === 1 ? "1 database migration" : `${pending.length} database migrations`}, read from ${migrations.source}:`;
  return [
    note(deployment, `migrations:${key}`, text, {
      preformatted: [...lines, ...(more > 0 ? [`and ${more} more`] : [])].join("\n"),
    }),
  ];
}
