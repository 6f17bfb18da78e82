import { ok } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { failure } from "./failure.ts";
import type { SentryFailure } from "./failure.ts";
import type { Requester } from "./request.ts";
import { parsed, quoted, scopeQuery } from "./scope.ts";
import type { SentryScope } from "./scope.ts";
import { IssuesShape } from "./shapes.ts";

export type SentryIssue = {
  readonly id: string;
  /** May contain the exception's text, and with it people's data. */
  readonly title: string;
  /** Class of the exception alone, if Sentry says it. */
  readonly exceptionClass: string | null;
  /** What Sentry calls culprit: a function, or the path of a request, which may name a person. */
  readonly culprit: string | null;
  /** Where in the code, as its SDK names it: of a browser the file may be the address of a page, and name a person. */
  readonly code: { readonly file: string | null; readonly function: string | null };
  readonly url: string | null;
  readonly events: number;
  readonly users: number;
  readonly unhandled: boolean;
  readonly firstSeen: Date;
  readonly lastSeen: Date | null;
};

/** More pages than this are a storm: the first hundreds of new issues say enough. */
const MAX_PAGES = 5;
const PAGE_SIZE = "100";

/** Issues whose first release is this one, with their counts in the window; times are ours, Sentry's skew taken out. */
export async function issuesOfRelease(
  requester: Requester,
  scope: SentryScope,
  input: { readonly release: string; readonly from: Date; readonly to: Date },
): Promise<Result<readonly SentryIssue[], SentryFailure>> {
  const found = new Map<string, SentryIssue>();
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = {
      ...scopeQuery(scope, input, requester.skewMs()),
      query: `firstRelease:${quoted(input.release)}`,
      sort: "new",
      limit: PAGE_SIZE,
      ...(cursor === null ? {} : { cursor }),
    };
    const answer = await requester.request({ method: "GET", path: ["organizations", scope.organization, "issues"], query });
    if (!answer.ok) return answer;
    const issues = parsed(IssuesShape, answer.value.body);
    if (issues === null) return failure("nonsense", "Sentry's list of issues has another shape than it documents");
    for (const issue of issues) {
      if ((issue.issueCategory ?? "error") === "error") found.set(issue.id, toIssue(issue, requester.skewMs()));
    }
    cursor = answer.value.next;
    if (cursor === null) break;
  }
  return ok([...found.values()]);
}

/** An issue as Sentry lists it; times are ours. */
export function toIssue(issue: (typeof IssuesShape)["_output"][number], skewMs: number): SentryIssue {
  const { metadata } = issue;
  return {
    id: issue.id,
    title: issue.title,
    exceptionClass: metadata?.type ?? null,
    culprit: issue.culprit ?? null,
    code: { file: metadata?.filename || null, function: metadata?.function || null },
    url: webAddress(issue.permalink ?? null),
    events: issue.count,
    users: issue.userCount,
    unhandled: issue.isUnhandled === true,
    firstSeen: new Date(issue.firstSeen.getTime() - skewMs),
    lastSeen: issue.lastSeen ? new Date(issue.lastSeen.getTime() - skewMs) : null,
  };
}

function webAddress(address: string | null): string | null {
  if (address === null || !URL.canParse(address)) return null;
  return ["https:", "http:"].includes(new URL(address).protocol) ? address : null;
}
