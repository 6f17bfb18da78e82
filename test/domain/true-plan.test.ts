import { describe, expect, test } from "vitest";
import { courseOf, schemaRecord, type LoggedStep } from "../../src/domain/django/course.ts";
import { migrationOf, type Migration, type MigrationClass } from "../../src/domain/django/migration.ts";
import { operationOf } from "../../src/domain/django/operation.ts";
import { undoOf } from "../../src/domain/django/back.ts";
import type { Migrations } from "../../src/domain/django/record.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import { STILL_RUNS } from "../../src/domain/progress.ts";
import { planOf } from "../../src/domain/plan.ts";
import {
  APPROVAL,
  approved,
  AUTOMATIC,
  ended,
  environmentOf,
  healthy,
  live,
  measured,
  MONDAY,
  modelOf,
  newId,
  NOTHING,
  PETRA,
  rechecked,
  requested,
  sha,
  verdict,
  type Model,
} from "./model.ts";

const WATCHED = 'watch: { for: 30m, http: { url: "https://shop.acme.test/health" }, on_regression: rollback }';

function described(name: string, ...texts: readonly string[]): Migration {
  return migrationOf(
    name,
    texts.map((text) => operationOf(text, { sql: ['ADD COLUMN "total" integer NULL'], reversible: text.startsWith("Raw") ? false : null })),
  );
}

const ADDS = described("orders.0002_order_total", "Add field total to order");
const DROPS = described("orders.0003_remove_order_note", "Remove field note from order");
const STUCK = described("orders.0004_forget", "Remove field x from order", "Raw Python operation");
/** One of each class that leaves earlier code what it needs. */
const OF_CLASS: Readonly<Record<MigrationClass, Migration>> = {
  additive: ADDS,
  risky: described("orders.0005_x", "Alter field a on order"),
  destructive: { ...described("orders.0006_x", "Rename index a on order to b"), class: "destructive" },
  irreversible: described("orders.0007_x", "Raw Python operation"),
  unread: described("orders.0008_x", "Something of our own"),
};

function found(pending: readonly Migration[] | null, over: Partial<Migrations> = {}): Migrations {
  return { pending, source: "web-1", applied: null, doubtful: [], undone: [], leaves: { orders: "0001_initial" }, ...over };
}

/** What is recorded once these have run. */
function ran(...migrations: readonly Migration[]): Migrations {
  return found(migrations, { applied: migrations.map((migration) => migration.name) });
}

/** Asked for and started, with these migrations shown and, by the end, recorded. */
function startedWith(model: Model, number: number, migrations: Migrations): DeploymentId {
  const command = requested(number, { changes: { ...NOTHING, migrations } });
  model.must(command);
  if (model.state(command.id) === "awaiting_approval") model.must(approved(model, command.id));
  model.must(rechecked(model));
  return command.id;
}

describe("a true plan that is worse than what was shown", () => {
  const worse = {
    kind: "worse",
    because: "orders.0003_remove_order_note (destructive) was not shown",
    migrations: found([DROPS]),
  } as const;

  test("asks people again, with the true plan, and their yes is void", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    live(model, 1);
    const id = startedWith(model, 2, found([ADDS]));
    const before = model.get(id);
    const old = approved(model, id);
    expect(before.plan.migrations).toEqual([{ name: ADDS.name, class: "additive" }]);
    model.must(ended(id, worse));
    const after = model.get(id);
    expect(after.state).toMatchObject({ state: "awaiting_approval", voided: expect.stringContaining("orders.0003_remove_order_note") });
    expect(after.plan.migrations).toEqual([{ name: DROPS.name, class: "destructive" }]);
    expect(after.planHash).not.toBe(before.planHash);
    expect(after.startedAt).toBeNull();
    expect(model.snapshot.mixed).toBe(false);
    expect(model.snapshot.live.every((host) => host.revision === sha(1))).toBe(true);
    expect(model.refused(old).title).toContain("has changed since this card was drawn");
    model.must(rechecked(model));
    expect(model.state(id)).toBe("awaiting_approval");
    model.must(approved(model, id, PETRA));
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
    model.must(ended(id));
    expect(model.get(id).liveAt).not.toBeNull();
  });

  test("fails where nobody is asked, and has changed nothing", () => {
    const model = modelOf({ ...environmentOf([AUTOMATIC]), onFailure: "rollback" });
    live(model, 1);
    const id = startedWith(model, 2, found([ADDS]));
    model.must(ended(id, worse));
    expect(model.state(id)).toBe("failed");
    expect(model.snapshot.mixed).toBe(false);
    expect(model.snapshot.open).toEqual([]);
    expect(model.get(id).changes.migrations?.applied).toEqual([]);
  });

  test("told twice is told once", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    const id = startedWith(model, 2, found([ADDS]));
    model.must(ended(id, worse));
    expect(model.refused(ended(id, worse)).title).toContain("past that");
  });
});

