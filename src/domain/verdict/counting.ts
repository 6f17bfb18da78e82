import type { ErrorsLook } from "./errors.ts";
import { countTester, ratioOf } from "./counts.ts";
import type { CountTest } from "./counts.ts";
import type { VerdictFigures } from "../measurement.ts";
import { comparedBy, sampleOf, samplesBefore } from "./samples.ts";
import type { SlotSample } from "./samples.ts";
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
  /** Made from the latest look's baseline; the next look's is mostly the same one. */
  readonly baseline: { readonly key: string; readonly test: ReturnType<typeof countTester> } | null;
};

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
  const compared = comparedBy(samplesBefore(look), samples);
  const key = compared.before.map(({ exposure, count }) => `${exposure}:${count}`).join(" ");
  const baseline = soFar.baseline?.key === key ? soFar.baseline : { key, test: countTester(compared.before) };
  // What acts already is not asked again: it is not taken back.
  const found: CountTest =
    soFar.level === "act"
      ? { ...soFar, reaches: "act" }
      : baseline.test(compared.after, { propose: BUDGET.propose * share, act: BUDGET.act * share }, look.after.users === 1);
  return {
    level: soFar.level === "act" || found.reaches === "none" ? soFar.level : found.reaches,
    pValue: found.pValue,
    roseBefore: found.roseBefore,
    ratio: ratioOf(compared),
    samples,
    latest: look,
    baseline,
  };
}
