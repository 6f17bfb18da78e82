import { describe, expect, test } from "vitest";
import type { Effect } from "../../src/domain/environment.ts";
import type { DeploymentId } from "../../src/domain/ids.ts";
import type { Later } from "../../src/domain/intent.ts";
import { approvalExpiry } from "../../src/domain/expiry.ts";
import { nextMorning } from "../../src/domain/next-morning.ts";
import { nextOpening, opensFor } from "../../src/domain/opening.ts";
import { queueOf } from "../../src/domain/queue.ts";
import {
  APPROVAL,
  approved,
  environmentOf,
  MINUTE,
  modelOf,
  MONDAY,
  OLAF,
  person,
  PETRA,
  rechecked,
  requested,
  shownNow,
  stateOf,
  type Model,
} from "./model.ts";

const HOUR = 60 * MINUTE;
/** Closed from nine to five on the Monday on which the tests begin. */
const OFFICE_HOURS = 'freeze: [{ days: [mon], from: "09:00", to: "17:00", timezone: UTC }]';

function waiting(model: Model): DeploymentId {
  const command = requested(1);
  model.must(command);
  return command.id;
}

function yes(model: Model, id: DeploymentId, later: Later | null, who = PETRA) {
  return { ...approved(model, id, who), later };
}

function at(hours: number): Later & { readonly at: Date } {
  return { kind: "at", at: new Date(MONDAY.getTime() + hours * HOUR) };
}

function texts(effects: readonly Effect[], kind: "reply" | "notice"): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind === "reply" && kind === "reply" ? [effect.reply.text] : effect.kind === "notice" && kind === "notice" ? [effect.text] : [],
  );
}

function rechecks(effects: readonly Effect[]): readonly number[] {
  return effects.flatMap((effect) =>
    effect.kind === "recheck" && effect.at !== null ? [(effect.at.getTime() - MONDAY.getTime()) / MINUTE] : [],
  );
}

