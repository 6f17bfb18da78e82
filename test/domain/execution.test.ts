import { describe, expect, test } from "vitest";
import { progressOf, type StepRecord } from "../../src/domain/progress.ts";
import { planOf, type Plan } from "../../src/domain/plan.ts";
import {
  AUTOMATIC,
  DORA,
  ended,
  environmentOf,
  live,
  type Model,
  MONDAY,
  modelOf,
  newId,
  person,
  PETRA,
  rechecked,
  requested,
  sha,
  started,
  stateOf,
  replies,
} from "./model.ts";

const BOTH = ["web-1.acme.test", "web-2.acme.test"] as const;

function failing(policy: "hold" | "finish" | "rollback", switched: readonly string[] = BOTH) {
  const model = modelOf({ ...environmentOf([AUTOMATIC]), onFailure: policy });
  live(model, 1);
  const id = started(model, 2);
  const command = ended(id, { kind: "failed", because: "migrate on web-1 ended with exit code 1.", switched });
  model.must(command);
  return { model, id, rollback: command.id };
}

describe("a failed step", () => {
  test.each(["hold", "finish"] as const)("with %s ends it as failed; what was switched counts as mixed", (policy) => {
    const { model, id } = failing(policy, ["web-1.acme.test"]);
    expect(model.state(id)).toBe("failed");
    expect(model.snapshot.mixed).toBe(true);
    expect(model.snapshot.live.map((host) => host.revision)).toEqual([sha(2), sha(1)]);
    expect(model.snapshot.open).toEqual([]);
  });

  test("with rollback brings the switched hosts back in the same decision", () => {
    const { model, id, rollback } = failing("rollback");
    expect([model.state(id), model.state(rollback)]).toEqual(["failed", "executing"]);
    expect(model.get(id).rolledBackBy).toBe(rollback);
    expect(model.get(rollback)).toMatchObject({ revision: sha(1), rollsBack: id });
  });

  test("with rollback but nothing switched has nothing to bring back", () => {
    const { model, id } = failing("rollback", []);
    expect(model.state(id)).toBe("failed");
    expect(model.snapshot.open).toEqual([]);
    expect(model.snapshot.mixed).toBe(false);
    const said = replies(model).map(({ text }) => text);
    expect(said[0]).toContain("Nothing was changed on any server.");
  });

  test("told twice changes nothing the second time", () => {
    const { model, id } = failing("hold");
    expect(model.refused(ended(id)).title).toContain("#2 is past that");
    expect(model.state(id)).toBe("failed");
  });

  test("of a failed one a new try is a new deployment", () => {
    const { model } = failing("hold");
    expect(started(model, 2)).toBeTypeOf("string");
  });
});

function planned(policy: "hold" | "finish"): Plan {
  return planOf({ ...environmentOf([AUTOMATIC]), onFailure: policy }, { kind: "deploy", from: sha(1), revision: sha(2) });
}

function recorded(plan: Plan, upTo: number, over: Readonly<Record<string, StepRecord["status"]>> = {}): readonly StepRecord[] {
  return plan.steps
    .filter((step) => step.phase <= upTo)
    .map((step) => ({
      step: step.id,
      host: step.host,
      attempt: 1,
      status: over[`${step.name} ${step.host}`] ?? "done",
      note: over[`${step.name} ${step.host}`] === "failed" ? "ended with exit code 1" : null,
      finishedAt: MONDAY,
    }));
}

const restart = (plan: Plan): number => plan.steps.find((step) => step.name === "restart")?.phase ?? -1;

describe("what is due after a failure", () => {
  test("on hold: nothing on the other host", () => {
    const plan = planned("hold");
    const records = recorded(plan, restart(plan), { "restart web-1.acme.test": "failed" });
    expect(progressOf(plan, records)).toMatchObject({
      kind: "failed",
      because: "restart on web-1.acme.test ended with exit code 1.",
      finished: false,
    });
  });

  test("on finish: the other host is restarted first, then it is failed", () => {
    const plan = planned("finish");
    const records = recorded(plan, restart(plan), { "restart web-1.acme.test": "failed" });
    const next = progressOf(plan, records);
    expect(next.kind === "next" && next.steps.map(({ step }) => `${step.name} ${step.host}`)).toEqual(["restart web-2.acme.test"]);
    const all = recorded(plan, Number.POSITIVE_INFINITY, { "restart web-1.acme.test": "failed" });
    expect(progressOf(plan, all)).toEqual({
      kind: "failed",
      because: "restart on web-1.acme.test ended with exit code 1.",
      finished: true,
    });
  });

  test("on finish: what comes before the restart still stops all", () => {
    const plan = planned("finish");
    const migrate = plan.steps.find((step) => step.name === "migrate")?.phase ?? -1;
    expect(progressOf(plan, recorded(plan, migrate, { "migrate web-1.acme.test": "failed" })).kind).toBe("failed");
  });

  test("what runs beside a failure is followed to its end first", () => {
    const plan = planned("hold");
    const next = progressOf(plan, recorded(plan, 0, { "pull web-1.acme.test": "failed", "pull web-2.acme.test": "running" }));
    expect(next).toMatchObject({ kind: "next", steps: [{ step: { host: "web-2.acme.test" }, attempt: 1, begun: true }] });
  });

  test("a lost outcome is tried again only if that is harmless, and not for ever", () => {
    const plan = planned("hold");
    const lost = progressOf(plan, recorded(plan, 0, { "pull web-1.acme.test": "unknown" }));
    expect(lost).toMatchObject({ kind: "next", steps: [{ step: { name: "pull" }, attempt: 2, begun: false }] });
    const migrate = plan.steps.find((step) => step.name === "migrate")?.phase ?? -1;
    expect(progressOf(plan, recorded(plan, migrate, { "migrate web-1.acme.test": "unknown" })).kind).toBe("unknown");
    const thrice = recorded(plan, 0, { "pull web-1.acme.test": "unknown" }).map((record) => ({ ...record, attempt: 3 }));
    expect(progressOf(plan, thrice).kind).toBe("unknown");
  });
});

