import type { Deployment } from "./deployment.ts";
import type { ErrorsSeen, Measurement, SiteSeen } from "./measurement.ts";
import { minutesOf, sampleOf, samplesBefore } from "./verdict/samples.ts";

/** What a watch measured around its deployment, for a picture: counts alone, so that it may be shown under `privacy: strict` too. */
export type WatchFigure = {
  readonly app: string;
  readonly environment: string;
  readonly number: number;
  readonly liveAt: Date;
  /** When the earlier version was live again; null: it was not rolled back, or that has not ended. */
  readonly backAt: Date | null;
  /** Null: errors were not counted. */
  readonly errors: ErrorsFigure | null;
  /** Null: the site was not probed. */
  readonly latency: LatencyFigure | null;
};

/** Errors a minute, in stretches of equal length, oldest first; the deployment is the end of one and the beginning of the next. */
export type ErrorsFigure = {
  readonly stretches: readonly Stretch[];
  /** Mean of the whole baseline; null: there was none. */
  readonly before: number | null;
  /** Mean since it went live, until it went back. */
  readonly after: number;
  /** Highest stretch since it went live. */
  readonly peak: number;
};

/** `perMinute` null: nobody knows of it, which is not zero. */
export type Stretch = { readonly from: Date; readonly to: Date; readonly perMinute: number | null };

/** Milliseconds in which the site answered; null: it did not. */
export type LatencyFigure = {
  readonly points: readonly { readonly at: Date; readonly ms: number | null }[];
  readonly before: number | null;
  /** Median of the looks since it went live that were answered; null: none was. */
  readonly after: number | null;
  readonly unanswered: number;
  readonly looks: number;
};

type Counted = { readonly from: number; readonly to: number; readonly events: number };
type Errors = Measurement & ErrorsSeen;
type Site = Measurement & SiteSeen;

/** More are no longer told apart on a phone. */
const MOST_STRETCHES = 24;
/** With fewer there is nothing to compare with. */
const FEWEST_BEFORE = 6;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Lengths that people count in, in milliseconds. */
const LENGTHS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800].map((seconds) => seconds * SECOND);

/**
 * The figure of a deployment's watch from what is stored of it: the looks of the watch, and those after a rollback. Null: nothing was
 * measured since it is live.
 */
export function watchFigure(
  deployment: Pick<Deployment, "number" | "liveAt" | "plan">,
  measured: { readonly watch: readonly Measurement[]; readonly aftermath: readonly Measurement[] },
  backAt: Date | null,
): WatchFigure | null {
  const { liveAt, plan, number } = deployment;
  if (liveAt === null || plan.watch === null) return null;
  const everyMs = plan.watch.everyMs;
  const looks = [...measured.watch, ...measured.aftermath].toSorted((left, right) => left.at.getTime() - right.at.getTime());
  const errors = errorsFigure(looks.filter(isErrors), { liveAt, backAt, everyMs });
  const latency = latencyFigure(looks.filter(isSite));
  if (errors === null && latency === null) return null;
  return { app: plan.app, environment: plan.environment, number, liveAt, backAt, errors, latency };
}

function isErrors(look: Measurement): look is Errors {
  return look.kind === "errors" && look.look > 0;
}

function isSite(look: Measurement): look is Site {
  return look.kind === "site";
}

function errorsFigure(
  looks: readonly Errors[],
  at: { readonly liveAt: Date; readonly backAt: Date | null; readonly everyMs: number },
): ErrorsFigure | null {
  const last = looks.at(-1);
  const live = at.liveAt.getTime();
  if (last === undefined || last.after.to.getTime() <= live) return null;
  const before = countedBefore(last, live);
  const after = countedAfter(looks);
  const end = last.after.to.getTime();
  const length = lengthOf(end - live, at.everyMs);
  const stretchesAfter = cut(live, Math.ceil((end - live) / length), length, after, end);
  const known = before[0] === undefined ? 0 : Math.floor((live - before[0].from) / length);
  const count = Math.min(known, Math.max(FEWEST_BEFORE, stretchesAfter.length));
  const stretchesBefore = cut(live - count * length, count, length, before, live);
  const untilBack = rateIn(after, live, Math.min(end, at.backAt?.getTime() ?? end));
  return {
    stretches: [...stretchesBefore, ...stretchesAfter],
    before: minutesOf(last.before) === 0 ? null : last.before.events / minutesOf(last.before),
    after: untilBack ?? 0,
    peak: Math.max(0, ...stretchesAfter.map(({ perMinute }) => perMinute ?? 0)),
  };
}

/** One stretch is no shorter than the time between two looks: within it nobody knows when what happened. */
function lengthOf(spanMs: number, everyMs: number): number {
  const least = Math.max(spanMs / MOST_STRETCHES, everyMs);
  return LENGTHS.find((length) => length >= least) ?? least;
}

/** What each look added to the one before it. */
function countedAfter(looks: readonly Errors[]): readonly Counted[] {
  let previous: Errors | null = null;
  return looks.flatMap((look) => {
    const from = (previous?.after.to ?? look.after.from).getTime();
    const { events } = sampleOf(previous, look);
    previous = look;
    const to = look.after.to.getTime();
    return to > from ? [{ from, to, events }] : [];
  });
}

/** The baseline, laid backwards from the deployment; what is left over is of earlier days. */
function countedBefore(look: ErrorsSeen, live: number): readonly Counted[] {
  let to = live;
  const counted: Counted[] = [];
  for (const { minutes, events } of samplesBefore(look).toReversed()) {
    const from = to - minutes * MINUTE;
    if (from < look.before.from.getTime() - MINUTE) break;
    counted.push({ from, to, events });
    to = from;
  }
  return counted.toReversed();
}

function cut(from: number, count: number, length: number, counted: readonly Counted[], end: number): readonly Stretch[] {
  return Array.from({ length: count }, (_, index) => {
    const [start, stop] = [from + index * length, Math.min(end, from + (index + 1) * length)];
    return { from: new Date(start), to: new Date(stop), perMinute: rateIn(counted, start, stop) };
  });
}

/** Of what lies partly inside its part counts. Null: nothing was counted in it. */
function rateIn(counted: readonly Counted[], from: number, to: number): number | null {
  let [events, ms] = [0, 0];
  for (const one of counted) {
    const shared = Math.min(one.to, to) - Math.max(one.from, from);
    if (shared <= 0) continue;
    ms += shared;
    events += one.events * (shared / (one.to - one.from));
  }
  return ms === 0 ? null : events / (ms / MINUTE);
}

function latencyFigure(looks: readonly Site[]): LatencyFigure | null {
  const after = looks.filter(({ look }) => look > 0);
  if (after.length === 0) return null;
  const answered = after.flatMap(({ up, latencyMs }) => (up && latencyMs !== null ? [latencyMs] : []));
  const first = looks.find(({ look }) => look === 0);
  return {
    points: looks.map(({ at, up, latencyMs }) => ({ at, ms: up ? latencyMs : null })),
    before: first?.up === true ? first.latencyMs : null,
    after: answered.toSorted((left, right) => left - right)[Math.floor(answered.length / 2)] ?? null,
    unanswered: after.filter(({ up }) => !up).length,
    looks: after.length,
  };
}
