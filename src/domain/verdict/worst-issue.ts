import type { NewIssue } from "../measurement.ts";

/** The issue that is told of first, and of which a suspect is asked for: one that nothing handled, then the most frequent. Undefined: there is none. */
export function worstIssue(issues: readonly NewIssue[]): NewIssue | undefined {
  return issues.toSorted((left, right) => Number(right.unhandled) - Number(left.unhandled) || right.events - left.events)[0];
}
