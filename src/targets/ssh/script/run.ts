import { COMMON, compact } from "./common.ts";
import { COMMON_WITH_GUARD } from "./end.ts";
import { PRUNE } from "./prune.ts";

/**
 * Facts of a host for `acquire` and `read`: what is live, space, the checkout's state. Sets the variable `facts`. In the layout
 * `releases` it is `current` that tells, or the one checkout that was there before the first release; with containers what was last
 * brought up, whatever commit the compose file is from.
 */
const FACTS = compact(String.raw`
gather() {
  live=- clean=yes origin=- highest=0
  c=.; [ "$layout" = releases ] && { [ -L current ] || [ -d current ]; } && c=current
  if [ -e $c/.git ] && command -v git >/dev/null 2>&1; then
    x=$(git -C $c rev-parse HEAD 2>/dev/null) && live=$x
    x=$(git -C $c config --get remote.origin.url 2>/dev/null) && origin=$x
    x=$(git --no-optional-locks -c core.fsmonitor=false -C $c status --porcelain -uno 2>/dev/null | head -n 1) && [ -z "$x" ] || clean=no
  fi
  [ "$live" != - ] || { get $c/REVISION && live=$x; }
  [ "$layout" = containers ] && { live=-; get $s/images/live && live=$x; }
  case $live in *[!0-9a-f]*) live=-;; esac; [ ${"$"}{#live} -eq 40 ] || live=-
  case $origin in ''|*[!A-Za-z0-9@:/._~+%-]*) origin=-;; esac
  bytes=$(df -Pk . 2>/dev/null | { read -r y; read -r y; set -- $y; digits "$4" && echo "$4" || echo -; })
  inodes=$(df -Pi . 2>/dev/null | { read -r y; read -r y; set -- $y; [ "$2" = 0 ] && echo - || { digits "$4" && echo "$4" || echo -; }; })
  if state_ok && get $s/memory; then set -- $x; digits "$2" && highest=$2; fi
  tell
}
tell() { facts="$live $bytes $inodes $highest $clean $origin"; }
`);

/** The state folder, made if missing: ours alone, and no link. */
const PREPARE = compact(String.raw`
prepare() {
  [ -w . ] && [ -x . ] || no directory_unwritable
  command -v setsid >/dev/null 2>&1 || command -v python3 >/dev/null 2>&1 || no no_setsid
  stat_of $$ || no no_proc
  [ -L $s ] && no state_link
  [ -e $s ] || mkdir -m 700 $s 2>/dev/null || [ -d $s ] || no disk_full
  state_ok || no state_foreign
  case $(ls -ldn $s) in drwx------*|drwx--S---*) ;; *) no state_open;; esac
  [ -d $s/runs ] && [ -d $s/closed ] || mkdir -p $s/runs $s/closed 2>/dev/null || no disk_full
  [ -s $s/.gitignore ] || put $s/.gitignore '*' || no disk_full
}
# Closed before freed: a late command of the run finds the tombstone even if we die in between.
# The tombstone counts by existing; what it says is for people, and for pruning. Run, number, epoch, outcome, revision.
bury() {
  [ ! -e "$s/closed/$1" ] || return 0
  put "$s/closed/$1" "$2 $3 $4 $5 $(date +%s)" && return
  rm -f "$s/closed/$1.t"; true 2>/dev/null >"$s/closed/$1" || no disk_full
}
`);

/**
 * Takes the host for a run; the only command that makes the lock. Own parameters: layout, least free KiB, least free inodes, the run
 * whose lock may be taken over (`none`, or `-` for a lock that cannot be read), seconds of the guard's grace, seconds that the
 * guard stays idle; then shell commands that ask sudo whether it would run something.
 */
