import { betaShare } from "./beta.ts";
import { chanceOfHigher } from "./latency.ts";

/** Sessions that began in that hour, and how many of them an unhandled error ended. An hour without sessions says nothing, and is no good one. */
export type SessionHour = { readonly from: Date; readonly sessions: number; readonly crashed: number };

/** Of the version that is live, and of all others in the same environment. */
export type SessionsSeen = { readonly ours: readonly SessionHour[]; readonly others: readonly SessionHour[] };

type Crashes = Omit<SessionHour, "from">;

/** More sessions crash than before: of the version's newest `hours`, and of the same hours of the days before it. */
export type CrashFreeFall = { readonly hours: number; readonly now: Crashes; readonly before: Crashes };

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
/** With every weekday in it. */
export const SESSION_DAYS_BEFORE = 7;
/** So many of the newest hours are looked at, once the few and once the many: few find a jump soon, many a small one. Fixed, so that chance does not choose. */
const WINDOWS_HOURS = [6, 24] as const;
/** Of fewer hours, one bad one cannot be told from a bad version; that is why a watch of minutes does not ask. */
const MIN_HOURS = 6;
/** As many hours before must lie on at least so many days: of one or two nobody knows what is usual. */
const MIN_DAYS = 3;
/** An hour of fewer sessions is left out: one crash would be a tenth of it. */
const MIN_SESSIONS_OF_HOUR = 10;
/** Of fewer sessions no share is told, neither now nor before. */
export const MIN_SESSIONS = 200;
const MIN_CRASHED = 10;
/** Less than twice as many is not worth calling somebody for, and neither is one session in a thousand more. */
const MIN_RATIO = 2;
const MIN_MORE = 0.001;
/** The week in which it is looked for, an hour each. */
const LOOKS = 7 * DAY_HOURS;
/** Chance of a false word in all of that week, if hours do not depend on each other; no part of what the watch may spend. */
const BUDGET = 0.002;
/** Days differ too, as a whole: chance of a day like this one among days that differ as those before do. About seven such days are looked at. */
const DAY_CHANCE = 0.001;

/**
 * Do more sessions crash than before? Compared with the same hours of the days before, by two tests that both must hold: an exact one
 * of the crashed sessions (Przyborowski and Wilenski, 1940), and Mann and Whitney's of the hours' shares, for crashes come in clumps and
 * one bad hour is no bad version. And only if it is far from what whole days differ by, and twice as many crash, also beside the hours just
 * before the deployment and beside other versions meanwhile: what crashed before or crashes elsewhere is not this version's fault.
 * Null: they do not, or there is too little to compare.
 */
export function judgeCrashFree(input: SessionsSeen & { readonly liveAt: Date }): CrashFreeFall | null {
  const live = input.liveAt.getTime();
  const ours = input.ours.filter(({ from, sessions }) => from.getTime() >= live && sessions >= MIN_SESSIONS_OF_HOUR);
  const others = input.others.filter(({ sessions }) => sessions >= MIN_SESSIONS_OF_HOUR);
  const before = others.filter(({ from }) => from.getTime() + HOUR_MS <= live);
  const newest = Math.max(...ours.map(({ from }) => from.getTime()));
  for (const hours of WINDOWS_HOURS) {
    const now = ours.filter(({ from }) => from.getTime() > newest - hours * HOUR_MS);
    const kinds = new Set(now.map(hourOfDay));
    const usual = before.filter((hour) => kinds.has(hourOfDay(hour)) && ageDays(hour, live) < SESSION_DAYS_BEFORE);
    if (now.length < MIN_HOURS || summed(now).crashed < MIN_CRASHED || !isMore(now, usual)) continue;
    const justBefore = before.filter(({ from }) => from.getTime() >= live - (MIN_HOURS + 1) * HOUR_MS);
    const times = new Set(now.map(({ from }) => from.getTime()));
    const meanwhile = others.filter(({ from }) => times.has(from.getTime()));
    if ([justBefore, meanwhile].some((other) => isEnough(other) && !isMore(now, other))) continue;
    const days = [...Map.groupBy(usual, (hour) => ageDays(hour, live)).values()];
    if (days.length >= MIN_DAYS && chanceOfSuchDay(now, days) <= DAY_CHANCE && isBeyondChance(now, usual))
      return { hours: now.length, now: summed(now), before: summed(usual) };
  }
  return null;
}

