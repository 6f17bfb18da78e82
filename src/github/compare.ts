import { z } from "zod";
import type { ChangeSet } from "../domain/deployment.ts";
import type { Sha } from "../domain/ids.ts";
import type { Author } from "../domain/people.ts";
import type { Change } from "../domain/pipeline.ts";
import type { Ask } from "./ask.ts";
import * as field from "./fields.ts";
import { authorOf } from "./authors.ts";
import { withPullRequests } from "./pull-requests.ts";
import { unknownChanges } from "../domain/silent-host.ts";

/** More commits than anybody reads; GitHub itself gives no more without paging. */
const MOST_COMMITS = 250;
const PAGE = 100;

const person = z.object({ name: field.lineOrNull.default(null), email: field.emailOrNull.default(null) });

const commit = z.object({
  sha: field.sha,
  html_url: field.pageOrNull.default(null),
  commit: z.object({ message: field.title, author: person.nullable().default(null) }),
  author: z
    .object({ login: field.loginOrNull.default(null) })
    .nullable()
    .default(null),
});

const comparison = z.object({
  status: z.enum(["ahead", "behind", "diverged", "identical"]),
  behind_by: z.int().nonnegative(),
  total_commits: z.int().nonnegative(),
  html_url: field.pageOrNull.default(null),
  commits: z.array(commit),
  /** On the first page alone; of these at most 300. */
  files: z
    .array(z.object({ filename: z.string(), status: z.string() }))
    .optional()
    .catch(undefined),
});

/** From the oldest commit to the newest. `compareUrl` is what to link to when GitHub does not answer. */
export async function compare(
  ask: Ask,
  range: { readonly repository: string; readonly base: Sha | null; readonly head: Sha; readonly compareUrl: string | null },
): Promise<ChangeSet> {
  const { repository, base, head } = range;
  if (base === null) return headAlone(ask, repository, head);
  const commits: z.infer<typeof commit>[] = [];
  let files: z.infer<typeof comparison>["files"];
  for (let page = 1; ; page += 1) {
    const answer = await ask({
      repository,
      route: "GET /repos/{owner}/{repo}/compare/{basehead}",
      parameters: { basehead: `${base}...${head}`, per_page: PAGE, page },
      schema: comparison,
    });
    if (!answer.ok) return unknownChanges(range.compareUrl);
    const { behind_by: behind, total_commits: total, html_url: url } = answer.value;
    commits.push(...answer.value.commits);
    files ??= answer.value.files;
    const more = commits.length < Math.min(total, MOST_COMMITS) && answer.value.commits.length > 0;
    if (more) continue;
    const shown = commits.slice(0, MOST_COMMITS).map(changeOf);
    const { changes, authors } = await withPullRequests(ask, repository, shown);
    const complete = commits.length === total && total <= MOST_COMMITS;
    // Nothing breaks in what is not there any more.
    const left = files?.flatMap(({ filename, status }) => (status === "removed" ? [] : [filename]));
    const known = { changes, complete, behind, compareUrl: url ?? range.compareUrl, authors };
    return left === undefined ? known : { ...known, files: left };
  }
}

/** How `head` stands to `base`, by commit ids alone; null when GitHub gives no answer. */
export async function standing(
  ask: Ask,
  repository: string,
  base: Sha,
  head: Sha,
): Promise<z.infer<typeof comparison>["status"] | "unknown_commit" | null> {
  const answer = await ask({
    repository,
    route: "GET /repos/{owner}/{repo}/compare/{basehead}",
    parameters: { basehead: `${base}...${head}`, per_page: 1 },
    schema: comparison,
  });
  if (answer.ok) return answer.value.status;
  return answer.refusal.kind === "missing" ? "unknown_commit" : null;
}

/** Nothing was live before: all of the history is new, of which only the head is shown, so the list is not complete. */
async function headAlone(ask: Ask, repository: string, head: Sha): Promise<ChangeSet> {
  const route = "GET /repos/{owner}/{repo}/commits/{ref}";
  const answer = await ask({ repository, route, parameters: { ref: head, per_page: 1 }, schema: commit });
  if (!answer.ok) return unknownChanges(null);
  const { changes, authors } = await withPullRequests(ask, repository, [changeOf(answer.value)]);
  return { changes, complete: false, behind: 0, compareUrl: answer.value.html_url, authors };
}

function changeOf(told: z.infer<typeof commit>): Change {
  const author: Author = authorOf(told.commit.author?.name ?? null, told.commit.author?.email ?? null, told.author?.login ?? null);
  return { revision: told.sha, title: told.commit.message, author, url: told.html_url, pullRequest: null };
}
