import { z } from "zod";
import type { Sha } from "../domain/ids.ts";
import { parseSha } from "../domain/ids.ts";
import { ok } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Ask, Failure } from "./ask.ts";
import { standing } from "./compare.ts";
import * as field from "./fields.ts";

const reference = z.object({ ref: z.string(), object: z.object({ type: z.string(), sha: field.sha }) });
const tag = z.object({ object: z.object({ type: z.string(), sha: field.sha }) });
const commit = z.object({ sha: field.sha });

/** An annotated tag may point to another one. */
const MOST_TAGS = 3;

/** A full id, `refs/heads/x` or `refs/tags/x`; else the branch of that name, else the tag, else the commit a short id begins. */
export async function resolve(ask: Ask, repository: string, ref: string): Promise<Sha | null> {
  if (parseSha(ref) !== null) return commitOf(ask, repository, ref);
  const full = /^refs\/((?:heads|tags)\/.+)$/.exec(ref)?.[1];
  for (const name of full === undefined ? [`heads/${ref}`, `tags/${ref}`] : [full]) {
    const answer = await commitBehind(ask, repository, name);
    // Without an answer about the branch the tag of that name must not be taken for it.
    if (!answer.ok) return null;
    if (answer.value !== null) return answer.value;
  }
  return full === undefined && /^[0-9a-f]{7,39}$/.test(ref) ? commitOf(ask, repository, ref) : null;
}

/** Asked in two steps, both by what cannot be mistaken: the branch by its full ref, then the two commits by their ids. */
export async function reachable(ask: Ask, repository: string, branch: string, revision: Sha): Promise<boolean | null> {
  const tip = await commitBehind(ask, repository, `heads/${branch}`);
  if (!tip.ok) return null;
  // A private repository that we may not see looks like one without that branch.
  if (tip.value === null) return (await isReadable(ask, repository)) ? false : null;
  const status = await standing(ask, repository, tip.value, revision);
  if (status === null) return null;
  return status === "behind" || status === "identical";
}

/** A commit GitHub does not know is no answer: it may have been one before a force-push. */
export async function contains(ask: Ask, repository: string, revision: Sha, ancestor: Sha): Promise<boolean | null> {
  if (revision === ancestor) return true;
  const status = await standing(ask, repository, ancestor, revision);
  if (status === null || status === "unknown_commit") return null;
  return status === "ahead" || status === "identical";
}

/** The commit behind `heads/x` or `tags/x`, null if there is none; this route takes no prefix for the whole and knows no short forms. */
async function commitBehind(ask: Ask, repository: string, ref: string): Promise<Result<Sha | null, Failure>> {
  if (!field.branch.safeParse(ref).success || ref.includes("..") || ref.includes("//") || ref.endsWith("/")) return ok(null);
  const answer = await ask({ repository, route: "GET /repos/{owner}/{repo}/git/ref/{ref}", parameters: { ref }, schema: reference });
  if (!answer.ok) return answer.refusal.kind === "missing" ? ok(null) : answer;
  if (answer.value.ref !== `refs/${ref}`) return ok(null);
  let { object } = answer.value;
  for (let hop = 0; object.type === "tag" && hop < MOST_TAGS; hop += 1) {
    const route = "GET /repos/{owner}/{repo}/git/tags/{tag_sha}";
    const peeled = await ask({ repository, route, parameters: { tag_sha: object.sha }, schema: tag });
    if (!peeled.ok) return peeled;
    object = peeled.value.object;
  }
  return ok(object.type === "commit" ? object.sha : null);
}

/** A short id that a branch is named after would find the branch: the answer must begin with what was asked. */
async function commitOf(ask: Ask, repository: string, id: string): Promise<Sha | null> {
  const route = "GET /repos/{owner}/{repo}/commits/{ref}";
  const answer = await ask({ repository, route, parameters: { ref: id, per_page: 1 }, schema: commit });
  return answer.ok && answer.value.sha.startsWith(id) ? answer.value.sha : null;
}

async function isReadable(ask: Ask, repository: string): Promise<boolean> {
  const answer = await ask({ repository, route: "GET /repos/{owner}/{repo}", schema: z.object({ full_name: z.string() }) });
  return answer.ok;
}
