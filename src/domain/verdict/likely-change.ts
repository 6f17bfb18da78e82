import type { ChangeSet } from "../deployment.ts";
import type { NewIssue } from "../measurement.ts";
import type { Change } from "../pipeline.ts";

/**
 * The change that an error likely comes from, where Sentry suspects none: the only one, or the only one that changes a file in which it
 * broke. Null: nobody can tell, such as where some changes are not listed, or the files of one are not.
 */
export function likelyChange({ changes, complete }: ChangeSet, issue: NewIssue | undefined): Change | null {
  const [first = null] = changes;
  if (!complete || changes.length <= 1) return complete ? first : null;
  const broken = issue?.changedFiles ?? [];
  const [only = null, second] = changes.filter(({ files = [] }) => files.some((file) => broken.includes(file)));
  return second === undefined && changes.every(({ files }) => files !== undefined) ? only : null;
}
