import { quote } from "../quote.ts";
import { COMMON, FUNCTIONS, HEAD, compact } from "./common.ts";

/**
 * Ends what runs in a step's folder: TERM to the whole group, grace, KILL. Only a group whose pid file has all its fields, and
 * whose leader (or, without a runner, whose step) has the recorded start time and session, gets a signal.
 */
const ENDING = compact(String.raw`
found=
find_group() {
  get "$1/pid" || return 1
  d=$1; set -- $x; [ $# -eq 3 ] && digits "$1" && digits "$2" && [ "$1" -gt 1 ] && boot && [ "$3" = "$b" ] || return 1
  group=$1
  stat_of "$1" && { [ "$t" = "$2" ] && [ "$g" = "$1" ] && [ "$e" = "$1" ]; return; }
  orphaned "$d"
}
nap() { sleep 0.1 2>/dev/null || sleep 1; }
# Under the mutex: records why in the place kept for it, unless it is there already, and sends TERM. 1: nothing runs there.
strike() {
  if live "$1"; then
    # A runner that has only just been started may not have written who it is.
    k=0; until [ -s "$1/pid" ] || [ $k -ge 20 ]; do k=$((k + 1)); nap; done
    find_group "$1" || { live "$1" || return 1; no pid_unreadable; }
  elif orphaned "$1"; then find_group "$1" || no pid_unreadable
  elif left_over "$1"; then no pid_unreadable
  else return 1; fi
  get "$1/ended"; case ${"$"}{x%% *} in total|silent|cancel|output) ;; *) printf '%-6s' "$2" 2>/dev/null 1<>"$1/ended";; esac
  kill -TERM -"$group" 2>/dev/null; found="$found $group:$1"
}
alive() { for f in $found; do members "${"$"}{f%%:*}" && return 0; done; return 1; }
# Asked of /proc, not by a signal: what sudo runs as another user takes none of ours, and lives. Zombies keep a group in being where
# process 1 reaps slowly; they need no signal.
members() {
  set +f; for f2 in /proc/[0-9]*/stat; do
    set -f; read -r y 2>/dev/null <"$f2" || continue; y=${"$"}{y##*) }; set -- "$1" $y
    [ "$4" = "$1" ] && [ "$2" != Z ] && return 0
  done; set -f; return 1
}
# Without the mutex: waits for the grace, then sends KILL to what is left. 1: something survived even that.
finish() {
  # Counted by the clock: on a busy host each look takes its time.
  up; k=$c; while alive && up && [ $((c - k)) -lt $(($1 * 100)) ]; do nap; done
  for f in $found; do members "${"$"}{f%%:*}" && kill -KILL -"${"$"}{f%%:*}" 2>/dev/null; done
  k=0; while alive && [ $k -lt 50 ]; do k=$((k + 1)); nap; done
  alive && return 1
  for f in $found; do
    w=${"$"}{f#*:}
    k=0; while live "$w" && [ $k -lt 50 ]; do k=$((k + 1)); nap; done
    get "$w/rc"; case $x in [0-9][0-9][0-9]) ;; *) printf '137\n' 1<>"$w/rc";; esac
  done
}
`);

/** Own parameters: grace in seconds, `STEP.ATTEMPT` or `-` for any step of the run, why (cancel, total, silent). */
export const END = `${COMMON}\n${ENDING}\n${compact(String.raw`
grace=$1 only=$2 why=$3
go
state_ok && [ -e "$r/epoch" ] || answer nothing_running
enter
fence
set +f
for v in "$r"/*/; do
  set -f; v=${"$"}{v%/}; [ -f "$v/claim" ] || continue
  [ "$only" = - ] || [ "$v" = "$r/$only" ] || continue
  strike "$v" "$why"
done
set -f
[ -n "$found" ] || answer nothing_running
exec 8>&-
finish "$grace" || no group_survives
answer ended
`)}`;

/**
 * Ends a step whose time is over, also when no bot follows it, and a step whose log would fill the disk. One process a run,
 * so that it costs a step nothing. It goes when the run no longer holds the host, or when nothing has run for a while; whoever
 * starts a step without one is told so. Positional parameters: directory, run, seconds of grace, seconds to stay idle.
 */
