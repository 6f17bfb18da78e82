/**
 * What a host's directory holds in layout `releases`:
 *
 * | name | meaning |
 * | --- | --- |
 * | `repo/` | a bare clone; all fetching goes there |
 * | `releases/NAME/` | a work tree of it: one revision, built in one way; `REVISION` says which, once it is there whole |
 * | `releases/NAME/.greenlight-release` | it has been switched to, so everything before that went well; how its tracked files looked then |
 * | `shared/` | what all releases share, by links |
 * | `current`, `previous` | links: what is live, and what was live before it |
 *
 * Words come as positional parameters, never spliced in.
 */
const COMMON = `set -eu
git() { command git -c core.hooksPath=/dev/null -c advice.detachedHead=false "$@"; }
fail() { printf '%s\\n' "$@" >&2; exit 3; }
folder() { x=$(readlink "$1" 2>/dev/null) || x=; x=\${x%/}; printf %s "\${x##*/}"; }
first() { x=; { read -r x <"$1"; } 2>/dev/null || [ -n "$x" ] || return 0; printf %s "$x"; }
# How tracked files differ from their revision, as one word; nothing if git cannot tell.
looks() {
  [ -e "releases/$1/.git" ] && git -C "releases/$1" rev-parse -q --verify HEAD >/dev/null 2>&1 || return 0
  git -C "releases/$1" diff --no-ext-diff --no-textconv HEAD -- | git hash-object --stdin
}
link_or_nothing() {
  [ -L "$1" ] || [ ! -e "$1" ] || fail "$1 is no link here, and layout: releases needs it to be one: move it away, then deploy again"
}
`;

/** Makes the release of a revision. Own parameters: revision, origin, name, releases to keep, kind, then per shared path: kind, path, link. */
export const BUILD = `${COMMON}revision=$1 origin=$2 name=$3 keep=$4 kind=$5; shift 5
link_or_nothing current; link_or_nothing previous
mkdir -p releases shared
live=$(folder current) back=$(folder previous)
ours() { printf '%s\\n' "$1" | grep -Eqx '[0-9a-f]{12}-[0-9a-f]{8}'; }
built() { [ -f "releases/$1/.greenlight-release" ] && [ ! -L "releases/$1" ]; }
untouched() { was=$(first "releases/$1/.greenlight-release"); now=$(looks "$1"); [ -z "$was" ] || [ -z "$now" ] || [ "$was" = "$now" ]; }
# Makes room for a release. What was changed by hand is moved aside, never deleted.
clear_place() {
  if [ -L "releases/$1" ]; then rm -f "releases/$1"; return; fi
  [ -e "releases/$1" ] || return 0
  [ "$1" != "$live" ] || fail "releases/$1 is live and is not as it was built; look at it by hand"
  if built "$1"; then mv "releases/$1" "releases/$1.changed-$(date +%s)"; else rm -rf "releases/$1"; fi
}
if ours "$live" && built "$live" && ! untouched "$live"; then
  by_hand=$(git -C "releases/$live" status --porcelain --untracked-files=no)
  [ "$kind" = rollback ] || fail "somebody changed files of the live release by hand, in current/; commit or discard them, then deploy again:" "$by_hand"
  printf '%s\\n' "files of releases/$live were changed by hand, and stay there:" "$by_hand"
fi
candidates=$name
[ "$kind" = deploy ] || candidates="$name $live $back $(ls -1t releases)"
for c in $candidates; do
  ours "$c" && [ "\${c%-*}" = "\${name%-*}" ] && built "$c" && [ "$(first "releases/$c/REVISION")" = "$revision" ] || continue
  if [ "$c" != "$live" ] && ! untouched "$c"; then
    echo "releases/$c was changed by hand since it was built, and is not taken:"; git -C "releases/$c" status --porcelain --untracked-files=no
    continue
  fi
  if [ "$c" != "$name" ]; then clear_place "$name"; ln -s "$c" "releases/$name"; fi
  echo "releases/$c was built before: nothing is fetched, nothing is installed"
  exit 0
done
[ "$kind" = deploy ] || echo "no release of $revision is here any more: it is built again"
clear_place "$name"
if [ ! -d repo ]; then
  from=$origin
  [ -n "$from" ] || { [ -e .git ] && from=$(git remote get-url origin); } || fail "nobody said where to fetch from: set target.origin in greenlight.yml"
  rm -rf repo.new; git init --quiet --bare repo.new; git -C repo.new remote add origin "$from"; mv repo.new repo
fi
if [ -n "$origin" ]; then
  have=$(git -C repo remote get-url origin)
  [ "$have" = "$origin" ] || fail "origin of repo/ is $have, not $origin: fix the remote on this server or target.origin in greenlight.yml"
fi
# What a killed git left behind: the clone is ours alone, and nothing else of ours runs here now.
find repo -name '*.lock' -type f -exec rm -f {} +
git -C repo cat-file -e "$revision^{commit}" 2>/dev/null || git -C repo fetch --no-tags origin "+refs/heads/*:refs/remotes/origin/*"
git -C repo cat-file -e "$revision^{commit}" 2>/dev/null || fail "$(git -C repo remote get-url origin) has no branch with $revision"
if [ "$kind" = deploy ]; then
  # The one that is built now counts; what is live and what was live before it stay, however many that makes.
  count=1
  for c in $(ls -1t releases/*/.greenlight-release 2>/dev/null); do
    c=\${c%/*}; c=\${c#releases/}
    ours "$c" && [ ! -L "releases/$c" ] && [ "$c" != "$name" ] || continue
    if [ "$count" -lt "$keep" ] || [ "$c" = "$live" ] || [ "$c" = "$back" ]; then count=$((count + 1)); continue; fi
    echo "removing releases/$c"; rm -rf "releases/$c" || echo "not all of releases/$c could be removed"
  done
  # What was never built whole, and links that a rollback left.
  for c in $(ls -1 releases); do
    ours "$c" && [ "$c" != "$live" ] && [ "$c" != "$back" ] || continue
    if [ -L "releases/$c" ]; then rm -f "releases/$c"; elif ! built "$c"; then rm -rf "releases/$c" || echo "not all of releases/$c could be removed"; fi
  done
fi
git -C repo worktree prune
git -C repo worktree add --force --detach "../releases/$name" "$revision^0" >/dev/null
cd "releases/$name"
[ "$(git rev-parse HEAD)" = "$revision" ] || fail "checked out $(git rev-parse HEAD), not $revision"
dirty=$(git status --porcelain --untracked-files=no)
[ -z "$dirty" ] || fail "these files are not as the revision has them, right after checking it out:" "$dirty"
# Takes the place of what the repository may have there.
take() {
  if [ -n "$(git ls-files -- ":(literal)$1" | head -n 1)" ]; then
    echo "$1 is in the repository too: the one of this server takes its place"
    git ls-files -z -- ":(literal)$1" | git update-index -z --skip-worktree --stdin
  fi
  case $1 in */*)
    mkdir -p "\${1%/*}"
    [ "$(cd -P "\${1%/*}" && pwd)" = "$(pwd -P)/\${1%/*}" ] || fail "\${1%/*} is a link in the repository: $1 cannot be put there";;
  esac
  rm -rf "$1"
}
while [ $# -gt 0 ]; do
  if [ "$1" = folder ]; then mkdir -p "../../shared/$2"
  else [ -f "../../shared/$2" ] || fail "shared/$2 is not on this server: put the file there, then deploy again"; fi
  take "$2"; ln -s "$3" "$2"
  [ -e "$2" ] || fail "the link $2 leads nowhere: releases/ and shared/ must be folders, not links"
  shift 3
done
take .greenlight-release; take REVISION
printf '%s\\n' "$revision" >REVISION.new; mv -f REVISION.new REVISION
echo "releases/$name has $revision"
git log -1 --format=%s "$revision" --`;

