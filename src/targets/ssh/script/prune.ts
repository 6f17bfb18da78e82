import { compact } from "./common.ts";

/**
 * Bounds what a host keeps, under the mutex. Logs of closed runs: by number and by size, the newest always. Tombstones: by number;
 * before one goes, the memory's floor rises to its number, and whoever comes with a number not above it and is unknown is closed.
 */
export const PRUNE = compact(String.raw`
# Runs and KiB to keep.
prune_runs() {
  most=$1 most_kib=$2
  set -- $(ls -1t $s/runs 2>/dev/null)
  [ $# -gt 0 ] || return 0
  k=0 sum=0
  # du answers in the order of its arguments.
  ( cd $s/runs && du -sk -- "$@" 2>/dev/null ) | while read -r size old; do
    case $old in ''|*[!0-9a-f-]*) continue;; esac
    digits "$size" || size=0
    k=$((k + 1)) sum=$((sum + size))
    [ $k -gt 1 ] && { [ $k -gt "$most" ] || [ $sum -gt "$most_kib" ]; } || continue
    [ -e "$s/closed/$old" ] && rm -rf "$s/runs/$old" && sum=$((sum - size))
  done
}
# Tombstones to keep; half of them go at a time, the oldest first.
prune_tombstones() {
  most=$1
  set -- $(ls -1t $s/closed 2>/dev/null)
  [ $# -gt "$most" ] || return 0
  shift $((most / 2))
  drop= floor=0
  for old in "$@"; do
    case $old in *[!0-9a-f-]*) continue;; esac
    [ ! -e "$s/runs/$old" ] && get "$s/closed/$old" && digits "${"$"}{x%% *}" || continue
    drop="$drop $s/closed/$old"; [ "${"$"}{x%% *}" -le $floor ] || floor=${"$"}{x%% *}
  done
  get $s/memory && set -- $x && digits "$2" || return 0
  digits "$4" && [ "$4" -gt $floor ] && floor=$4
  put $s/memory "$1 $2 $3 $floor" && rm -f $drop
}
`);
