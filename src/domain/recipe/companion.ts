import type { CompanionRevision } from "../companion.ts";

/**
 * Brings exactly this revision of another repository into a directory of the checkout or release that it runs in, with the care of our
 * own pull: hooks off, the origin compared, a dirty tree refused, what was checked out looked at. What the app's own repository has
 * there is never overwritten. A new clone is made beside and renamed, so that a killed attempt leaves nothing that looks like one.
 */
const BRING = `set -eu
revision=$1 origin=$2 directory=$3
git() { command git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c advice.detachedHead=false "$@"; }
fail() { code=$1; shift; printf '%s\\n' "$@" >&2; exit "$code"; }
if [ -e .git ] && [ -n "$(git ls-files -- ":(literal)$directory" | head -n 1)" ]; then
  fail 3 "$directory is in the app's own repository too: give the companion another directory"
fi
# Nothing is made behind a link, wherever it leads.
case $directory in */*)
  rest=\${directory%/*}/ at=
  while [ -n "$rest" ]; do
    at=$at\${rest%%/*} rest=\${rest#*/}
    [ ! -L "$at" ] || fail 3 "$directory leads through a link: it cannot be put there"
    at=$at/
  done
  mkdir -p "\${directory%/*}";;
esac
parent=$(pwd -P); case $directory in */*) parent=$parent/\${directory%/*};; esac
[ "$(cd -P "$parent" && pwd)" = "$parent" ] && [ ! -L "$directory" ] || fail 3 "$directory leads through a link: it cannot be put there"
if [ ! -e "$directory/.git" ]; then
  [ ! -e "$directory" ] || [ -z "$(ls -A "$directory")" ] || fail 3 "$directory has files and is no clone: move it away, then deploy again"
  rm -rf "$directory.new-clone"; git init --quiet "$directory.new-clone"; git -C "$directory.new-clone" remote add origin "$origin"
  [ ! -e "$directory" ] || rmdir "$directory"; mv "$directory.new-clone" "$directory"
fi
cd "$directory"
have=$(git remote get-url origin)
[ "$have" = "$origin" ] || fail 3 "origin of $directory is $have, not $origin: fix the remote on this server or origin in greenlight.yml"
dirty=$(git status --porcelain --untracked-files=no)
[ -z "$dirty" ] || fail 4 "somebody changed files in $directory by hand; commit or discard them, then deploy again:" "$dirty"
git cat-file -e "$revision^{commit}" 2>/dev/null || git fetch --no-tags origin "+refs/heads/*:refs/remotes/origin/*"
git checkout --quiet --detach "$revision^0" --
[ "$(git rev-parse HEAD)" = "$revision" ] || fail 5 "checked out $(git rev-parse HEAD), not $revision"
dirty=$(git status --porcelain --untracked-files=no)
[ -z "$dirty" ] || fail 4 "these files are not as the revision has them, right after checking it out:" "$dirty"
echo "$directory is now at $revision"
git log -1 --format=%s "$revision" --`;

/** May be repeated. Words come as positional parameters, never spliced in. */
export function companionCommand({ revision, origin, directory }: CompanionRevision): readonly string[] {
  return ["sh", "-c", BRING, "pull", revision, origin, directory];
}
