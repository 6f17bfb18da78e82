import type { NewIssue } from "../domain/measurement.ts";
import type { Look } from "../ports.ts";
import type { ReleaseIssue } from "./sentry-source.ts";

/** A class as languages write it: `KeyError`, `django.db.utils.IntegrityError`, `App\Missing`, `std::bad_alloc`. Never a sentence. */
const CLASS_NAME = /^[A-Za-z_$][\w$.:\\]{0,119}$/;

/**
 * With `strict` privacy only the exception's class, its place in the code, counts and the link leave Sentry: titles and
 * culprits carry messages and request paths, and with them people's data.
 */
export function toNewIssue(issue: ReleaseIssue, privacy: Look["privacy"]): NewIssue {
  const strict = privacy === "strict";
  return {
    id: issue.id,
    title: strict ? className(issue.exceptionClass) : issue.title,
    place: strict ? issue.codeLocation : (issue.culprit ?? issue.codeLocation),
    url: issue.url,
    events: issue.events,
    users: issue.users,
    unhandled: issue.unhandled,
    firstSeen: issue.firstSeen,
    lastSeen: issue.lastSeen,
    ...(issue.again === undefined ? {} : { again: issue.again }),
  };
}

function className(exceptionClass: string | null): string {
  return exceptionClass !== null && CLASS_NAME.test(exceptionClass) ? exceptionClass : "an error of another kind";
}
