import { DateTime } from "luxon";
import type { FreezeWindow, Weekday } from "./config.ts";

const DAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/** Windows that touch are walked through to find the next opening; a calendar frozen for ever ends the walk. */
const MAX_WINDOWS = 60;

/** Is it frozen at `now`, and until when? Windows over midnight belong to their first day; each is wall-clock time in its own zone. */
export function frozenUntil(
  windows: readonly FreezeWindow[],
  now: Date,
): { readonly until: Date | null; readonly window: FreezeWindow } | null {
  const first = openWindow(windows, now);
  if (first === null) return null;
  let until = first.until;
  for (let walked = 0; walked < MAX_WINDOWS; walked += 1) {
    const next = openWindow(windows, until);
    if (next === null) return { until, window: first.window };
    until = next.until;
  }
  return { until: null, window: first.window };
}

function openWindow(windows: readonly FreezeWindow[], at: Date): { until: Date; window: FreezeWindow } | null {
  for (const window of windows) {
    // Yesterday's window may run over midnight into today.
    for (const shift of [0, -1]) {
      const day = DateTime.fromJSDate(at, { zone: window.timezone }).startOf("day").plus({ days: shift });
      if (!window.days.includes(DAYS[day.weekday - 1] ?? "mon")) continue;
      const from = clockTime(day, window.from);
      const ends = clockTime(day, window.to);
      const to = ends > from ? ends : clockTime(day.plus({ days: 1 }), window.to);
      if (at >= from.toJSDate() && at < to.toJSDate()) return { until: to.toJSDate(), window };
    }
  }
  return null;
}

/** `24:00` is the midnight that ends the day. */
function clockTime(day: DateTime, text: string): DateTime {
  const [hour = 0, minute = 0] = text.split(":").map(Number);
  return hour === 24 ? day.plus({ days: 1 }) : day.set({ hour, minute });
}
