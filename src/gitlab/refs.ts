import { z } from "zod";
import type { Sha } from "../domain/ids.ts";
import { parseSha } from "../domain/ids.ts";
import { ok } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Ask } from "./ask.ts";
import { commitsBetween } from "./compare.ts";
import * as field from "./fields.ts";
import type { Failure } from "./wire.ts";

const named = z.object({ name: z.string(), commit: z.object({ id: field.sha }) });
const commit = z.object({ id: field.sha });

/** A full id, `refs/heads/x` or `refs/tags/x`; else the branch of that name, else the tag, else the commit a short id begins. */
export async function resolve(ask: Ask, repository: string, ref: string): Promise<Sha | null> {
  if (parseSha(ref) !== null) return commitOf(ask, repository, ref);
  const [, kind, full] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  const places = kind === undefined ? (["branches", "tags"] as const) : ([kind === "heads" ? "branches" : "tags"] as const);
  for (const place of places) {
    const answer = await commitBehind(ask, { repository, place, name: full ?? ref });
    // Without an answer about the branch the tag of that name must not be taken for it.
    if (!answer.ok) return null;
    if (answer.value !== null) return answer.value;
  }
  return kind === undefined && /^[0-9a-f]{7,39}$/.test(ref) ? commitOf(ask, repository, ref) : null;
}

/** Asked in two steps, both by what cannot be mistaken: the branch by its name among branches, then the two commits by their ids. */
export async function reachable(ask: Ask, repository: string, branch: string, revision: Sha): Promise<boolean | null> {
  const tip = await commitBehind(ask, { repository, place: "branches", name: branch });
  if (!tip.ok) return null;
  // A private project that we may not see looks like one without that branch.
  if (tip.value === null) return (await isReadable(ask, repository)) ? false : null;
  if (tip.value === revision) return true;
  const beyond = await commitsBetween(ask, { repository, from: tip.value, to: revision });
  if (!beyond.ok) return beyond.refusal.kind === "missing" ? false : null;
  return beyond.value.length === 0;
}

/** A commit GitLab does not know is no answer: it may have been one before a force-push. */
export async function contains(ask: Ask, repository: string, revision: Sha, ancestor: Sha): Promise<boolean | null> {
  if (revision === ancestor) return true;
  const beyond = await commitsBetween(ask, { repository, from: revision, to: ancestor });
  return beyond.ok ? beyond.value.length === 0 : null;
}

/** The commit of a branch or tag of exactly this name, null if there is none. */
async function commitBehind(
  ask: Ask,
  wanted: { readonly repository: string; readonly place: "branches" | "tags"; readonly name: string },
): Promise<Result<Sha | null, Failure>> {
  const { repository, place, name } = wanted;
  if (!field.branch.safeParse(name).success || name.includes("..") || name === ".") return ok(null);
  const answer = await ask({ repository, path: ["repository", place, name], schema: named });
  if (!answer.ok) return answer.refusal.kind === "missing" ? ok(null) : answer;
  return ok(answer.value.name === name ? answer.value.commit.id : null);
}

/** A short id that a branch is named after would find the branch: the answer must begin with what was asked. */
async function commitOf(ask: Ask, repository: string, id: string): Promise<Sha | null> {
  const answer = await ask({ repository, path: ["repository", "commits", id], schema: commit });
  return answer.ok && answer.value.id.startsWith(id) ? answer.value.id : null;
}

async function isReadable(ask: Ask, repository: string): Promise<boolean> {
  const answer = await ask({ repository, path: [], schema: z.object({ path_with_namespace: z.string() }) });
  return answer.ok;
}
