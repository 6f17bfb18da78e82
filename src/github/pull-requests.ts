import { z } from "zod";
import { distinctAuthors, type Author } from "../domain/people.ts";
import type { Change } from "../domain/pipeline.ts";
import { namedAfter } from "../domain/release-note.ts";
import type { Ask } from "./ask.ts";
import * as field from "./fields.ts";
import { authorOf } from "./authors.ts";
import { together } from "./together.ts";

/** One request a commit: only the newest are looked up, and none when the hour's requests run short. */
const MOST_LOOKUPS = 20;
const LEAVE = 200;

const pulls = z.array(
  z.object({
    number: z.int().positive(),
    title: field.title,
    body: z.string().nullable().catch(null).default(null),
    merged_at: field.momentOrNull.default(null),
    merge_commit_sha: z.string().nullable().default(null),
    user: z
      .object({ login: field.loginOrNull.default(null) })
      .nullable()
      .default(null),
    base: z.object({ repo: z.object({ full_name: z.string() }) }),
  }),
);

type Pull = z.infer<typeof pulls>[number];

/** Names the merged pull request of each change where it can be asked for, and all authors: of commits and of pull requests. */
export async function withPullRequests(
  ask: Ask,
  repository: string,
  changes: readonly Change[],
): Promise<{ readonly changes: readonly Change[]; readonly authors: readonly Author[] }> {
  let refused = false;
  async function pullOf(change: Change): Promise<Pull | null> {
    if (refused || ask.left() < LEAVE) return null;
    const route = "GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls";
    const answer = await ask({ repository, route, parameters: { commit_sha: change.revision }, schema: pulls });
    refused ||= !answer.ok;
    if (!answer.ok) return null;
    const merged = answer.value.filter((pull) => pull.merged_at !== null && isSame(pull.base.repo.full_name, repository));
    return merged.find((pull) => pull.merge_commit_sha === change.revision) ?? merged[0] ?? null;
  }
  const newest = changes.slice(-MOST_LOOKUPS);
  const found = await together(newest, 4, pullOf);
  const named = newest.map((change, at) => withPull(change, found[at] ?? null));
  const openers = found.flatMap((pull) => (pull?.user?.login ? [authorOf(null, null, pull.user.login)] : []));
  const all = [...changes.slice(0, changes.length - newest.length), ...named];
  return { changes: all, authors: distinctAuthors([...all.map((change) => change.author), ...openers]) };
}

function withPull(change: Change, pull: Pull | null): Change {
  if (pull === null) return change;
  const { number, title, body: description, merge_commit_sha: became } = pull;
  return namedAfter(change, { number, title, description, became: became === change.revision });
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
