import { quote } from "../quote.ts";

/** Where there is no flock(1); the same arguments, the same kernel locks. */
const PYTHON_LOCK = `import fcntl,sys
a=sys.argv[1:]
try: fcntl.flock(int(a[-1]),(fcntl.LOCK_SH if "-s" in a else fcntl.LOCK_EX)|(fcntl.LOCK_NB if "-n" in a else 0))
except OSError: sys.exit(1)`;
const PERL_LOCK = `$m=2;$n=0;for(@ARGV){$m=1 if $_ eq "-s";$n=4 if $_ eq "-n"}
open(F,"<&=".$ARGV[-1]) or exit 3;exit(flock(F,$m|$n)?0:1)`;

/**
 * What every command knows of the state folder, and the guard too. Variables are lower case; each of these functions may change
 * x, y, and the variables that its comment names. No process is started where a builtin of the shell will do: each costs a
 * millisecond of every step.
 */
export const FUNCTIONS = compact(String.raw`
say() { printf '\ngreenlight %s %s\n' "$nonce" "$*" >&2; }
answer() { say "$@"; exit 0; }
no() { answer refused "$1"; }
if command -v flock >/dev/null 2>&1; then lock=flock
elif command -v python3 >/dev/null 2>&1; then lock=${quote(`python3 -c ${quote(PYTHON_LOCK)}`)}
elif command -v perl >/dev/null 2>&1; then lock=${quote(`perl -e ${quote(PERL_LOCK)} --`)}
else lock='sh -c "exit 3" --'; fi
lk() { eval "$lock \"\$@\""; }
lk_exec() { eval "exec $lock \"\$@\""; }
# Runs in a session of its own; only in the background, where it takes the place of the shell.
if command -v setsid >/dev/null 2>&1; then detached() { exec setsid "$@"; }
else detached() { exec python3 -c 'import os,sys; os.setsid(); os.execvp(sys.argv[1],sys.argv[1:])' "$@"; }; fi
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
# Start time (t), state (z), group (g) and session (e) of a process.
stat_of() {
  read -r y 2>/dev/null <"/proc/$1/stat" || return 1
  y=${"$"}{y##*) }; set -- $y; [ $# -gt 19 ] || return 1; z=$1 g=$3 e=$4; shift 19; t=$1
}
# Which boot this is (b), and the time since then in seconds (u) and hundredths (c): no setting of the clock makes a step look old.
boot() { read -r b 2>/dev/null </proc/sys/kernel/random/boot_id || b=-; }
up() { read -r u y 2>/dev/null </proc/uptime && c=${"$"}{u%.*}${"$"}{u#*.} u=${"$"}{u%%.*} && digits "$u" && digits "$c" || { u=$(date +%s); c=${"$"}{u}00; }; }
# Is the process of a line "pid, start time, boot" that very one, leading its own session? Its pid is p0.
same() {
  [ $# -eq 3 ] && digits "$1" && digits "$2" && [ "$1" -gt 1 ] && boot && [ "$3" = "$b" ] && p0=$1 || return 1
  stat_of "$1" && [ "$t" = "$2" ] && [ "$z" != Z ] && [ "$g" = "$1" ] && [ "$e" = "$1" ]
}
# Is the runner of a step's folder alive? 0 yes, 1 no.
live() { true 2>/dev/null >>"$1/live" || return 1; exec 9>>"$1/live"; lk -s -n 9; l=$?; exec 9>&-
  case $l in 0) return 1;; 1) return 0;; *) no lock_failed;; esac; }
# The step's own process lives although its runner is gone.
orphaned() {
  get "$1/pid" || return 1; set -- "$1" $x; boot; [ "$4" = "$b" ] || return 1; p0=$2
  get "$1/child" || return 1; set -- $x; stat_of "$1" && [ "$t" = "$2" ] && [ "$z" != Z ] && [ "$e" = "$p0" ]
}
# Something of the runner's session lives, although the runner and the step's own process are gone and left no exit code.
left_over() {
  get "$1/rc" && [ "$x" = --- ] && get "$1/pid" || return 1
  set -- $x; boot; [ $# -eq 3 ] && [ "$3" = "$b" ] && digits "$1" || return 1
  stat_of "$1" && [ "$t" != "$2" ] && [ "$e" = "$1" ] && return 1
  p0=$1; set +f; for y in /proc/[0-9]*/stat; do
    set -f; read -r y 2>/dev/null <"$y" || continue; y=${"$"}{y##*) }; set -- $y
    [ "$4" = "$p0" ] && [ "$1" != Z ] && return 0
  done; set -f; return 1
}
# Does anything of a run, given by its folder, still run?
busy_steps() {
  set +f; for w in "$1"/*/; do
    set -f; w=${"$"}{w%/}; [ -f "$w/claim" ] || continue
    # An exit code is written last; only without one there is something to look for.
    get "$w/rc" && case $x in [0-9][0-9][0-9]) continue;; esac
    if live "$w" || orphaned "$w" || left_over "$w"; then return 0; fi
  done; set -f; return 1
}
# Ends the guard of a run, given by its folder.
unguard() { get "$1/guard" && same $x && kill -KILL -"$p0" 2>/dev/null; rm -f "$1/guard"; }
`);

