import { describe, expect, test } from "vitest";
import type { Command, Effect } from "../../src/domain/environment.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import type { Measurement } from "../../src/domain/measurement.ts";
import { ended, measured, MINUTE, type Model, newId, PETRA, person, rechecked, started, verdict, replies } from "./model.ts";
import { watchedBy, watchedShop } from "./watched-shop.ts";

const BAD = verdict("regressed", "act", true);
const OSCAR = person("UOSCAR", { onCall: true });
const ESCALATE = ["on_call: [UOSCAR]", "escalate: { after: 10m, to: pager }"];

/** A shop in its watch, at a time of day (UTC; Brussels is an hour ahead). */
function watching(policy: "shadow" | "offer" | "rollback" = "offer", time = "12:00", lines: readonly string[] = ESCALATE) {
  const watch = watchedBy("sentry", `on_regression: ${policy}`, "countdown: 90s");
  return watchedShop([watch, ...lines], new Date(`2026-03-03T${time}:00Z`));
}

/** What the pager heard by the last decision. */
function calls(model: Model): readonly string[] {
  return model.history.flatMap(({ kind, body }) => (kind.startsWith("page") ? [`${kind} ${String(body["cause"])}`] : []));
}

function later(model: Model, ms: number): void {
  model.pass(ms);
  model.must(rechecked(model));
}

function rollback(model: Model): DeploymentId {
  return model.snapshot.open.find((one) => one.kind === "rollback")?.id ?? fail();
}

function fail(): never {
  throw new Error("nothing rolls back");
}

function lookedAt(model: Model, id: DeploymentId, ...seen: readonly Measurement[]): void {
  model.snapshot = {
    ...model.snapshot,
    incidents: (model.snapshot.incidents ?? []).map((one) => (one.deployment === id ? { ...one, aftermath: seen } : one)),
  };
  model.must(rechecked(model));
}

/** The last look after a rollback: an event a moment ago, none since the switch, or nobody could look. */
function aftermath(model: Model, id: DeploymentId, seen: "going on" | "stopped" | "nobody"): void {
  model.pass(10_000);
  const head = { monitor: "sentry" as const, look: 10, at: model.now };
  const interval = { from: model.now, to: model.now, events: 0, users: null };
  const counted = { kind: "errors" as const, after: interval, before: interval, newIssues: [], signal: "proven" as const };
  const look: Measurement =
    seen === "nobody"
      ? { ...head, kind: "gap", because: "Sentry is away" }
      : { ...head, ...counted, lastEventAt: seen === "going on" ? model.now : null };
  lookedAt(model, id, look);
}

const notes = (effects: readonly Effect[]): readonly string[] => replies({ effects }).map(({ text }) => text);