describe("a rollback that a rule wants", () => {
  test.each(["additive", "risky", "destructive", "irreversible", "unread"] as const)(
    "by on_regression after a migration that is %s: only additions let it begin",
    (one) => {
      const model = modelOf(environmentOf([AUTOMATIC, WATCHED]));
      healthy(model, 1);
      const id = startedWith(model, 2, ran(OF_CLASS[one]));
      model.must(ended(id));
      model.must(measured(id, verdict("regressed", "act", true), undoOf([OF_CLASS[one]], "here").kind));
      expect(model.state(id)).toBe(one === "additive" ? "countdown" : "watching");
    },
  );

  test.each(["additive", "risky", "destructive", "irreversible", "unread"] as const)(
    "by on_failure after a migration that is %s: only additions let it begin",
    (one) => {
      const model = modelOf({ ...environmentOf([AUTOMATIC]), onFailure: "rollback" });
      live(model, 1);
      const id = startedWith(model, 2, ran(OF_CLASS[one]));
      const command = ended(id, { kind: "failed", because: "restart on web-1 ended with exit code 1.", switched: ["web-1.acme.test"] });
      model.must(command);
      expect(model.state(id)).toBe("failed");
      const rollback = model.snapshot.open.find((other) => other.kind === "rollback");
      expect(rollback === undefined).toBe(one !== "additive");
      const said = model.effects.flatMap((effect) => (effect.kind === "reply" ? [effect.reply.text] : [])).join(" ");
      expect(said.includes("It does not go back by itself")).toBe(one !== "additive");
      expect(rollback?.plan.steps.some((step) => step.name === "migrate") ?? false).toBe(false);
    },
  );
});

function back(deployment: DeploymentId, schema: boolean) {
  return { kind: "roll_back", standing: PETRA, deployment, reason: null, schema, id: newId() } as const;
}

function liveAfter(...migrations: readonly Migration[]) {
  const model = modelOf(environmentOf([APPROVAL]));
  live(model, 1);
  const id = startedWith(model, 2, ran(...migrations));
  model.must(ended(id));
  return { model, id };
}

function onBoth(step: string): readonly LoggedStep[] {
  return ["web-1.acme.test", "web-2.acme.test"].map((host) => row(step, host));
}

function row(step: string, host: string, over: Partial<LoggedStep> = {}): LoggedStep {
  return {
    step,
    host,
    attempt: 1,
    status: "done",
    note: null,
    finishedAt: MONDAY,
    head: Buffer.alloc(0),
    tail: Buffer.alloc(0),
    ...over,
  };
}

function due(course: ReturnType<typeof courseOf>): readonly string[] {
  return course.progress.kind === "next" ? course.progress.steps.map(({ step }) => `${step.id} ${step.host}`) : [course.progress.kind];
}

describe("a rollback that a person wants", () => {
  test("of additions is code only", () => {
    const { model, id } = liveAfter(ADDS);
    const command = back(id, false);
    model.must(command);
    expect(model.get(command.id).plan.steps.some((step) => step.name === "migrate")).toBe(false);
  });

  test("of what earlier code misses is refused as code only, and undoes the schema first as code and database", () => {
    const { model, id } = liveAfter(ADDS, DROPS);
    expect(model.refused(back(id, false)).reasons[0]?.text).toContain("field note of order");
    const command = back(id, true);
    model.must(command);
    const [first, second] = model.get(command.id).plan.steps;
    expect(first).toMatchObject({ id: "undo-migrate", name: "migrate", host: "web-1.acme.test", phase: 0, repeatable: false });
    expect(first?.argv).toContain("orders:0001_initial");
    expect(first?.argv).toContain("orders.0003_remove_order_note orders.0002_order_total");
    expect(second).toMatchObject({ name: "pull", phase: 1 });
    expect(model.get(command.id).changes.migrations?.applied).toEqual([]);
  });

  test("of what cannot be undone is refused, with what to do by hand", () => {
    const { model, id } = liveAfter(DROPS, STUCK);
    for (const schema of [false, true]) {
      const refusal = model.refused(back(id, schema));
      expect(refusal.change).toContain("orders.0004_forget");
      expect(refusal.change).toContain("migrate orders 0001_initial");
    }
    expect(model.snapshot.open).toEqual([]);
  });

  test("counts what was migrated on the way since that version ran", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    live(model, 1);
    const failed = startedWith(model, 2, ran(DROPS));
    model.must(ended(failed, { kind: "failed", because: "restart broke.", switched: [] }));
    const id = startedWith(model, 3, found([ADDS], { applied: [ADDS.name], leaves: { orders: "0003_remove_order_note" } }));
    model.must(ended(id));
    expect(model.refused(back(id, false)).reasons[0]?.text).toContain("field note of order");
    const command = back(id, true);
    model.must(command);
    expect(model.get(command.id).plan.steps[0]?.argv).toContain("orders:0001_initial");
  });
});

