#!/usr/bin/env bash
# The staging installation in a few minutes, for `make test`: everything comes up in a throw-away folder on free ports, the runbook is walked,
# a version is switched under load, the worst things happen once, the version before comes back, and everything is taken down again, whatever
# happens. Ends with "N passed, N failed".
set -euo pipefail
STAGING_DIR=$(mktemp -d "${TMPDIR:-/tmp}/auto-grader-staging.XXXXXX")
export STAGING_DIR SCRAPE_INTERVAL=2s SHUTDOWN_SECONDS=5
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$ROOT"
LIMIT=${STAGING_TEST_SECONDS:-900}
passed=0
failed=0
stopped=''
down() {
  [ -z "$stopped" ] || return 0
  stopped=yes
  if [ "$failed" != 0 ] && [ -n "${KEEP_STAGING_LOGS:-}" ]; then cp -r "$STAGING_DIR/logs" "$KEEP_STAGING_LOGS"; fi
  scripts/staging/down.sh >/dev/null 2>&1 || true
  rm -rf "$STAGING_DIR"
}
trap down EXIT
trap 'exit 130' INT TERM

# part NAME COMMAND…: adds up its "N passed, N failed"; one that prints none counts once.
part() {
  local name=$1 log=$STAGING_DIR/part.log status=0 good='' bad='' left
  shift
  left=$((LIMIT - SECONDS))
  if [ "$left" -le 0 ]; then
    say "staging: $name: no time left of $LIMIT s"
    failed=$((failed + 1))
    return 0
  fi
  say "staging: $name"
  timeout --foreground "$left" "$@" >"$log" 2>&1 || status=$?
  read -r good bad < <(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1 | sed 's/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/') || true
  if [ -z "$good" ]; then good=$((status == 0)) bad=$((status != 0)); fi
  if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  if [ "$bad" != 0 ]; then
    grep -A 15 '^ *FAIL' "$log" >&2 || tail -n 30 "$log" >&2
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
  say "staging: $name: $good passed, $bad failed"
}

part "up" scripts/staging/up.sh
if [ "$failed" = 0 ]; then
  export STUDENTS=12 SECONDS_OF_LOAD=25
  part "runbook" scripts/staging/verify.sh files nginx backup launch restore
  part "a rolling deployment and the way back, under load" scripts/staging/verify.sh deploy-rolling rollback
  export SECONDS_OF_LOAD=15 HOLD=5
  part "faults" scripts/staging/faults.sh worker-killed redis-all database
  part "operations" scripts/staging/verify.sh maintenance mail monitoring logs
fi
down
if [ -d "$STAGING_DIR" ]; then
  say "staging: something is left in $STAGING_DIR"
  failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
