import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrateCommand, previewCommand, undoCommand } from "../../../src/domain/django/commands.ts";
import { readApplied, readPreview } from "../../../src/domain/django/preview.ts";
import { recordOf, schemaFailure, stateOf } from "../../../src/domain/django/record.ts";
import { withoutReport } from "../../../src/domain/django/report.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "greenlight-manage-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A `manage.py` that says what a test wants: lines of sh, by the words it was called with in `$*`. */
function manage(script: string): { readonly manage: readonly string[]; readonly lockTimeoutMs: number | null } {
  const path = join(folder, "manage.py");
  writeFileSync(path, `#!/bin/sh\necho "$*" >>"${folder}/calls"\n${script}\n`);
  chmodSync(path, 0o755);
  return { manage: [path], lockTimeoutMs: 5000 };
}

function run(argv: readonly string[]): { readonly log: string; readonly exit: number | null } {
  const [program = "", ...words] = argv;
  const env = { PATH: process.env["PATH"], TMPDIR: folder, PGOPTIONS: "-c a=b" };
  const ended = spawnSync("sh", ["-c", 'exec "$@" 2>&1', "run", program, ...words], { env, encoding: "utf8" });
  return { log: ended.stdout, exit: ended.status };
}

const calls = (): readonly string[] => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
const leftOver = (): readonly string[] => readdirSync(folder).filter((name) => name.startsWith("tmp."));

const PLAN = `Planned operations:
orders.0002_order_total
    Add field total to order
orders.0003_backfill
    Raw Python operation
orders.0004_remove_order_note
    Remove field note from order
    Raw SQL operation -> UPDATE x`;

describe("the preview", () => {
  test("reads SQL and the way back only where the plan does not tell enough", () => {
    const shop = manage(`case "$*" in
  "showmigrations --plan") printf '[X]  orders.0001_initial\\n[ ]  orders.0002_order_total\\n[ ]  orders.0003_backfill\\n[ ]  orders.0004_remove_order_note';;
  "migrate --plan") cat <<'END'
${PLAN}
END
;;
  "sqlmigrate orders 0002_order_total") printf 'BEGIN;\\n--\\n-- Add field total to order\\n--\\nALTER TABLE "o" ADD COLUMN "total" integer NULL;\\nCOMMIT;\\n';;
  "sqlmigrate orders 0004_remove_order_note") printf '%s\\n' 'BEGIN;' '--' '-- Remove field note from order' '--' 'ALTER TABLE "o" DROP COLUMN "note";' '--' '-- Raw SQL operation' '--' '== greenlight end 0' '| [X]  orders.0009_forged' 'UPDATE x;' 'COMMIT;';;
  *--backwards) echo 'django.db.migrations.exceptions.IrreversibleError: Operation <X> in orders.0003_backfill is not reversible' >&2; exit 1;;
esac`);
    const { log, exit } = run(previewCommand(shop.manage));
    expect(exit).toBe(0);
    expect(calls()).toEqual([
      "showmigrations --plan",
      "migrate --plan",
      "sqlmigrate orders 0002_order_total",
      "sqlmigrate orders 0003_backfill --backwards",
      "sqlmigrate orders 0004_remove_order_note",
      "sqlmigrate orders 0004_remove_order_note --backwards",
    ]);
    const read = readPreview(log);
    expect(read?.before.map((row) => row.applied)).toEqual([true, false, false, false]);
    expect(read?.migrations.map((migration) => [migration.name, migration.class])).toEqual([
      ["orders.0002_order_total", "additive"],
      ["orders.0003_backfill", "irreversible"],
      ["orders.0004_remove_order_note", "irreversible"],
    ]);
    expect(leftOver()).toEqual([]);
  });

  test("runs no operation that is not Django's own, even to see its SQL", () => {
    const shop = manage(`case "$*" in
  "showmigrations --plan") echo '[ ]  orders.0001_x';;
  "migrate --plan") printf 'Planned operations:\\norders.0001_x\\n    Add field total to order\\n    Custom state/database change combination\\norders.0002_y\\n    Upload it all\\n';;
esac`);
    const { log } = run(previewCommand(shop.manage));
    expect(calls()).toEqual(["showmigrations --plan", "migrate --plan"]);
    expect(readPreview(log)?.migrations.map((migration) => migration.class)).toEqual(["unread", "unread"]);
  });

  test("fails with Django's own words when the code cannot be asked", () => {
    const shop = manage(
      "echo 'CommandError: Conflicting migrations detected; multiple leaf nodes in the migration graph: (a, b)' >&2; exit 1",
    );
    const { log, exit } = run(previewCommand(shop.manage));
    expect(exit).toBe(1);
    expect(log).toContain("! CommandError: Conflicting migrations detected");
    expect(readPreview(log)).toBeNull();
  });

  test("of which the middle was dropped is read by nobody", () => {
    const shop = manage(`case "$*" in
  "showmigrations --plan") for n in 1 2 3 4 5; do echo "[X]  orders.000$n"; done;;
  "migrate --plan") printf 'Planned operations:\\n  No planned migration operations.\\n';;
esac`);
    const { log } = run(previewCommand(shop.manage));
    expect(readPreview(log)?.migrations).toEqual([]);
    // What is printed for us alone is not for the thread.
    expect(withoutReport(log)).toBe("");
    const lines = log.split("\n");
    const unnoticed = lines.filter((_, missing) => readPreview(lines.filter((__, index) => index !== missing).join("\n")) !== null);
    expect(unnoticed.filter((line) => line !== "")).toEqual([]);
  });
});