describe("a yes for later", () => {
  test("holds it until then and no longer, and looks five minutes before, then, and when the yes is too old", () => {
    const model = modelOf();
    const id = waiting(model);
    const said = model.must(yes(model, id, at(4)));
    expect(said.answer).toContain(`Approved for ${at(4).at.toISOString()}`);
    expect(rechecks(model.effects).toSorted((a, b) => a - b)).toEqual([235, 240, 240 + 24 * 60]);
    model.pass(4 * HOUR - 1);
    model.must(rechecked(model));
    expect(stateOf(model, id, "queued")).toMatchObject({
      recheckAt: at(4).at,
      blockers: [{ rule: "later", owner: "upetra", liftsAt: at(4).at }],
    });
    model.pass(1);
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
  });

  test("of two yeses the later one counts", () => {
    const model = modelOf(environmentOf(['approval: { from: ["@product-owners"], count: 2 }']));
    const id = waiting(model);
    expect(model.must(yes(model, id, at(3))).answer).toContain(at(3).at.toISOString());
    expect(model.state(id)).toBe("awaiting_approval");
    model.must(yes(model, id, at(2), OLAF));
    model.pass(2 * HOUR);
    model.must(rechecked(model));
    expect(model.state(id)).toBe("queued");
    model.pass(HOUR);
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
  });

  test("tells the thread and its giver once, five minutes before, with the way to stop it", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must(yes(model, id, at(1)));
    model.pass(54 * MINUTE);
    model.must(rechecked(model));
    expect(texts(model.effects, "reply")).toEqual([]);
    model.pass(MINUTE);
    model.must(rechecked(model));
    const soon = model.effects.find((effect) => effect.kind === "reply");
    expect(soon).toMatchObject({ reply: { key: `soon:${at(1).at.toISOString()}`, stopButton: true, ping: null } });
    expect(model.effects.find((effect) => effect.kind === "notice")).toMatchObject({ to: "UPETRA", deployment: id });
    // Whoever asked may stop it: nothing has started.
    model.must({ kind: "cancel", standing: PETRA, deployment: id, thenRollBack: false });
    expect(model.state(id)).toBe("cancelled");
  });

  test("that finds something in the way says what, and is kept", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must(yes(model, id, at(1)));
    model.pass(30 * MINUTE);
    const until = new Date(MONDAY.getTime() + 3 * HOUR);
    model.must({ kind: "lock", standing: OLAF, reason: "the sale is on", until });
    model.pass(30 * MINUTE);
    model.must(rechecked(model));
    expect(texts(model.effects, "reply")).toEqual([
      expect.stringContaining("It was to start now, and may not: uolaf holds it: the sale is on"),
    ]);
    expect(texts(model.effects, "notice").join(" ")).toContain("Your yes is kept");
    model.must(rechecked(model));
    expect(texts(model.effects, "reply")).toEqual([]);
    expect(stateOf(model, id, "queued").blockers.map((blocker) => blocker.rule)).toEqual(["lock"]);
    model.now = until;
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
  });

  test("counts from the time it is for: Friday's yes lives on Monday", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must(yes(model, id, at(72)));
    model.pass(72 * HOUR);
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
  });

  test("that became too old while something was in the way asks again, and calls whoever may answer", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must(yes(model, id, at(1)));
    model.must({ kind: "lock", standing: OLAF, reason: "a fair", until: new Date(MONDAY.getTime() + 48 * HOUR) });
    model.pass(26 * HOUR);
    model.must(rechecked(model));
    expect(stateOf(model, id, "awaiting_approval").voided).toBe("the approval is too old");
    expect(model.effects.find((effect) => effect.kind === "reply")).toMatchObject({
      reply: { ping: "approval", mention: ["@product-owners"] },
    });
  });

  test.each([
    ["a time that has passed", { kind: "at", at: new Date(MONDAY.getTime() - 1) } as const, "that time has passed"],
    ["more than 7 days ahead", at(7 * 24 + 1), "more than 7 days ahead"],
    ["an opening where nothing is closed", { kind: "opening" } as const, "nothing keeps it closed"],
  ])("for %s is refused, and nothing is recorded", (_what, later, says) => {
    const model = modelOf();
    const id = waiting(model);
    expect(model.refused(yes(model, id, later)).title).toContain(says);
    expect(model.snapshot.approvals).toEqual([]);
  });

  test("for the next opening starts when calendar and lock are both over", () => {
    const model = modelOf(environmentOf([APPROVAL, OFFICE_HOURS]));
    const id = waiting(model);
    const until = new Date(MONDAY.getTime() + 9 * HOUR);
    model.must({ kind: "lock", standing: OLAF, reason: "a demo", until });
    expect(nextOpening(model.snapshot, model.get(id), model.now)).toEqual(until);
    model.must(yes(model, id, { kind: "opening" }));
    model.now = new Date(until.getTime() - 1);
    model.must(rechecked(model));
    expect(model.state(id)).toBe("queued");
    model.pass(1);
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
  });

  test("and what is closed for longer or shorter open together, and no earlier time is named", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must({ kind: "lock", standing: OLAF, reason: "a demo", until: at(1).at });
    expect(model.must(yes(model, id, at(3))).answer).toContain(`when all of that is over, at ${at(3).at.toISOString()}`);
    expect(opensFor(model.snapshot, model.get(id), model.now)).toEqual(at(3).at);
    expect(nextOpening(model.snapshot, model.get(id), model.now)).toEqual(at(1).at);
    expect(queueOf(model.snapshot, { now: model.now, usualMs: null })[0]?.opensAt).toEqual(at(3).at);
  });

  test("does not hold back whoever breaks the glass", () => {
    const model = modelOf(environmentOf(['approval: { from: ["@product-owners"], count: 2, override: { from: ["@product-owners"] } }']));
    const id = waiting(model);
    model.must(yes(model, id, at(5)));
    model.must({ ...approved(model, id, { ...OLAF, mayOverride: true }), override: "the shop is on fire" });
    model.must(rechecked(model, { overriders: ["UOLAF"] }));
    expect(model.state(id)).toBe("executing");
  });
});

