import { quote } from "../quote.ts";
import { COMMON } from "./common.ts";

/**
 * Lives in a session of its own and holds the lock on `live` (inherited, fd 9) as long as it does. It writes who it
 * is before it starts anything, gives the command back the umask of the login, and stores the exit code in place.
 */
const RUNNER = String.raw`
trap : TERM INT HUP
dir=$1 w=$2 um=$3
stat_of() { read -r y <"/proc/$1/stat" || return 1; y=${"$"}{y##*) }; set -- $y; shift 19; t=$1; }
read -r boot </proc/sys/kernel/random/boot_id || boot=-
stat_of $$ || exit 1
printf '%s\n' "$$ $t $boot" >"$w/pid" && read -r x <"$w/pid" && [ "$x" = "$$ $t $boot" ] || exit 1
cd "$dir" || exit 1
( umask $um; exec sh "$w/cmd" ) </dev/null >>"$w/log" 2>&1 9>&- & p=$!
stat_of $p && printf '%s\n' "$p $t" >"$w/child"
while :; do wait $p; c=$?; [ $c -gt 128 ] && kill -0 $p 2>/dev/null || break; done
printf '%03d\n' $c 1<>"$w/rc"
`;

/**
 * Starts a step or attaches to it, and follows its log. Own parameters: step, attempt, SHA-256 and text of the command,
 * bytes of the log already stored, number of secrets on stdin. stdout: a begin line, then the log's bytes;
 * the end of stdin ends the following, never the step.
 */
export const STEP = `${COMMON}runner=${quote(RUNNER)}
${String.raw`
exec 3<&0
step=$1 att=$2 dig=$3 cmd=$4 off=$5 secrets=$6
while [ "$secrets" -gt 0 ]; do
  read -r line || exit 0
  v=$(printf '%b.' "${"$"}{line#* }"); export "${"$"}{line%% *}=${"$"}{v%.}"; secrets=$((secrets - 1))
done
v= line=
go
state_ok || answer not_acquired -
enter
[ -e "$s/closed/$run" ] && answer closed
[ -e $s/lock ] || answer not_acquired -
get $s/lock || answer not_acquired -
set -- $x; [ "$1" = "$run" ] || answer not_acquired "$1"
fence
w=$r/$step.$att age=0 quiet=0
if [ -e "$w/claim" ]; then
  get "$w/claim"; set -- $x
  if [ $# -ne 3 ]; then state=lost
  elif [ "$1" != "$dig" ]; then answer mismatch
  else
    digits "$3" && age=$(( $(date +%s) - $3 ))
    if live "$w"; then
      state=attach
      m=$(stat -c %Y "$w/log" 2>/dev/null) && digits "$m" && quiet=$(( $(date +%s) - m ))
    else fate "$w"; state=$fate; fi
  fi
else
  mkdir -p "$w" 2>/dev/null || no disk_full
  set +f
  for o in "$r/$step".*; do
    if [ "$o" != "$w" ] && [ -f "$o/claim" ]; then
      if live "$o" || orphaned "$o"; then no other_attempt_running; fi
    fi
  done
  set -f
  # Nothing is started before every file it needs is there whole: checked against what was sent, then renamed.
  printf '%s\n' "$cmd" 2>/dev/null >"$w/cmd.t"
  if command -v sha256sum >/dev/null 2>&1; then x=$(sha256sum <"$w/cmd.t" 2>/dev/null); [ "${"$"}{x%% *}" = "$dig" ]
  else [ "$(cat "$w/cmd.t" 2>/dev/null; echo .)" = "$cmd
." ]; fi || { rm -f "$w/cmd.t"; no disk_full; }
  mv -f "$w/cmd.t" "$w/cmd" 2>/dev/null && printf '%s\n' --- 2>/dev/null >"$w/rc" && get "$w/rc" && [ "$x" = --- ] && true 2>/dev/null >"$w/log" && true 2>/dev/null >"$w/live" || no disk_full
  exec 9>>"$w/live"; lk -x 9 || no lock_failed
  x="$dig $epoch $(date +%s)"; y=$x
  set -C; printf '%s\n' "$y" 2>/dev/null >"$w/claim"; set +C
  # Under the mutex and before any start an unfinished claim may be taken back; if we die here it stays, and reads as lost.
  get "$w/claim" && [ "$x" = "$y" ] || { rm -f "$w/claim"; no disk_full; }
  state=new
  if command -v setsid >/dev/null 2>&1; then
    setsid sh -c "$runner" sh "$dir" "$dir/$w" "$um" </dev/null >/dev/null 2>&1 3<&- 8>&- &
  else
    python3 -c 'import os,sys; os.setsid(); os.execvp(sys.argv[1],sys.argv[1:])' sh -c "$runner" sh "$dir" "$dir/$w" "$um" </dev/null >/dev/null 2>&1 3<&- 8>&- &
  fi
  job=$!; exec 9>&-
fi
exec 8>&-
say st $state $age $quiet
printf '\ngreenlight %s begin\n' "$nonce"
tail -c +$((off + 1)) -f "$w/log" 3<&- & tail=$!
[ $state = attach ] && { ( exec 9>>"$w/live"; lk_exec -s 9 ) 3<&- >/dev/null 2>&1 & job=$!; }
{ while read -r y; do :; done <&3; [ $state = new ] || kill $job; kill $tail $$; } 2>/dev/null & watch=$!
case $state in new|attach) wait $job;; esac
# What was lost when we came stays lost, whatever a damaged folder seems to say.
fate=lost code=lost; [ $state = lost ] || fate "$w"
end=-; get "$w/ended" && case $x in total|silent|cancel) end=$x;; esac
size=$(wc -c <"$w/log"); say rc $fate $code $((size)) $end
wait $watch
`}`;