function isEnough(hours: readonly SessionHour[]): boolean {
  return summed(hours).sessions >= MIN_SESSIONS;
}

/** Of both sides enough is known, and what crashes now is worth a word. */
function isMore(now: readonly SessionHour[], before: readonly SessionHour[]): boolean {
  if (!isEnough(now) || !isEnough(before)) return false;
  const usual = shareOf(before);
  return shareOf(now) >= Math.max(MIN_RATIO * usual, usual + MIN_MORE);
}

function isBeyondChance(now: readonly SessionHour[], usual: readonly SessionHour[]): boolean {
  const mostChance = BUDGET / WINDOWS_HOURS.length / LOOKS;
  return chanceOfAsMany(summed(now), summed(usual)) <= mostChance && chanceOfHigher(eachShare(now), eachShare(usual)) <= mostChance;
}

/** Chance that so many of all crashes, or more, fall to the sessions now, if each session crashes as easily: binomial. */
function chanceOfAsMany(now: Crashes, before: Crashes): number {
  return betaShare(now.sessions / (now.sessions + before.sessions), now.crashed, before.crashed + 1);
}

/** Student's t, of the roots of shares: they spread alike whether few or many crash (Anscombe, 1948). */
function chanceOfSuchDay(now: readonly SessionHour[], days: readonly (readonly SessionHour[])[]): number {
  const roots = days.map(rootOf);
  const freedom = roots.length - 1;
  const mean = roots.reduce((sum, root) => sum + root, 0) / roots.length;
  const variance = roots.reduce((sum, root) => sum + (root - mean) ** 2, 0) / freedom;
  const more = rootOf(now) - mean;
  if (more <= 0) return 1;
  const t2 = more ** 2 / (variance * (1 + 1 / roots.length));
  return betaShare(freedom / (freedom + t2), freedom / 2, 0.5) / 2;
}

function rootOf(hours: readonly SessionHour[]): number {
  const { sessions, crashed } = summed(hours);
  return Math.sqrt((crashed + 0.375) / sessions);
}

function eachShare(hours: readonly SessionHour[]): readonly number[] {
  return hours.map((hour) => hour.crashed / hour.sessions);
}

function shareOf(hours: readonly SessionHour[]): number {
  const { sessions, crashed } = summed(hours);
  return sessions === 0 ? 0 : crashed / sessions;
}

function summed(hours: readonly SessionHour[]): Crashes {
  const sum = (of: (hour: SessionHour) => number): number => hours.reduce((total, hour) => total + of(hour), 0);
  return { sessions: sum(({ sessions }) => sessions), crashed: sum(({ crashed }) => crashed) };
}

function hourOfDay({ from }: SessionHour): number {
  return Math.floor(from.getTime() / HOUR_MS) % DAY_HOURS;
}

/** Whole days before it went live, from 0 on. */
function ageDays({ from }: SessionHour, live: number): number {
  return Math.floor((live - from.getTime() - HOUR_MS) / (DAY_HOURS * HOUR_MS));
}

/** "99.2 % of 4,120 sessions without a crash, before 99.8 %". */
export function crashFreeWords({ now, before }: CrashFreeFall): string {
  return `${crashFree(now)} of ${now.sessions.toLocaleString("en-GB")} sessions without a crash, before ${crashFree(before)}`;
}

/** Never all of them while one crashed: 99.98 % is not 100 %. */
function crashFree({ sessions, crashed }: Crashes): string {
  if (crashed === 0) return "100 %";
  const percent = 100 * (1 - crashed / sessions);
  return `${percent < 99.95 ? percent.toFixed(1) : Math.min(99.99, percent).toFixed(2)} %`;
}
