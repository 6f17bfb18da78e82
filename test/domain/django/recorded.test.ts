import { describe, expect, test } from "vitest";
import { faultOf, parseMigrate } from "../../../src/domain/django/migrate-output.ts";
import { parseMigratePlan } from "../../../src/domain/django/plan-output.ts";
import { migrationOf } from "../../../src/domain/django/migration.ts";
import { operationOf } from "../../../src/domain/django/operation.ts";
import { leafOf, parseShowMigrations } from "../../../src/domain/django/show-output.ts";
import { parseSqlMigrate } from "../../../src/domain/django/sql.ts";
import { recording, whyNoFixtures } from "../../support/fixtures.ts";

const missing = whyNoFixtures("django");

function said(name: string, command = 0): string {
  return recording("django", name)[command]?.output ?? "";
}

describe.skipIf(missing !== null)(`output recorded with Django 5.2${missing === null ? "" : ` (${missing})`}`, () => {
  test("a first deployment's plan is read whole, with the class of each migration", () => {
    const planned = parseMigratePlan(said("migrate-plan.first-deploy.txt")) ?? [];
    expect(planned).toHaveLength(22);
    const classes = Object.fromEntries(
      planned.map(({ name, operations }) => [
        name,
        migrationOf(
          name,
          operations.map((text) => operationOf(text, { sql: null, reversible: null })),
        ).class,
      ]),
    );
    expect(classes).toMatchObject({
      "auth.0001_initial": "additive",
      "auth.0002_alter_permission_name_max_length": "risky",
      "auth.0006_require_contenttypes_0002": "additive",
      "contenttypes.0002_remove_content_type_name": "destructive",
      "orders.0001_initial": "additive",
      "orders.0002_order_total": "risky",
      "orders.0003_backfill": "destructive",
      "orders.0004_remove_order_note": "destructive",
    });
    expect(Object.values(classes)).not.toContain("unread");
  });

  test("nothing planned is an empty plan, and anything else is none", () => {
    expect(parseMigratePlan(said("migrate-plan.nothing.txt"))).toEqual([]);
    expect(parseMigratePlan(said("migrate.applied.txt"))).toBeNull();
    expect(parseMigratePlan(said("check-deploy.warnings.txt"))).toBeNull();
    expect(parseMigratePlan("")).toBeNull();
  });

  test("a way back names each step that Django cannot undo, although it exits with 0", () => {
    const [command] = recording("django", "migrate-backwards-plan.irreversible.txt");
    expect(command?.exit).toBe(0);
    expect(parseMigratePlan(command?.output ?? "")).toEqual([
      { name: "orders.0004_remove_order_note", operations: ["Undo Remove field note from order", "Raw SQL operation -> IRREVERSIBLE"] },
      { name: "orders.0003_backfill", operations: ["Raw Python operation -> IRREVERSIBLE"] },
    ]);
  });

  test("what is applied, and where an app stands", () => {
    const all = parseShowMigrations(said("showmigrations-plan.all-applied.txt")) ?? [];
    const none = parseShowMigrations(said("showmigrations-plan.none-applied.txt")) ?? [];
    expect(all.map((row) => row.applied)).toEqual([true, true, true, true]);
    expect(leafOf(all, "orders")).toBe("0004_remove_order_note");
    expect(none.map((row) => row.applied)).toEqual([false, false, false, false]);
    expect(leafOf(none, "orders")).toBe("zero");
    expect(parseShowMigrations(said("makemigrations-check.drift.txt"))).toBeNull();
  });

  test("old code before a newer database says that nothing is to be applied, and shows only what it knows", () => {
    const commands = recording("django", "old-code-database-ahead.txt");
    expect(parseMigratePlan(commands[1]?.output ?? "")).toEqual([]);
    expect(parseShowMigrations(commands[2]?.output ?? "")?.map((row) => row.name)).toEqual([
      "orders.0001_initial",
      "orders.0002_order_total",
    ]);
    expect(parseMigrate(commands[4]?.output ?? "")).toMatchObject({ done: [], nothing: true });
  });

  test("what ran, and where it stopped", () => {
    expect(parseMigrate(said("migrate.applied.txt"))).toMatchObject({ direction: "forwards", begun: null, nothing: false });
    expect(parseMigrate(said("migrate.applied.txt"))?.done).toHaveLength(22);
    expect(parseMigrate(said("migrate-backwards.irreversible-error.txt"))).toMatchObject({
      direction: "backwards",
      done: [],
      begun: "orders.0004_remove_order_note",
    });
  });

  test("its errors are told apart", () => {
    expect(faultOf(said("migrate-backwards.irreversible-error.txt"))).toEqual({
      kind: "irreversible",
      migration: "orders.0004_remove_order_note",
    });
    expect(faultOf(said("migrate.unknown-name.txt"))).toMatchObject({ kind: "no_such_migration" });
    expect(faultOf(said("migrate.applied.txt"))).toBeNull();
  });

  test("SQL by operation", () => {
    expect(parseSqlMigrate(said("sqlmigrate.drop-column.txt"))).toEqual([
      { title: "Remove field note from order", statements: ['ALTER TABLE "orders_order" DROP COLUMN "note";'], written: true },
      { title: "Raw SQL operation", statements: ["UPDATE orders_order SET total=1;"], written: true },
    ]);
  });
});
