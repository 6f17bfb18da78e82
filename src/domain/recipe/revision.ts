import type { SshTargetConfig } from "../config.ts";
import type { Sha } from "../ids.ts";

/**
 * Asks the host which revision it has: git's word first, else the file REVISION. `asked`: a command of the user's own asks the app
 * itself, so a host that keeps no revision is not a fault. Only reads, so that a checkout of another user may be read too.
 */
const ASK = `set -eu
revision=$1 asked=$2 have=
if [ -e .git ]; then have=$(git -c safe.directory='*' -c core.fsmonitor=false rev-parse HEAD 2>/dev/null) || have=; fi
if [ -z "$have" ] && [ -f REVISION ]; then read -r have <REVISION || :; fi
case $have in
  "$revision") echo "has $revision" ;;
  "")
    [ "$asked" = no ] || { echo "this server does not say which revision it has; verify asks the app"; exit 0; }
    echo "nobody can tell which revision this server has: let a command write it, in full, to the file REVISION" >&2; exit 7 ;;
  *) echo "approved $revision, this server has $have" >&2; exit 6 ;;
esac`;

/** Fails unless the folder it runs in has exactly the approved revision. Commands of one's own may have taken whatever a branch was at. */
export function revisionCommand(revision: Sha, asked: boolean): readonly string[] {
  return ["sh", "-c", ASK, "revision", revision, asked ? "yes" : "no"];
}

/** Runs its words, then wants what our own pull leaves behind: the approved revision, from the configured place, unchanged. */
const PULL = `set -eu
revision=$1 origin=$2; shift 2
"$@"
have=
if [ -e .git ]; then
  git() { command git -c core.hooksPath=/dev/null -c core.fsmonitor=false "$@"; }
  have=$(git rev-parse HEAD)
  from=$(git config --get remote.origin.url) || from=
  [ -z "$origin" ] || [ "$from" = "$origin" ] || { echo "origin is $from, not $origin" >&2; exit 3; }
  dirty=$(git status --porcelain --untracked-files=no)
  [ -z "$dirty" ] || { echo "these files are not as the revision has them, right after pull:" >&2; echo "$dirty" >&2; exit 4; }
elif [ -f REVISION ]; then read -r have <REVISION || :; fi
[ "$have" = "$revision" ] || { echo "approved $revision, after pull this server has \${have:-no revision in git or in the file REVISION}" >&2; exit 5; }`;

/** A pull of the user's own, with a look at what it brought before anything of it runs. */
export function checkedPull(target: Pick<SshTargetConfig, "origin">, revision: Sha, words: readonly string[]): readonly string[] {
  return ["sh", "-c", PULL, "pull", revision, target.origin ?? "", ...words];
}
