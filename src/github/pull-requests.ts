import { z } from "zod";
import type { Author } from "../domain/people.ts";
import type { Change } from "../domain/pipeline.ts";
import { releaseNote } from "../domain/release-note.ts";
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
  return { changes: all, authors: distinct([...all.map((change) => change.author), ...openers]) };
}

/** A squashed or merge commit stands for its pull request and takes its title; a commit inside of one keeps its own. */
function withPull(change: Change, pull: Pull | null): Change {
  if (pull === null) return change;
  if (pull.merge_commit_sha !== change.revision) return { ...change, pullRequest: pull.number };
  const note = releaseNote(pull.body);
  return { ...change, ...(note === null ? { title: pull.title } : { title: note, was: pull.title }), pullRequest: pull.number };
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** One entry per login, or else per e-mail, or else per name. */
function distinct(authors: readonly Author[]): readonly Author[] {
  const known = new Map<string, Author>();
  for (const author of authors) {
    const key = (author.login ?? author.email ?? author.name).toLowerCase();
    if (!known.has(key)) known.set(key, author);
  }
  return [...known.values()];
}
