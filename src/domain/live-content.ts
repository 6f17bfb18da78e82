import type { Environment } from "./config.ts";
import type { Blocker, ChangeSet } from "./deployment.ts";
import { shortSha } from "./ids.ts";

/** Commits that are live and that a version lacks: how many, and the newest of them as far as they could be listed. */
export type Lacking = Pick<ChangeSet, "behind" | "lacks">;

/** A sentence that names more is not read. */
const MOST_NAMED = 3;

/** "2 commits that are live: 1f2e3d4 Fix the tax (Ann), 9f3c2ab Close the hole (Bob)". */
export function lackWords({ behind, lacks }: Lacking): string {
  const count = behind === 1 ? "1 commit that is live" : `${behind} commits that are live`;
  const named = (lacks ?? []).slice(0, MOST_NAMED);
  if (named.length === 0) return count;
  const words = named.map((change) => `${shortSha(change.revision)} ${change.title} (${change.author.name})`);
  const more = behind - named.length;
  return `${count}: ${words.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}

/** Do both lack the same? */
export function isSameLack(one: Lacking, other: Lacking): boolean {
  const named = ({ lacks }: Lacking): string => (lacks ?? []).map((change) => change.revision).join(" ");
  return one.behind === other.behind && named(one) === named(other);
}

/** What lifts it. */
export const BRING_THEM_IN =
  "Bring them into its branch and deploy what contains them. To go back, roll back; to allow it here, `live_content: warn`.";

/** A deployment takes nothing away that is live, unless the environment says so; a rollback is there for that. Null: it takes nothing. */
export function takesAway(environment: Environment, changes: Lacking): Blocker | null {
  if (changes.behind === 0 || environment.liveContent === "warn") return null;
  return { rule: "live_content", text: `It lacks ${lackWords(changes)}.`, owner: "live_content in greenlight.yml", liftsAt: null };
}