function startNow(model: Model, id: DeploymentId, who = OLAF) {
  return { kind: "start_now", standing: who, deployment: id, approverNames: [], shown: shownNow(model, id) } as const;
}

describe("Start now", () => {
  test("starts what waits for its time, in the thread and for whoever chose it, and the yes counts from now", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must(yes(model, id, at(72)));
    model.pass(48 * HOUR);
    expect(model.must(startNow(model, id)).answer).toContain("Deploying to production now");
    expect(texts(model.effects, "reply").join(" ")).toContain(`uolaf starts it now, not at ${at(72).at.toISOString()}`);
    expect(model.effects.find((effect) => effect.kind === "notice")).toMatchObject({ to: "UPETRA", deployment: id });
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
  });

  test("leaves in the way whatever else is in the way", () => {
    const model = modelOf();
    const id = waiting(model);
    model.must(yes(model, id, at(1)));
    model.must({ kind: "lock", standing: PETRA, reason: "the sale is on", until: at(3).at });
    expect(model.must(startNow(model, id)).answer).toContain("upetra holds it: the sale is on");
    model.must(rechecked(model));
    expect(stateOf(model, id, "queued").blockers.map((blocker) => blocker.rule)).toEqual(["lock"]);
    model.now = at(3).at;
    model.must(rechecked(model));
    expect(model.state(id)).toBe("executing");
  });

  test("is for those who may say yes, and only for what waits for a time", () => {
    const model = modelOf();
    const id = waiting(model);
    expect(model.refused(startNow(model, id)).title).toContain("Not started");
    model.must(yes(model, id, at(1)));
    expect(model.refused(startNow(model, id, person("UEVE"))).title).toBe("Not started: you may not approve this.");
    expect(stateOf(model, id, "queued").recheckAt).toEqual(at(1).at);
    model.must(startNow(model, id));
    expect(model.refused(startNow(model, id)).title).toContain("waits for no time that somebody chose");
  });
});

test("a calendar that never opens has no next opening", () => {
  const always = 'freeze: [{ days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "24:00", timezone: UTC }]';
  const model = modelOf(environmentOf([APPROVAL, always]));
  const id = waiting(model);
  expect(nextOpening(model.snapshot, model.get(id), model.now)).toBeNull();
});

describe("how long a yes counts", () => {
  test.each([
    ["Friday afternoon", "2026-11-27T15:00:00Z", 24, "2026-11-30T15:00:00.000Z"],
    ["in the middle of a weekend", "2026-11-28T12:00:00Z", 1, "2026-11-30T00:00:00.000Z"],
    ["over a whole week", "2026-11-23T08:00:00Z", 5 * 24, "2026-11-30T08:00:00.000Z"],
    ["on a Tuesday", "2026-11-24T08:00:00Z", 24, "2026-11-25T08:00:00.000Z"],
  ])("weekends are left out: %s", (_when, from, hours, until) => {
    const expiry = approvalExpiry({ expiresMs: hours * HOUR, workingDays: "Europe/Brussels" }, new Date(from));
    expect(expiry.toISOString()).toBe(until);
  });

  test("with them by default", () => {
    expect(approvalExpiry({ expiresMs: 24 * HOUR }, new Date("2026-11-27T15:00:00Z")).toISOString()).toBe("2026-11-28T15:00:00.000Z");
  });
});

test.each([
  ["before nine today", "2026-11-24T06:00:00Z", "Europe/Brussels", "2026-11-24T08:00:00.000Z"],
  ["after nine tomorrow, over the change of the clocks", "2026-10-24T10:00:00Z", "Europe/Brussels", "2026-10-25T08:00:00.000Z"],
  ["in a zone that nobody knows by UTC", "2026-11-24T10:00:00Z", "Mars/Olympus", "2026-11-25T09:00:00.000Z"],
])("the next morning: %s", (_when, now, zone, morning) => {
  expect(nextMorning(new Date(now), zone).toISOString()).toBe(morning);
});
