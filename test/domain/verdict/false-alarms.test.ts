import { expect, test } from "vitest";
import { draw, randomFrom } from "../../../bench/verdict/draw.ts";
import { judgeNext, startJudging } from "../../../src/domain/verdict/judge.ts";
import { LIVE, WATCH, errorsAt, minute } from "./looks.ts";

const RUNS = 300;
const LOOKS = 30;

test.each([{ rate: 0.05 }, { rate: 0.3 }, { rate: 2 }, { rate: 20 }])(
  "an unchanged service with $rate errors a minute raises false alarms within the budget",
  ({ rate }) => {
    const runs = simulate({ rate, change: 1, seed: 7 });
    // 2 % and 0.5 % of 300 runs.
    expect(runs.filter((run) => run.proposed !== null).length).toBeLessThanOrEqual(6);
    expect(runs.filter((run) => run.acted !== null).length).toBeLessThanOrEqual(2);
  },
  120_000,
);

test.each([{ rate: 0.05 }, { rate: 0.3 }, { rate: 2 }])(
  "a service whose $rate errors a minute come in bursts raises few false alarms",
  ({ rate }) => {
    const runs = simulate({ rate, change: 1, seed: 17, burstiness: 5 });
    // Variance five times the mean: the same budget, 2 % and 0.5 %.
    expect(runs.filter((run) => run.proposed !== null).length).toBeLessThanOrEqual(0.02 * RUNS);
    expect(runs.filter((run) => run.acted !== null).length).toBeLessThanOrEqual(2);
  },
  120_000,
);

test("ten times the errors act within a few looks", () => {
  const runs = simulate({ rate: 2, change: 10, seed: 11 }).slice(0, RUNS / 3);
  expect(runs.every((run) => run.acted !== null && run.acted <= 5)).toBe(true);
});

test("three times the errors of a busy service are found", () => {
  const runs = simulate({ rate: 2, change: 3, seed: 13 }).slice(0, RUNS / 3);
  expect(runs.filter((run) => run.proposed !== null).length).toBeGreaterThan(0.95 * runs.length);
});

type Run = { readonly proposed: number | null; readonly acted: number | null };

/** `burstiness`: variance-to-mean ratio of the errors per minute; 1 is Poisson, more is a negative binomial. */
type Cell = { readonly rate: number; readonly change: number; readonly seed: number; readonly burstiness?: number };

function simulate(cell: Cell): readonly Run[] {
  const random = randomFrom(cell.seed);
  const ratio = cell.burstiness ?? 1;
  return Array.from({ length: RUNS }, () => {
    const beforePerMinute = Array.from({ length: 60 }, () => draw(cell.rate, ratio, random));
    const before = beforePerMinute.reduce((total, events) => total + events, 0);
    let judging = startJudging(WATCH, LIVE, minute(LOOKS));
    let events = 0;
    let run: Run = { proposed: null, acted: null };
    for (let look = 1; look <= LOOKS && run.acted === null; look += 1) {
      events += draw(cell.rate * cell.change, ratio, random);
      const judged = judgeNext(judging, errorsAt(look, events, { before, beforePerMinute }), minute(look));
      ({ judging } = judged);
      const { verdict } = judged;
      if (verdict.kind !== "regressed") continue;
      run = { proposed: run.proposed ?? look, acted: verdict.level === "act" ? look : null };
    }
    return run;
  });
}
