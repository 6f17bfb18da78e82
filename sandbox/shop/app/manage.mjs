import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { migrations, markApplied, markUndone } from "./migrations.mjs";
import { settings } from "./settings.mjs";
import { sabotage, witness, work } from "./work.mjs";

const [command = "help", ...options] = process.argv.slice(2);
const commands = { check, collectstatic, migrate, showmigrations, sqlmigrate };

witness(options.includes("--plan") && command === "migrate" ? "migrate-plan" : command);
const flags = new Set(options.filter((word) => word.startsWith("--")));
const words = options.filter((word) => !word.startsWith("--"));
if (!Object.hasOwn(commands, command)) {
  console.error(`Unknown command: '${command}'\nType 'manage.mjs help' for usage.`);
  process.exit(1);
}
process.exitCode = await commands[command]();

async function check() {
  await work(0.4);
  const reason = sabotage("check");
  if (reason !== null) {
    console.error(`SystemCheckError: System check identified some issues:\n\nERRORS:\n?: (shop.E001) ${reason}\n`);
    return 1;
  }
  console.log("System check identified no issues (0 silenced).");
  return 0;
}

async function collectstatic() {
  const from = join(settings.checkout, "static");
  const names = readdirSync(from);
  await work(0.8);
  const reason = sabotage("collectstatic");
  if (reason !== null) {
    console.error(`OSError: ${reason}`);
    return 1;
  }
  mkdirSync(settings.staticRoot, { recursive: true });
  cpSync(from, settings.staticRoot, { recursive: true });
  console.log(`\n${names.length} static ${names.length === 1 ? "file" : "files"} copied to '${settings.staticRoot}'.`);
  return 0;
}

function migrate() {
  if (words.length > 0) return flags.has("--plan") ? printUndo() : undoAll();
  return flags.has("--plan") ? printPlan() : flags.has("--check") ? pending().length && 1 : applyAll();
}

/** `migrate orders 0002_order_total`: what came after it, latest first. */
function undone() {
  const [app, target] = words;
  return migrations()
    .filter((migration) => migration.applied && (target === "zero" || migration.id > `${app}.${target}`))
    .toReversed();
}

async function printUndo() {
  await work(0.3);
  console.log("Planned operations:");
  if (undone().length === 0) console.log("  No planned migration operations.");
  for (const migration of undone()) {
    console.log(migration.id);
    for (const operation of migration.operations)
      console.log(operation.startsWith("Raw ") ? `    ${operation} -> IRREVERSIBLE` : `    Undo ${operation}`);
  }
  return 0;
}

async function undoAll() {
  console.log(`Operations to perform:\n  Target specific migration: ${words[1]}, from ${words[0]}\nRunning migrations:`);
  if (undone().length === 0) console.log("  No migrations to apply.");
  for (const migration of undone()) {
    process.stdout.write(`  Unapplying ${migration.id}...`);
    await work(0.6);
    markUndone(migration.id);
    console.log(" OK");
  }
  return 0;
}

async function printPlan() {
  await work(0.3);
  console.log("Planned operations:");
  if (pending().length === 0) console.log("  No planned migration operations.");
  for (const migration of pending()) {
    console.log(migration.id);
    for (const operation of migration.operations) console.log(`    ${operation}`);
  }
  return 0;
}

async function applyAll() {
  console.log("Operations to perform:\n  Apply all migrations: orders\nRunning migrations:");
  await work(0.3);
  // A database that cannot be reached fails also when there is nothing to apply.
  const reason = sabotage("migrate");
  if (pending().length === 0) {
    if (reason !== null) return tellFault(reason);
    console.log("  No migrations to apply.");
  }
  for (const migration of pending()) {
    process.stdout.write(`  Applying ${migration.id}...`);
    await work(0.6);
    if (reason !== null) return tellFault(reason);
    markApplied(migration.id);
    console.log(" OK");
  }
  return 0;
}

function tellFault(reason) {
  console.error(
    `\nTraceback (most recent call last):\n  File "manage.py", line 22, in <module>\ndjango.db.utils.OperationalError: ${reason}`,
  );
  return 1;
}

async function showmigrations() {
  await work(0.3);
  for (const { id, applied } of migrations()) console.log(`[${applied ? "X" : " "}]  ${id}`);
  return 0;
}

/** As PostgreSQL would get it. */
async function sqlmigrate() {
  await work(0.2);
  const migration = migrations().find(({ id }) => id === `${words[0]}.${words[1]}`);
  if (migration === undefined) {
    console.error(`CommandError: Cannot find a migration matching '${words[1]}' from app '${words[0]}'.`);
    return 1;
  }
  console.log("BEGIN;");
  for (const [index, operation] of migration.operations.entries()) console.log(`--\n-- ${operation}\n--\n${migration.sql[index]}`);
  console.log("COMMIT;");
  return 0;
}

function pending() {
  return migrations().filter((migration) => !migration.applied);
}
