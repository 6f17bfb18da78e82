import type { Change } from "./pipeline.ts";
import type { Sha } from "./ids.ts";

/**
 * Do these changes (oldest first) take a blocked commit back? Told by the titles that git and GitHub write, since the
 * provider shows no bodies: a revert after it, and no later revert of that revert.
 */
export function isReverted(changes: readonly Change[], blocked: Sha): boolean {
  const at = changes.findIndex((change) => change.revision === blocked);
  const title = changes[at]?.title;
  if (title === undefined) return false;
  const later = changes
    .slice(at + 1)
    .filter(({ repository }) => repository === changes[at]?.repository)
    .map((change) => change.title);
  const undone = later.lastIndexOf(`Revert "${title}"`);
  const redone = Math.max(later.lastIndexOf(`Reapply "${title}"`), later.lastIndexOf(`Revert "Revert "${title}""`));
  return undone > redone;
}
