import { quote } from "../quote.ts";
import { COMMON, compact } from "./common.ts";

/**
 * Lives in a session of its own and holds the lock on `live` (inherited, fd 9) as long as it does. It writes who it
 * is before it starts anything, gives the command back the umask of the login, and stores the exit code in place.
 * The command is what was sent, from memory: no cut or changed file can be run. It starts while the lock on `live` is being
 * taken; until that is done, the mutex (inherited, fd 8) lets nobody look.
 */
const RUNNER = compact(String.raw`
trap : TERM INT HUP
dir=$1 w=$2 um=$3 lock=$5
stat_of() { read -r y <"/proc/$1/stat" || return 1; y=${"$"}{y##*) }; set -- $y; [ $# -gt 19 ] || return 1; shift 19; t=$1; }
read -r boot </proc/sys/kernel/random/boot_id || boot=-
stat_of $$ || exit 1
printf '%s\n' "$$ $t $boot" >"$w/pid" && read -r x <"$w/pid" && [ "$x" = "$$ $t $boot" ] || exit 1
cd "$dir" || exit 1
( umask $um; eval "$4" ) </dev/null >>"$w/log" 2>&1 8>&- 9>&- & p=$!
born=; stat_of $p && born=$t && printf '%s\n' "$p $t" >"$w/child"
eval "$lock -x 9"
exec 8>&-
# A signal ends the waiting, not the command; one of another user's, by sudo, cannot be asked by kill -0.
while :; do wait $p; c=$?; [ $c -gt 128 ] && stat_of $p && [ "$t" = "$born" ] || break; done
printf '%03d\n' $c 1<>"$w/rc"
`);

/** Reads the umask without a process, where /proc says it. */
const UMASK = compact(String.raw`
um=; while read -r y x; do [ "$y" = Umask: ] && um=$x && break; done 2>/dev/null <"/proc/$$/status"; [ -n "$um" ] || um=$(umask)
`);

/**
 * Starts a step or attaches to it, and follows its log. Own parameters: step, attempt, SHA-256 and text of the command,
 * bytes of the log already stored, limits (seconds in all, seconds of silence, bytes of the log). stdout: a begin line, then
 * the log's bytes; the end of stdin ends the following, never the step.
 */
export const STEP = `${UMASK}\n${COMMON}\nrunner=${quote(RUNNER)}\n${compact(String.raw`
exec 3<&0
step=$1 att=$2 dig=$3 cmd=$4 off=$5 limits=$6
ended() { get "$1/rc" && case $x in [0-9][0-9][0-9]) fate=done; code=$x;; *) return 1;; esac; }
# done (code), orphan or lost: only asked when no runner lives.
fate() {
  fate=lost code=lost
  get "$1/pid" || return 0
  ended "$1" && return
  # Who ends a group with its runner records the exit code when the last of it is gone.
  k=0; while [ $k -lt 50 ] && get "$1/ended" && [ "${"$"}{x%% *}" != - ]; do
    k=$((k + 1)); sleep 0.1 2>/dev/null || sleep 1; ended "$1" && return
  done
  # What is killed together with its runner takes a moment to be gone; only what stays outlives it.
  k=0; while orphaned "$1" || left_over "$1"; do
    k=$((k + 1)); [ $k -le 20 ] || { fate=orphan; break; }
    sleep 0.1 2>/dev/null || sleep 1
  done
  return 0
}
go
state_ok || answer not_acquired -
enter
[ -e "$s/closed/$run" ] && answer closed
[ -e $s/lock ] || answer not_acquired -
get $s/lock || answer not_acquired -
set -- $x; [ "$1" = "$run" ] || answer not_acquired "$1"
fence
w=$r/$step.$att age=0 quiet=0 post= cut= job=
if ! guarded; then
  post=unguarded
  # Another boot than the guard's: the host went down in the middle, and perhaps a claim with it, before it was on the disk.
  get "$r/guard" && set -- $x && [ $# -eq 3 ] && boot && [ "$3" != "$b" ] && cut=yes
fi
up
if [ -n "$cut" ] && [ ! -e "$w/claim" ]; then
  # The first step asked for after that is the one that may have begun: nobody knows, and that stays so.
  state=lost
  mkdir -p "$w" 2>/dev/null && printf '%s\n' "$dig" 2>/dev/null >"$w/claim" && true 2>/dev/null >"$w/log" || cut=
elif [ -e "$w/claim" ]; then
  get "$w/claim"; set -- $x
  if [ $# -ne 3 ]; then state=lost
  elif [ "$1" != "$dig" ]; then answer mismatch
  else
    digits "$3" && age=$((u - $3))
    if live "$w"; then
      state=attach
      # The guard knows better than the clocks how long it has been quiet.
      [ -n "$post" ] && m=$(stat -c %Y "$w/log" 2>/dev/null) && digits "$m" && quiet=$(( $(date +%s) - m ))
      [ $quiet -le $age ] || quiet=$age
    else fate "$w"; state=$fate; fi
  fi
else
  mkdir -p "$w" 2>/dev/null || no disk_full
  set +f
  for o in "$r/$step".*; do
    set -f
    if [ "$o" != "$w" ] && [ -f "$o/claim" ]; then
      if live "$o" || orphaned "$o" || left_over "$o"; then no other_attempt_running; fi
    fi
  done
  set -f
  # Nothing is started before every file it needs is there whole. What must be written later is given its place now.
  printf '%s\n' "$cmd" 2>/dev/null >"$w/cmd" && printf '%s\n' --- 2>/dev/null >"$w/rc" && get "$w/rc" && [ "$x" = --- ] &&
    printf '%-6s %s\n' - "$limits" 2>/dev/null >"$w/ended" && get "$w/ended" &&
    true 2>/dev/null >"$w/log" && true 2>/dev/null >"$w/live" || no disk_full
  exec 9>>"$w/live"
  me="$dig $epoch $u"
  set -C; printf '%s\n' "$me" 2>/dev/null >"$w/claim"; set +C
  # Under the mutex and before any start an unfinished claim may be taken back; if we die here it stays, and reads as lost.
  get "$w/claim" && [ "$x" = "$me" ] || { rm -f "$w/claim"; no disk_full; }
  state=new
  detached sh -c "$runner" sh "$dir" "$dir/$w" "$um" "$cmd" "$lock" </dev/null >/dev/null 2>&1 3<&- &
  job=$!; exec 9>&-
fi
[ -z "$cut" ] || printf '%-80s\n' "0 0 $b" 2>/dev/null 1<>"$r/guard"
exec 8>&-
say st $state $age $quiet $post
printf '\ngreenlight %s begin\n' "$nonce"
tail -c +$((off + 1)) -f "$w/log" 3<&- & tail=$!
[ $state = attach ] && { ( exec 9>>"$w/live"; lk_exec -s 9 ) 3<&- >/dev/null 2>&1 & job=$!; }
{ while read -r y; do :; done <&3; [ $state != attach ] || kill $job; kill $tail $$; } 2>/dev/null & watch=$!
case $state in new|attach) wait $job;; esac
# What was lost when we came stays lost, whatever a damaged folder seems to say.
fate=lost code=lost; [ $state = lost ] || fate "$w"
end=-; get "$w/ended" && case ${"$"}{x%% *} in total|silent|cancel|output) end=${"$"}{x%% *};; esac
size=0; [ ! -s "$w/log" ] || size=$(wc -c <"$w/log"); say rc $fate $code $((size)) $end
wait $watch
`)}`;
