import { describe, expect, test } from "vitest";
import type { AfterRecord } from "../../src/domain/environment.ts";
import { frozenUntil } from "../../src/domain/freeze.ts";
import type { FreezeWindow } from "../../src/domain/config.ts";
import {
  APPROVAL,
  approved,
  AUTOMATIC,
  DORA,
  environmentOf,
  MINUTE,
  modelOf,
  newId,
  NOTHING,
  OLAF,
  person,
  PETRA,
  rechecked,
  requested,
  sha,
  stateOf,
} from "./model.ts";

const BRUSSELS = "Europe/Brussels";

function window(over: Partial<FreezeWindow>): FreezeWindow {
  return { days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "15:00", to: "24:00", timezone: BRUSSELS, reason: null, ...over };
}

describe("the calendar", () => {
  test.each<[string, Partial<FreezeWindow>, string, string | null]>([
    ["before it", { days: ["fri"] }, "2026-03-06T13:59:59Z", null],
    ["from its first minute", { days: ["fri"] }, "2026-03-06T14:00:00Z", "2026-03-06T23:00:00.000Z"],
    ["on another day", { days: ["fri"] }, "2026-03-05T14:00:00Z", null],
    ["over midnight, on its first day", { days: ["fri"], from: "22:00", to: "06:00" }, "2026-03-06T21:30:00Z", "2026-03-07T05:00:00.000Z"],
    ["over midnight, on the day after", { days: ["fri"], from: "22:00", to: "06:00" }, "2026-03-07T04:59:00Z", "2026-03-07T05:00:00.000Z"],
    ["over midnight, the night before is not meant", { days: ["fri"], from: "22:00", to: "06:00" }, "2026-03-06T04:00:00Z", null],
    [
      "the same hour twice is a whole day",
      { days: ["fri"], from: "09:00", to: "09:00" },
      "2026-03-07T07:59:00Z",
      "2026-03-07T08:00:00.000Z",
    ],
    // 2027-03-28: 02:00 becomes 03:00; what begins in the hour that is missing begins with the leap: at 03:00 the clock is past 02:30.
    ["before the hour that spring takes", { days: ["sun"], from: "02:30", to: "04:00" }, "2027-03-28T00:59:00Z", null],
    ["after the hour that spring takes", { days: ["sun"], from: "02:30", to: "04:00" }, "2027-03-28T01:00:00Z", "2027-03-28T02:00:00.000Z"],
    ["until the hour that spring takes", { days: ["sun"], from: "01:00", to: "02:30" }, "2027-03-28T00:30:00Z", "2027-03-28T01:00:00.000Z"],
    ["over before the hour that spring takes", { days: ["sun"], from: "01:00", to: "02:30" }, "2027-03-28T01:15:00Z", null],
    [
      "over the night that spring shortens",
      { days: ["sat"], from: "22:00", to: "06:00" },
      "2027-03-28T03:59:00Z",
      "2027-03-28T04:00:00.000Z",
    ],
    // 2026-10-25: 02:00 to 03:00 comes twice, and is frozen twice.
    ["the first of the doubled hour", { days: ["sun"], from: "02:00", to: "03:00" }, "2026-10-25T00:30:00Z", "2026-10-25T02:00:00.000Z"],
    ["the second of the doubled hour", { days: ["sun"], from: "02:00", to: "03:00" }, "2026-10-25T01:30:00Z", "2026-10-25T02:00:00.000Z"],
    ["after the doubled hour", { days: ["sun"], from: "02:00", to: "03:00" }, "2026-10-25T02:00:00Z", null],
    [
      "until a midnight after the clocks went back",
      { days: ["sun"], from: "00:00", to: "24:00" },
      "2026-10-25T22:30:00Z",
      "2026-10-25T23:00:00.000Z",
    ],
    [
      "a zone of half an hour",
      { timezone: "Australia/Lord_Howe", from: "10:00", to: "11:00" },
      "2026-03-01T23:00:00Z",
      "2026-03-02T00:00:00.000Z",
    ],
  ])("%s", (_name, over, at, until) => {
    expect(frozenUntil([window(over)], new Date(at))?.until?.toISOString() ?? null).toBe(until);
  });

  test("windows that touch are one, to the first free minute", () => {
    const windows = [window({ days: ["fri"] }), window({ days: ["sat", "sun"], from: "00:00", to: "24:00" })];
    expect(frozenUntil(windows, new Date("2026-03-06T20:00:00Z"))?.until?.toISOString()).toBe("2026-03-08T23:00:00.000Z");
  });

  test("frozen for ever has no end", () => {
    expect(frozenUntil([window({ from: "00:00", to: "24:00" })], new Date("2026-03-06T20:00:00Z"))?.until).toBeNull();
  });
});

const FREEZE = 'freeze: [{ days: [mon], from: "09:00", to: "11:00", timezone: UTC, reason: the weekly fair }]';

