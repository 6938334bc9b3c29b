#!/usr/bin/env bash
# Which processes run, with their memory and CPU time; 1 when one that should run does not.
set -euo pipefail
# shellcheck source=scripts/staging/services.sh
. "$(dirname "$0")/services.sh"
load_ports
missing=0
printf '%-16s %-8s %9s %10s\n' service state 'memory MB' 'CPU time'
for file in "$STAGING_DIR"/pids/*; do
  name=$(basename "$file")
  if running "$name"; then
    pid=$(cat "$file")
    printf '%-16s %-8s %9d %10s\n' "$name" running "$(($(awk '/VmRSS/ {print $2}' "/proc/$pid/status") / 1024))" "$(ps -o time= -p "$pid" | tr -d ' ')"
  else
    printf '%-16s %-8s\n' "$name" STOPPED
    missing=1
  fi
done
curl -s "http://127.0.0.1:$PORT_PROMETHEUS/api/v1/targets" 2>/dev/null |
  node -e 'let t="";process.stdin.on("data",d=>t+=d).on("end",()=>{try{for(const x of JSON.parse(t).data.activeTargets)console.log(`scrape ${x.labels.job} ${x.labels.instance}: ${x.health} ${x.lastError}`)}catch{console.log("Prometheus does not answer")}})'
exit "$missing"
