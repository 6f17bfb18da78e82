import { DateTime } from "luxon";
import type { Small } from "./ci-config.ts";

/** The week as `2026-48`, if it is a time of day at which people may be told of what does not hurry; null: it is not. */
export function weekToTellIn(now: Date, timezone: string | undefined): string | null {
  const here = DateTime.fromJSDate(now).setZone(timezone ?? "local");
  return here.hour < 9 || here.hour >= 17 || here.weekday > 5 ? null : here.toFormat("kkkk-WW");
}

/** What people are told when much has gathered for an environment. `days`: that the oldest change waits. Null: it is little. */
export function tooMuchWaits(
  limit: Small,
  waits: { readonly app: string; readonly environment: string; readonly changes: number; readonly days: number },
): string | null {
  const { app, environment, changes, days } = waits;
  if (changes <= limit.changes && days <= limit.days) return null;
  const what = changes === 1 ? "1 change waits" : `${changes} changes wait`;
  const oldest = days < 1 ? "the oldest less than a day" : `the oldest ${days === 1 ? "1 day" : `${days} days`}`;
  return `${app}: ${what} for ${environment}, ${oldest}. Small ones are easier to undo.`;
}
