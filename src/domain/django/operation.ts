import type { MigrationClass, Operation } from "./migration.ts";
import { fateOfField, statementsDrop } from "./sql.ts";

/** What is known of an operation besides its description. */
export type OperationHints = {
  /** What `sqlmigrate` prints for it; null: it was not asked, or could not say. */
  readonly sql: readonly string[] | null;
  /** Of a raw operation: does it have a way back? Null: nobody could tell. */
  readonly reversible: boolean | null;
};

type Rule = {
  readonly pattern: RegExp;
  readonly class: MigrationClass;
  readonly misses?: (words: readonly string[]) => string;
  readonly loses?: (words: readonly string[]) => string;
};

const word = (words: readonly string[], index: number): string => words[index] ?? "";

/**
 * `describe()` of Django's operations (django/db/migrations/operations, django/contrib/postgres/operations.py) and their classes.
 * Django selects columns by name, so a column or table that is gone breaks earlier code at once; a new one that may stay empty does not.
 */
const RULES: readonly Rule[] = [
  { pattern: /^Create (?:proxy )?model (\S+)$/u, class: "additive", loses: (words) => `all rows of ${word(words, 1)}` },
  { pattern: /^(?:Change Meta options on|Change managers on) \S+$/u, class: "additive" },
  { pattern: /^Alter \S+ table comment$/u, class: "additive" },
  { pattern: /^Concurrently create index .+$/u, class: "additive" },
  { pattern: /^(?:Creates extension|Create collation) .+$/u, class: "additive" },
  { pattern: /^Alter field \S+ on \S+$/u, class: "risky" },
  { pattern: /^Alter (?:unique_together|index_together) for .+$/u, class: "risky" },
  { pattern: /^Set order_with_respect_to on .+$/u, class: "risky" },
  { pattern: /^(?:Create index|Remove index|Concurrently remove index|Rename index|Rename unnamed index) .+$/u, class: "risky" },
  {
    pattern: /^(?:Create constraint|Create not valid constraint|Validate constraint|Remove constraint|Alter constraint) .+$/u,
    class: "risky",
  },
  {
    pattern: /^Remove field (\S+) from (\S+)$/u,
    class: "destructive",
    misses: (words) => `field ${word(words, 1)} of ${word(words, 2)}`,
    loses: (words) => `field ${word(words, 1)} of ${word(words, 2)} comes back empty`,
  },
  {
    pattern: /^Delete model (\S+)$/u,
    class: "destructive",
    misses: (words) => `model ${word(words, 1)}`,
    loses: (words) => `model ${word(words, 1)} comes back empty`,
  },
  {
    pattern: /^Rename field (\S+) on (\S+) to \S+$/u,
    class: "destructive",
    misses: (words) => `field ${word(words, 1)} of ${word(words, 2)}`,
  },
  { pattern: /^Rename model (\S+) to \S+$/u, class: "destructive", misses: (words) => `model ${word(words, 1)}` },
  { pattern: /^Rename table for (\S+) to .+$/u, class: "destructive", misses: (words) => `the table of ${word(words, 1)}` },
];

const RAW = /^Raw (?:SQL|Python) operation(?: -> .*)?$/u;
const ADD_FIELD = /^Add field (\S+) to (\S+)$/u;

/** One operation by its description, made more exact by what else is known. What is not understood is unread. */
export function operationOf(text: string, hints: OperationHints): Operation {
  if (RAW.test(text)) return rawOperation(text, hints);
  const added = ADD_FIELD.exec(text);
  if (added !== null) return addedField(text, { field: added[1] ?? "", model: added[2] ?? "" }, hints.sql);
  for (const rule of RULES) {
    const words = rule.pattern.exec(text);
    if (words === null) continue;
    // `help_text`, `choices` and their like: Django writes a migration, the database changes nothing.
    const nothing = hints.sql?.length === 0 && text.startsWith("Alter ");
    return {
      text,
      class: nothing ? "additive" : rule.class,
      misses: rule.misses?.(words) ?? null,
      loses: rule.loses?.(words) ?? null,
    };
  }
  return { text, class: "unread", misses: null, loses: "nobody knows what" };
}

/** A column that may stay empty, or that the database fills by itself, is not noticed by earlier code; another one breaks its inserts. */
function addedField(text: string, place: { readonly field: string; readonly model: string }, sql: readonly string[] | null): Operation {
  const loses = `what is in field ${place.field} of ${place.model}`;
  const additive = sql !== null && fateOfField(sql, place.field) === "may stay empty";
  return { text, class: additive ? "additive" : "risky", misses: null, loses };
}

/** SQL and Python of the project's own: what it does to the data is known to its author alone. */
function rawOperation(text: string, hints: OperationHints): Operation {
  const drops = hints.sql === null ? null : statementsDrop(hints.sql);
  return {
    text,
    class: hints.reversible === false ? "irreversible" : "destructive",
    misses: drops,
    loses: hints.reversible === false ? null : "what its own way back does to the data",
  };
}