describe("a regression that nobody takes", () => {
  test("is paged after its time, once, and told when it will be looked at", () => {
    const { model, id } = watching();
    const seen = model.must(measured(id, BAD));
    expect(seen.effects).toContainEqual({ kind: "recheck", at: new Date(model.now.getTime() + 10 * MINUTE) });
    later(model, 9 * MINUTE);
    expect(calls(model)).toEqual([]);
    later(model, MINUTE);
    expect(calls(model)).toEqual(["paged regression"]);
    expect(model.effects).toContainEqual({ kind: "page", deployment: id, sequence: 1 });
    expect(notes(model.effects).join()).toContain("Nobody took it for 10 minutes");
    later(model, MINUTE);
    model.must(measured(id, BAD));
    expect(calls(model)).toHaveLength(1);
  });

  test.each([
    ["I'm on it", (id: DeploymentId): Command => ({ kind: "on_it", standing: OSCAR, deployment: id })],
    ["Keep", (id: DeploymentId): Command => ({ kind: "keep_watching", standing: OSCAR, deployment: id })],
    ["Roll back", (id: DeploymentId): Command => ({ kind: "roll_back", standing: PETRA, deployment: id, reason: null, id: newId() })],
  ])("is not paged after %s, and acknowledged if it was", (_name, press) => {
    const early = watching();
    early.model.must(measured(early.id, BAD));
    early.model.must(press(early.id));
    later(early.model, 20 * MINUTE);
    expect(calls(early.model)).toEqual([]);
    const late = watching();
    late.model.must(measured(late.id, BAD));
    later(late.model, 10 * MINUTE);
    late.model.must(press(late.id));
    expect(calls(late.model)).toEqual(["paged regression", "page_acknowledged regression"]);
  });

  test.each([
    ["that recovers", "offer", verdict("healthy")],
    ["that stopped", "offer", verdict("regressed", "propose", false)],
  ] as const)("%s wakes nobody; if somebody was woken, it is resolved", (_name, policy, mended) => {
    const quiet = watching(policy);
    quiet.model.must(measured(quiet.id, BAD));
    quiet.model.must(measured(quiet.id, mended));
    later(quiet.model, 20 * MINUTE);
    expect(calls(quiet.model)).toEqual([]);
    const loud = watching(policy);
    loud.model.must(measured(loud.id, BAD));
    later(loud.model, 10 * MINUTE);
    loud.model.must(measured(loud.id, mended));
    expect(calls(loud.model)).toEqual(["paged regression", "page_resolved regression"]);
  });

  test("that somebody calls a false alarm wakes nobody, and is resolved if it was paged", () => {
    for (const pagedBefore of [false, true]) {
      const { model, id } = watching();
      model.must(measured(id, BAD));
      if (pagedBefore) later(model, 10 * MINUTE);
      const alarm = { seenAt: model.now, wouldActAt: null, word: null };
      model.must({ kind: "mark_alarm", standing: PETRA, deployment: id, isReal: false, alarm });
      later(model, 10 * MINUTE);
      expect(calls(model)).toEqual(pagedBefore ? ["paged regression", "page_resolved regression"] : []);
    }
  });

  test("comes back: its time begins anew, and it is paged again", () => {
    const { model, id } = watching();
    model.must(measured(id, BAD));
    later(model, 10 * MINUTE);
    model.must(measured(id, verdict("healthy")));
    model.must(measured(id, BAD));
    later(model, 5 * MINUTE);
    expect(calls(model)).toHaveLength(2);
    later(model, 5 * MINUTE);
    expect(calls(model).at(-1)).toBe("paged regression");
    expect(model.effects).toContainEqual({ kind: "page", deployment: id, sequence: 3 });
  });

  test("is paged after the watch too, until something newer is on its way", () => {
    const { model, id } = watching();
    model.pass(25 * MINUTE);
    model.must(measured(id, BAD));
    model.pass(5 * MINUTE);
    model.must(measured(id, BAD));
    expect(model.state(id)).toBe("regressed");
    later(model, 5 * MINUTE);
    expect(calls(model)).toEqual(["paged regression"]);
    started(model, 3);
    expect(calls(model).at(-1)).toBe("page_resolved regression");
  });

  test("with policy shadow, or without `escalate`, calls nobody", () => {
    for (const { model, id } of [watching("shadow"), watching("offer", "12:00", [])]) {
      model.must(measured(id, BAD));
      later(model, 20 * MINUTE);
      expect(calls(model)).toEqual([]);
      expect(model.effects.filter(({ kind }) => kind === "page")).toEqual([]);
    }
  });
});

/** Greenlight counted down, and goes back. */
function rolledBack(time = "12:00") {
  const { model, id } = watching("rollback", time);
  model.must(measured(id, BAD));
  later(model, 90_000);
  const back = rollback(model);
  return { model, id, back };
}

test("what somebody kept is not paged at the end of its watch either", () => {
  const { model, id } = watching();
  model.must(measured(id, BAD));
  model.must({ kind: "keep_watching", standing: OSCAR, deployment: id });
  model.pass(30 * MINUTE);
  model.must(measured(id, BAD));
  expect(model.state(id)).toBe("regressed");
  expect(calls(model)).toEqual([]);
  later(model, 20 * MINUTE);
  expect(calls(model)).toEqual([]);
});

