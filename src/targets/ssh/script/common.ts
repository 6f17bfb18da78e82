/**
 * What every command to a host begins with. POSIX sh; nothing is installed on the host, all state is below
 * `<directory>/.greenlight/`:
 *
 * | file | meaning |
 * | --- | --- |
 * | `mutex` | held (flock) while a command checks and acts; never while a step is followed |
 * | `memory` | installation, highest deployment number seen, the deployment that had it |
 * | `lock` | the run that holds this host, its number, since when; only `acquire` makes it |
 * | `closed/RUN` | tombstone: this run was released and never starts anything again |
 * | `runs/RUN/epoch` | highest epoch seen for the run, 16 digits, overwritten in place so that a full disk cannot stop it |
 * | `runs/RUN/STEP.ATTEMPT/` | `cmd`, `claim`, `live` (held by the runner), `pid`, `child`, `log`, `rc`, `ended` |
 *
 * Variables are lower case: secrets, which are upper case, cannot collide with them.
 * Positional parameters: nonce, directory, installation, run, number, epoch, highest number; then the command's own.
 */
export const COMMON = String.raw`
um=$(umask); umask 077; set -f; unset CDPATH
nonce=$1 dir=$2 inst=$3 run=$4 num=$5 epoch=$6 high=$7; shift 7
s=.greenlight r=$s/runs/$run
say() { printf '\ngreenlight %s %s\n' "$nonce" "$*" >&2; }
answer() { say "$@"; exit 0; }
no() { answer refused "$1"; }
go() {
  case $dir in '~/'*) dir=$HOME/${"$"}{dir#??};; esac
  [ -d "$dir" ] || no directory_missing
  cd -P -- "$dir" 2>/dev/null || no directory_closed
  dir=$PWD
}
if command -v flock >/dev/null 2>&1; then lk_exec() { exec flock "$@"; }
elif command -v python3 >/dev/null 2>&1; then lk_exec() { exec python3 -c 'import fcntl,sys
a=sys.argv[1:]
try: fcntl.flock(int(a[-1]),(fcntl.LOCK_SH if "-s" in a else fcntl.LOCK_EX)|(fcntl.LOCK_NB if "-n" in a else 0))
except OSError: sys.exit(1)' "$@"; }
elif command -v perl >/dev/null 2>&1; then lk_exec() { exec perl -e '$m=2;$n=0;for(@ARGV){$m=1 if $_ eq "-s";$n=4 if $_ eq "-n"}
open(F,"<&=".$ARGV[-1]) or exit 3;exit(flock(F,$m|$n)?0:1)' -- "$@"; }
else lk_exec() { exit 3; }; fi
lk() { ( lk_exec "$@" ); }
# A state folder that somebody else owns, or a link, is not ours.
state_ok() { [ -d $s ] && [ ! -L $s ] && [ -O $s ]; }
enter() {
  true 2>/dev/null >>$s/mutex || no state_unwritable
  exec 8>>$s/mutex; lk -x 8 || no lock_failed
}
# One whole line of a file into x; a line without its newline was cut and does not count.
get() { x=; [ -f "$1" ] && read -r x 2>/dev/null <"$1"; }
# Writes a line so that a reader sees the old one or the new one, never a part.
put() { printf '%s\n' "$2" 2>/dev/null >"$1.t" && get "$1.t" && [ "$x" = "$2" ] && mv -f "$1.t" "$1" 2>/dev/null; }
digits() { case $1 in ''|*[!0-9]*) return 1;; esac; }
# The fence: refuses an epoch below the highest seen, remembers a higher one.
fence() {
  get "$r/epoch" && digits "$x" || no state_unreadable
  [ "$x" -le "$epoch" ] || answer stale "$x"
  [ "$x" -eq "$epoch" ] && return
  printf '%016d\n' "$epoch" 2>/dev/null 1<>"$r/epoch"
  get "$r/epoch" && [ "$x" -eq "$epoch" ] || no disk_full
}
# Start time (t), state (z), group (g) and session (e) of a process.
stat_of() {
  read -r y 2>/dev/null <"/proc/$1/stat" || return 1
  y=${"$"}{y##*) }; set -- $y; z=$1 g=$3 e=$4; shift 19; t=$1
}
# Is the runner of step folder w alive? 0 yes, 1 no.
live() { true 2>/dev/null >>"$1/live" || return 1; exec 9>>"$1/live"; lk -s -n 9; l=$?; exec 9>&-
  case $l in 0) return 1;; 1) return 0;; *) no lock_failed;; esac; }
# The step's own process lives although its runner is gone.
orphaned() {
  get "$1/pid" || return 1; set -- "$1" $x; [ "$4" = "$(boot)" ] || return 1; p0=$2
  get "$1/child" || return 1; set -- $x; stat_of "$1" && [ "$t" = "$2" ] && [ "$z" != Z ] && [ "$e" = "$p0" ]
}
boot() { read -r y 2>/dev/null </proc/sys/kernel/random/boot_id || y=-; echo "$y"; }
# done (code), orphan or lost: only asked when no runner lives.
fate() {
  fate=lost code=lost
  get "$1/pid" || return 0
  get "$1/rc" && case $x in [0-9][0-9][0-9]) fate=done; code=$x; return;; esac
  orphaned "$1" && fate=orphan
  return 0
}
busy_steps() { set +f; for w in "$r"/*/; do [ -f "$w/claim" ] || continue; w=${"$"}{w%/}; if live "$w" || orphaned "$w"; then set -f; return 0; fi; done; set -f; return 1; }
`;

/** Facts of a host for `acquire` and `read`: what is live, space, the checkout's state. Sets the variable `facts`. */
export const FACTS = String.raw`
gather() {
  live=- clean=yes origin=- highest=0
  c=.; { [ -e current/.git ] || [ -e current/REVISION ]; } && c=current
  if [ -e $c/.git ] && command -v git >/dev/null 2>&1; then
    x=$(git -C $c rev-parse HEAD 2>/dev/null) && live=$x
    x=$(git -C $c config --get remote.origin.url 2>/dev/null) && origin=$x
    x=$(git --no-optional-locks -c core.fsmonitor=false -C $c status --porcelain -uno 2>/dev/null | head -n 1) && [ -z "$x" ] || clean=no
  fi
  [ "$live" != - ] || { get $c/REVISION && live=$x; }
  case $live in *[!0-9a-f]*) live=-;; esac; [ ${"$"}{#live} -eq 40 ] || live=-
  case $origin in ''|*[!A-Za-z0-9@:/._~+%-]*) origin=-;; esac
  bytes=$(df -Pk . 2>/dev/null | { read -r y; read -r y; set -- $y; digits "$4" && echo "$4" || echo -; })
  inodes=$(df -Pi . 2>/dev/null | { read -r y; read -r y; set -- $y; [ "$2" = 0 ] && echo - || { digits "$4" && echo "$4" || echo -; }; })
  if state_ok && get $s/memory; then set -- $x; digits "$2" && highest=$2; fi
  facts="$live $bytes $inodes $highest $clean $origin"
}
`;