/**
 * What every command to a host begins with. POSIX sh; nothing is installed on the host, all state is below
 * `<directory>/.greenlight/`:
 *
 * | file | meaning |
 * | --- | --- |
 * | `mutex` | held (flock) while a command checks and acts; never while a step is followed |
 * | `memory` | installation, highest deployment number seen, the deployment that had it, the number up to which unknown runs are closed |
 * | `lock` | the run that holds this host, its number, since when; only `acquire` makes it |
 * | `closed/RUN` | tombstone: this run was released or taken over and never starts anything again |
 * | `runs/RUN/epoch` | highest epoch seen for the run, 16 digits, overwritten in place so that a full disk cannot stop it |
 * | `runs/RUN/guard` | the process that ends a step whose time is over, also when no bot is there |
 * | `runs/RUN/STEP.ATTEMPT/` | `cmd`, `claim`, `live` (held by the runner), `pid`, `child`, `log`, `rc`, `ended` (why, and the limits) |
 *
 * Positional parameters: nonce, directory, installation, run, number, epoch, highest number; then the command's own.
 */
export const HEAD = compact(String.raw`
umask 077; set -f; unset CDPATH
nonce=$1 dir=$2 inst=$3 run=$4 num=$5 epoch=$6 high=$7; shift 7
s=.greenlight r=$s/runs/$run
go() {
  case $dir in '~/'*) dir=$HOME/${"$"}{dir#??};; esac
  [ -d "$dir" ] || no directory_missing
  cd -P -- "$dir" 2>/dev/null || no directory_closed
  dir=$PWD
}
# The fence: refuses another installation (a copy of the database knows our run ids, too) and an epoch below the highest seen,
# remembers a higher one.
fence() {
  get $s/memory && [ "${"$"}{x%% *}" != "$inst" ] && no other_installation
  get "$r/epoch" && digits "$x" || no state_unreadable
  [ "$x" -le "$epoch" ] || answer stale "$x"
  [ "$x" -eq "$epoch" ] && return
  printf '%016d\n' "$epoch" 2>/dev/null 1<>"$r/epoch"
  get "$r/epoch" && [ "$x" -eq "$epoch" ] || no disk_full
}
# Is the run's guard at its post?
guarded() { get "$r/guard" && same $x; }
`);

export const COMMON = `${HEAD}\n${FUNCTIONS}`;

/** Comments and indentation are for people; each byte travels with each command. */
export function compact(script: string): string {
  return script
    .split("\n")
    .map((line) => line.trimStart())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .join("\n");
}
