import { describe, expect, test } from "vitest";
import { lastingUntil, type Absence } from "../../src/domain/absence.ts";
import { lockOn } from "../../src/domain/gate.ts";
import { approved, environmentOf, MINUTE, modelOf, MONDAY, OLAF, PETRA, rechecked, requested, stateOf, type Model } from "./model.ts";

const HOUR = 60 * MINUTE;

function at(hour: number): Date {
  return new Date(MONDAY.getTime() + hour * HOUR);
}

function away(from: number, to: number | null): Absence {
  return { since: at(from), until: to === null ? null : at(to) };
}

function hours(date: Date): number {
  return (date.getTime() - MONDAY.getTime()) / HOUR;
}

describe("what lasts from hour 10 to hour 34", () => {
  test.each([
    { name: "ends then when Slack was there", absences: [], end: 34 },
    { name: "is longer by an absence within", absences: [away(12, 14)], end: 36 },
    { name: "is longer by two of them", absences: [away(20, 21), away(12, 14)], end: 37 },
    { name: "is not longer by what was before it", absences: [away(1, 9)], end: 34 },
    { name: "counts of an absence only what is within", absences: [away(8, 12)], end: 36 },
    { name: "has what it had left when an absence outlasts it", absences: [away(33, 60)], end: 61 },
    { name: "is longer also by an absence in the time it was given back", absences: [away(33, 60), away(60.5, 70)], end: 70.5 },
    { name: "is not longer by what came after it", absences: [away(35, 40)], end: 34 },
    { name: "does not end while Slack is away", absences: [away(33, null)], end: 101 },
    { name: "does not come to life again", absences: [away(34, null)], end: 34 },
  ])("$name", ({ absences, end }) => {
    expect(hours(lastingUntil({ from: at(10), until: at(34) }, absences, at(100)))).toBe(end);
  });

  test("a weekend counts no more in an absence than outside of one", () => {
    // Monday 09:00 UTC; Friday 15:00 to Monday 15:00 in the zone of the rule is 24 hours of work.
    const span = { from: at(4 * 24 + 6), until: at(7 * 24 + 6), workingDays: "UTC" };
    expect(hours(lastingUntil(span, [away(5 * 24, 6 * 24 + 1)], at(500)))).toBe(7 * 24 + 6);
    expect(hours(lastingUntil(span, [away(4 * 24 + 10, 7 * 24)], at(500)))).toBe(7 * 24 + 20);
  });
});

/** Slack goes away for that long, and people and the environment look at the end and once more when it is back. */
function absent(model: Model, ms: number): void {
  const since = model.now;
  model.snapshot = { ...model.snapshot, absences: [{ since, until: null }] };
  model.pass(ms);
  model.must(rechecked(model));
  model.snapshot = { ...model.snapshot, absences: [{ since, until: model.now }] };
  model.must(rechecked(model));
}

describe("while nobody can press", () => {
  test("a question does not expire; afterwards people have what they had left, and it is written down once", () => {
    const model = modelOf();
    const asked = requested(1);
    model.must(asked);
    model.pass(23 * HOUR);
    absent(model, 48 * HOUR);
    expect(hours(stateOf(model, asked.id, "awaiting_approval").expiresAt)).toBe(72);
    model.must(rechecked(model));
    expect(model.history.filter(({ kind }) => kind === "more_time")).toHaveLength(1);
    model.pass(HOUR - 1);
    model.must(rechecked(model));
    expect(model.state(asked.id)).toBe("awaiting_approval");
    model.pass(1);
    model.must(rechecked(model));
    expect(model.state(asked.id)).toBe("expired");
  });

  test("who presses when Slack is back is in time, also before anything was judged anew", () => {
    const model = modelOf();
    const asked = requested(1);
    model.must(asked);
    model.pass(23 * HOUR);
    model.snapshot = { ...model.snapshot, absences: [{ since: model.now, until: at(30) }] };
    model.pass(7.5 * HOUR);
    model.must(approved(model, asked.id));
    expect(model.state(asked.id)).toBe("queued");
  });

  test("the plan that was asked for anew while it was away still has its time", () => {
    const model = modelOf();
    const asked = requested(1);
    model.must(asked);
    const since = model.now;
    model.snapshot = { ...model.snapshot, absences: [{ since, until: null }] };
    model.pass(100 * HOUR);
    const second = requested(2);
    model.must(second);
    model.snapshot = { ...model.snapshot, absences: [{ since, until: at(101) }] };
    model.pass(HOUR);
    model.must(rechecked(model));
    expect(hours(stateOf(model, asked.id, "awaiting_approval").expiresAt)).toBe(125);
    expect(hours(stateOf(model, second.id, "awaiting_approval").expiresAt)).toBe(125);
  });

  test.each([
    { name: "a yes of two keeps counting", later: null },
    { name: "a yes for later keeps counting", later: { kind: "at", at: at(5) } as const },
  ])("$name", ({ later }) => {
    const model = modelOf(environmentOf(['approval: { from: ["@product-owners"], count: 2, expires: 24h }']));
    const asked = requested(1);
    model.must(asked);
    model.must({ ...approved(model, asked.id, PETRA), later });
    model.pass(2 * HOUR);
    absent(model, 60 * HOUR);
    model.must(approved(model, asked.id, OLAF));
    model.must(rechecked(model));
    expect(model.state(asked.id)).toBe("executing");
  });

  test("a queued deployment keeps its yes, and loses it when its own time is over", () => {
    const model = modelOf();
    const asked = requested(1);
    model.must({ kind: "lock", standing: OLAF, reason: "a demonstration", until: at(10 * 24) });
    model.must(asked);
    model.must(approved(model, asked.id));
    model.pass(HOUR);
    absent(model, 60 * HOUR);
    expect(model.state(asked.id)).toBe("queued");
    model.pass(23 * HOUR - 1);
    model.must(rechecked(model));
    expect(model.state(asked.id)).toBe("queued");
    model.pass(1);
    model.must(rechecked(model));
    expect(model.state(asked.id)).toBe("awaiting_approval");
  });

  test("a hold while somebody looks does not end; the nudge before its end takes none of it away", () => {
    const model = modelOf();
    model.must({ kind: "lock", standing: OLAF, reason: "I look", until: at(2) });
    model.pass(HOUR);
    absent(model, 5 * HOUR);
    expect(hours(lockOn(model.snapshot, model.now)?.until ?? MONDAY)).toBe(7);
    model.pass(0.9 * HOUR);
    model.must(rechecked(model));
    expect(model.snapshot.lock?.nudgedAt).toEqual(model.now);
    expect(hours(lockOn(model.snapshot, model.now)?.until ?? MONDAY)).toBe(7);
    model.pass(0.1 * HOUR);
    expect(lockOn(model.snapshot, model.now)).toBeNull();
  });

  test("a lock of the command line ends when it was said to: its owner needs no Slack", () => {
    const model = modelOf();
    const standing = { ...OLAF, actor: { kind: "cli", user: "root" } as const };
    model.must({ kind: "lock", standing, reason: "maintenance", until: at(2) });
    absent(model, 3 * HOUR);
    expect(lockOn(model.snapshot, model.now)).toBeNull();
  });
});
