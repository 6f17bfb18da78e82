import { migrationName, migrationOf, unreadMigration, type Migration, type Operation } from "./migration.ts";
import { operationOf } from "./operation.ts";
import { bracketAt, callOf, dottedName, itemsOf, pythonTokens, stringOf, type Call, type Token } from "./python.ts";

/** A Python file of a folder `migrations`, wherever that lies: who asks may see a part of the repository alone. */
export function isMigrationFile(path: string): boolean {
  return /(?:^|\/)migrations\/[^/]+\.py$/u.test(path) && !path.endsWith("/__init__.py");
}

/** `orders/migrations/0003_backfill.py` to `orders.0003_backfill`; null: it is no migration. The label is the folder's name, as by default. */
export function migrationOfPath(path: string): string | null {
  const found = /(?:^|\/)([^/]+)\/migrations\/([^/]+)\.py$/u.exec(path);
  if (found === null || found[2] === "__init__") return null;
  return migrationName(`${found[1] ?? ""}.${found[2] ?? ""}`);
}

/**
 * A migration by its file. Python can do anything, so only what `makemigrations` writes is understood: one literal list of Django's own
 * operations. Whatever else is found makes it unread, never harmless.
 */
export function readMigrationFile(name: string, source: string): Migration {
  const tokens = pythonTokens(source);
  const operations = tokens === null ? null : operationsIn(tokens);
  return operations === null ? unreadMigration(name) : migrationOf(name, operations);
}

