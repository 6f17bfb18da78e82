import { DateTime, IANAZone, type Zone } from "luxon";
import type { DateRange, FreezeWindow, Weekday } from "./config.ts";

const WEEKDAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_MS = 86_400_000;
/** Whoever is frozen for this long past the last date that is named is frozen for ever: the week comes again as it was. */
const FOR_EVER_MS = 40 * DAY_MS;

/** A stretch of time in which a window freezes; `until` is its first free moment. */
type Stretch = { readonly until: Date; readonly window: FreezeWindow };

/**
 * Is it frozen at `now`, and until when? Windows over midnight belong to their first day; each is wall-clock time in its own zone, in one
 * piece: in an hour that comes twice it ends with the second, and in an hour that is left out it begins or ends with the leap. Windows
 * that touch are one. `until` null: for ever.
 */
export function frozenUntil(
  windows: readonly FreezeWindow[],
  now: Date,
): { readonly until: Date | null; readonly window: FreezeWindow } | null {
  const first = stretchAt(windows, now);
  if (first === null) return null;
  const horizon = Math.max(now.getTime(), ...windows.flatMap(({ dates = [] }) => dates.map(({ last }) => utcDay(last)))) + FOR_EVER_MS;
  let until = first.until;
  while (until.getTime() < horizon) {
    const next = stretchAt(windows, until);
    if (next === null) return { until, window: first.window };
    until = next.until;
  }
  return { until: null, window: first.window };
}

/** A window in words: "15:00 to 24:00, Europe/Brussels", "2026-12-24 to 2027-01-02, Europe/Brussels". */
export function windowText({ dates, from, to, timezone }: FreezeWindow): string {
  const days = (dates ?? []).map(({ first, last }) => (first === last ? first : `${first} to ${last}`)).join(", ");
  const allDay = from === "00:00" && to === "24:00";
  if (days === "") return `${from} to ${to}, ${timezone}`;
  return allDay ? `${days}, ${timezone}` : `${days}, ${from} to ${to}, ${timezone}`;
}

/** The stretch that ends last of those that are open at that moment. */
function stretchAt(windows: readonly FreezeWindow[], at: Date): Stretch | null {
  let found: Stretch | null = null;
  for (const window of windows) {
    const zone = IANAZone.create(window.timezone);
    const today = utcDay(DateTime.fromJSDate(at, { zone }).toISODate() ?? "");
    // Yesterday's window may run over midnight into today.
    for (const day of [today, today - DAY_MS]) {
      if (!isMeant(window, day)) continue;
      const { from, until } = stretchOf(window, day, zone);
      if (at >= from && at < until && (found === null || until > found.until)) found = { until, window };
    }
  }
  return found;
}

function isMeant({ days, dates }: FreezeWindow, day: number): boolean {
  const date = new Date(day);
  if (!days.includes(WEEKDAYS[(date.getUTCDay() + 6) % 7] ?? "mon")) return false;
  return dates === undefined || dates.some((range) => isWithin(range, date.toISOString().slice(0, 10)));
}

function isWithin({ first, last }: DateRange, date: string): boolean {
  return first <= date && date <= last;
}

/** `24:00` is the midnight that ends the day. What is just before the end comes twice, or never, where the end does not. */
function stretchOf(window: FreezeWindow, day: number, zone: Zone): { readonly from: Date; readonly until: Date } {
  const [from, to] = [clockMs(window.from), clockMs(window.to)];
  const begins = day + from;
  const lasts = day + to + (to > from ? 0 : DAY_MS) - 1;
  const [first, last] = [instants(begins, zone).at(0), instants(lasts, zone).at(-1)];
  return {
    from: new Date(first ?? leapAround(begins, zone)),
    until: new Date(last === undefined ? leapAround(lasts, zone) : last + 1),
  };
}

/**
 * When a clock on the wall there shows `local` (milliseconds of that date and time, as if it were UTC): once; twice where clocks are set
 * back; never where they are set forward.
 */
function instants(local: number, zone: Zone): readonly number[] {
  return [...new Set([zone.offset(local - DAY_MS), zone.offset(local + DAY_MS)])]
    .map((minutes) => local - minutes * 60_000)
    .filter((at) => at + zone.offset(at) * 60_000 === local)
    .toSorted((left, right) => left - right);
}

/** The moment at which clocks are set forward over `local`: the first with the other offset. */
function leapAround(local: number, zone: Zone): number {
  let [low, high] = [local - DAY_MS, local + DAY_MS];
  const offset = zone.offset(low);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offset(middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}

function utcDay(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}

function clockMs(time: string): number {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return (hour * 60 + minute) * 60_000;
}
