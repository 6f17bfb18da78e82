import { ok } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { failure } from "./failure.ts";
import type { SentryFailure } from "./failure.ts";
import { toIssue } from "./issues.ts";
import type { SentryIssue } from "./issues.ts";
import type { Requester } from "./request.ts";
import { parsed, quoted, scopeQuery } from "./scope.ts";
import type { SentryScope, SentryWindow } from "./scope.ts";
import { FoundIssuesShape, IssueActivityShape } from "./shapes.ts";

/** An issue that is older than the release; `at`: when it came back or began to escalate. */
export type SentryIssueAgain = SentryIssue & { readonly again: { readonly how: "regressed" | "escalating"; readonly at: Date } };

/** How Sentry calls it among an issue's activities. */
const ACTIVITY = { regressed: "set_regression", escalating: "set_escalating" } as const;
/** Each costs a question of its own; the most frequent say enough. */
const MOST_ISSUES = 5;

/**
 * Issues in that state with an event of the release in the window, the most frequent first; counts are of that release and window. The
 * list does not say since when, the issue's activities do; what they do not say is left out.
 */
export async function issuesAgain(
  requester: Requester,
  scope: SentryScope,
  input: SentryWindow & { readonly release: string; readonly how: keyof typeof ACTIVITY },
): Promise<Result<readonly SentryIssueAgain[], SentryFailure>> {
  const query = {
    ...scopeQuery(scope, input, requester.skewMs()),
    query: `is:${input.how} release:${quoted(input.release)}`,
    sort: "freq",
    limit: String(MOST_ISSUES),
  };
  const answer = await requester.request({ method: "GET", path: ["organizations", scope.organization, "issues"], query });
  if (!answer.ok) return answer;
  const issues = parsed(FoundIssuesShape, answer.value.body);
  if (issues === null) return failure("nonsense", "Sentry's list of issues has another shape than it documents");
  const found: SentryIssueAgain[] = [];
  for (const issue of issues.filter(({ issueCategory }) => (issueCategory ?? "error") === "error").slice(0, MOST_ISSUES)) {
    const since = await changedAt(requester, scope, issue.id, ACTIVITY[input.how]);
    if (!since.ok) return since;
    if (since.value === null) continue;
    const { count, userCount } = issue.filtered ?? issue;
    const again = { how: input.how, at: since.value };
    found.push({ ...toIssue(issue, requester.skewMs()), events: count, users: userCount, again });
  }
  return ok(found);
}

/** The newest activity of that type; null: it has none, or the issue is gone. */
async function changedAt(
  requester: Requester,
  scope: SentryScope,
  issue: string,
  type: string,
): Promise<Result<Date | null, SentryFailure>> {
  const answer = await requester.request({ method: "GET", path: ["organizations", scope.organization, "issues", issue] });
  if (!answer.ok) return answer.refusal.kind === "not_found" ? ok(null) : answer;
  const told = parsed(IssueActivityShape, answer.value.body);
  if (told === null) return failure("nonsense", "Sentry's issue has another shape than it documents");
  const times = told.activity.filter((one) => one.type === type).map((one) => one.dateCreated.getTime());
  return ok(times.length === 0 ? null : new Date(Math.max(...times) - requester.skewMs()));
}
