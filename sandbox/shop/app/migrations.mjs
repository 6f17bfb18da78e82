import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settings } from "./settings.mjs";

const APP = "orders";

/** All migrations of this checkout in order, with what each does in Django's words. */
export function migrations() {
  const folder = join(settings.checkout, APP, "migrations");
  const names = readdirSync(folder).filter((name) => /^\d{4}_\w+\.py$/.test(name));
  return names.toSorted().map((name) => {
    const id = `${APP}.${name.slice(0, -3)}`;
    const text = readFileSync(join(folder, name), "utf8");
    return {
      id,
      applied: existsSync(join(settings.database, id)),
      operations: operationsOf(text, describe),
      sql: operationsOf(text, sqlOf),
    };
  });
}

/** Each migration is its own transaction: one file, written at once. */
export function markApplied(id) {
  mkdirSync(settings.database, { recursive: true });
  writeFileSync(join(settings.database, id), `${settings.revision} ${new Date().toISOString()}\n`);
}

export function markUndone(id) {
  rmSync(join(settings.database, id), { force: true });
}

function operationsOf(text, told) {
  return [...text.matchAll(/migrations\.(\w+)\(([^]*?)\n {8}\)/g)].map(([, kind, body]) => told(kind, body));
}

function sqlOf(kind, body) {
  const value = (key) => new RegExp(`\\b${key}="(\\w+)"`).exec(body)?.[1] ?? "?";
  const table = `"orders_${value("model_name")}"`;
  if (kind === "RemoveField") return `ALTER TABLE ${table} DROP COLUMN "${value("name")}" CASCADE;`;
  if (kind !== "AddField") return "-- (no-op)";
  const type = /null=True/.test(body) ? "date NULL" : /db_default=/.test(body) ? "integer DEFAULT 0 NOT NULL" : "integer NOT NULL";
  return `ALTER TABLE ${table} ADD COLUMN "${value("name")}" ${type};`;
}

function describe(kind, body) {
  const value = (key) => new RegExp(`\\b${key}="(\\w+)"`).exec(body)?.[1] ?? "?";
  if (kind === "CreateModel") return `Create model ${value("name")}`;
  if (kind === "DeleteModel") return `Delete model ${value("name")}`;
  if (kind === "AddField") return `Add field ${value("name")} to ${value("model_name")}`;
  if (kind === "RemoveField") return `Remove field ${value("name")} from ${value("model_name")}`;
  if (kind === "AlterField") return `Alter field ${value("name")} on ${value("model_name")}`;
  return kind === "RunSQL" ? "Raw SQL operation" : "Raw Python operation";
}
