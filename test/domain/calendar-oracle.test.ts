import { DateTime } from "luxon";
import { describe, expect, test } from "vitest";
import type { FreezeWindow, Weekday } from "../../src/domain/config.ts";
import { frozenUntil } from "../../src/domain/freeze.ts";
import { dice, type Roll } from "../support/dice.ts";

/**
 * An independent walk: each minute is read off the clock on the wall, and belongs to a day's window if that clock says so. A window is in
 * one piece, from the first such minute of its day to the last.
 */

const MINUTE = 60_000;
const DAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

type Minute = { readonly at: number; readonly date: string; readonly before: string; readonly time: string; readonly weekday: number };

/** Clocks that do something on that day: forward, back, by half an hour, at midnight, over a whole day, or nothing at all. */
const PLACES = [
  ["Europe/Brussels", "2027-03-28"],
  ["Europe/Brussels", "2026-10-25"],
  ["America/New_York", "2027-03-14"],
  ["America/New_York", "2026-11-01"],
  ["Australia/Lord_Howe", "2026-10-04"],
  ["Australia/Lord_Howe", "2027-04-04"],
  ["Pacific/Apia", "2011-12-30"],
  ["Pacific/Apia", "2021-04-04"],
  ["America/Sao_Paulo", "2018-11-04"],
  ["America/Sao_Paulo", "2018-02-18"],
  ["Asia/Kathmandu", "2026-11-23"],
] as const;

/** From three days before to four days after, as the clock there shows it. */
function minutesAround(zone: string, day: string): readonly Minute[] {
  const middle = Date.parse(`${day}T00:00:00Z`);
  return Array.from({ length: 8 * 1440 }, (_, index) => {
    const at = middle - 3 * 1440 * MINUTE + index * MINUTE;
    const shown = DateTime.fromMillis(at, { zone });
    const date = shown.toFormat("yyyy-MM-dd");
    const before = new Date(Date.parse(`${date}T00:00:00Z`) - 1440 * MINUTE).toISOString().slice(0, 10);
    return { at, date, before, time: shown.toFormat("HH:mm"), weekday: shown.weekday };
  });
}

/** Which of these minutes are frozen. Windows that reach over the edges are not judged there. */
function walked(minutes: readonly Minute[], windows: readonly FreezeWindow[]): readonly boolean[] {
  const frozen = minutes.map(() => false);
  for (const window of windows) {
    const pieces = new Map<string, { first: number; last: number }>();
    minutes.forEach((minute, index) => {
      for (const day of daysOf(window, minute)) {
        const piece = pieces.get(day);
        pieces.set(day, { first: piece?.first ?? index, last: index });
      }
    });
    for (const { first, last } of pieces.values()) frozen.fill(true, first, last + 1);
  }
  return frozen;
}

/** The first days of the stretches that this minute belongs to: its own day, or the one before. */
function daysOf({ days, dates, from, to }: FreezeWindow, { date, before, time, weekday }: Minute): readonly string[] {
  const over = to <= from;
  const meant = (day: string, name: Weekday | undefined): boolean =>
    name !== undefined && days.includes(name) && (dates === undefined || dates.some(({ first, last }) => first <= day && day <= last));
  const own = time >= from && (over || time < to) && meant(date, DAYS[weekday - 1]);
  const late = over && time < to && meant(before, DAYS[(weekday + 5) % 7]);
  return [...(own ? [date] : []), ...(late ? [before] : [])];
}

function randomWindow(roll: Roll, zone: string, day: string): FreezeWindow {
  const clock = (): string => `${String(roll(24)).padStart(2, "0")}:${roll(3) === 0 ? "00" : String(roll(60)).padStart(2, "0")}`;
  const days = roll(3) === 0 ? DAYS : DAYS.filter(() => roll(2) === 0);
  const date = (shift: number): string => new Date(Date.parse(`${day}T00:00:00Z`) + shift * 1440 * MINUTE).toISOString().slice(0, 10);
  const [from, to] = [roll(5) === 0 ? "00:00" : clock(), roll(4) === 0 ? "24:00" : clock()];
  const shift = roll(4) - 2;
  const dates = roll(3) === 0 ? { dates: [{ first: date(shift), last: date(shift + roll(3)) }] } : {};
  return { days: days.length === 0 ? ["sun"] : days, ...dates, from, to, timezone: zone, reason: null };
}

describe.each(PLACES)("%s around %s", (zone, day) => {
  const minutes = minutesAround(zone, day);

  test("agrees with a clock that is read minute by minute", () => {
    const roll = dice(Date.parse(day) / 86_400_000);
    const wrong: string[] = [];
    let [seenFrozen, seenFree] = [0, 0];
    for (let round = 0; round < 60; round += 1) {
      const windows = Array.from({ length: 1 + roll(3) }, () => randomWindow(roll, zone, day));
      const frozen = walked(minutes, windows);
      // A day at each edge belongs to windows that begin or end outside.
      const edges = frozen.flatMap((now, index) => (now === frozen[index - 1] ? [] : [index - 1, index]));
      const looked = [...edges, ...Array.from({ length: 40 }, () => 1440 + roll(4 * 1440))].filter(
        (index) => index >= 1440 && index < 6 * 1440,
      );
      for (const index of looked) {
        const minute = minutes[index];
        if (minute === undefined) continue;
        const said = frozenUntil(windows, new Date(minute.at));
        const next = frozen.indexOf(false, index);
        if (frozen[index] === true) seenFrozen += 1;
        else seenFree += 1;
        const agrees =
          frozen[index] === true
            ? said !== null && (next === -1 || next >= 7 * 1440 || said.until?.getTime() === minutes[next]?.at)
            : said === null;
        if (!agrees)
          wrong.push(
            `${JSON.stringify(windows)} at ${new Date(minute.at).toISOString()} (${minute.date} ${minute.time}): ${JSON.stringify(said?.until)}, not ${next === -1 ? "for ever" : new Date(minutes[next]?.at ?? 0).toISOString()}`,
          );
      }
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(Math.min(seenFrozen, seenFree)).toBeGreaterThan(200);
  });
});
