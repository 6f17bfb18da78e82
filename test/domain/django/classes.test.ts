import { describe, expect, test } from "vitest";
import { backOf, sinceOf, undoOf } from "../../../src/domain/django/back.ts";
import { worseThanShown } from "../../../src/domain/django/compare.ts";
import { migrationOfPath, readMigrationFile } from "../../../src/domain/django/migration-file.ts";
import { migrationName, migrationOf, type Migration, type MigrationClass } from "../../../src/domain/django/migration.ts";
import { operationOf } from "../../../src/domain/django/operation.ts";
import type { Migrations } from "../../../src/domain/django/record.ts";
import { fateOfField } from "../../../src/domain/django/sql.ts";

describe("an added field", () => {
  test.each([
    ["PostgreSQL, nullable", ['ALTER TABLE "o" ADD COLUMN "note" text NULL;'], "may stay empty"],
    ["PostgreSQL, db_default", [`ALTER TABLE "o" ADD COLUMN "note" integer DEFAULT 0 NOT NULL;`], "may stay empty"],
    [
      "PostgreSQL, a default of Python alone",
      [`ALTER TABLE "o" ADD COLUMN "note" integer DEFAULT 0 NOT NULL;`, `ALTER TABLE "o" ALTER COLUMN "note" DROP DEFAULT;`],
      "must be filled",
    ],
    ["PostgreSQL, not null", [`ALTER TABLE "o" ADD COLUMN "note" text NOT NULL;`], "must be filled"],
    [
      "PostgreSQL, nullable reference",
      [
        'ALTER TABLE "o" ADD COLUMN "note_id" bigint NULL CONSTRAINT "x" REFERENCES "n"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "x" IMMEDIATE;',
        'CREATE INDEX "i" ON "o" ("note_id");',
      ],
      "may stay empty",
    ],
    [
      "SQLite remakes the table, nullable",
      [
        'CREATE TABLE "new__o" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "note" varchar(5) NULL);',
        'INSERT INTO "new__o" ("id", "note") SELECT "id", NULL FROM "o";',
        'DROP TABLE "o";',
        'ALTER TABLE "new__o" RENAME TO "o";',
      ],
      "may stay empty",
    ],
    [
      "SQLite remakes the table, not null",
      ['CREATE TABLE "new__o" ("id" integer NOT NULL, "note" decimal(5, 2) NOT NULL);'],
      "must be filled",
    ],
    ["many to many", ['CREATE TABLE "o_note" ("id" bigint NOT NULL);', 'CREATE INDEX "i" ON "o_note" ("o_id");'], "may stay empty"],
    [
      "a text that says NULL",
      [`ALTER TABLE "o" ADD COLUMN "note" text DEFAULT 'NULL' NOT NULL;`, 'ALTER TABLE "o" ALTER COLUMN "note" DROP DEFAULT;'],
      "must be filled",
    ],
  ] as const)("%s", (_name, statements, fate) => expect(fateOfField(statements, "note")).toBe(fate));
});

describe("the class of an operation", () => {
  test.each([
    ["Create model Order", "additive"],
    ["Concurrently create index i on field(s) a of model order", "additive"],
    ["Change Meta options on order", "additive"],
    ["Add field note to order", "risky"],
    ["Alter field note on order", "risky"],
    ["Create constraint c on model order", "risky"],
    ["Create index i on field(s) a of model order", "risky"],
    ["Remove field note from order", "destructive"],
    ["Delete model Order", "destructive"],
    ["Rename field a on order to b", "destructive"],
    ["Rename model A to B", "destructive"],
    ["Rename table for order to (default)", "destructive"],
    ["Raw Python operation", "destructive"],
    ["Raw SQL operation -> UPDATE x", "destructive"],
    ["Custom state/database change combination", "unread"],
    ["Upload everything to: the moon", "unread"],
  ] as const)("%s: %s", (text, expected) => expect(operationOf(text, { sql: null, reversible: null }).class).toBe(expected));

  test("an alteration that changes nothing in the database is no risk", () =>
    expect(operationOf("Alter field note on order", { sql: [], reversible: null }).class).toBe("additive"));
  test("without a way back it cannot be undone", () =>
    expect(operationOf("Raw Python operation", { sql: null, reversible: false }).class).toBe("irreversible"));
});

const FILE = (operations: string, imports = "from django.db import migrations, models") => `${imports}


def forwards(apps, schema_editor):
    """Operations = [ of a text ]"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]  # operations = []

    operations = [${operations}]
`;