describe("stopping it", () => {
  test("ends it as cancelled when the remote process groups have ended", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const id = started(model, 1);
    model.must({ kind: "cancel", standing: DORA, deployment: id, thenRollBack: false });
    expect(model.refused({ kind: "cancel", standing: PETRA, deployment: id, thenRollBack: false }).title).toContain(
      "udora is stopping it already",
    );
    model.must({ kind: "cancel_ended", deployment: id, unreachable: [], switched: [], id: newId() });
    expect(stateOf(model, id, "cancelled").by).toEqual(DORA.actor);
  });

  test("needs attention when a host does not answer", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const id = started(model, 1);
    model.must({ kind: "cancel", standing: DORA, deployment: id, thenRollBack: true });
    model.must({ kind: "cancel_ended", deployment: id, unreachable: ["web-2.acme.test (no route)"], switched: BOTH, id: newId() });
    expect(stateOf(model, id, "needs_attention")).toMatchObject({
      during: "cancelling",
      because: expect.stringContaining("web-2.acme.test"),
    });
  });

  test("and rolling back with nothing switched only stops", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const id = started(model, 2);
    model.must({ kind: "cancel", standing: DORA, deployment: id, thenRollBack: true });
    model.must({ kind: "cancel_ended", deployment: id, unreachable: [], switched: [], id: newId() });
    expect(model.snapshot.open).toEqual([]);
  });
});

function attending(): { model: Model; id: ReturnType<typeof started> } {
  const model = modelOf(environmentOf([AUTOMATIC]));
  live(model, 1);
  const id = started(model, 2);
  model.must(ended(id, { kind: "unknown", because: "nobody can tell whether migrate was done" }));
  return { model, id };
}

const way = (id: ReturnType<typeof started>, chosen: "ask_hosts" | "mark_live" | "roll_back" | "stays_broken", standing = PETRA) =>
  ({ kind: "resolve", standing, deployment: id, way: chosen, reason: "I looked", id: newId() }) as const;

describe("the four ways out of needs attention", () => {
  test("it occupies: nothing else starts meanwhile, and the gate says why", () => {
    const { model } = attending();
    const waits = requested(3);
    model.must(waits);
    model.must(rechecked(model));
    expect(stateOf(model, waits.id, "queued").blockers.map((blocker) => blocker.text)).toEqual(["#2 needs attention first."]);
  });

  test("ask the hosts again: executing, driven", () => {
    const { model, id } = attending();
    model.must(way(id, "ask_hosts"));
    expect(model.state(id)).toBe("executing");
    expect(model.effects).toContainEqual({ kind: "drive", deployment: id });
  });

  test("mark as live: unverified, with the name of who said so", () => {
    const { model, id } = attending();
    model.must(way(id, "mark_live"));
    expect(stateOf(model, id, "succeeded_unverified")).toMatchObject({ because: "marked as live by upetra", by: PETRA.actor });
    expect(model.snapshot.live.map((host) => host.revision)).toEqual([sha(2), sha(2)]);
  });

  test("mark a rollback as live: people hear of it, and whether it helped is looked at, as after any other", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    live(model, 1);
    const id = live(model, 2);
    const back = { kind: "roll_back", standing: PETRA, deployment: id, reason: null, id: newId() } as const;
    model.must(back);
    model.must(ended(back.id, { kind: "unknown", because: "nobody can tell" }));
    const { history } = model.must(way(back.id, "mark_live"));
    expect(model.effects).toContainEqual({ kind: "aftermath", deployment: id, look: 1, at: model.now });
    const ping = replies(model).find((reply) => reply.ping === "rolled_back");
    expect(ping?.text).toBe(
      `Rolled back by upetra: ${sha(1).slice(0, 7)} is live again on web-1.acme.test and web-2.acme.test, says upetra.`,
    );
    expect(history.map(({ kind }) => kind)).toEqual(["resolved", "rolled_back"]);
  });

  test("roll back: failed, and the rollback executes in the same decision", () => {
    const { model, id } = attending();
    const command = way(id, "roll_back");
    model.must(command);
    expect([model.state(id), model.state(command.id)]).toEqual(["failed", "executing"]);
  });

  test("stays broken: failed, the environment mixed", () => {
    const { model, id } = attending();
    model.must(way(id, "stays_broken"));
    expect(model.state(id)).toBe("failed");
    expect(model.snapshot.mixed).toBe(true);
  });

  test("a bystander decides none of them, and a late one is told", () => {
    const { model, id } = attending();
    expect(model.refused(way(id, "ask_hosts", person("UEVE"))).title).toContain("Not changed");
    model.must(way(id, "stays_broken"));
    expect(model.refused(way(id, "ask_hosts")).title).toContain("#2 is past that. It ended (failed), by upetra");
  });
});

test("a restored database: what ran needs attention, what waits stays, and nothing starts", () => {
  const model = modelOf(environmentOf([AUTOMATIC]));
  const running = started(model, 1);
  const waits = requested(2);
  model.must(waits);
  model.must({ kind: "restored", because: "This database was restored." });
  expect(stateOf(model, running, "needs_attention").because).toBe("This database was restored.");
  model.must({ kind: "resolve", standing: PETRA, deployment: running, way: "stays_broken", reason: "looked", id: newId() });
  model.must(rechecked(model));
  expect(stateOf(model, waits.id, "queued").blockers.map((blocker) => blocker.text)).toEqual(["This database was restored."]);
});
