import type { Undo } from "./card.ts";

/** `migrate --noinput` of Django, as it prints: `  Applying orders.0042_order_paid_at... OK`. */
const APPLIED = /^\s+Applying ([a-z0-9_]+\.[0-9A-Za-z_]+)\.\.\. OK/gmu;
const NOTHING = /^\s+No migrations to apply\.$/mu;

/** Which migrations a `migrate` step applied; null when its output says neither which nor none. */
export function appliedMigrations(output: string): readonly string[] | null {
  const names = Array.from(output.matchAll(APPLIED), (match) => match[1] ?? "");
  if (names.length > 0) return names;
  return NOTHING.test(output) ? [] : null;
}

/**
 * What a rollback means, judged by the migrations that ran with this revision (here, or on the environment before it). A rollback
 * is code only: migrations stay. Their kinds are not read yet, so with migrations nothing is promised that nobody knows.
 */
export function undoOf(applied: readonly string[] | null, where: "here" | "before"): Undo {
  if (applied === null) return { kind: "unknown", because: "Nobody has read yet what it does to the database." };
  if (applied.length === 0)
    return { kind: "yes", because: where === "here" ? "The database was not changed." : "The database is not changed." };
  const names = applied.length === 1 ? `1 database migration stays (${applied[0]})` : `${applied.length} database migrations stay`;
  return { kind: "code_only", because: `The code goes back, ${names}.` };
}