describe("a migration's file", () => {
  test.each([
    ['migrations.AddField(model_name="order", name="note", field=models.CharField(max_length=9, null=True)),', "additive"],
    ['migrations.AddField("order", "note", models.CharField(null=True))', "additive"],
    ["migrations.AddField(model_name='order', name='tags', field=models.ManyToManyField(to='orders.Tag'))", "additive"],
    ['migrations.AddField(model_name="order", name="note", field=models.IntegerField(default=0, db_default=0))', "additive"],
    ['migrations.AddField(model_name="order", name="note", field=models.IntegerField(default=0))', "risky"],
    ['migrations.AddField(model_name="order", name="note", field=models.CharField(null=False))', "risky"],
    ['migrations.AddField(model_name="order", name="note", field=models.CharField(help_text="null=True"))', "risky"],
    ['migrations.AlterField(model_name="order", name="note", field=models.TextField())', "risky"],
    ['migrations.RemoveField(model_name="order", name="note")', "destructive"],
    ['migrations.DeleteModel(name="Order")', "destructive"],
    ['migrations.RenameField(model_name="order", old_name="a", new_name="b")', "destructive"],
    ["migrations.RunPython(forwards, migrations.RunPython.noop)", "destructive"],
    ["migrations.RunPython(forwards, reverse_code=backwards)", "destructive"],
    ["migrations.RunPython(forwards)", "irreversible"],
    ["migrations.RunPython(forwards, None)", "irreversible"],
    ['migrations.RunSQL("UPDATE x", reverse_sql="UPDATE y")', "destructive"],
    ['migrations.RunSQL("""UPDATE x\n SET y""")', "irreversible"],
    ["", "additive"],
    ['migrations.SeparateDatabaseAndState(database_operations=[migrations.DeleteModel("A")], state_operations=[])', "destructive"],
    ['migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel("A")])', "risky"],
    ["our.Operation()", "unread"],
    ["AddField('order', 'note', models.CharField(null=True))", "unread"],
    ["*more", "unread"],
    ["migrations.AddField(**kwargs)", "unread"],
    ['migrations.RemoveField(model_name=MODEL, name="note")', "unread"],
    ['f"{x}"', "unread"],
    ["migrations.Unheard()", "unread"],
  ] as const)("%s is %s", (operations, expected) => expect(readMigrationFile("orders.0002_x", FILE(operations)).class).toBe(expected));

  test.each([
    ["operations appended", `${FILE("")}    operations += [migrations.DeleteModel("A")]\n`],
    ["operations of two lists", FILE("").replace("    operations = []\n", "    operations = [] + more\n")],
    ["operations by a function", FILE("").replace("    operations = []\n", "    operations = make()\n")],
    ["migrations of somebody else", FILE("migrations.DeleteModel('A')", "from ours import migrations, models")],
    ["no class at all", "print('hello')\n"],
    ["a string that never ends", FILE("").replace("forwards", '"""')],
  ])("%s is unread", (_name, source) => expect(readMigrationFile("orders.0002_x", source).class).toBe("unread"));

  test("in Django's own words, as the server will say them", () => {
    const read = readMigrationFile(
      "o.0002_x",
      FILE('migrations.RemoveField(model_name="order", name="note"), migrations.CreateModel(name="Tag", fields=[])'),
    );
    expect(read.operations.map((operation) => operation.text)).toEqual(["Remove field note from order", "Create model Tag"]);
  });

  test("an index that is built beside the traffic, imported by its own name", () => {
    const source = FILE(
      'AddIndexConcurrently(model_name="order", index=models.Index(fields=["a"], name="i"))',
      "from django.contrib.postgres.operations import AddIndexConcurrently\nfrom django.db import migrations, models",
    );
    expect(readMigrationFile("o.0002_x", source).class).toBe("additive");
  });

  test("is one by its path", () => {
    expect(migrationOfPath("shop/orders/migrations/0003_backfill.py")).toBe("orders.0003_backfill");
    expect(migrationOfPath("orders/migrations/__init__.py")).toBeNull();
    expect(migrationOfPath("orders/migrations/old/0003.py")).toBeNull();
    expect(migrationOfPath("orders/migrations/0003;rm.py")).toBeNull();
  });
});

test.each(["orders.0002_x; cmd", "orders", "orders.", ".0002", "orders.0002_x\nx", "a b.c", "-x.0001"])(
  "%j is no migration's name",
  (text) => expect(migrationName(text)).toBeNull(),
);

const m = (name: string, one: MigrationClass): Migration => ({ name, class: one, operations: [] });
const describedAs = (name: string, ...texts: string[]): Migration =>
  migrationOf(
    name,
    texts.map((text) => operationOf(text, { sql: ['ADD COLUMN "x" text NULL'], reversible: null })),
  );