const GUARD = compact(String.raw`
cd "$1" || exit
nonce=- s=.greenlight run=$2 r=.greenlight/runs/$2 grace=$3 idle=$4
set -f; trap '' HUP
ticks=0 quiet=0 seen= heard=0 marked=0
ours() { get "$r/guard"; set -- $x; [ "$1" = $$ ] || [ $ticks -lt 10 ]; }
holds() { [ ! -e "$s/closed/$run" ] && get $s/lock && set -- $x && [ "$1" = "$run" ]; }
# Is the runner there, by its pid file? Cheaper than its lock, and what is ended is judged again under the mutex.
running() { get "$1/pid" && same $x || orphaned "$1"; }
limits() { get "$1/claim" && set -- "$1" $x && since=$4 && digits "$since" && get "$1/ended" && set -- $x && why=$1 total=$2 silent=$3 most=$4 && digits "$total" && digits "$silent" && digits "$most"; }
over() {
  up; over=
  size=$(wc -c <"$1/log") && size=$((size)) || size=0
  [ "$seen" = "$1 $size" ] || { seen="$1 $size"; heard=$u; }
  [ $((u - heard)) -le "$silent" ] || over=silent
  [ $((u - since)) -le "$total" ] || over=total
  [ $size -le "$most" ] || over=output
  # Somebody is ending it already: time enough for that, then it is ended here.
  case $why in -) marked=0;; cancel) marked=$((marked + 1)); [ $marked -gt 600 ] || over=;; *) marked=$((marked + 1)); [ $marked -gt $((grace + 10)) ] || over=;; esac
  [ -n "$over" ]
}
while sleep 1; do
  ticks=$((ticks + 1)) quiet=$((quiet + 1))
  ours && holds || exit
  set +f
  for v in "$r"/*/; do
    set -f; v=${"$"}{v%/}
    get "$v/rc" && [ "$x" = --- ] && running "$v" || continue
    quiet=0
    limits "$v" && over "$v" || continue
    ( enter; strike "$v" $over && exec 8>&- && finish $grace )
  done
  set -f
  if [ $quiet -ge $idle ]; then
    # Whoever had the mutex before us may have started a step, having seen us at our post. Nothing is half started now: whoever
    # comes next sees that no guard is there.
    enter; busy_steps "$r" || exit
    exec 8>&-; quiet=0
  fi
done
`);

/** Puts a guard at its post, if none is there: part of commands that hold the mutex. Needs the run's folder. */
const POST_GUARD = `functions=${quote(FUNCTIONS)} guard=${quote(`${ENDING}\n${GUARD}`)}
${compact(String.raw`
post_guard() {
  guarded && return
  detached sh -c "$functions
$guard" sh "$dir" "$run" "$1" "$2" </dev/null >/dev/null 2>&1 3<&- 8>&- 9>&- &
  # The line has a fixed length: a full disk cannot stop the next one.
  boot; stat_of $! && printf '%-80s\n' "$! $t $b" 2>/dev/null 1<>"$r/guard"
}
`)}`;

/** Like COMMON, for the commands that may start a guard. */
export const COMMON_WITH_GUARD = `${HEAD}\n${POST_GUARD}\neval "$functions"`;

/** Puts a guard at its post while a step runs. Own parameters: seconds of grace, seconds that the guard stays idle. */
export const KEEP_GUARD = `${COMMON_WITH_GUARD}\n${compact(String.raw`
go
state_ok && [ -e "$r/epoch" ] || answer unguarded
enter
fence
get $s/lock && set -- "$1" "$2" $x && [ "$3" = "$run" ] || answer unguarded
post_guard "$1" "$2"
answer guarded
`)}`;
