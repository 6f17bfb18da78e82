import { describe, expect, test } from "vitest";
import { frozenUntil, windowText } from "../../src/domain/freeze.ts";
import { nextOpening } from "../../src/domain/opening.ts";
import { AUTOMATIC, environmentOf, MINUTE, modelOf, OLAF, PETRA, requested } from "./model.ts";

const HOLIDAYS = 'freeze: [{ dates: ["2026-12-24..2027-01-02"], timezone: Europe/Brussels, reason: the holidays }]';

/** Read from the file, as people write it. */
function calendar(freeze: string) {
  return environmentOf([AUTOMATIC, freeze]).freeze;
}

describe("dates", () => {
  test.each([
    ["the minute before", "2026-12-23T22:59:00Z", null],
    ["from its first midnight there", "2026-12-23T23:00:00Z", "2027-01-02T23:00:00.000Z"],
    ["to its last midnight there", "2027-01-02T22:59:00Z", "2027-01-02T23:00:00.000Z"],
    ["not the day after", "2027-01-02T23:00:00Z", null],
    ["not the year after", "2027-12-25T12:00:00Z", null],
  ])("%s", (_name, at, until) => {
    expect(frozenUntil(calendar(HOLIDAYS), new Date(at))?.until?.toISOString() ?? null).toBe(until);
  });

  test("with weekdays only those of them, with times only then", () => {
    const windows = calendar('freeze: [{ days: [fri], dates: ["2026-11-01..2026-11-30"], from: "15:00", to: "18:00", timezone: UTC }]');
    const frozen = ["2026-10-30T16:00Z", "2026-11-27T16:00Z", "2026-11-27T14:59Z", "2026-11-26T16:00Z", "2026-12-04T16:00Z"].map(
      (at) => frozenUntil(windows, new Date(at)) !== null,
    );
    expect(frozen).toEqual([false, true, false, false, false]);
  });

  test("a year of them ends, a week that comes again does not", () => {
    const year = calendar('freeze: [{ dates: ["2027-01-01..2027-12-31"], timezone: UTC }]');
    expect(frozenUntil(year, new Date("2027-01-01T00:00:00Z"))?.until?.toISOString()).toBe("2028-01-01T00:00:00.000Z");
    const always = calendar(
      'freeze: [{ days: [mon, tue, wed, thu, fri], from: "00:00", to: "24:00", timezone: Europe/Brussels }, { days: [sat, sun], from: "00:00", to: "24:00", timezone: Europe/Brussels }]',
    );
    expect(frozenUntil(always, new Date("2027-03-27T12:00:00Z"))).toMatchObject({ until: null });
  });

  test.each([
    [HOLIDAYS, "2026-12-24 to 2027-01-02, Europe/Brussels"],
    [
      'freeze: [{ dates: [2026-12-25, 2027-05-01], from: "08:00", to: "12:00", timezone: UTC }]',
      "2026-12-25, 2027-05-01, 08:00 to 12:00, UTC",
    ],
    ['freeze: [{ days: [fri], from: "15:00", to: "24:00", timezone: UTC }]', "15:00 to 24:00, UTC"],
  ])("are named: %s", (freeze, words) => {
    expect(calendar(freeze).map(windowText)).toEqual([words]);
  });
});

function monday(time: string): Date {
  return new Date(`2026-03-02T${time}:00Z`);
}

function held(owner: typeof OLAF, until: string) {
  return { owner: owner.actor, reason: "a demo", since: monday("08:00"), until: monday(until) };
}

describe("the next opening", () => {
  const DAILY =
    'freeze: [{ days: [mon], from: "10:00", to: "12:00", timezone: UTC }, { days: [mon], from: "13:00", to: "14:00", timezone: UTC }]';

  test.each([
    ["of a lock that ends in a window", { lock: held(OLAF, "10:30") }, "12:00"],
    ["of a freeze that somebody set over two windows", { freeze: held(OLAF, "13:15") }, "14:00"],
    ["of a lock from one window into the next", { lock: held(OLAF, "13:00"), freeze: held(PETRA, "10:00") }, "14:00"],
    ["of a freeze that ends between two windows", { freeze: held(OLAF, "12:20") }, "12:20"],
  ])("is that of all together: %s", (_name, over, opens) => {
    const model = modelOf(environmentOf([AUTOMATIC, DAILY]), over);
    const command = requested(1);
    model.must(command);
    expect(nextOpening(model.snapshot, model.get(command.id), model.now)?.toISOString()).toBe(monday(opens).toISOString());
  });

  test("one's own lock does not close it, one's own freeze does", () => {
    const asked = requested(1, { standing: OLAF });
    const locked = modelOf(environmentOf([AUTOMATIC]), { lock: held(OLAF, "12:00") });
    locked.must(asked);
    expect(nextOpening(locked.snapshot, locked.get(asked.id), locked.now)).toBeNull();
    const frozen = modelOf(environmentOf([AUTOMATIC]), { freeze: held(OLAF, "12:00") });
    frozen.must(asked);
    expect(nextOpening(frozen.snapshot, frozen.get(asked.id), new Date(frozen.now.getTime() + MINUTE))).toEqual(monday("12:00"));
  });
});
