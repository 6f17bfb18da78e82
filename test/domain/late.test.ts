import { expect, test } from "vitest";
import type { DeploymentId } from "../../src/domain/ids.ts";
import { isLate } from "../../src/domain/late.ts";
import type { NewIssue } from "../../src/domain/measurement.ts";
import {
  AUTOMATIC,
  environmentOf,
  healthy,
  live,
  measured,
  MINUTE,
  type Model,
  modelOf,
  newId,
  PETRA,
  started,
  verdict,
  replies,
} from "./model.ts";
import { watchedBy } from "./watched-shop.ts";

function issueAt(at: Date, over: Partial<NewIssue> = {}): NewIssue {
  const seen = { firstSeen: at, lastSeen: at, events: 3, users: 2, unhandled: true };
  return { id: "77", title: "KeyError: <cart>", place: "cart.py in add", url: "https://sentry.test/77", ...seen, ...over };
}

function told(model: Model, deployment: DeploymentId, issue: NewIssue = issueAt(model.now)) {
  return model.do({ kind: "late_regression", deployment, issue, undo: { kind: "yes", because: "" } });
}

/** A good version, and another whose watch ended well ten hours ago. */
function hoursLater(policy: "shadow" | "offer" | "rollback") {
  const model = modelOf(environmentOf([AUTOMATIC, watchedBy("sentry", `on_regression: ${policy}`), "on_call: [UOSCAR]"]));
  healthy(model, 1);
  const id = healthy(model, 2);
  model.pass(600 * MINUTE);
  return { model, id };
}

test.each(["offer", "rollback"] as const)(
  "a new crash hours after the watch reaches people, and policy %s rolls nothing back",
  (policy) => {
    const { model, id } = hoursLater(policy);
    expect(told(model, id).ok).toBe(true);
    const [reply] = replies(model);
    expect(reply).toMatchObject({ ping: "regression", rollBackButton: true, mention: ["<@UOSCAR>"] });
    expect(reply?.text).toMatch(
      /^Late regression in shop, production: a new crash, 3 errors, 2 people hit\. Nothing is rolled back by itself/,
    );
    expect(model.history.at(-1)).toMatchObject({ kind: "late_regression", deployment: id, body: { issue: "77" } });
    expect(model.snapshot.open).toEqual([]);
  },
);

const FALL = { hours: 6, now: { sessions: 4120, crashed: 33 }, before: { sessions: 28_000, crashed: 56 } };

function fell(model: Model, deployment: DeploymentId) {
  return model.do({ kind: "crash_free_fell", deployment, fall: FALL, undo: { kind: "yes", because: "" } });
}

test.each(["offer", "rollback"] as const)("more crashing sessions are told in words, and policy %s rolls nothing back", (policy) => {
  const { model, id } = hoursLater(policy);
  expect(fell(model, id).ok).toBe(true);
  const [reply] = model.effects.flatMap((effect) => (effect.kind === "reply" ? [effect.reply] : []));
  expect(reply).toMatchObject({ ping: "regression", rollBackButton: true, mention: ["<@UOSCAR>"] });
  expect(reply?.text).toMatch(
    /^Late regression in shop, production: 99\.2 % of 4,120 sessions without a crash, before 99\.8 %\. Nothing is rolled back by itself/,
  );
  expect(model.history.at(-1)).toMatchObject({ kind: "late_regression", deployment: id, body: { now: FALL.now, before: FALL.before } });
  expect(model.snapshot.open).toEqual([]);
});

test("under shadow more crashing sessions are recorded alone, and of what is replaced nothing is told", () => {
  const shadow = hoursLater("shadow");
  expect(fell(shadow.model, shadow.id).ok).toBe(true);
  expect(shadow.model.effects).toEqual([]);
  const replaced = hoursLater("offer");
  healthy(replaced.model, 3);
  expect(fell(replaced.model, replaced.id).ok).toBe(false);
});

test("of a first deployment it is told that there is nothing to go back to, and a title of many lines is one", () => {
  const model = modelOf(environmentOf([AUTOMATIC, watchedBy("sentry", "on_regression: offer")]));
  const id = healthy(model, 1);
  model.pass(600 * MINUTE);
  expect(told(model, id, issueAt(model.now, { title: "KeyError:\n  @channel" })).ok).toBe(true);
  const [reply] = replies(model);
  expect(reply?.text).toContain("by itself after the watch. There is no earlier version to go back to. KeyError: @channel in cart.py");
});

test("policy shadow records it and calls nobody", () => {
  const { model, id } = hoursLater("shadow");
  expect(told(model, id).ok).toBe(true);
  expect(model.effects).toEqual([]);
  expect(model.history.at(-1)?.kind).toBe("late_regression");
});

test("what is not live any more, is watched still, or was long ago is not told", () => {
  const replaced = hoursLater("offer");
  healthy(replaced.model, 3);
  expect(told(replaced.model, replaced.id).ok).toBe(false);
  const watched = hoursLater("offer");
  expect(told(watched.model, live(watched.model, 3)).ok).toBe(false);
  const old = hoursLater("offer");
  old.model.pass(7 * 24 * 60 * MINUTE);
  expect(told(old.model, old.id).ok).toBe(false);
});

test("a version on its way back is not told of, and one whose rollback was cancelled before it began is", () => {
  const { model, id } = hoursLater("offer");
  const other = started(model, 3);
  const back = { kind: "roll_back", standing: PETRA, deployment: id, reason: null, id: newId() } as const;
  model.must(back);
  expect([model.get(id).rolledBackBy, model.state(back.id)]).toEqual([back.id, "queued"]);
  expect(told(model, id).ok).toBe(false);
  model.must({ kind: "cancel", standing: PETRA, deployment: back.id, thenRollBack: false });
  model.must({ kind: "cancel_ended", deployment: other, unreachable: [], switched: [], id: newId() });
  expect(model.state(back.id)).toBe("cancelled");
  expect(told(model, id).ok).toBe(true);
});

test("only a crash that the watch did not see is late", () => {
  const { model } = hoursLater("offer");
  const id = live(model, 3);
  const known = issueAt(model.now);
  const seen = verdict("regressed", "propose", false);
  model.pass(30 * MINUTE);
  model.must(measured(id, { ...seen, figures: { ...seen.figures, newIssues: [known] } }));
  expect(model.state(id)).toBe("succeeded_unverified");
  expect(isLate(model.get(id), known)).toBe(false);
  expect(isLate(model.get(id), { ...known, id: "78" })).toBe(true);
  expect(isLate(model.get(id), { ...known, id: "79", unhandled: false })).toBe(false);
});

test("a crash that an earlier deployment of the same revision brought is not new when it is deployed again", () => {
  const { model } = hoursLater("offer");
  const liveAt = model.now;
  const id = live(model, 3);
  const first = (minutes: number) => issueAt(new Date(liveAt.getTime() + minutes * MINUTE));
  expect(isLate(model.get(id), first(-11))).toBe(false);
  // The first of its servers ran it before all of them did.
  expect(isLate(model.get(id), first(-9))).toBe(true);
  expect(isLate(model.get(id), first(60))).toBe(true);
});
