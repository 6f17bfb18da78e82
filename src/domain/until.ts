import { DateTime } from "luxon";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const CLOCK = /^(\d{1,2})(?:[:h.](\d{2}))?(am|pm)?$/u;

/**
 * The moment that people mean by "until fri", "until 18:00", "until fri 9:00", "until tomorrow" or "until 2026-12-01", by the clock of
 * their time zone and always ahead of `now`. A day without a time is meant to its end. Null: no moment that can be understood, or past.
 */
export function untilTime(words: string, now: Date, timezone: string): Date | null {
  const here = DateTime.fromJSDate(now, { zone: timezone });
  const from = here.isValid ? here : DateTime.fromJSDate(now, { zone: "UTC" });
  const spaced = words
    .trim()
    .toLowerCase()
    .replace(/^(\d{4}-\d{2}-\d{2})t/u, "$1 ");
  const [first = "", second, ...rest] = spaced.split(/\s+/u);
  if (rest.length > 0) return null;
  const day = dayOf(first, from);
  if (day === null) return second === undefined ? nextClock(first, from) : null;
  const until = second === undefined ? day.plus({ days: 1 }) : atClock(day, second);
  if (until === null) return null;
  // "fri 9:00" on a Friday at ten is the next one.
  const meant = until <= from && weekday(first) !== null ? until.plus({ weeks: 1 }) : until;
  return meant > from ? meant.toJSDate() : null;
}

/** The midnight that begins the day; null: no day. */
function dayOf(word: string, from: DateTime): DateTime | null {
  const today = from.startOf("day");
  if (word === "today") return today;
  if (word === "tomorrow") return today.plus({ days: 1 });
  const wanted = weekday(word);
  if (wanted !== null) return today.plus({ days: (wanted - today.weekday + 7) % 7 });
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(word)) return null;
  const date = DateTime.fromISO(word, { zone: from.zone });
  return date.isValid ? date.startOf("day") : null;
}

/** 1 is Monday; null: no weekday, or fewer than three of its letters. */
function weekday(word: string): number | null {
  const at = word.length < 3 ? -1 : DAYS.findIndex((day) => day.startsWith(word));
  return at === -1 ? null : at + 1;
}

/** That time today, or tomorrow if it is over. A bare number is no time. */
function nextClock(word: string, from: DateTime): Date | null {
  if (/^\d+$/u.test(word)) return null;
  const today = atClock(from.startOf("day"), word);
  if (today === null) return null;
  return (today > from ? today : (atClock(from.startOf("day").plus({ days: 1 }), word) ?? today)).toJSDate();
}

function atClock(day: DateTime, word: string): DateTime | null {
  const found = CLOCK.exec(word);
  if (found === null) return null;
  const [hours, minute, half] = [Number(found[1]), Number(found[2] ?? 0), found[3]];
  if (minute > 59 || (half !== undefined && (hours < 1 || hours > 12))) return null;
  const hour = half === undefined ? hours : (hours % 12) + (half === "pm" ? 12 : 0);
  if (hour === 24 && minute === 0) return day.plus({ days: 1 });
  return hour > 23 ? null : day.set({ hour, minute });
}
