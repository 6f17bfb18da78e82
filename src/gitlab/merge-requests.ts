import { z } from "zod";
import { distinctAuthors, type Author } from "../domain/people.ts";
import type { Change } from "../domain/pipeline.ts";
import { namedAfter } from "../domain/release-note.ts";
import type { Ask } from "./ask.ts";
import * as field from "./fields.ts";
import { together } from "./together.ts";

/** One request a commit: only the newest are looked up, and none when the minute's requests run short. */
const MOST_LOOKUPS = 20;
const LEAVE = 50;

const requests = z.array(
  z.object({
    iid: z.int().positive(),
    title: field.title,
    description: z.string().nullable().catch(null).default(null),
    state: z.string(),
    merge_commit_sha: z.string().nullable().default(null),
    squash_commit_sha: z.string().nullable().default(null),
    author: z
      .object({ name: field.lineOrNull.default(null), username: field.usernameOrNull.default(null) })
      .nullable()
      .default(null),
  }),
);

type MergeRequest = z.infer<typeof requests>[number];

/** Names the merged request of each change where it can be asked for, and all authors: of commits and of merge requests. */
export async function withMergeRequests(
  ask: Ask,
  repository: string,
  changes: readonly Change[],
): Promise<{ readonly changes: readonly Change[]; readonly authors: readonly Author[] }> {
  let refused = false;
  async function requestOf(change: Change): Promise<MergeRequest | null> {
    if (refused || ask.left() < LEAVE) return null;
    const answer = await ask({ repository, path: ["repository", "commits", change.revision, "merge_requests"], schema: requests });
    refused ||= !answer.ok;
    if (!answer.ok) return null;
    const merged = answer.value.filter((request) => request.state === "merged");
    return merged.find((request) => becameOf(request, change)) ?? merged[0] ?? null;
  }
  const newest = changes.slice(-MOST_LOOKUPS);
  const found = await together(newest, 4, requestOf);
  const named = newest.map((change, at) => withRequest(change, found[at] ?? null));
  const openers = found.flatMap((request) =>
    request?.author?.username ? [field.authorOf(request.author.name, null, request.author.username)] : [],
  );
  const all = [...changes.slice(0, changes.length - newest.length), ...named];
  return { changes: all, authors: distinctAuthors([...all.map((change) => change.author), ...openers]) };
}

function withRequest(change: Change, request: MergeRequest | null): Change {
  if (request === null) return change;
  const { iid: number, title, description } = request;
  return namedAfter(change, { number, title, description, became: becameOf(request, change) });
}

function becameOf(request: MergeRequest, change: Change): boolean {
  return request.merge_commit_sha === change.revision || request.squash_commit_sha === change.revision;
}