/** Switches. Own parameters: revision, name. May be repeated. */
export const SWITCH = `${COMMON}revision=$1 name=$2
link_or_nothing current; link_or_nothing previous
[ ! -L "releases/$name" ] || name=$(folder "releases/$name")
have=$(first "releases/$name/REVISION")
[ "$have" = "$revision" ] || fail "releases/$name is not whole: it has \${have:-no revision}, not $revision"
# From here on it counts as built: everything before went well. How it looks now tells a later change by hand.
mark=releases/$name/.greenlight-release
if [ -f "$mark" ]; then touch "$mark"; else looks "$name" >"$mark.new"; mv -f "$mark.new" "$mark"; fi
# A link beside, renamed over the old one: there is no moment without.
point() { rm -f "$1.new"; ln -s "$2" "$1.new"; mv -T "$1.new" "$1"; }
was=$(readlink current 2>/dev/null) || was=
if [ "$was" != "releases/$name" ]; then
  [ -z "$was" ] || point previous "$was"
  point current "releases/$name"
fi
[ "$(readlink current)" = "releases/$name" ] || fail "current is $(readlink current), not releases/$name"
echo "current is releases/$name"`;

/** Runs its words, unless the release it is in has been live: then they were run, and what they would change may be in use. */
export const UNLESS_BUILT = `[ ! -f .greenlight-release ] || { echo "built before: not done again"; exit 0; }
exec "$@"`;

/**
 * Runs its words in the release of a revision: the live one if it is that, else the named folder. With companions the live one may be of
 * the same revision and hold others: there only the folder's name tells, however it was built. Own parameters: revision, folder, what it
 * is told by.
 */
export const IN_RELEASE = `revision=$1 folder=$2 told=$3; shift 3
places="current $folder"; [ "$told" = revision ] || places="$folder \${folder%-*}-*"
for at in $places; do
  have=; { read -r have <"$at/REVISION"; } 2>/dev/null
  [ "$have" = "$revision" ] || continue
  cd "$at" && exec "$@"
  exit 126
done
echo "no release of $revision is here" >&2; exit 3`;
