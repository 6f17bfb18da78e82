import type { ErrorsLook } from "./errors.ts";
import { countTester } from "./counts.ts";
import type { CountTest, CountTester } from "./counts.ts";
import type { VerdictFigures } from "../measurement.ts";
import { binsOf, sampleOf, samplesBefore, slotBins, unitOf } from "./samples.ts";
import type { SlotSample, Unit } from "./samples.ts";
import { BUDGET, budgetShare } from "./watch-clock.ts";
import type { WatchClock, WatchPlan } from "./watch-clock.ts";

/** What the counts said so far. What one look found is not taken back by a later one. */
export type CountsSoFar = {
  readonly level: "none" | "propose" | "act";
  /** Of the newest look. */
  readonly pValue: number | null;
  readonly roseBefore: boolean;
  readonly ratio: VerdictFigures["ratio"];
  readonly samples: readonly SlotSample[];
  readonly latest: ErrorsLook | null;
  /** The latest look's: mostly the next one's too. */
  readonly baseline: Baseline | null;
};

type Baseline = { readonly source: object; readonly known: Unit; readonly unit: Unit; readonly tester: CountTester };

/** Before the first look. */
export const NO_COUNTS: CountsSoFar = {
  level: "none",
  pValue: null,
  roseBefore: false,
  ratio: { ratio: null, low: null, high: null },
  samples: [],
  latest: null,
  baseline: null,
};

/** Adds one look. It spends the share of the false-alarm budget that fell due since the look before it. */
export function countLook(soFar: CountsSoFar, look: ErrorsLook, watch: WatchPlan, clock: WatchClock): CountsSoFar {
  const share = budgetShare(clock, watch, { after: soFar.latest?.after.to ?? null, at: look.after.to });
  const slot = Math.ceil((look.after.to.getTime() - clock.liveAt.getTime()) / Math.max(1, watch.everyMs));
  const samples = [...soFar.samples, { ...sampleOf(soFar.latest, look), slot }];
  const baseline = baselineOf(soFar.baseline, look, unitOf(samples));
  const after = slotBins(samples, baseline.unit);
  // What acts already is not asked again: it is not taken back.
  const levels = { propose: BUDGET.propose * share, act: BUDGET.act * share };
  const found: CountTest =
    soFar.level === "act" ? { ...soFar, reaches: "act" } : baseline.tester.test(after, levels, look.after.users === 1);
  return {
    level: soFar.level === "act" || found.reaches === "none" ? soFar.level : found.reaches,
    pValue: found.pValue,
    roseBefore: found.roseBefore,
    ratio: baseline.tester.ratio(after),
    samples,
    latest: look,
    baseline,
  };
}

function baselineOf(before: Baseline | null, look: ErrorsLook, after: Unit): Baseline {
  const source = look.baseline ?? look.beforePerMinute ?? look;
  const same = before !== null && before.source === source;
  const known = same ? before.known : unitOf(samplesBefore(look));
  const unit = { users: known.users && after.users, requests: known.requests && after.requests };
  if (same && before.unit.users === unit.users && before.unit.requests === unit.requests) return before;
  return { source, known, unit, tester: countTester(binsOf(samplesBefore(look), unit)) };
}