describe("a rollback that Greenlight began", () => {
  test("and that helped wakes nobody", () => {
    const { model, id, back } = rolledBack();
    later(model, 30 * MINUTE);
    model.must(ended(back));
    aftermath(model, id, "stopped");
    later(model, 24 * 60 * MINUTE);
    expect(calls(model)).toEqual([]);
  });

  test("and that helped at night is told in the morning, once, to whom it concerns", () => {
    const { model, id, back } = rolledBack("02:14");
    model.must(ended(back));
    aftermath(model, id, "stopped");
    expect(model.effects).toContainEqual({ kind: "recheck", at: new Date("2026-03-03T08:00:00Z") });
    later(model, 60 * MINUTE);
    expect(notes(model.effects)).toEqual([]);
    model.now = new Date("2026-03-03T08:00:00Z");
    model.must(rechecked(model));
    const [told] = replies(model);
    expect(told).toMatchObject({ mention: ["<@UOSCAR>"], text: expect.stringContaining("2026-03-03T02:14:00.000Z") });
    expect(told?.text).toContain("the errors have stopped");
    later(model, MINUTE);
    expect(notes(model.effects)).toEqual([]);
  });

  test("is told as what it was: a site that was down answers again", () => {
    const { model, id } = watching("offer", "02:14");
    model.must(measured(id, { ...BAD, troubles: ["down"] }));
    model.must(measured(id, { ...verdict("regressed", "propose", false), troubles: ["down"] }));
    model.now = new Date("2026-03-03T08:00:00Z");
    model.must(rechecked(model));
    expect(notes(model.effects).join()).toContain("The site answers again, without a rollback. Nobody was woken.");
  });

  test.each([
    ["did not help", "going on", "paged not_stopped"],
    ["nobody can tell", "nobody", "paged unverified"],
  ] as const)("%s: paged at once", (_name, seen, paged) => {
    const { model, id, back } = rolledBack();
    model.must(ended(back));
    expect(calls(model)).toEqual([]);
    aftermath(model, id, seen);
    expect(calls(model)).toEqual([paged]);
  });

  test("failed: paged at once, though somebody was called before", () => {
    const { model, back } = rolledBack();
    model.must(ended(back, { kind: "failed", because: "restart failed", switched: ["web-1"] }));
    expect(calls(model)).toEqual(["paged rollback_failed"]);
  });
});

test.each([
  ["answers again", true, []],
  ["does not answer still", false, ["paged not_stopped"]],
] as const)("where the site alone is watched, whether it %s says whether the rollback helped", (_name, up, paged) => {
  const { model, id } = watchedShop([watchedBy("site", "on_regression: rollback", "countdown: 90s"), ...ESCALATE]);
  model.must(measured(id, { ...BAD, about: "site", troubles: ["down"] }));
  later(model, 90_000);
  model.must(ended(rollback(model)));
  expect(calls(model)).toEqual([]);
  model.pass(10_000);
  const site: Measurement = { monitor: "http", look: 9, at: model.now, kind: "site", up, latencyMs: null, detail: "HTTP 200" };
  lookedAt(model, id, site, { ...site, look: 10 });
  expect(calls(model)).toEqual(paged);
});

test("what nobody could look at after a rollback is told to the pager as what it was", () => {
  const { model, id } = watching("rollback");
  model.must(measured(id, { ...BAD, troubles: ["down"] }));
  later(model, 90_000);
  model.must(ended(rollback(model)));
  aftermath(model, id, "nobody");
  const [text] = model.history.flatMap(({ kind, actor }) => (kind === "paged" && actor.kind === "greenlight" ? [actor.because] : []));
  expect(text).toBe("shop, production was rolled back by Greenlight, and nobody could see whether the site answers again.");
});