function operationsIn(tokens: readonly Token[]): readonly Operation[] | null {
  // Another module's `migrations`, or a name bound anew, would mean something else.
  const text = tokens.map((token) => token.text).join(" ");
  if (!/\bfrom django \. db import (?:\( )?(?:\w+ , )*migrations\b/u.test(text) || /\bimport \w+ as migrations\b/u.test(text)) return null;
  const places = tokens.flatMap((token, index) =>
    token.kind === "name" && token.text === "operations" && tokens[index - 1]?.text !== "." ? [index] : [],
  );
  const [place] = places;
  if (place === undefined || places.length !== 1) return null;
  const [assigned, opened] = [tokens[place + 1], tokens[place + 2]];
  if (assigned?.text !== "=" || assigned.kind !== "mark" || opened?.text !== "[" || opened.kind !== "mark") return null;
  const list = bracketAt(tokens, place + 2);
  const after = list === null ? undefined : tokens[list.end + 1];
  // `operations = [...] + more`, or one of its items taken.
  if (list === null || (after?.kind === "mark" && after.text !== "@")) return null;
  return listOf(list.inside, importsIn(text));
}

/** Operations that a migration imports by their own names. */
function importsIn(text: string): ReadonlySet<string> {
  const found = text.matchAll(
    /\bfrom django \. (?:contrib \. postgres \. operations|db \. migrations(?: \. operations)?) import (?:\( )?((?:\w+ ?,? ?)+)/gu,
  );
  return new Set(Array.from(found, (match) => (match[1] ?? "").split(/[ ,]+/u)).flat());
}

function listOf(tokens: readonly Token[], imported: ReadonlySet<string>): readonly Operation[] | null {
  const items = itemsOf(tokens);
  if (items === null) return null;
  const operations: Operation[] = [];
  for (const item of items) {
    const call = callOf(item);
    const read = call === null ? null : readCall(call, imported);
    if (read === null) return null;
    operations.push(...read);
  }
  return operations;
}

function readCall(call: Call, imported: ReadonlySet<string>): readonly Operation[] | null {
  const kind = call.callee.startsWith("migrations.")
    ? call.callee.slice("migrations.".length)
    : imported.has(call.callee)
      ? call.callee
      : null;
  if (kind === null) return null;
  if (kind === "SeparateDatabaseAndState") return separate(call, imported);
  if (kind === "RunPython" || kind === "RunSQL") return [raw(kind, call)];
  if (kind === "AddField") return field(call);
  const described = describe(kind, call);
  return described === null ? null : [operationOf(described, { sql: null, reversible: null })];
}

/** Argument by name or by place: Django's own order. */
function wordOf(call: Call, name: string, place: number): string | null {
  return stringOf(call.named[name] ?? call.positional[place]);
}

/** In the words that Django's `describe()` has for it. */
function describe(kind: string, call: Call): string | null {
  const model = wordOf(call, "model_name", 0);
  const name = wordOf(call, "name", 0);
  const second = wordOf(call, "name", 1);
  switch (kind) {
    case "CreateModel":
      return name === null ? null : `Create model ${name}`;
    case "DeleteModel":
      return name === null ? null : `Delete model ${name}`;
    case "RemoveField":
      return model === null || second === null ? null : `Remove field ${second} from ${model}`;
    case "AlterField":
      return model === null || second === null ? null : `Alter field ${second} on ${model}`;
    case "RenameField":
      return model === null ? null : renamed(call, "field", model);
    case "RenameModel":
      return renamed(call, "model", null);
    case "AlterModelTable":
      return name === null ? null : `Rename table for ${name} to another`;
    case "AlterModelTableComment":
      return name === null ? null : `Alter ${name} table comment`;
    case "AlterModelOptions":
      return name === null ? null : `Change Meta options on ${name}`;
    case "AlterModelManagers":
      return name === null ? null : `Change managers on ${name}`;
    case "AlterUniqueTogether":
      return name === null ? null : `Alter unique_together for ${name}`;
    case "AlterIndexTogether":
      return name === null ? null : `Alter index_together for ${name}`;
    case "AlterOrderWithRespectTo":
      return name === null ? null : `Set order_with_respect_to on ${name}`;
    case "AddIndex":
      return `Create index on ${model ?? "a model"}`;
    case "AddIndexConcurrently":
      return `Concurrently create index on ${model ?? "a model"}`;
    case "RemoveIndex":
    case "RemoveIndexConcurrently":
      return `Remove index from ${model ?? "a model"}`;
    case "RenameIndex":
      return `Rename index on ${model ?? "a model"}`;
    case "AddConstraint":
    case "AddConstraintNotValid":
      return `Create constraint on ${model ?? "a model"}`;
    case "ValidateConstraint":
      return `Validate constraint on ${model ?? "a model"}`;
    case "RemoveConstraint":
      return `Remove constraint from ${model ?? "a model"}`;
    case "AlterConstraint":
      return `Alter constraint on ${model ?? "a model"}`;
    default:
      return /^(?:\w+Extension|CreateCollation)$/u.test(kind) ? `Creates extension ${kind}` : null;
  }
}

function renamed(call: Call, what: "field" | "model", model: string | null): string | null {
  const shift = what === "field" ? 1 : 0;
  const from = wordOf(call, "old_name", shift);
  const to = wordOf(call, "new_name", shift + 1);
  if (from === null || to === null) return null;
  return what === "field" ? `Rename field ${from} on ${model ?? ""} to ${to}` : `Rename model ${from} to ${to}`;
}

/** Fields whose new column may stay empty, or that have none. */
function field(call: Call): readonly Operation[] | null {
  const [model, name] = [wordOf(call, "model_name", 0), wordOf(call, "name", 1)];
  const made = callOf(call.named["field"] ?? call.positional[2] ?? []);
  if (model === null || name === null || made === null) return null;
  const says = (key: string): string | null => dottedName(made.named[key] ?? []);
  const empty = says("null") === "True" || made.named["db_default"] !== undefined || /(?:^|\.)ManyToManyField$/u.test(made.callee);
  // What `sqlmigrate` would print, as far as it matters.
  const sql = [`ADD COLUMN "${name}" unknown ${empty ? "NULL" : "NOT NULL"}`];
  return [operationOf(`Add field ${name} to ${model}`, { sql, reversible: true })];
}

function raw(kind: "RunPython" | "RunSQL", call: Call): Operation {
  const back = call.named[kind === "RunPython" ? "reverse_code" : "reverse_sql"] ?? call.positional[1];
  const reversible = back !== undefined && dottedName(back) !== "None";
  const statement = kind === "RunSQL" ? stringOf(call.named["sql"] ?? call.positional[0]) : null;
  return operationOf(kind === "RunPython" ? "Raw Python operation" : "Raw SQL operation", {
    sql: statement === null ? null : [statement],
    reversible,
  });
}

/** Only what it does to the database counts; what it says of the state is Python's own business. */
function separate(call: Call, imported: ReadonlySet<string>): readonly Operation[] | null {
  const list = call.named["database_operations"] ?? call.positional[0];
  if (list === undefined) return [{ text: "Change of state only", class: "risky", misses: null, loses: null }];
  const opened = list[0]?.text === "[" ? bracketAt(list, 0) : null;
  if (opened === null || opened.end !== list.length - 1) return null;
  return listOf(opened.inside, imported);
}
