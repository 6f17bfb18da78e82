import type { NewIssue } from "../domain/measurement.ts";
import { changedFilesAt, codePath } from "../domain/verdict/changed-file.ts";
import type { Look } from "../ports.ts";
import type { ReleaseIssue } from "./sentry-source.ts";

/** A class as languages write it: `KeyError`, `django.db.utils.IntegrityError`, `App\Missing`, `std::bad_alloc`. Never a sentence. */
const CLASS_NAME = /^[A-Za-z_$][\w$.:\\]{0,119}$/;

/** A file of source code; what a browser runs may also stand in a page, whose address can name a person. */
const SOURCE_FILE =
  /^[\w./<>$@+~-]{1,200}\.(?:py|pyx|[cm]?jsx?|[cm]?tsx?|vue|svelte|rb|php|java|kt|kts|scala|groovy|clj|go|rs|c|cc|cpp|cxx|h|hpp|m|mm|swift|dart|cs|fs|vb|exs?|erl|lua|pl|pm|r|jl)$/i;
/** An e-mail address, also as a part of a path. */
const ADDRESS = /[\w.+-]@[\w.-]+\.[a-z]{2}/i;
/** A function as languages name it: `add`, `Cart.add`, `<lambda>`, `Object.<anonymous>`, `App\Cart::add`. Never a sentence. */
const FUNCTION_NAME = /^[\w$.<>:\\]{1,120}$/;

/**
 * With `strict` privacy only the exception's class, its place in the code, counts and the link leave Sentry: titles and
 * culprits carry messages and request paths, and with them people's data.
 */
export function toNewIssue(issue: ReleaseIssue, { privacy, code }: Pick<Look, "privacy" | "code">): NewIssue {
  const strict = privacy === "strict";
  // Compared before anything is left out: what leaves are names of the repository's own files.
  const changedFiles = code === null ? [] : changedFilesAt({ file: issue.code.file, culprit: issue.culprit }, code);
  return {
    id: issue.id,
    title: strict ? className(issue.exceptionClass) : issue.title,
    place: strict ? placeOf(sourceOnly(issue.code)) : (issue.culprit ?? placeOf(issue.code)),
    url: issue.url,
    events: issue.events,
    users: issue.users,
    unhandled: issue.unhandled,
    firstSeen: issue.firstSeen,
    lastSeen: issue.lastSeen,
    ...(changedFiles.length === 0 ? {} : { changedFiles }),
    ...(issue.again === undefined ? {} : { again: issue.again }),
  };
}

function placeOf({ file, function: name }: ReleaseIssue["code"]): string | null {
  const parts = [file, name].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(" in ");
}

function sourceOnly({ file, function: name }: ReleaseIssue["code"]): ReleaseIssue["code"] {
  const path = file === null ? "" : codePath(file);
  return {
    file: SOURCE_FILE.test(path) && !ADDRESS.test(path) ? path : null,
    function: name !== null && FUNCTION_NAME.test(name) ? name : null,
  };
}

function className(exceptionClass: string | null): string {
  return exceptionClass !== null && CLASS_NAME.test(exceptionClass) ? exceptionClass : "an error of another kind";
}
