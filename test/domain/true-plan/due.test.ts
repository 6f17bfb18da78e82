import { describe, expect, test } from "vitest";
import { courseOf, type LoggedStep } from "../../../src/domain/django/course.ts";
import { planOf } from "../../../src/domain/plan.ts";
import { APPROVAL, environmentOf, sha } from "../model.ts";
import { DROPS, found, row } from "./shop-with-migrations.ts";

function onBoth(step: string): readonly LoggedStep[] {
  return ["web-1.acme.test", "web-2.acme.test"].map((host) => row(step, host));
}

function due(course: ReturnType<typeof courseOf>): readonly string[] {
  return course.progress.kind === "next" ? course.progress.steps.map(({ step }) => `${step.id} ${step.host}`) : [course.progress.kind];
}

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
