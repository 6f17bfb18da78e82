import { describe, expect, test } from "vitest";
import type { Verdict } from "../../src/domain/measurement.ts";
import type { Actor } from "../../src/domain/people.ts";
import { adviceOf, ENOUGH_WATCHES, MISSED_WITHIN_MS, trustOf, type WatchRecord } from "../../src/domain/trust.ts";
import { trustLines } from "../../src/domain/trust-words.ts";

const HOUR = 3_600_000;
const START = Date.parse("2026-03-02T09:00:00Z");
const ANN: Actor = { kind: "slack", id: "UANN", name: "Ann" };

type Said = "real" | "false" | "nothing";
type Of = { readonly alarm?: Said; readonly acts?: boolean; readonly verdict?: Verdict["kind"] | null; readonly back?: number | "itself" };

/** The nth watch, a day after the one before. `back`: hours until a person rolled it back. */
function watch(number: number, { alarm, acts = false, verdict = "healthy", back }: Of = {}): WatchRecord {
  const liveAt = new Date(START + number * 24 * HOUR);
  const seenAt = new Date(liveAt.getTime() + 60_000);
  const word = alarm === undefined || alarm === "nothing" ? null : { isReal: alarm === "real", by: ANN, at: seenAt };
  return {
    number,
    liveAt,
    verdict: alarm === undefined ? verdict : "regressed",
    alarm: alarm === undefined ? null : { seenAt, wouldActAt: acts ? seenAt : null, word },
    rollback:
      back === undefined
        ? null
        : back === "itself"
          ? { automatic: true, at: seenAt }
          : { automatic: false, at: new Date(liveAt.getTime() + back * HOUR) },
  };
}

const quiet = (count: number, from = 100): readonly WatchRecord[] => Array.from({ length: count }, (_, index) => watch(from + index));

describe("what the watches were worth", () => {
  test("is counted with what people said, what would have acted, and what was missed", () => {
    const trust = trustOf([
      watch(1, { alarm: "real", acts: true, back: "itself" }),
      watch(2, { alarm: "real" }),
      watch(3, { alarm: "false" }),
      watch(4, { alarm: "nothing" }),
      watch(5, { back: 2 }),
      watch(6, { verdict: "blind" }),
      ...quiet(3),
    ]);
    expect(trust).toMatchObject({
      watches: 9,
      blind: 1,
      alarms: { total: 4, real: 2, wrong: 1, unsaid: [4] },
      acts: { total: 1, real: 1, wrong: 0 },
      rolledBack: 1,
      missed: [5],
    });
    expect([trust.precision, trust.recall]).toEqual([2 / 3, 2 / 3]);
    expect(trust.since).toEqual(watch(1).liveAt);
    expect(trustLines(trust, adviceOf(trust), "offer")).toEqual([
      "4 alarms: 2 real, 1 false, 1 nobody said (#4); 1 regression was missed (#5: rolled back by a person within a day, though nothing had been seen).",
      "Of 3 alarms that people judged 2 were real (67 %); of 3 regressions known 2 were seen (67 %).",
      "on_regression: rollback would have acted once: real. Greenlight rolled back by itself once.",
      `Not enough for advice yet: 8 of ${ENOUGH_WATCHES} watches that could see.`,
    ]);
  });

  test.each([
    ["a rollback by itself", watch(1, { alarm: "nothing", back: "itself" }), 0],
    ["a person's, of what was seen", watch(1, { alarm: "nothing", back: 1 }), 0],
    ["a person's, of what nobody could see", watch(1, { verdict: "blind", back: 1 }), 0],
    ["a person's, long after", watch(1, { back: MISSED_WITHIN_MS / HOUR + 1 }), 0],
    ["a person's, just in time", watch(1, { back: MISSED_WITHIN_MS / HOUR }), 1],
    ["a person's, before the first look", watch(1, { verdict: null, back: 0 }), 1],
  ])("missed or not: %s", (_what, record, missed) => {
    expect(trustOf([record]).missed).toHaveLength(missed);
  });

  test("no second act within six hours of one, as in the real thing", () => {
    const first = watch(1, { alarm: "real", acts: true });
    const soon = { ...watch(2, { alarm: "real", acts: true }), alarm: { ...first.alarm, seenAt: first.liveAt, word: null } };
    const at = (hours: number): WatchRecord => ({
      ...soon,
      alarm: { seenAt: first.liveAt, wouldActAt: new Date((first.alarm?.wouldActAt?.getTime() ?? 0) + hours * HOUR), word: null },
    });
    expect(trustOf([first, at(5.9)]).acts.total).toBe(1);
    expect(trustOf([first, at(6)]).acts.total).toBe(2);
  });

  test("says nothing of nothing", () => {
    const trust = trustOf([]);
    expect([trust.precision, trust.recall, trust.since]).toEqual([null, null, null]);
    expect(trustLines(trust, adviceOf(trust), "shadow")).toEqual(["No watch has ended here yet."]);
  });
});

describe("the advice", () => {
  const enough = quiet(ENOUGH_WATCHES);
  test.each([
    ["waits for enough watches", enough.slice(1), "offer", `Not enough for advice yet: 19 of ${ENOUGH_WATCHES} watches that could see.`],
    [
      "does not count the blind",
      [...enough.slice(1), watch(1, { verdict: "blind" })],
      "offer",
      `Not enough for advice yet: 19 of ${ENOUGH_WATCHES} watches that could see.`,
    ],
    [
      "is to let it act, where that would have been right",
      [...enough, watch(1, { alarm: "real", acts: true }), watch(2, { alarm: "real", acts: true })],
      "offer",
      "Advice: on_regression: rollback. 22 watches without a false act: on_regression: rollback would have acted twice, both real.",
    ],
    [
      "asks people first",
      [...enough, watch(1, { alarm: "real", acts: true }), watch(2, { alarm: "nothing", acts: true })],
      "shadow",
      "Say first whether #2 was real: it decides whether a rollback by itself can be advised.",
    ],
    [
      "is to leave it to people after one false act, however few watches there were",
      [watch(1, { alarm: "false", acts: true })],
      "offer",
      "Advice: stay with on_regression: offer. 1 of 1 act would have been wrong.",
    ],
    [
      "takes the act back where it does harm",
      [...enough, watch(1, { alarm: "false", acts: true, back: "itself" }), watch(2, { alarm: "real", acts: true })],
      "rollback",
      "Advice: on_regression: offer. 1 of 2 acts would have been wrong, so let people decide.",
    ],
    [
      "knows nothing of what never happened; a false proposal is no false act",
      [...enough, watch(1, { alarm: "false" })],
      "shadow",
      "21 watches without a false act; on_regression: rollback had nothing to act on, so nobody knows how it would.",
    ],
  ] as const)("%s", (_what, records, policy, words) => {
    const trust = trustOf(records);
    expect(trustLines(trust, adviceOf(trust), policy).at(-1)).toBe(words);
  });
});
