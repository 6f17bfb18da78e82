import { z } from "zod";
import type { ChangeSet } from "../domain/deployment.ts";
import type { Sha } from "../domain/ids.ts";
import type { Change } from "../domain/pipeline.ts";
import type { Result } from "../domain/result.ts";
import type { Ask } from "./ask.ts";
import * as field from "./fields.ts";
import { withMergeRequests } from "./merge-requests.ts";
import type { Failure } from "./wire.ts";
import { unknownChanges } from "../domain/silent-host.ts";

/** More commits than anybody reads. */
const MOST_COMMITS = 250;

const commit = z.object({
  id: field.sha,
  title: field.title,
  /** The title alone is cut by GitLab; some answers lack the message. */
  message: field.title.nullable().default(null),
  author_name: field.lineOrNull.default(null),
  author_email: field.emailOrNull.default(null),
  web_url: field.pageOrNull.default(null),
});

const comparison = z.object({
  commits: z.array(commit),
  diffs: z
    .array(z.object({ new_path: z.string(), deleted_file: z.boolean().default(false) }))
    .optional()
    .catch(undefined),
});

/** From the oldest commit to the newest. GitLab counts nothing that `head` lacks: it is asked both ways. */
export async function compare(
  ask: Ask,
  range: { readonly repository: string; readonly base: Sha | null; readonly head: Sha; readonly compareUrl: string | null },
): Promise<ChangeSet> {
  const { repository, base, head, compareUrl } = range;
  if (base === null) return headAlone(ask, { repository, head, compareUrl });
  const [forward, back] = await Promise.all([
    compared(ask, { repository, from: base, to: head }),
    compared(ask, { repository, from: head, to: base }),
  ]);
  if (!forward.ok || !back.ok) return unknownChanges(compareUrl);
  const commits = oldestFirst(forward.value.commits, head);
  const { changes, authors } = await withMergeRequests(ask, repository, commits.slice(-MOST_COMMITS).map(changeOf));
  const known = { changes, complete: commits.length <= MOST_COMMITS, behind: back.value.commits.length, compareUrl, authors };
  // Nothing breaks in what is not there any more.
  const files = forward.value.diffs?.flatMap((diff) => (diff.deleted_file ? [] : [diff.new_path]));
  return files === undefined ? known : { ...known, files };
}

/** What is reachable from `to` and not from `from`; none: `from` has all that `to` has. */
export async function commitsBetween(ask: Ask, range: Between): Promise<Result<readonly z.infer<typeof commit>[], Failure>> {
  const answer = await compared(ask, range);
  return answer.ok ? { ok: true, value: answer.value.commits } : answer;
}

type Between = { readonly repository: string; readonly from: Sha; readonly to: Sha };

function compared(ask: Ask, { repository, from, to }: Between): Promise<Result<z.infer<typeof comparison>, Failure>> {
  return ask({ repository, path: ["repository", "compare"], query: { from, to, straight: false }, schema: comparison });
}

/** Nothing was live before: all of the history is new, of which only the head is shown, so the list is not complete. */
async function headAlone(
  ask: Ask,
  of: { readonly repository: string; readonly head: Sha; readonly compareUrl: string | null },
): Promise<ChangeSet> {
  const answer = await ask({ repository: of.repository, path: ["repository", "commits", of.head], schema: commit });
  if (!answer.ok) return unknownChanges(of.compareUrl);
  const { changes, authors } = await withMergeRequests(ask, of.repository, [changeOf(answer.value)]);
  return { changes, complete: false, behind: 0, compareUrl: answer.value.web_url ?? of.compareUrl, authors };
}

/** GitLab lists them so; a server that does not is seen by where the head stands. */
function oldestFirst(commits: readonly z.infer<typeof commit>[], head: Sha): readonly z.infer<typeof commit>[] {
  return commits.length > 1 && commits[0]?.id === head ? commits.toReversed() : commits;
}

function changeOf(told: z.infer<typeof commit>): Change {
  return {
    revision: told.id,
    title: told.message ?? told.title,
    author: field.authorOf(told.author_name, told.author_email, null),
    url: told.web_url,
    pullRequest: null,
  };
}
