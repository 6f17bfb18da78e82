import type { NewIssue } from "../domain/measurement.ts";
import { worstIssue } from "../domain/verdict/worst-issue.ts";
import type { Look } from "../ports.ts";
import type { SentryPlace, SentrySource, Stretch } from "./sentry-source.ts";

/**
 * The issues, the worst new one with the commit that Sentry suspects. Asked until Sentry names one, of one issue a look; never with strict
 * privacy, which names nobody. Without an answer nothing is missing but the name.
 */
export async function withSuspect(
  source: SentrySource,
  place: SentryPlace,
  look: Look,
  asked: { readonly issues: readonly NewIssue[]; readonly since: Stretch; readonly release: string },
): Promise<readonly NewIssue[]> {
  if (look.privacy === "strict") return asked.issues;
  const known = new Map((look.earlier?.newIssues ?? []).map(({ id, suspect }) => [id, suspect]));
  const issues = asked.issues.map((issue) => withKnown(issue, known.get(issue.id)));
  const worst = worstIssue(issues);
  if (worst?.unhandled !== true || worst.suspect !== undefined) return issues;
  const suspect = await source.suspectOf(place, { ...asked.since, release: asked.release, issue: worst.id });
  return suspect.ok && suspect.value !== null
    ? issues.map((issue) => (issue === worst ? withKnown(issue, suspect.value ?? undefined) : issue))
    : issues;
}

function withKnown(issue: NewIssue, suspect: NewIssue["suspect"]): NewIssue {
  return suspect === undefined ? issue : { ...issue, suspect };
}