describe("what a person asks for at a moment that does not fit", () => {
  test("a deployment that was asked for first and approved last is what a rollback looks at", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    live(model, 1);
    const early = requested(2, { changes: { ...NOTHING, migrations: ran(DROPS) } });
    model.must(early);
    model.now = new Date(model.now.getTime() + 60_000);
    live(model, 3);
    model.now = new Date(model.now.getTime() + 60_000);
    // Planned anew from what went live meanwhile, so it is approved as that.
    model.must(rechecked(model));
    model.must(approved(model, early.id));
    model.must(rechecked(model));
    model.must(ended(early.id));
    expect(model.snapshot.live[0]?.revision).toBe(sha(2));
    expect(model.refused(back(early.id, false)).reasons[0]?.text).toContain("field note of order");
  });

  test("code and database of what still runs is refused: it is stopped first", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    live(model, 1);
    const id = startedWith(model, 2, found([DROPS]));
    expect(model.refused(back(id, true)).change).toContain("Stop it first");
    expect(model.state(id)).toBe("executing");
  });

  test("stopped to be rolled back, but earlier code does not fit: it is said that nothing went back, and why", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    live(model, 1);
    const id = startedWith(model, 2, ran(DROPS));
    model.must(back(id, false));
    model.must({ kind: "cancel_ended", deployment: id, unreachable: [], switched: ["web-1.acme.test"], id: newId() });
    expect(model.state(id)).toBe("cancelled");
    const said = model.effects.flatMap((effect) => (effect.kind === "reply" ? [effect.reply.text] : [])).join(" ");
    expect(said).toContain("nothing went back. Earlier code needs field note of order");
  });

  test("failed with a changed database before any server was switched: the database is named", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    live(model, 1);
    model.must(ended(startedWith(model, 2, ran(ADDS)), { kind: "failed", because: "switch broke.", switched: [] }));
    const said = model.effects.flatMap((effect) => (effect.kind === "reply" ? [effect.reply.text] : [])).join(" ");
    expect(said).toContain("the database keeps orders.0002_order_total");
    expect(said).not.toContain("Nothing was changed");
  });
});

describe("the record of a migration that nobody followed to its end", () => {
  const plan = planOf(environmentOf([APPROVAL]), { kind: "deploy", from: sha(1), revision: sha(2) });
  const log = Buffer.from("  Applying orders.0002_order_total... OK\n");
  const half = (status: LoggedStep["status"]) => [row("migrate", "web-1.acme.test", { status, head: log })];

  test.each(["running", "unknown"] as const)("%s: what comes after the last line seen is in doubt", (status) => {
    const record = schemaRecord(plan, half(status), found([ADDS, DROPS]));
    expect(record).toMatchObject({ applied: [ADDS.name], doubtful: [DROPS.name] });
  });

  test("what was read again while it still runs is not its end", () => {
    const read =
      "== greenlight 1 showmigrations --plan\n| [X]  orders.0002_order_total\n| [ ]  orders.0003_remove_order_note\n== exit 0 lines 2\n";
    const reread = row("reread-migrate", "web-1.acme.test", { head: Buffer.from(read) });
    const of = (note: string) => schemaRecord(plan, [...half("unknown").map((one) => ({ ...one, note })), reread], found([ADDS, DROPS]));
    expect(of("its outcome was lost on the server").doubtful).toEqual([]);
    expect(of(STILL_RUNS).doubtful).toEqual([DROPS.name]);
  });

  test("and without a plan nothing is claimed", () => {
    expect(schemaRecord(plan, half("running"), undefined).applied).toBeNull();
  });

  test("ended with a failure, its own words are all of it", () => {
    expect(schemaRecord(plan, half("failed"), found([ADDS, DROPS]))).toMatchObject({ applied: [ADDS.name], doubtful: [] });
  });
});

describe("what commands of the team's own do to the database", () => {
  const base = environmentOf([APPROVAL]);
  const script = (commands: Partial<typeof base.target.commands>, services: readonly string[] = []) =>
    planOf(
      { ...base, target: { ...base.target, recipe: "script", services, commands } },
      { kind: "deploy", from: sha(1), revision: sha(2) },
    );

  test("is unknown once one of them has begun, and nothing before", () => {
    const plan = script({ restart: ["./deploy.sh"] });
    expect(schemaRecord(plan, [row("pull", "web-1.acme.test")], undefined).applied).toEqual([]);
    const failed = row("restart", "web-1.acme.test", { status: "failed" });
    expect(schemaRecord(plan, [row("pull", "web-1.acme.test"), failed], undefined).applied).toBeNull();
  });

  test("is nothing where Greenlight pulls and systemd restarts", () => {
    const plan = script({}, ["shop"]);
    expect(
      schemaRecord(
        plan,
        plan.steps.map((step) => row(step.id, step.host)),
        undefined,
      ).applied,
    ).toEqual([]);
  });

  test("is what their migrate prints, where they have one", () => {
    const plan = script({ migrate: ["./migrate"], restart: ["./deploy.sh"] });
    const said = Buffer.from("  No migrations to apply.\n");
    expect(schemaRecord(plan, [row("migrate", "web-1.acme.test", { head: said })], undefined).applied).toEqual([]);
  });
});

