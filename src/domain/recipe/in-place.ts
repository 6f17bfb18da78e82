import type { SshTargetConfig } from "../config.ts";
import type { Sha } from "../ids.ts";

/**
 * Fetches and checks out exactly the approved revision, or fails saying why. Words come as positional parameters, never spliced in.
 * `<sha>^0`: a local branch of that name would win over the commit otherwise. Hooks are off: a hook is unapproved code.
 * A dirty tree is refused with its files: somebody's hand-made repair must not vanish.
 */
const PULL = `set -eu
revision=$1; origin=$2
git() { command git -c core.hooksPath=/dev/null -c advice.detachedHead=false "$@"; }
if [ -n "$origin" ]; then
  have=$(git remote get-url origin)
  [ "$have" = "$origin" ] || { echo "origin is $have, not $origin: fix the remote on this server or target.origin in greenlight.yml" >&2; exit 3; }
fi
dirty=$(git status --porcelain --untracked-files=no)
[ -z "$dirty" ] || { echo "somebody changed files here by hand; commit or discard them, then deploy again:" >&2; echo "$dirty" >&2; exit 4; }
git cat-file -e "$revision^{commit}" 2>/dev/null || git fetch --no-tags origin "+refs/heads/*:refs/remotes/origin/*"
git checkout --quiet --detach "$revision^0" --
[ "$(git rev-parse HEAD)" = "$revision" ] || { echo "checked out $(git rev-parse HEAD), not $revision" >&2; exit 5; }
dirty=$(git status --porcelain --untracked-files=no)
[ -z "$dirty" ] || { echo "these files are not as the revision has them, right after checking it out:" >&2; echo "$dirty" >&2; exit 4; }
echo "now at $revision"
git log -1 --format=%s "$revision" --`;

/** Layout `in_place`: brings exactly this revision into the one checkout of a host. */
export function pullCommand(target: Pick<SshTargetConfig, "origin">, revision: Sha): readonly string[] {
  return ["sh", "-c", PULL, "pull", revision, target.origin ?? ""];
}
