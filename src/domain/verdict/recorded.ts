import type { ErrorsSeen, Measurement, NewIssue, Sample, Verdict } from "../measurement.ts";
import { judgeNext, startJudging } from "./judge.ts";
import type { WatchPlan } from "./watch-clock.ts";

/** One interval of a recording. `t`: its end, in seconds from the deployment; null: not known. */
export type RecordedPoint = {
  readonly t: number;
  readonly exposure: number | null;
  readonly events: number;
  readonly users: number | null;
};

/** An issue first seen in the release, cumulative up to its point. */
export type RecordedIssue = { readonly id: string; readonly events: number; readonly users: number | null; readonly unhandled: boolean };

/** A watch as a file holds it; points in their order. A look without a point is a gap. */
export type RecordedWatch = {
  readonly intervalS: number;
  readonly watchS: number;
  readonly baseline: readonly RecordedPoint[];
  readonly after: readonly (RecordedPoint & { readonly newIssues: readonly RecordedIssue[] })[];
};

/** What the judge said at one look. `t`: seconds from the deployment. */
export type ReplayedLook = {
  readonly t: number;
  readonly verdict: Verdict["kind"];
  readonly level: Verdict["level"];
  readonly ratio: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly why: string;
};

/**
 * The judge over recorded looks, told look by look as the live one would have been. `isOver`: the watch reached its end, so its last
 * look is that end even when it was a moment early; one that still runs, or was cut short, has no end that could be judged.
 */
export function replayMeasurements(
  watch: WatchPlan,
  clock: { readonly liveAt: Date; readonly until: Date; readonly isOver: boolean },
  measurements: readonly Measurement[],
): readonly ReplayedLook[] {
  let judging = startJudging(watch, clock.liveAt, clock.until);
  return measurements.flatMap((measurement, index) => {
    const isEnd = clock.isOver && index === measurements.length - 1 && measurement.at < clock.until;
    const judged = judgeNext(judging, measurement, isEnd ? clock.until : measurement.at);
    ({ judging } = judged);
    // What was before the deployment is compared with, never judged.
    if (measurement.look === 0) return [];
    const { kind, level, why, figures } = judged.verdict;
    const t = Math.round((measurement.at.getTime() - clock.liveAt.getTime()) / 1000);
    return [{ t, verdict: kind, level, ...figures.ratio, why }];
  });
}

/** A file has no dates: its deployment is put at the start of the Unix era. */
const LIVE_AT = new Date(0);

/** The judge over a watch from a file. It has no servers: that errors come from the deployed ones counts as met. */
export function replayRecorded(recorded: RecordedWatch): readonly ReplayedLook[] {
  const everyMs = recorded.intervalS * 1000;
  const forMs = recorded.watchS * 1000;
  const until = atSecond(recorded.watchS);
  return replayMeasurements({ forMs, everyMs, sentry: {} }, { liveAt: LIVE_AT, until, isOver: true }, looksOf(recorded));
}

function looksOf(recorded: RecordedWatch): readonly Measurement[] {
  const { intervalS, watchS, after } = recorded;
  const baseline = recorded.baseline.map((point) => sampleOf(point, intervalS));
  const heardBefore = baseline.some((sample) => sample.events > 0 || (sample.exposure ?? 0) > 0);
  const looks: Measurement[] = [];
  let seen = { events: 0, users: null as number | null, lastEventAt: null as Date | null, issues: [] as readonly NewIssue[], to: 0 };
  let next = 0;
  for (let slot = 1; slot <= Math.max(1, Math.floor(watchS / intervalS)); slot += 1) {
    const end = slot * intervalS;
    const points = [];
    for (let point = after[next]; point !== undefined && point.t <= end; point = after[next]) {
      points.push(point);
      next += 1;
    }
    if (points.length === 0) {
      looks.push({ monitor: "sentry", look: looks.length + 1, at: atSecond(end), kind: "gap", because: "nothing is recorded" });
    }
    for (const point of points) {
      const minutes = (Math.min(intervalS, point.t - seen.to) || intervalS) / 60;
      const heard = point.events > 0 || (point.exposure ?? 0) > 0;
      seen = {
        events: seen.events + point.events,
        // Distinct within an interval; over all of them at least as many as in the fullest one.
        users: point.users === null ? seen.users : Math.max(seen.users ?? 0, point.users),
        lastEventAt: heard ? atSecond(point.t) : seen.lastEventAt,
        issues: issuesAt(seen.issues, point, intervalS),
        to: point.t,
      };
      const errors: ErrorsSeen = {
        kind: "errors",
        after: { from: LIVE_AT, to: atSecond(point.t), events: seen.events, users: seen.users },
        before: beforeOf(recorded),
        newIssues: seen.issues,
        lastEventAt: seen.lastEventAt,
        signal: heardBefore || seen.lastEventAt !== null ? "proven" : "unproven",
        baseline,
        sample: { ...sampleOf(point, intervalS), minutes },
      };
      looks.push({ monitor: "sentry", look: looks.length + 1, at: atSecond(point.t), ...errors });
    }
  }
  return looks;
}

function beforeOf({ baseline, intervalS }: RecordedWatch): ErrorsSeen["before"] {
  const events = baseline.reduce((sum, point) => sum + point.events, 0);
  // Only the minutes that are recorded: a gap is no quiet minute.
  return { from: atSecond(-baseline.length * intervalS), to: LIVE_AT, events, users: null };
}

function sampleOf(point: RecordedPoint, intervalS: number): Sample {
  return { minutes: intervalS / 60, exposure: point.exposure, events: point.events, users: point.users };
}

function issuesAt(
  known: readonly NewIssue[],
  point: { readonly t: number; readonly newIssues: readonly RecordedIssue[] },
  intervalS: number,
): readonly NewIssue[] {
  const told = new Map(known.map((issue) => [issue.id, issue]));
  for (const { id, events, users, unhandled } of point.newIssues) {
    const before = told.get(id);
    const lastSeen = before === undefined || events > before.events ? atSecond(point.t) : before.lastSeen;
    const firstSeen = before?.firstSeen ?? atSecond(Math.max(0, point.t - intervalS));
    // Where users are not counted each event may be another one's.
    told.set(id, { id, title: `issue ${id}`, place: null, url: null, events, users: users ?? events, unhandled, firstSeen, lastSeen });
  }
  return [...told.values()];
}

function atSecond(second: number): Date {
  return new Date(LIVE_AT.getTime() + second * 1000);
}
