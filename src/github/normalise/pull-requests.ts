import { z } from "zod";
import { authorByLogin, authorOf } from "../authors.ts";
import { repository } from "../checks.ts";
import * as field from "../fields.ts";
import { ignored, told } from "./read.ts";
import type { Normalised } from "./read.ts";

/** Longest description that is kept, in characters: release notes and ticket numbers stand at its beginning. */
const MOST_BODY = 20_000;

const account = z.object({ login: field.loginOrNull.default(null) });

export const pullRequestBody = z.object({
  action: z.string(),
  repository,
  pull_request: z.object({
    number: z.int().positive(),
    title: field.title,
    body: z.string().nullable().default(null).catch(null),
    user: account.nullable().default(null),
    merged: z.boolean().nullable().default(null),
    merged_by: account.nullable().default(null),
    merge_commit_sha: z.string().nullable().default(null),
    merged_at: field.momentOrNull.default(null),
    html_url: field.pageOrNull.default(null),
  }),
});

export function pullRequestChanged({ action, repository: of, pull_request: pull }: z.infer<typeof pullRequestBody>): Normalised {
  if (action !== "closed") return ignored("only the end of a pull request is used");
  if (pull.merged !== true) return ignored("a pull request was closed without being merged");
  const revision = field.sha.safeParse(pull.merge_commit_sha);
  if (!revision.success || pull.merged_at === null) return ignored("a merged pull request names no commit or no time");
  return told({
    kind: "merged",
    repository: of.full_name,
    number: pull.number,
    title: pull.title,
    body: pull.body === null ? null : field.cleanText(pull.body, MOST_BODY),
    author: authorByLogin(pull.user) ?? authorOf(null, null, null),
    mergedBy: authorByLogin(pull.merged_by),
    revision: revision.data,
    url: pull.html_url,
    at: pull.merged_at,
  });
}