export const ACQUIRE = `${COMMON_WITH_GUARD}\n${FACTS}\n${PREPARE}\n${compact(String.raw`
layout=$1 least=$2 least_inodes=$3 take=$4 grace=$5 idle=$6; shift 6
go; prepare; enter
[ -e "$s/closed/$run" ] && answer closed
# Who holds the host, by a lock that may have been cut.
holder() {
  holder=- holder_number=0 since=-
  get $s/lock || return 0
  set -- $x; [ $# -eq 3 ] && digits "$2" && digits "$3" || return 0
  case $1 in *[!0-9a-f-]*) return 0;; esac
  holder=$1 holder_number=$2 since=$3
}
# A lock that nobody can read may be of any run.
holder_runs() {
  [ "$holder" = - ] || { busy_steps "$s/runs/$holder"; return; }
  set +f; for v in $s/runs/*/; do set -f; busy_steps "${"$"}{v%/}" && return; done; set -f; return 1
}
taken=
if [ -e $s/lock ]; then
  holder
  if [ "$holder" != "$run" ]; then
    holder_runs && answer busy $holder $since yes
    # The lock of a closed run says nothing: whoever released it died before it freed the host.
    [ "$take" = "$holder" ] || { [ "$holder" != - ] && [ -e "$s/closed/$holder" ]; } || answer busy $holder $since no
    taken=$holder
  fi
fi
# What the host remembers: it never goes back, and what it has forgotten is closed.
remember() {
  was=0 floor=0 last=
  [ -e $s/memory ] || return 0
  get $s/memory || no state_unreadable
  set -- $x; digits "$2" || no state_unreadable
  [ "$1" = "$inst" ] || answer foreign "$2" "$1"
  was=$2 last=$3; digits "$4" && floor=$4
}
remember
[ "$was" -le "$high" ] || answer foreign "$was" "$inst"
[ "$was" -ne "$num" ] || [ "$last" = "$run" ] || [ -z "$last" ] || answer foreign "$was" "$inst"
if [ -e "$r/epoch" ]; then fence; elif [ "$floor" -gt 0 ] && [ "$num" -le "$floor" ]; then answer closed; fi
gather
digits "$bytes" && [ "$bytes" -lt "$least" ] && no disk_full
digits "$inodes" && [ "$inodes" -lt "$least_inodes" ] && no inodes_few
i=0
for ask in "$@"; do
  i=$((i + 1)); ( eval "$ask" ) </dev/null >/dev/null 2>&1 8>&- || answer denied $i
done
mkdir -p "$r" 2>/dev/null || no disk_full
[ -e "$r/epoch" ] || put "$r/epoch" "$(printf '%016d' "$epoch")" || no disk_full
[ "$was" -ge "$num" ] || put $s/memory "$inst $num $run $floor" || no disk_full
if [ -n "$taken" ]; then
  [ "$taken" = - ] || { bury "$taken" "$holder_number" - taken -; unguard "$s/runs/$taken"; }
  put $s/lock "$run $num $(date +%s)" || no disk_full
fi
[ -e $s/lock ] || put $s/lock "$run $num $(date +%s)" || no disk_full
post_guard "$grace" "$idle"
[ "$highest" -ge "$num" ] || highest=$num
tell
answer acquired $facts
`)}`;

/**
 * Closes a run, unless it comes again later, then frees the host. Own parameters: succeeded, failed or later, revision or `-`,
 * runs and KiB to keep, tombstones to keep.
 */
export const RELEASE = `${COMMON}\n${PREPARE}\n${PRUNE}\n${compact(String.raw`
outcome=$1 revision=$2 runs=$3 kib=$4 tombstones=$5
case $dir in '~/'*) [ -d "$HOME/${"$"}{dir#??}" ] || answer released;; *) [ -d "$dir" ] || answer released;; esac
go; prepare; enter
if [ -e "$r/epoch" ]; then fence; busy_steps "$r" && no step_running; fi
[ "$outcome" = later ] || bury "$run" "$num" "$epoch" "$outcome" "$revision"
if get $s/lock; then set -- $x; [ "$1" != "$run" ] || rm -f $s/lock || no state_unwritable; fi
unguard "$r"
prune_runs "$runs" "$kib"
prune_tombstones "$tombstones"
answer released
`)}`;

/** Facts without lock or run. Own parameter: layout. */
export const READ = `${COMMON}\n${FACTS}\n${compact(String.raw`
layout=$1; go; gather; answer facts $facts
`)}`;
