import { z } from "zod";
import type { DateRange } from "../domain/config.ts";

export const DATES_WRITE = 'a list of dates, as in `dates: ["2026-12-24..2027-01-02", "2027-05-01"]`';

/** `2026-12-25`, or `2026-12-24..2027-01-02` with both ends. */
export function dateRange() {
  return z.string({ error: DATES_WRITE }).transform((words, context): DateRange => {
    const [first, last = first, ...rest] = words.split("..");
    if (first !== undefined && last !== undefined && rest.length === 0 && isDate(first) && isDate(last) && first <= last)
      return { first, last };
    context.addIssue({ code: "custom", message: "a date as `2026-12-25`, or two that are in order as `2026-12-24..2027-01-02`" });
    return z.NEVER;
  });
}

/** A day that the calendar has: no 30 February. */
function isDate(words: string): boolean {
  const at = new Date(`${words}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(words) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(words);
}
