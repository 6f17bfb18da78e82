import { DateTime } from "luxon";

const HOUR = 9;

/** Nine o'clock of the next morning that a person has, in their time zone (IANA; one that nobody knows counts as UTC). */
export function nextMorning(now: Date, timezone: string): Date {
  const zoned = DateTime.fromJSDate(now, { zone: timezone });
  const here = zoned.isValid ? zoned : DateTime.fromJSDate(now, { zone: "UTC" });
  const today = here.startOf("day").set({ hour: HOUR });
  return (today > here ? today : today.plus({ days: 1 })).toJSDate();
}
