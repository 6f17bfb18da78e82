import type { ErrorsLook } from "./errors.ts";
import { MIN_RATE_RATIO, countTester } from "./counts.ts";
import type { CountTest, CountTester } from "./counts.ts";
import type { Interval, Sample, VerdictFigures } from "../measurement.ts";
import { binsOf, minutesOf, sampleOf, samplesBefore, slotBins, unitOf } from "./samples.ts";
import type { SlotSample, Unit } from "./samples.ts";
import { BUDGET, budgetShare } from "./watch-clock.ts";
import type { WatchClock, WatchPlan } from "./watch-clock.ts";

/** What the counts said so far. What one look found is not taken back by a later one. */
export type CountsSoFar = {
  readonly level: "none" | "propose" | "act";
  /** Of the newest look. */
  readonly pValue: number | null;
  readonly roseBefore: boolean;
  /** As many as on each earlier day at these hours. */
  readonly usualNow: boolean;
  readonly sameHours: readonly Interval[];
  /** The baseline of the look that told one. */
  readonly told: readonly Sample[] | null;
  readonly ratio: VerdictFigures["ratio"];
  readonly samples: readonly SlotSample[];
  readonly latest: ErrorsLook | null;
  /** The latest look's: mostly the next one's too. */
  readonly baseline: Baseline | null;
};

type Baseline = {
  readonly source: object;
  readonly samples: readonly Sample[];
  readonly known: Unit;
  readonly unit: Unit;
  readonly tester: CountTester;
};

/** Before the first look. */
export const NO_COUNTS: CountsSoFar = {
  level: "none",
  pValue: null,
  roseBefore: false,
  usualNow: false,
  sameHours: [],
  told: null,
  ratio: { ratio: null, low: null, high: null },
  samples: [],
  latest: null,
  baseline: null,
};

/** Adds one look. It spends the share of the false-alarm budget that fell due since the look before it. */
export function countLook(soFar: CountsSoFar, look: ErrorsLook, watch: WatchPlan, clock: WatchClock): CountsSoFar {
  const share = budgetShare(clock, watch, { after: soFar.latest?.after.to ?? null, at: look.after.to });
  const slot = Math.ceil((look.after.to.getTime() - clock.liveAt.getTime()) / Math.max(1, watch.everyMs));
  const samples =
    look.intervals === undefined
      ? [...soFar.samples, { ...sampleOf(soFar.latest, look), slot }]
      : look.intervals.map((interval, index) => ({ ...interval, slot: index }));
  const told = look.baseline ?? soFar.told;
  const baseline = baselineOf(soFar.baseline, look, unitOf(samples), told);
  const after = slotBins(samples, baseline.unit);
  // What acts already is not asked again: it is not taken back.
  const levels = { propose: BUDGET.propose * share, act: BUDGET.act * share };
  const found: CountTest =
    soFar.level === "act" ? { ...soFar, reaches: "act" } : baseline.tester.test(after, levels, look.after.users === 1);
  const sameHours = look.sameHours ?? soFar.sameHours;
  const usualNow = soFar.level === "none" && found.reaches !== "none" && !baseline.unit.requests && isUsualNow(look, sameHours);
  return {
    level: soFar.level === "act" || found.reaches === "none" || usualNow ? soFar.level : found.reaches,
    pValue: found.pValue,
    roseBefore: found.roseBefore,
    usualNow,
    sameHours,
    told,
    ratio: baseline.tester.ratio(after),
    samples,
    latest: look,
    baseline,
  };
}

/** `told`: the baseline that an earlier look told; it does not change while it is watched. */
function baselineOf(before: Baseline | null, look: ErrorsLook, after: Unit, told: object | null): Baseline {
  const source = look.baseline ?? told ?? look.beforePerMinute ?? look;
  const same = before !== null && before.source === source;
  const samples = same ? before.samples : samplesBefore(look);
  const known = same ? before.known : unitOf(samples);
  const unit = { users: known.users && after.users, requests: known.requests && after.requests };
  if (same && before.unit.users === unit.users && before.unit.requests === unit.requests) return before;
  return { source, samples, known, unit, tester: countTester(binsOf(samples, unit)) };
}

/** A rhythm of the day is no regression. Every earlier day must have shown it: one with trouble of its own excuses nothing. */
function isUsualNow(look: ErrorsLook, sameHours: readonly Interval[]): boolean {
  if (sameHours.length === 0) return false;
  const usual = Math.min(...sameHours.map((day) => day.events / Math.max(1, minutesOf(day))));
  return look.after.events < MIN_RATE_RATIO * usual * minutesOf(look.after);
}
