import { z } from "zod";
import type { Sha } from "../domain/ids.ts";
import type { FoundRefs } from "../domain/found-refs.ts";
import type { Ask } from "./ask.ts";
import * as field from "./fields.ts";

/** What one page holds at most (docs.github.com, REST, pagination). */
const PAGE = 100;
/** While somebody types, every letter asks: the lists that do not depend on the letters are asked for once. */
const FRESH_MS = 15_000;

const named = z.array(z.object({ name: field.branch }));
const reference = z.array(z.object({ ref: z.string() }));
const commits = z.array(z.object({ sha: field.sha, commit: z.object({ message: field.title }) }));
const commit = z.object({ sha: field.sha, commit: z.object({ message: field.title }) });

type Lists = Omit<FoundRefs, "complete"> & { readonly complete: boolean };

/** Branches, tags and recent commits whose names, titles or ids hold the text; everything that there is a page of without one. */
export function createSearch(ask: Ask, now: () => number): (repository: string, text: string) => Promise<FoundRefs> {
  const known = new Map<string, { readonly at: number; readonly lists: Promise<Lists> }>();
  function listsOf(repository: string): Promise<Lists> {
    const before = known.get(repository);
    if (before !== undefined && now() - before.at < FRESH_MS) return before.lists;
    const lists = firstPages(ask, repository);
    known.set(repository, { at: now(), lists });
    return lists;
  }
  return async (repository, text) => {
    const wanted = text.trim().toLowerCase();
    const [lists, heads, tags, one] = await Promise.all([
      listsOf(repository),
      begunBy(ask, repository, `heads/${text.trim()}`),
      begunBy(ask, repository, `tags/${text.trim()}`),
      commitBegunBy(ask, repository, wanted),
    ]);
    // What GitHub did not tell is asked for again by the next letter.
    if (!lists.complete) known.delete(repository);
    const holds = (name: string): boolean => name.toLowerCase().includes(wanted);
    return {
      branches: [...new Set([...(heads ?? []), ...lists.branches.filter(holds)])],
      tags: [...new Set([...(tags ?? []), ...lists.tags.filter(holds)])],
      commits: [...one, ...lists.commits.filter(({ revision, title }) => holds(title) || (wanted !== "" && revision.startsWith(wanted)))],
      complete: lists.complete && heads !== null && tags !== null,
    };
  };
}

async function firstPages(ask: Ask, repository: string): Promise<Lists> {
  const parameters = { per_page: PAGE };
  const [branches, tags, recent] = await Promise.all([
    ask({ repository, route: "GET /repos/{owner}/{repo}/branches", parameters, schema: named }),
    ask({ repository, route: "GET /repos/{owner}/{repo}/tags", parameters, schema: named }),
    ask({ repository, route: "GET /repos/{owner}/{repo}/commits", parameters, schema: commits }),
  ]);
  return {
    branches: branches.ok ? branches.value.map(({ name }) => name) : [],
    tags: tags.ok ? tags.value.map(({ name }) => name) : [],
    commits: recent.ok ? recent.value.map(titled) : [],
    complete: branches.ok && tags.ok && recent.ok,
  };
}

/** Names beyond the first page are found by how they begin. Null: GitHub did not say. */
async function begunBy(ask: Ask, repository: string, ref: string): Promise<readonly string[] | null> {
  const [, kind = "", text = ""] = /^(heads|tags)\/(.*)$/u.exec(ref) ?? [];
  if (text === "" || !field.branch.safeParse(text).success || text.includes("..") || text.includes("//") || text.startsWith("/")) return [];
  const answer = await ask({
    repository,
    route: "GET /repos/{owner}/{repo}/git/matching-refs/{ref}",
    parameters: { ref },
    schema: reference,
  });
  if (!answer.ok) return answer.refusal.kind === "missing" ? [] : null;
  const prefix = `refs/${kind}/`;
  return answer.value.flatMap((found) => (found.ref.startsWith(prefix) ? [found.ref.slice(prefix.length)] : [])).slice(0, PAGE);
}

/** A short id of at least seven digits; the answer must begin with it, since a branch may be called so. */
async function commitBegunBy(ask: Ask, repository: string, id: string): Promise<readonly { revision: Sha; title: string }[]> {
  if (!/^[0-9a-f]{7,40}$/u.test(id)) return [];
  const route = "GET /repos/{owner}/{repo}/commits/{ref}";
  const answer = await ask({ repository, route, parameters: { ref: id, per_page: 1 }, schema: commit });
  return answer.ok && answer.value.sha.startsWith(id) ? [titled(answer.value)] : [];
}

function titled(found: z.infer<typeof commit>): { readonly revision: Sha; readonly title: string } {
  return { revision: found.sha, title: found.commit.message };
}
