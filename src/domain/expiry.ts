import { DateTime } from "luxon";
import type { ApprovalRule } from "./config.ts";

const SATURDAY = 6;

/** When a yes given, or a question asked, at `from` does not count any more. With `workingDays` weekends there do not count: Friday's yes lives on Monday. */
export function approvalExpiry(rule: Pick<ApprovalRule, "expiresMs" | "workingDays">, from: Date): Date {
  if (rule.workingDays === undefined) return new Date(from.getTime() + rule.expiresMs);
  let at = DateTime.fromJSDate(from, { zone: rule.workingDays });
  let left = rule.expiresMs;
  for (;;) {
    const monday = at.startOf("week").plus({ weeks: 1 });
    if (at.weekday >= SATURDAY) at = monday;
    const weekend = at.startOf("week").plus({ days: SATURDAY - 1 });
    const worked = weekend.toMillis() - at.toMillis();
    if (left < worked) return new Date(at.toMillis() + left);
    left -= worked;
    at = weekend.startOf("week").plus({ weeks: 1 });
  }
}

/** Milliseconds between the two that count: all of them, or with `workingDays` those outside of weekends there. */
export function workedBetween({ workingDays }: Pick<ApprovalRule, "workingDays">, from: Date, until: Date): number {
  if (workingDays === undefined) return Math.max(0, until.getTime() - from.getTime());
  let at = DateTime.fromJSDate(from, { zone: workingDays });
  let worked = 0;
  while (at.toMillis() < until.getTime()) {
    const weekend = at.startOf("week").plus({ days: SATURDAY - 1 });
    worked += Math.max(0, Math.min(weekend.toMillis(), until.getTime()) - at.toMillis());
    at = at.startOf("week").plus({ weeks: 1 });
  }
  return worked;
}
