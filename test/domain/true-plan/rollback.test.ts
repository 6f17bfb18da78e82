import { describe, expect, test } from "vitest";
import type { Migration, MigrationClass } from "../../../src/domain/django/migration.ts";
import { undoOf } from "../../../src/domain/django/back.ts";
import type { Migrations } from "../../../src/domain/django/record.ts";
import type { DeploymentId } from "../../../src/domain/ids.ts";
import {
  APPROVAL,
  approved,
  AUTOMATIC,
  ended,
  environmentOf,
  healthy,
  live,
  measured,
  modelOf,
  newId,
  NOTHING,
  PETRA,
  rechecked,
  requested,
  sha,
  verdict,
  replies,
} from "../model.ts";
import { watchedBy } from "../watched-shop.ts";
import { described, ADDS, DROPS, found, startedWith } from "./shop-with-migrations.ts";

const WATCHED = watchedBy("site", "on_regression: rollback");

const STUCK = described("orders.0004_forget", "Remove field x from order", "Raw Python operation");
/** One of each class that leaves earlier code what it needs. */
const OF_CLASS: Readonly<Record<MigrationClass, Migration>> = {
  additive: ADDS,
  risky: described("orders.0005_x", "Alter field a on order"),
  destructive: { ...described("orders.0006_x", "Rename index a on order to b"), class: "destructive" },
  irreversible: described("orders.0007_x", "Raw Python operation"),
  unread: described("orders.0008_x", "Something of our own"),
};

/** What is recorded once these have run. */
function ran(...migrations: readonly Migration[]): Migrations {
  return found(migrations, { applied: migrations.map((migration) => migration.name) });
}

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
      const said = replies(model)
        .map(({ text }) => text)
        .join(" ");
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
    const said = replies(model)
      .map(({ text }) => text)
      .join(" ");
    expect(said).toContain("nothing went back. Earlier code needs field note of order");
  });

  test("failed with a changed database before any server was switched: the database is named", () => {
    const model = modelOf(environmentOf([APPROVAL]));
    live(model, 1);
    model.must(ended(startedWith(model, 2, ran(ADDS)), { kind: "failed", because: "switch broke.", switched: [] }));
    const said = replies(model)
      .map(({ text }) => text)
      .join(" ");
    expect(said).toContain("the database keeps orders.0002_order_total");
    expect(said).not.toContain("Nothing was changed");
  });
});