describe("the gate", () => {
  test("a freeze holds what is approved, says until when, and lets it go then", () => {
    const model = modelOf(environmentOf([APPROVAL, FREEZE]));
    const command = requested(1);
    model.must(command);
    expect(model.must(approved(model, command.id)).answer).toContain("the weekly fair");
    expect(model.effects).toContainEqual({ kind: "recheck", at: new Date("2026-03-02T11:00:00Z") });
    model.must(rechecked(model));
    expect(model.effects).toEqual([]);
    expect(stateOf(model, command.id, "queued").recheckAt?.toISOString()).toBe("2026-03-02T11:00:00.000Z");
    model.now = new Date("2026-03-02T11:00:00Z");
    model.must(rechecked(model));
    expect(model.state(command.id)).toBe("executing");
  });

  test("a lock names its owner and reason, does not hold its owner's own, and ends by itself", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const until = new Date(model.now.getTime() + 30 * MINUTE);
    model.must({ kind: "lock", standing: OLAF, reason: "a demo", until });
    const command = requested(1);
    model.must(command);
    model.must(rechecked(model));
    expect(stateOf(model, command.id, "queued").blockers).toEqual([
      { rule: "lock", text: "uolaf holds it: a demo", owner: "uolaf", liftsAt: until },
    ]);
    const own = requested(2, { standing: OLAF });
    model.must(own);
    model.must(rechecked(model));
    expect(model.state(own.id)).toBe("executing");
    const other = modelOf(environmentOf([AUTOMATIC]), { lock: { owner: OLAF.actor, reason: "a demo", since: model.now, until } });
    const waits = requested(1);
    other.must(waits);
    other.now = until;
    other.must(rechecked(other));
    expect(other.state(waits.id)).toBe("executing");
  });

  test("a lock is taken off by its owner, an approver or the operator, by nobody else", () => {
    const model = modelOf(environmentOf([AUTOMATIC]));
    const lock = { kind: "lock", standing: DORA, reason: "mine", until: new Date(model.now.getTime() + MINUTE) } as const;
    expect(model.refused({ kind: "unlock", standing: DORA }).title).toBe("Nothing to unlock: nobody holds it.");
    model.must(lock);
    expect(model.refused({ ...lock, standing: person("UEVE") }).title).toBe("Not locked: udora holds it already: mine");
    expect(model.refused({ kind: "unlock", standing: person("UEVE") })).toMatchObject({ who: "udora" });
    for (const standing of [DORA, PETRA, person("", { actor: { kind: "cli", user: "root" } })]) {
      model.must({ kind: "unlock", standing });
      expect(model.snapshot.lock).toBeNull();
      model.must(lock);
    }
  });

  const liveAt = new Date("2026-03-02T08:55:00Z");
  const record = (over: Partial<AfterRecord> = {}): AfterRecord => ({
    revision: sha(1),
    liveAt,
    state: "succeeded_unverified",
    number: 1,
    ...over,
  });

  test.each<[string, string, readonly AfterRecord[], string | null, string | null]>([
    ["never there", "after: { environment: staging }", [], "This version has not been live on shop/staging with a good end.", null],
    [
      "another one there",
      "after: { environment: staging }",
      [record({ revision: sha(9) })],
      "This version has not been live on shop/staging with a good end.",
      null,
    ],
    ["there, unverified", "after: { environment: staging }", [record()], null, null],
    [
      "unverified where it must be verified",
      "after: { environment: staging, verdict: succeeded }",
      [record()],
      "This version has not been live on shop/staging with a good end.",
      null,
    ],
    [
      "regressed there",
      "after: { environment: staging }",
      [record({ state: "regressed" })],
      "This version has not been live on shop/staging with a good end.",
      null,
    ],
    [
      "not long enough",
      "after: { environment: staging, for: 10m }",
      [record()],
      "It has to be live on shop/staging for longer.",
      "2026-03-02T09:05:00.000Z",
    ],
    ["just long enough", "after: { environment: staging, for: 5m }", [record()], null, null],
    ["watched, which is good enough", "after: { environment: staging }", [record({ state: "watching" })], null, null],
    [
      "watched, where it must be verified",
      "after: { environment: staging, verdict: succeeded }",
      [record({ state: "watching" })],
      "It has to be live on shop/staging for longer.",
      null,
    ],
    [
      "once bad, once good",
      "after: { environment: staging }",
      [record({ state: "failed", number: 2 }), record({ state: "succeeded" })],
      null,
      null,
    ],
  ])("after another environment: %s", (_name, rule, after, text, lifts) => {
    const model = modelOf(environmentOf([rule, AUTOMATIC]), { after });
    const command = requested(1);
    model.must(command);
    model.must(rechecked(model));
    const { state } = model.get(command.id);
    const waits = state.state === "queued" ? state : { blockers: [], recheckAt: null };
    expect(state.state).toBe(text === null ? "executing" : "queued");
    expect(waits.blockers.map((blocker) => blocker.text)).toEqual(text === null ? [] : [text]);
    expect(waits.recheckAt?.toISOString() ?? null).toBe(lifts);
  });

  test("it answers with all its reasons at once", () => {
    const model = modelOf(environmentOf(["after: { environment: staging }", "needs: validation", AUTOMATIC, FREEZE]), {
      lock: { owner: OLAF.actor, reason: "a demo", since: liveAt, until: new Date("2026-03-02T12:00:00Z") },
      heldBecause: "Restored.",
      blocked: [{ revision: sha(1), deploymentId: newId(), at: liveAt }],
    });
    const command = requested(2, {
      changes: {
        ...NOTHING,
        changes: [
          { revision: sha(1), title: "x", author: { name: "a", email: null, login: null, slackId: null }, url: null, pullRequest: null },
        ],
      },
    });
    model.must(command);
    model.must(rechecked(model));
    expect(stateOf(model, command.id, "queued").blockers.map((blocker) => blocker.rule)).toEqual([
      "attention",
      "blocked_commit",
      "order",
      "validation",
      "lock",
      "freeze",
    ]);
  });
});
