import { approvalExpiry, workedBetween } from "./expiry.ts";

/** A time in which Slack was away, so that nobody could press anything. `until` null: it is away still. */
export type Absence = { readonly since: Date; readonly until: Date | null };

/**
 * When something ends that was given at `from` to last until `until`: what of it fell into an absence does not count. With `workingDays`
 * (IANA time zone) weekends there count no more in an absence than outside of one. While Slack is away it ends after `now`.
 */
export function lastingUntil(
  span: { readonly from: Date; readonly until: Date; readonly workingDays?: string },
  absences: readonly Absence[] | undefined,
  now: Date,
): Date {
  let end = span.until;
  for (const absence of (absences ?? []).toSorted((a, b) => a.since.getTime() - b.since.getTime())) {
    const over = absence.until ?? now;
    const begin = absence.since > span.from ? absence.since : span.from;
    if (begin >= end || over <= begin) continue;
    const left = workedBetween(span, begin, end);
    end = approvalExpiry({ ...span, expiresMs: left }, over);
  }
  return end;
}
