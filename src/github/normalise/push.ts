import type { z } from "zod";
import { isOfOurTime } from "../../domain/foreign.ts";
import { parseSha } from "../../domain/ids.ts";
import type { Sha } from "../../domain/ids.ts";
import { branchOf } from "../../domain/pipeline.ts";
import { filesLeft, filesOf } from "../../domain/paths.ts";
import { authorOf } from "../authors.ts";
import * as field from "../fields.ts";
import type { pushBody } from "../payloads.ts";
import { ignored, told } from "./read.ts";
import type { Normalised } from "./read.ts";

/** GitHub's own maximum for one push. */
const MOST_COMMITS = 2048;

export function pushed(fields: z.infer<typeof pushBody>): Normalised {
  const branch = branchOf(fields.ref);
  if (branch === null) return ignored(fields.ref.startsWith("refs/tags/") ? "push of a tag" : "push of something that is no branch");
  if (!field.branch.safeParse(branch).success) return ignored("push of a branch whose name git does not allow");
  if (fields.deleted || /^0{40}$/.test(fields.after)) return ignored("a branch was deleted");
  const after = parseSha(fields.after);
  if (after === null) return ignored("the body does not fit the event push: after is no full commit id");
  const at = pushedAt(fields.repository.pushed_at) ?? fields.head_commit?.timestamp ?? null;
  if (at === null) return ignored("the body does not fit the event push: it has no date of our time");
  return told({
    kind: "push",
    repository: fields.repository.full_name,
    ref: fields.ref,
    before: commitBefore(fields.before),
    after,
    changes: fields.commits.slice(-MOST_COMMITS).map((commit) => ({
      revision: commit.id,
      title: commit.message,
      author: authorOf(commit.author.name, commit.author.email, commit.author.username),
      url: commit.url,
      pullRequest: null,
      ...filesLeft(commit),
    })),
    // `sender` is who GitHub authenticated; `pusher.name` is that login too, unless a deploy key pushed.
    pusher: authorOf(fields.pusher.name, fields.pusher.email, fields.sender?.login ?? null),
    compareUrl: fields.compare,
    files: filesOf(fields.commits, !fields.forced && fields.commits.length < MOST_COMMITS && commitBefore(fields.before) !== null),
    at,
  });
}

function pushedAt(value: number | string | null): Date | null {
  if (value === null) return null;
  const at = new Date(typeof value === "number" ? value * 1000 : value);
  return isOfOurTime(at) ? at : null;
}

function commitBefore(text: string): Sha | null {
  return /^0{40}$/.test(text) ? null : parseSha(text);
}
