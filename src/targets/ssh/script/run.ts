import { COMMON, FACTS } from "./common.ts";

/** The state folder, made if missing: ours alone, and no link. */
const PREPARE = String.raw`
prepare() {
  [ -w . ] && [ -x . ] || no directory_unwritable
  command -v setsid >/dev/null 2>&1 || command -v python3 >/dev/null 2>&1 || no no_setsid
  stat_of $$ || no no_proc
  [ -L $s ] && no state_link
  [ -e $s ] || mkdir -m 700 $s 2>/dev/null || [ -d $s ] || no disk_full
  state_ok || no state_foreign
  case $(ls -ldn $s) in drwx------*|drwx--S---*) ;; *) no state_open;; esac
  mkdir -p $s/runs $s/closed 2>/dev/null || no disk_full
  [ -s $s/.gitignore ] || put $s/.gitignore '*' || no disk_full
}
`;

/** Takes the host for a run; the only command that makes the lock. Own parameter: least free KiB. */
export const ACQUIRE = `${COMMON}${FACTS}${PREPARE}${String.raw`
least=$1
go; prepare; enter
[ -e "$s/closed/$run" ] && answer closed
if [ -e $s/lock ]; then
  get $s/lock || answer busy - -
  set -- $x; [ "$1" = "$run" ] || answer busy "$1" "$3"
fi
was=0
if [ -e $s/memory ]; then
  get $s/memory || no state_unreadable
  set -- $x; digits "$2" || no state_unreadable
  [ "$1" = "$inst" ] || answer foreign "$2" "$1"
  was=$2
  [ "$was" -le "$high" ] || answer foreign "$was" "$inst"
  [ "$was" -ne "$num" ] || [ "$3" = "$run" ] || answer foreign "$was" "$inst"
fi
[ -e "$r/epoch" ] && fence
gather; set -- $facts
digits "$2" && [ "$2" -lt "$least" ] && no disk_full
[ "$3" != 0 ] || no disk_full
mkdir -p "$r" 2>/dev/null || no disk_full
[ -e "$r/epoch" ] || put "$r/epoch" "$(printf '%016d' "$epoch")" || no disk_full
[ "$was" -ge "$num" ] || put $s/memory "$inst $num $run" || no disk_full
[ -e $s/lock ] || put $s/lock "$run $num $(date +%s)" || no disk_full
gather
answer acquired $facts
`}`;

/** Closes a run, unless it comes again later, then frees the host. Own parameters: succeeded, failed or later, revision or `-`, runs to keep. */
export const RELEASE = `${COMMON}${PREPARE}${String.raw`
outcome=$1 revision=$2 keep=$3
case $dir in '~/'*) [ -d "$HOME/${"$"}{dir#??}" ] || answer released;; *) [ -d "$dir" ] || answer released;; esac
go; prepare; enter
if [ -e "$r/epoch" ]; then fence; busy_steps && no step_running; fi
# Closed before freed: a late command of this run finds the tombstone even if we die in between.
# The tombstone counts by existing; what it says is for people.
if [ "$outcome" != later ] && [ ! -e "$s/closed/$run" ]; then
  true 2>/dev/null >"$s/closed/$run" || no disk_full
  printf '%s\n' "$num $epoch $outcome $revision $(date +%s)" 2>/dev/null >"$s/closed/$run"
fi
if get $s/lock; then set -- $x; [ "$1" != "$run" ] || rm -f $s/lock || no state_unwritable; fi
k=0
for old in $(ls -1t $s/runs); do
  k=$((k + 1)); [ $k -gt "$keep" ] || continue
  case $old in *[!0-9a-f-]*) continue;; esac
  [ -e "$s/closed/$old" ] && rm -rf "$s/runs/$old"
done
answer released
`}`;

/** Facts without lock or run. */
export const READ = `${COMMON}${FACTS}${String.raw`
go; gather; answer facts $facts
`}`;
