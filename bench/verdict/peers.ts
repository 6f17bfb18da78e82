import type { RecordedWatch } from "../../src/domain/verdict/recorded.ts";
import { REQUESTS } from "./cells.ts";
import { LOOKS } from "./watches.ts";

/** The rules of others at their defaults, written anew from what their sources do; each answers the minute at which it flags, or null. */
export const PEERS = [
  { name: "Kayenta", flags: kayenta },
  { name: "Flagger", flags: flagger },
  { name: "Argo Rollouts", flags: argo },
  { name: "Sentry", flags: sentry },
] as const;

/** Mann-Whitney at this two-sided confidence; High when the shift's lower end is above this share of its estimate. */
const KAYENTA = { z: 2.3263, tolerance: 0.25 } as const;
/** Its judge is run on intervals of several minutes, not each minute: here each ten. */
const KAYENTA_EVERY = 10;

function kayenta({ baseline, after }: RecordedWatch): number | null {
  const before = baseline.slice(-2 * LOOKS).map((point) => point.events);
  for (let minute = KAYENTA_EVERY; minute <= LOOKS; minute += KAYENTA_EVERY) {
    const canary = after.filter((point) => point.t <= 60 * minute).map((point) => point.events);
    if (new Set([...before, ...canary]).size <= 1 || canary.length === 0) continue;
    const shifts = canary.flatMap((now) => before.map((then) => now - then)).toSorted((left, right) => left - right);
    const spread = Math.sqrt((canary.length * before.length * (canary.length + before.length + 1)) / 12);
    const low = shifts[Math.max(0, Math.floor(shifts.length / 2 - KAYENTA.z * spread))] ?? 0;
    const estimate = shifts[Math.floor(shifts.length / 2)] ?? 0;
    if (low > KAYENTA.tolerance * Math.abs(estimate)) return minute;
  }
  return null;
}

/** Success rate of the last minute, in per cent: its documents' example; one failed check rolls back; no data is a failed check. */
const FLAGGER_LEAST = 99;

function flagger(watch: RecordedWatch): number | null {
  for (let minute = 1; minute <= LOOKS; minute += 1) {
    const rate = successRate(watch, minute);
    if (rate === null || rate < FLAGGER_LEAST) return minute;
  }
  return null;
}

/** `successCondition: result[0] >= 0.95`, its documents' example; no failed measurement is allowed; five errors in a row end it. */
const ARGO = { least: 95, errors: 4 } as const;

function argo(watch: RecordedWatch): number | null {
  let errors = 0;
  for (let minute = 1; minute <= LOOKS; minute += 1) {
    const rate = successRate(watch, minute);
    errors = rate === null ? errors + 1 : 0;
    if (errors > ARGO.errors || (rate !== null && rate < ARGO.least)) return minute;
  }
  return null;
}

/** Escalating issues under a week of history: ten times the fullest hour; and any new issue, as its deployment gate has it. */
const SENTRY_TIMES = 10;

function sentry({ baseline, after }: RecordedWatch): number | null {
  let fullest = 0;
  for (let from = 0; from < baseline.length; from += 60)
    fullest = Math.max(
      fullest,
      baseline.slice(from, from + 60).reduce((sum, point) => sum + point.events, 0),
    );
  let events = 0;
  for (const point of after) {
    events += point.events;
    if (point.newIssues.length > 0 || events > SENTRY_TIMES * fullest) return point.t / 60;
  }
  return null;
}

/** Of one minute; null: nothing is known of it. */
function successRate({ after }: RecordedWatch, minute: number): number | null {
  const point = after.find(({ t }) => t === 60 * minute);
  if (point === undefined) return null;
  const requests = point.exposure ?? REQUESTS;
  return 100 * (1 - Math.min(point.events, requests) / requests);
}
