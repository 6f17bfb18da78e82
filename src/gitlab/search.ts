import { z } from "zod";
import type { Sha } from "../domain/ids.ts";
import type { FoundRefs } from "../domain/found-refs.ts";
import type { Ask } from "./ask.ts";
import * as field from "./fields.ts";

/** GitLab gives no more on a page. */
const PAGE = 100;
/** While somebody types, every letter asks: the commits do not depend on the letters and are asked for once. */
const FRESH_MS = 15_000;

const named = z.array(z.object({ name: field.branch }));
const commit = z.object({ id: field.sha, title: field.title });

type Titled = { readonly revision: Sha; readonly title: string };

/** Branches, tags and recent commits whose names, titles or ids hold the text; everything that there is a page of without one. */
export function createSearch(ask: Ask, now: () => number): (repository: string, text: string) => Promise<FoundRefs> {
  const known = new Map<string, { readonly at: number; readonly recent: Promise<readonly Titled[] | null> }>();
  function recentOf(repository: string): Promise<readonly Titled[] | null> {
    const before = known.get(repository);
    if (before !== undefined && now() - before.at < FRESH_MS) return before.recent;
    const recent = recentCommits(ask, repository);
    known.set(repository, { at: now(), recent });
    return recent;
  }
  return async (repository, text) => {
    const wanted = text.trim().toLowerCase();
    const [branches, tags, recent, one] = await Promise.all([
      namesHolding(ask, { repository, place: "branches", text: text.trim() }),
      namesHolding(ask, { repository, place: "tags", text: text.trim() }),
      recentOf(repository),
      commitBegunBy(ask, repository, wanted),
    ]);
    // What GitLab did not tell is asked for again by the next letter.
    if (recent === null) known.delete(repository);
    const fitting = (recent ?? []).filter(
      ({ revision, title }) => title.toLowerCase().includes(wanted) || (wanted !== "" && revision.startsWith(wanted)),
    );
    return {
      branches: branches ?? [],
      tags: tags ?? [],
      commits: [...one, ...fitting.filter(({ revision }) => one.every((found) => found.revision !== revision))],
      complete: branches !== null && tags !== null && recent !== null,
    };
  };
}

/** Null: GitLab did not say. Signs that no name can hold find nothing; `^` and `$` at its ends would mean something else to GitLab. */
async function namesHolding(
  ask: Ask,
  wanted: { readonly repository: string; readonly place: "branches" | "tags"; readonly text: string },
): Promise<readonly string[] | null> {
  const { repository, place, text } = wanted;
  if (text !== "" && (!field.branch.safeParse(text).success || text.endsWith("$"))) return [];
  const query = text === "" ? { per_page: PAGE } : { per_page: PAGE, search: text };
  const answer = await ask({ repository, path: ["repository", place], query, schema: named });
  return answer.ok ? answer.value.map(({ name }) => name) : null;
}

async function recentCommits(ask: Ask, repository: string): Promise<readonly Titled[] | null> {
  const answer = await ask({ repository, path: ["repository", "commits"], query: { per_page: PAGE }, schema: z.array(commit) });
  return answer.ok ? answer.value.map(titled) : null;
}

/** A short id of at least seven digits; the answer must begin with it, since a branch may be called so. */
async function commitBegunBy(ask: Ask, repository: string, id: string): Promise<readonly Titled[]> {
  if (!/^[0-9a-f]{7,40}$/u.test(id)) return [];
  const answer = await ask({ repository, path: ["repository", "commits", id], schema: commit });
  return answer.ok && answer.value.id.startsWith(id) ? [titled(answer.value)] : [];
}

function titled(found: z.infer<typeof commit>): Titled {
  return { revision: found.id, title: found.title };
}
