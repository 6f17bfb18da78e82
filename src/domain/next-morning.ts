import { DateTime } from "luxon";

const HOUR = 9;
/** Hours in which people are not expected to read Slack. */
const NIGHT = { from: 20, to: 8 } as const;

/** Is it a time at which a message waits for the morning? In that time zone (IANA, or `system`; one that nobody knows counts as UTC). */
export function isNight(at: Date, timezone: string): boolean {
  const zoned = DateTime.fromJSDate(at, { zone: timezone });
  const { hour } = zoned.isValid ? zoned : DateTime.fromJSDate(at, { zone: "UTC" });
  return hour >= NIGHT.from || hour < NIGHT.to;
}

/** Nine o'clock of the next morning that a person has, in their time zone (IANA; one that nobody knows counts as UTC). */
export function nextMorning(now: Date, timezone: string): Date {
  const zoned = DateTime.fromJSDate(now, { zone: timezone });
  const here = zoned.isValid ? zoned : DateTime.fromJSDate(now, { zone: "UTC" });
  const today = here.startOf("day").set({ hour: HOUR });
  return (today > here ? today : today.plus({ days: 1 })).toJSDate();
}