test.each([
  ["going on", "shop, production was rolled back and the errors have not stopped: probably not this deployment."],
  ["nobody", "shop, production was rolled back by Greenlight, and nobody could see whether the errors stop and fewer requests fail."],
] as const)("the pager hears no more of a rollback than was seen: %s", (seen, says) => {
  const { model, id } = watching("rollback");
  model.must(measured(id, { ...BAD, troubles: ["errors", "requests"] }));
  later(model, 90_000);
  model.must(ended(rollback(model)));
  aftermath(model, id, seen);
  expect(model.history.flatMap(({ kind, actor }) => (kind === "paged" && actor.kind === "greenlight" ? [actor.because] : []))).toEqual([
    says,
  ]);
});

test("nor does the note of the morning", () => {
  const { model, id } = watching("rollback", "02:14");
  model.must(measured(id, { ...BAD, troubles: ["errors", "requests"] }));
  later(model, 90_000);
  model.must(ended(rollback(model)));
  aftermath(model, id, "stopped");
  model.now = new Date("2026-03-03T08:00:00Z");
  model.must(rechecked(model));
  expect(notes(model.effects).join()).toMatch(/and the errors have stopped\. Nobody was woken\.$/u);
});

test("I'm on it stops the call after the watch too, and for what needs a person", () => {
  const over = watching();
  over.model.pass(25 * MINUTE);
  over.model.must(measured(over.id, BAD));
  over.model.pass(5 * MINUTE);
  over.model.must(measured(over.id, BAD));
  expect(over.model.state(over.id)).toBe("regressed");
  over.model.must({ kind: "on_it", standing: OSCAR, deployment: over.id });
  later(over.model, 20 * MINUTE);
  expect(calls(over.model)).toEqual([]);

  const stuck = watching();
  const id = started(stuck.model, 3);
  stuck.model.must(ended(id, { kind: "unknown", because: "nobody knows" }));
  stuck.model.must({ kind: "on_it", standing: OSCAR, deployment: id });
  later(stuck.model, 20 * MINUTE);
  expect(calls(stuck.model)).toEqual(["paged needs_attention", "page_acknowledged needs_attention"]);
});

test("a deployment that needs attention is paged at once, and over when a person said how it stands", () => {
  const { model } = watching();
  const id = started(model, 3);
  model.must(ended(id, { kind: "unknown", because: "nobody knows" }));
  expect(calls(model)).toEqual(["paged needs_attention"]);
  model.must({ kind: "resolve", standing: PETRA, deployment: id, way: "mark_live", reason: "I looked", id: newId() });
  expect(calls(model).at(-1)).toBe("page_resolved needs_attention");
});

test("of what could not begin the pager is not told that servers may differ", () => {
  const { model } = watching();
  const id = started(model, 3);
  const holders = [{ host: "web-1", run: "r9", since: null, who: "somebody" }];
  model.must(ended(id, { kind: "held", because: "another run holds web-1", holders }));
  const paged = model.history.flatMap(({ kind, actor }) => (kind === "paged" && actor.kind === "greenlight" ? [actor.because] : []));
  expect(paged).toEqual(["The deployment to shop, production cannot begin: another run holds its servers. A person has to look."]);
});

test("a rollback by a person that did not help is paged, unless somebody is on it", () => {
  for (const isOnIt of [false, true]) {
    const { model, id } = watching();
    model.must(measured(id, BAD));
    model.must({ kind: "roll_back", standing: PETRA, deployment: id, reason: null, id: newId() });
    if (isOnIt) model.must({ kind: "on_it", standing: OSCAR, deployment: id });
    model.must(ended(rollback(model)));
    aftermath(model, id, "going on");
    expect(calls(model)).toEqual(isOnIt ? [] : ["paged not_stopped"]);
  }
});

test("in a restored database nobody is called for the past", () => {
  const { model, id } = watching();
  model.must(measured(id, BAD));
  model.must({ kind: "restored", because: "another timeline" });
  later(model, 20 * MINUTE);
  expect(calls(model)).toEqual([]);
});
