import type { SentryWatch } from "../domain/config.ts";
import type { LateLook } from "../domain/late.ts";
import type { NewIssue } from "../domain/measurement.ts";
import type { Report } from "../ports.ts";
import { toNewIssue } from "./issue-privacy.ts";
import { locate, type SentrySources } from "./sentry-source.ts";

/** New issues of a revision whose watch is over: one question, without counts to compare. Null: Sentry could not be asked. */
export async function lateIssues(
  deps: { readonly sources: SentrySources; readonly report: Report },
  watch: SentryWatch,
  look: LateLook,
): Promise<readonly NewIssue[] | null> {
  try {
    const located = locate(deps.sources, watch);
    if (!located.ok) return null;
    const { source, place } = located.value;
    const { revision, from, to } = look;
    const issues = await source.issuesOfRelease(place, { release: `${watch.releasePrefix}${revision}`, from, to });
    return issues.ok ? issues.value.map((issue) => toNewIssue(issue, look)) : null;
  } catch (fault) {
    deps.report(fault, { monitor: "sentry", project: watch.project });
    return null;
  }
}