/** A preview as a host prints it. */
function previewLog(plan: string, lines = 1): string {
  const body = plan.split("\n").map((line) => `| ${line}`);
  return [
    "== greenlight 1 showmigrations --plan",
    "| [X]  orders.0001_initial",
    "== exit 0 lines 1",
    "== greenlight 2 migrate --plan",
    ...body,
    `== exit 0 lines ${body.length}`,
    `== greenlight end ${lines + 1}`,
    "",
  ].join("\n");
}

function rows(plan: ReturnType<typeof planOf>, log: string, ...more: readonly LoggedStep[]): readonly LoggedStep[] {
  const preview = plan.steps.find((step) => step.name === "preview")?.phase ?? -1;
  return [
    ...plan.steps
      .filter((step) => step.phase <= preview)
      .map((step) => row(step.id, step.host, { head: Buffer.from(step.name === "preview" ? log : "") })),
    ...more,
  ];
}

describe("what is due once the new code has told its migrations", () => {
  const environment = environmentOf([APPROVAL]);
  const target = { ...environment.target, backup: ["./backup.sh"] };
  const withBackup = environment.target.type === "ssh" ? { ...environment, target } : environment;
  const NOTHING_PLANNED = "Planned operations:\n  No planned migration operations.";
  const DROP_PLANNED = "Planned operations:\norders.0003_remove_order_note\n    Remove field note from order";

  const plan = planOf(withBackup, { kind: "deploy", from: sha(1), revision: sha(2), migrations: [] });
  const shown = { migrations: found([]), asked: true };
  test("as shown: it goes on, and no backup is made for nothing", () => {
    const course = courseOf(plan, rows(plan, previewLog(NOTHING_PLANNED)), shown);
    expect(course).toMatchObject({ worse: null, spared: [{ name: "backup" }] });
  });

  test("worse: the earlier code is put back on every host before it stops", () => {
    const done = rows(plan, previewLog(DROP_PLANNED));
    const course = courseOf(plan, done, shown);
    expect(course.worse?.because).toContain("orders.0003_remove_order_note (destructive) was not shown");
    expect(due(course)).toEqual(["back-pull web-1.acme.test", "back-pull web-2.acme.test"]);
    const code = [...done, ...onBoth("back-pull")];
    expect(due(courseOf(plan, code, shown))).toEqual(["back-collectstatic web-1.acme.test", "back-collectstatic web-2.acme.test"]);
    expect(courseOf(plan, [...code, ...onBoth("back-collectstatic")], shown)).toMatchObject({
      progress: { kind: "done" },
      worse: { migrations: { source: "web-1.acme.test" } },
    });
  });

  test("worse and approved since: it is saved before it migrates", () => {
    const yes = planOf(withBackup, {
      kind: "deploy",
      from: sha(1),
      revision: sha(2),
      migrations: [{ name: DROPS.name, class: "destructive" }],
    });
    const course = courseOf(yes, rows(yes, previewLog(DROP_PLANNED)), shown);
    expect(course).toMatchObject({ worse: null, spared: [] });
    expect(due(course)).toEqual(["backup web-1.acme.test"]);
  });

  test("with lines missing from the log nothing is claimed: people are asked", () => {
    const cut = previewLog(NOTHING_PLANNED).replace("| Planned operations:\n", "");
    expect(courseOf(plan, rows(plan, cut), shown).worse?.because).toContain("did not tell its migrations");
  });

  test("once anything after it has begun, it decides nothing any more", () => {
    const begun = rows(
      plan,
      previewLog(DROP_PLANNED),
      row("backup", "web-1.acme.test"),
      row("migrate", "web-1.acme.test", { status: "running" }),
    );
    expect(courseOf(plan, begun, shown).worse).toBeNull();
  });

  test("steps that were undone begin anew as the next attempt", () => {
    const undone = rows(plan, previewLog(DROP_PLANNED)).map((one) => ({ ...one, status: "undone" as const }));
    const course = courseOf(plan, undone, shown);
    expect(course.worse).toBeNull();
    expect(course.progress).toMatchObject({
      kind: "next",
      steps: [
        { attempt: 2, begun: false },
        { attempt: 2, begun: false },
      ],
    });
  });
});