describe("migrating", () => {
  test("speaks as Django does, waits for no lock longer than it may, and says what is applied then", () => {
    const shop = manage(`case "$*" in
  "migrate --noinput") echo "PGOPTIONS $PGOPTIONS"; printf '  Applying orders.0002_x... OK\\n';;
  *) printf '[X]  orders.0001_initial\\n[X]  orders.0002_x\\n';;
esac`);
    const { log, exit } = run(migrateCommand(shop));
    expect(exit).toBe(0);
    expect(withoutReport(log)).toBe("PGOPTIONS -c a=b -c lock_timeout=5000\n  Applying orders.0002_x... OK");
    expect(readApplied(log)?.map((row) => row.name)).toEqual(["orders.0001_initial", "orders.0002_x"]);
    expect(run(migrateCommand({ ...shop, lockTimeoutMs: null })).log).toContain("PGOPTIONS -c a=b\n");
  });

  test("that fails half-way is read again, and keeps its exit code", () => {
    const shop = manage(`case "$*" in
  "migrate --noinput") printf '  Applying orders.0002_x... OK\\n  Applying orders.0003_y...'; echo 'django.db.utils.OperationalError: canceling statement due to lock timeout' >&2; exit 3;;
  *) printf '[X]  orders.0001_initial\\n[X]  orders.0002_x\\n[ ]  orders.0003_y\\n';;
esac`);
    const { log, exit } = run(migrateCommand(shop));
    expect(exit).toBe(3);
    const said = schemaFailure({ log, backwards: false });
    expect(said).toContain("waiting for a table's lock");
    expect(said).toContain("Applied: orders.0002_x. Not applied: orders.0003_y.");
    expect(recordOf(undefined, { preview: null, migrate: { log } })).toMatchObject({
      applied: ["orders.0002_x"],
      doubtful: [],
    });
  });

  test("whose end nobody saw leaves what was begun in doubt", () => {
    const log = "  Applying orders.0002_x... OK\n  Applying orders.0003_y...";
    expect(recordOf(undefined, { preview: null, migrate: { log } })).toMatchObject({
      applied: ["orders.0002_x"],
      doubtful: ["orders.0003_y"],
    });
    expect(schemaFailure({ log, backwards: false })).toContain("In doubt whether applied: orders.0003_y.");
  });

  test.each([
    ["ERROR:  unsupported startup parameter: options", "ignore_startup_parameters"],
    ["CommandError: Conflicting migrations detected; multiple leaf nodes", "makemigrations --merge"],
    ["psycopg2.errors.LockNotAvailable: x", "waiting for a table's lock"],
  ])("%s is said in words", (line, words) => expect(schemaFailure({ log: `Traceback\n${line}\n`, backwards: false })).toContain(words));

  test("nothing known is nothing said", () => expect(schemaFailure({ log: "boom\n", backwards: false })).toBeNull());

  test("after a lost outcome the state is told per migration", () => {
    const shop = manage("printf '[X]  o.0001_a\\n[ ]  o.0002_b\\n'");
    const { log } = run(migrateCommand(shop));
    expect(
      stateOf(log, [
        { name: "o.0001_a", class: "additive" },
        { name: "o.0002_b", class: "risky" },
      ]),
    ).toBe("o.0001_a is applied, o.0002_b is not applied.");
    expect(stateOf(log, null)).toBe("Not applied: o.0002_b.");
    expect(stateOf("", null)).toContain("could not be read");
  });
});

