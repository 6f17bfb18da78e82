import type { NewIssue } from "../measurement.ts";

/** The issue that is told of first, and of which a suspect is asked for. Undefined: there is none. */
export function worstIssue(issues: readonly NewIssue[]): NewIssue | undefined {
  return worstFirst(issues)[0];
}

/** What nothing handled comes first, then what broke in a file that the deployment changes, then the most frequent. */
export function worstFirst(issues: readonly NewIssue[]): readonly NewIssue[] {
  return issues.toSorted(
    (left, right) =>
      Number(right.unhandled) - Number(left.unhandled) ||
      Number(right.changedFiles !== undefined) - Number(left.changedFiles !== undefined) ||
      right.events - left.events,
  );
}