describe("worse than what was shown", () => {
  test.each([
    ["the same", [m("o.1", "risky")], [m("o.1", "risky")], true, false],
    ["better", [m("o.1", "additive")], [m("o.1", "risky")], true, false],
    ["less", [], [m("o.1", "risky")], true, false],
    ["a worse class", [m("o.1", "risky")], [m("o.1", "additive")], true, true],
    ["one more", [m("o.1", "additive"), m("o.2", "additive")], [m("o.1", "additive")], true, true],
    ["one that nobody could read, and was not shown so", [m("o.1", "unread")], [m("o.1", "irreversible")], true, true],
    ["harmless where nothing could be shown", [m("o.1", "risky")], null, true, false],
    ["harm where nothing could be shown", [m("o.1", "destructive")], null, true, true],
    ["no answer, where something was shown", null, [], true, true],
    ["no answer, where nothing could be shown", null, null, true, false],
    ["unasked: harm that nobody knew of", [m("o.1", "destructive")], [], false, true],
    ["unasked: harm that was known", [m("o.1", "irreversible")], [m("o.1", "destructive")], false, false],
    ["unasked: a risk more", [m("o.1", "risky")], [], false, false],
    ["unasked: nothing was known", [m("o.1", "irreversible")], null, false, false],
  ] as const)("%s", (_name, truth, shown, asked, worse) => {
    expect(worseThanShown(truth, { shown, asked }) !== null).toBe(worse);
  });
});

const record = (migrations: readonly Migration[], over: Partial<Migrations> = {}): Migrations => ({
  pending: migrations,
  source: "web-1",
  applied: migrations.map((migration) => migration.name),
  doubtful: [],
  undone: [],
  leaves: { o: "0001_initial" },
  ...over,
});

describe("the way back", () => {
  const added = describedAs("o.0002_a", "Add field x to order");
  const removed = describedAs("o.0003_b", "Remove field note from order");
  const backfilled = m("o.0004_c", "irreversible");
  const at = new Date(0);
  const back = (...records: (Migrations | undefined)[]) =>
    backOf(
      sinceOf(
        [...records.map((one) => ({ revision: "new", liveAt: at, record: one })), { revision: "old", liveAt: at, record: record([]) }],
        "old",
      ),
    );

  test("additions alone go back by code, and only they do so by themselves", () => {
    expect(back(record([added]))).toMatchObject({ kind: "code" });
    expect(undoOf([added], "here").kind).toBe("yes");
    expect(undoOf([m("o.1", "risky")], "here").kind).toBe("code_only");
    expect(undoOf([backfilled], "here").kind).toBe("code_only");
    expect(undoOf([removed], "here").kind).toBe("no");
    expect(undoOf([m("o.1", "unread")], "here").kind).toBe("unknown");
    expect(undoOf(null, "here").kind).toBe("unknown");
    expect(undoOf([], "here").kind).toBe("yes");
  });

  test("what earlier code misses takes the schema along, and says what goes", () => {
    expect(back(record([added, removed]))).toMatchObject({
      kind: "code_and_schema",
      because: expect.stringContaining("field note of order"),
      undo: { targets: [{ app: "o", to: "0001_initial" }], names: ["o.0003_b", "o.0002_a"] },
      loses: ["what is in field x of order", "field note of order comes back empty"],
    });
  });

  test("one step that cannot be undone is one too many: by hand", () => {
    expect(back(record([removed, backfilled]))).toMatchObject({
      kind: "by_hand",
      byHand: [expect.stringContaining("o.0004_c"), expect.any(String)],
    });
  });

  test("without a record of where it stood: by hand", () => {
    expect(back(record([removed], { leaves: null }))).toMatchObject({ kind: "by_hand" });
  });

  test("everything since that version counts, to where the first of them began", () => {
    expect(back(record([added], { leaves: { o: "0003_b" } }), record([removed], { leaves: { o: "0001_initial" } }))).toMatchObject({
      kind: "code_and_schema",
      undo: { targets: [{ app: "o", to: "0001_initial" }], names: ["o.0002_a", "o.0003_b"] },
    });
  });

  test("what was undone in between did not happen", () => {
    expect(back(record([], { undone: ["o.0003_b"] }), record([removed]))).toMatchObject({ kind: "code" });
  });

  test("a migration in doubt is one that nobody could read", () => {
    expect(back(record([], { doubtful: ["o.0009_z"] }))).toMatchObject({ kind: "code", because: expect.stringContaining("o.0009_z") });
  });
});