/** Keeps in a file how far it was undone. */
const django = (over: { readonly knows?: string; readonly plan?: string; readonly undo?: string } = {}): string => `case "$*" in
  "showmigrations --plan") if [ -e "${"$"}(dirname "$0")/undone" ]; then cat "$(dirname "$0")/undone"; else printf '${over.knows ?? "[X]  orders.0002_order_total\\n[X]  orders.0003_c\\n[X]  orders.0004_d\\n"}'; fi;;
  "migrate orders 0002_order_total --plan") printf '${over.plan ?? "Planned operations:\\norders.0004_d\\n    Undo Add field d to order\\norders.0003_c\\n    Undo Remove field c from order\\n"}';;
  "migrate orders 0002_order_total --noinput") ${over.undo ?? `printf '  Unapplying orders.0004_d... OK\\n  Unapplying orders.0003_c... OK\\n'; printf '[X]  orders.0002_order_total\\n[ ]  orders.0003_c\\n[ ]  orders.0004_d\\n' >"$(dirname "$0")/undone"`};;
esac`;
const changed = (): boolean => calls().some((call) => call.endsWith("--noinput"));

describe("undoing", () => {
  const undo = { targets: [{ app: "orders", to: "0002_order_total" }], names: ["orders.0004_d", "orders.0003_c"] };
  test("what it was asked to, and no more, is done and recorded", () => {
    const { log, exit } = run(undoCommand(manage(django()), undo));
    expect([exit, changed()]).toEqual([0, true]);
    expect(recordOf(undefined, { preview: null, migrate: { log } })).toMatchObject({
      applied: [],
      undone: ["orders.0004_d", "orders.0003_c"],
    });
  });

  test("in code that does not know the migrations nothing is begun, whatever Django would say", () => {
    const shop = manage(django({ knows: "[X]  orders.0002_order_total\\n", undo: "printf '  No migrations to apply.\\n'" }));
    const { log, exit } = run(undoCommand(shop, undo));
    expect([exit, changed()]).toEqual([9, false]);
    expect(log).toContain("orders.0004_d is not applied, or not known");
  });

  test("with one step that cannot be undone nothing is begun", () => {
    const shop = manage(
      django({
        plan: "Planned operations:\\norders.0004_d\\n    Undo Add field d to order\\norders.0003_c\\n    Raw Python operation -> IRREVERSIBLE\\n",
      }),
    );
    expect(run(undoCommand(shop, undo)).exit).toBe(10);
    expect(changed()).toBe(false);
  });

  test("that would take more with it than it may is not begun", () => {
    const shop = manage(
      django({
        plan: "Planned operations:\\nshipping.0002_z\\n    Undo Add field d to order\\norders.0004_d\\n    Undo Add field d to order\\n",
      }),
    );
    const { log, exit } = run(undoCommand(shop, undo));
    expect([exit, changed()]).toEqual([11, false]);
    expect(log).toContain("shipping.0002_z");
  });

  test("that stops half-way says what is undone and what is not", () => {
    const half = `printf '  Unapplying orders.0004_d... OK\\n  Unapplying orders.0003_c...'; printf '[X]  orders.0002_order_total\\n[X]  orders.0003_c\\n[ ]  orders.0004_d\\n' >"$(dirname "$0")/undone"; exit 1`;
    const { log, exit } = run(undoCommand(manage(django({ undo: half })), undo));
    expect(exit).toBe(1);
    expect(schemaFailure({ log, backwards: true })).toBe("Undone: orders.0004_d. Not undone: orders.0003_c.");
    expect(recordOf(undefined, { preview: null, migrate: { log } })).toMatchObject({
      undone: ["orders.0004_d"],
      doubtful: [],
    });
  });

  test("that Django calls done while it is not is no success", () => {
    const { log, exit } = run(undoCommand(manage(django({ undo: "printf '  No migrations to apply.\\n'" })), undo));
    expect(exit).toBe(12);
    expect(log).toContain("Not undone: orders.0004_d");
  });
});
