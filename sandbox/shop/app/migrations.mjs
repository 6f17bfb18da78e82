import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settings } from "./settings.mjs";

const APP = "orders";

/** All migrations of this checkout in order, with what each does in Django's words. */
export function migrations() {
  const folder = join(settings.checkout, APP, "migrations");
  const names = readdirSync(folder).filter((name) => /^\d{4}_\w+\.py$/.test(name));
  return names.toSorted().map((name) => {
    const id = `${APP}.${name.slice(0, -3)}`;
    return { id, applied: existsSync(join(settings.database, id)), operations: operationsOf(readFileSync(join(folder, name), "utf8")) };
  });
}

/** Each migration is its own transaction: one file, written at once. */
export function markApplied(id) {
  mkdirSync(settings.database, { recursive: true });
  writeFileSync(join(settings.database, id), `${settings.revision} ${new Date().toISOString()}\n`);
}

function operationsOf(text) {
  return [...text.matchAll(/migrations\.(\w+)\(([^]*?)\n {8}\)/g)].map(([, kind, body]) => describe(kind, body));
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
