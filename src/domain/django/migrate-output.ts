import { migrationName } from "./migration.ts";

/** What one run of `migrate` did, as its output tells; `begun` without an end is what nobody can tell. */
export type MigrateRun = {
  readonly direction: "forwards" | "backwards";
  readonly done: readonly string[];
  /** It was begun and its end was not printed: failed, killed or lost. */
  readonly begun: string | null;
  /** "No migrations to apply.": with old code that is no proof that the database is as it should be. */
  readonly nothing: boolean;
};

const LINE = /^ {2}(Applying|Unapplying) (\S+?)\.\.\.(.*)$/u;

/** `migrate`, forwards or backwards. Null when it does not say what it did. */
export function parseMigrate(output: string): MigrateRun | null {
  const done: string[] = [];
  let begun: string | null = null;
  let backwards = false;
  let nothing = false;
  for (const line of output.split("\n")) {
    if (/^ {2}No migrations to apply\.$/u.test(line.trimEnd())) nothing = true;
    const found = LINE.exec(line.trimEnd());
    const name = migrationName(found?.[2] ?? "");
    if (found === null || name === null) {
      // Its own prints may stand between the name and its OK.
      if (begun !== null && line.trimEnd().endsWith(" OK")) {
        done.push(begun);
        begun = null;
      }
      continue;
    }
    backwards ||= found[1] === "Unapplying";
    if (/ (?:OK|FAKED)$/u.test(found[3] ?? "")) done.push(name);
    else begun = name;
  }
  if (done.length === 0 && begun === null && !nothing) return null;
  return { direction: backwards ? "backwards" : "forwards", done, begun, nothing };
}

/** Why a command of Django failed, as far as its last lines are known. */
export type DjangoFault =
  | { readonly kind: "irreversible"; readonly migration: string | null }
  | { readonly kind: "no_such_migration"; readonly said: string }
  | { readonly kind: "ambiguous"; readonly said: string }
  | { readonly kind: "conflict"; readonly said: string }
  | { readonly kind: "lock_timeout" }
  | { readonly kind: "startup_options_refused" };

/**
 * Known faults, by what Django and PostgreSQL print; there is no exit code that tells them apart. `canceling statement due to lock
 * timeout` is SQLSTATE 55P03; PgBouncer refuses PGOPTIONS with `unsupported startup parameter: options`.
 */
export function faultOf(output: string): DjangoFault | null {
  const irreversible = /IrreversibleError: Operation .* in (\S+) is not reversible/u.exec(output);
  if (irreversible !== null || /\bIrreversibleError\b/u.test(output))
    return { kind: "irreversible", migration: migrationName(irreversible?.[1] ?? "") };
  const told = /^CommandError: (.*)$/mu.exec(output)?.[1] ?? "";
  if (told.startsWith("Cannot find a migration matching ")) return { kind: "no_such_migration", said: told };
  if (told.startsWith("More than one migration matches ")) return { kind: "ambiguous", said: told };
  if (told.startsWith("Conflicting migrations detected")) return { kind: "conflict", said: told };
  if (/canceling statement due to lock timeout|\bLockNotAvailable\b|Lock wait timeout exceeded/u.test(output))
    return { kind: "lock_timeout" };
  if (/unsupported startup parameter(?: in options)?: /u.test(output)) return { kind: "startup_options_refused" };
  return null;
}
