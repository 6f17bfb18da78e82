import type { Alarm } from "./alarm.ts";
import type { Watch } from "./config.ts";
import { ONE_AUTOMATIC_IN_MS } from "./decide/countdown.ts";
import type { Verdict } from "./measurement.ts";

/** One watch that has ended, or that saw something already: what the judge said, and what people said and did. */
export type WatchRecord = {
  /** Of the deployment. */
  readonly number: number;
  readonly liveAt: Date;
  /** The last verdict; null: nothing was looked at. */
  readonly verdict: Verdict["kind"] | null;
  /** The regression that it saw; null: none. */
  readonly alarm: Alarm | null;
  /** The rollback of it, whenever it came; null: there was none. */
  readonly rollback: { readonly automatic: boolean; readonly at: Date } | null;
};

/** What people said of some alarms. `unsaid`: numbers of the deployments of which nobody has said anything. */
export type Words = { readonly total: number; readonly real: number; readonly wrong: number; readonly unsaid: readonly number[] };

/** How far the judge could be trusted so far in one environment. */
export type Trust = {
  readonly watches: number;
  /** Of these, watches in which nothing could be measured. */
  readonly blind: number;
  readonly since: Date | null;
  readonly alarms: Words;
  /** What `on_regression: rollback` would have begun by itself, or did. */
  readonly acts: Words;
  /** How often Greenlight rolled back by itself. */
  readonly rolledBack: number;
  /** Numbers of the deployments that a person rolled back though the watch had seen nothing. */
  readonly missed: readonly number[];
  /** Real alarms of those that somebody judged, 0 to 1; null: nobody judged one. */
  readonly precision: number | null;
  /** Regressions seen of those that are known, 0 to 1; null: none is known. */
  readonly recall: number | null;
};

/** Somebody who rolls back a day later does so for what the watch could have seen; what comes weeks later it could not. */
export const MISSED_WITHIN_MS = 24 * 3_600_000;

/** Counts what the watches of one environment were worth. Pure; in whatever order they come. */
export function trustOf(records: readonly WatchRecord[]): Trust {
  const ordered = records.toSorted((left, right) => left.liveAt.getTime() - right.liveAt.getTime());
  const alarms = wordsOf(ordered.filter(({ alarm }) => alarm !== null));
  const missed = ordered.filter(isMissed).map(({ number }) => number);
  const judged = alarms.real + alarms.wrong;
  const known = alarms.real + missed.length;
  return {
    watches: ordered.length,
    blind: ordered.filter(({ verdict, alarm }) => verdict === "blind" && alarm === null).length,
    since: ordered[0]?.liveAt ?? null,
    alarms,
    acts: wordsOf(actsIn(ordered)),
    rolledBack: ordered.filter(({ rollback }) => rollback?.automatic === true).length,
    missed,
    precision: judged === 0 ? null : alarms.real / judged,
    recall: known === 0 ? null : alarms.real / known,
  };
}

/** By the same rule as the real thing: after one rollback by itself people decide for a while. */
function actsIn(ordered: readonly WatchRecord[]): readonly WatchRecord[] {
  const strong = ordered
    .flatMap((record) => (record.alarm?.wouldActAt == null ? [] : [{ record, at: record.alarm.wouldActAt.getTime() }]))
    .toSorted((left, right) => left.at - right.at);
  let last = Number.NEGATIVE_INFINITY;
  return strong.flatMap(({ record, at }) => {
    if (at - last < ONE_AUTOMATIC_IN_MS) return [];
    last = at;
    return [record];
  });
}

function wordsOf(records: readonly WatchRecord[]): Words {
  const said = (isReal: boolean): number => records.filter(({ alarm }) => alarm?.word?.isReal === isReal).length;
  const unsaid = records.filter(({ alarm }) => (alarm?.word ?? null) === null).map(({ number }) => number);
  return { total: records.length, real: said(true), wrong: said(false), unsaid };
}

/** Where nothing could be measured nothing was claimed, so nothing was missed. */
function isMissed({ alarm, verdict, rollback, liveAt }: WatchRecord): boolean {
  return (
    alarm === null &&
    verdict !== "blind" &&
    rollback !== null &&
    !rollback.automatic &&
    rollback.at.getTime() - liveAt.getTime() <= MISSED_WITHIN_MS
  );
}

/** What the figures speak for, in words for people; `numbers` are deployments on which somebody has to say something first. */
export type Advice =
  | { readonly kind: "wait"; readonly have: number; readonly need: number }
  | { readonly kind: "judge"; readonly numbers: readonly number[] }
  | { readonly kind: "act" | "untried" | "hold_back"; readonly acts: Words; readonly watches: number };

/** With no false act in 20 watches there is less than one in seven, 95 % sure (the rule of three); fewer say next to nothing. */
export const ENOUGH_WATCHES = 20;

/** One false act is enough to leave the last word to people. */
export function adviceOf({ watches, blind, acts }: Trust): Advice {
  const seeing = watches - blind;
  if (acts.wrong > 0) return { kind: "hold_back", acts, watches: seeing };
  if (seeing < ENOUGH_WATCHES) return { kind: "wait", have: seeing, need: ENOUGH_WATCHES };
  if (acts.unsaid.length > 0) return { kind: "judge", numbers: acts.unsaid };
  return { kind: acts.total === 0 ? "untried" : "act", acts, watches: seeing };
}

/** How an environment acts on a regression now. */
export type Policy = Watch["onRegression"];
