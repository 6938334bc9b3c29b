#!/bin/bash
# usage: workers.sh MASTER
# The workers of that nginx (a process number), one per line: "PID serving", or "PID leaving" for one that only finishes what it has.
# A reload has taken effect when none of the workers from before it serves any more. Bash and /proc are all it needs.
set -eu
read -ra children <"/proc/$1/task/$1/children" || [ "${#children[@]}" -gt 0 ] # it ends without a newline
for child in "${children[@]}"; do
  title=''
  { read -rd '' title <"/proc/$child/cmdline"; } 2>/dev/null || [ -n "$title" ] || continue # just ended
  case $title in
    "nginx: worker process is shutting down"*) echo "$child leaving" ;;
    "nginx: worker process"*) echo "$child serving" ;;
  esac
done