/**
 * Ends what runs: TERM to the whole group, grace, KILL. Own parameters: grace in seconds, `STEP.ATTEMPT` or `-` for
 * any step of the run, why (cancel, total, silent). Only a group whose pid file has all its fields, and whose leader
 * (or, without a runner, whose step) has the recorded start time and session, gets a signal.
 */
export const END = `${COMMON}${String.raw`
grace=$1 only=$2 why=$3
go
state_ok && [ -e "$r/epoch" ] || answer nothing_running
enter
fence
find_group() {
  get "$1/pid" || return 1
  d=$1; set -- $x; [ $# -eq 3 ] && digits "$1" && digits "$2" && [ "$1" -gt 1 ] && [ "$3" = "$(boot)" ] || return 1
  group=$1
  stat_of "$1" && { [ "$t" = "$2" ] && [ "$g" = "$1" ] && [ "$e" = "$1" ]; return; }
  orphaned "$d"
}
nap() { sleep 0.1 2>/dev/null || sleep 1; }
found=
set +f
for w in "$r"/*/; do
  w=${"$"}{w%/}; [ -f "$w/claim" ] || continue
  [ "$only" = - ] || [ "$w" = "$r/$only" ] || continue
  if live "$w"; then
    # A runner that has only just been started may not have written who it is.
    k=0; until [ -s "$w/pid" ] || [ $k -ge 20 ]; do k=$((k + 1)); nap; done
    find_group "$w" || { live "$w" || continue; no pid_unreadable; }
  elif orphaned "$w"; then find_group "$w" || no pid_unreadable
  else continue; fi
  put "$w/ended" "$why"
  kill -TERM -"$group" 2>/dev/null; found="$found $group:$w"
done
set -f
[ -n "$found" ] || answer nothing_running
exec 8>&-
alive() { for f in $found; do kill -0 -"${"$"}{f%%:*}" 2>/dev/null && members "${"$"}{f%%:*}" && return 0; done; return 1; }
# Zombies keep a group in being where process 1 reaps slowly; they need no signal.
members() {
  set +f; for f2 in /proc/[0-9]*/stat; do
    read -r y 2>/dev/null <"$f2" || continue; y=${"$"}{y##*) }; set -f; set -- "$1" $y; set +f
    [ "$4" = "$1" ] && [ "$2" != Z ] && { set -f; return 0; }
  done; set -f; return 1
}
k=0; while alive && [ $k -lt $((grace * 10)) ]; do k=$((k + 1)); nap; done
for f in $found; do kill -0 -"${"$"}{f%%:*}" 2>/dev/null && members "${"$"}{f%%:*}" && kill -KILL -"${"$"}{f%%:*}" 2>/dev/null; done
k=0; while alive && [ $k -lt 50 ]; do k=$((k + 1)); nap; done
alive && no group_survives
for f in $found; do
  w=${"$"}{f#*:}
  k=0; while live "$w" && [ $k -lt 50 ]; do k=$((k + 1)); nap; done
  get "$w/rc"; case $x in [0-9][0-9][0-9]) ;; *) printf '137\n' 1<>"$w/rc";; esac
done
answer ended
`}`;
