import { describe, expect, test } from "vitest";
import { schemaRecord, type LoggedStep } from "../../../src/domain/django/course.ts";
import { STILL_RUNS } from "../../../src/domain/progress.ts";
import { planOf } from "../../../src/domain/plan.ts";
import { APPROVAL, environmentOf, sha } from "../model.ts";
import { ADDS, DROPS, found, row } from "./shop-with-migrations.ts";

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
