# People: the load generator in front of Nginx, as many browsers as asked for. Source it.
# shellcheck shell=bash

# users_start NAME STUDENTS SECONDS OPTIONS…: returns when all are signed in and type; results in results/NAME.json.
users_start() {
  local name=$1 students=$2 seconds=$3 ready=$STAGING_DIR/run/$1.ready
  shift 3
  [ -x "$LOAD_BIN" ] || die "$LOAD_BIN is missing: cargo build --release -p server --example load"
  mkdir -p "$STAGING_DIR/results"
  rm -f "$ready" "$STAGING_DIR/results/$name.json"
  local settings
  mapfile -t settings <"$STAGING_DIR/app.env"
  env -i PATH="$PATH" HOME="$HOME" "${settings[@]}" LOG_LEVEL=error DATABASE_CONNECTIONS=4 "$LOAD_BIN" --environment --base-url "$BASE_URL" --ca "$CA" --connect "127.0.0.1:$PORT_HTTPS" \
    --students "$students" --seconds "$seconds" --ready "$ready" --json "$STAGING_DIR/results/$name.json" "$@" >"$LOGS/users-$name.log" 2>&1 9>&- &
  USERS_PID=$! USERS_NAME=$name
  echo "$USERS_PID" >"$STAGING_DIR/run/users.pid"
  until [ -e "$ready" ]; do
    kill -0 "$USERS_PID" 2>/dev/null || { tail -n 5 "$LOGS/users-$name.log" >&2; say "the users could not start; see $LOGS/users-$name.log"; return 1; }
    sleep 0.1
  done
}
users_type() { kill -0 "$USERS_PID" 2>/dev/null; }
# Before their time; for scripts that are broken off.
users_stop() { [ -z "${USERS_PID:-}" ] || kill "$USERS_PID" 2>/dev/null || true; }
# Waits until they are done; 1 when something acknowledged is missing, or, without --tolerate, when a request failed.
users_end() {
  local status=0
  wait "$USERS_PID" || status=$?
  USERS_PID=''
  rm -f "$STAGING_DIR/run/users.pid"
  return "$status"
}
# of_users EXPRESSION: from the results of the last run, as r.
of_users() {
  node -p "const r = JSON.parse(require('fs').readFileSync('$STAGING_DIR/results/${2:-$USERS_NAME}.json')); $1"
}
users_summary() {
  # shellcheck disable=SC2016
  of_users '`${r.errors} of ${r.all} requests failed (${Object.entries(r.statuses).map((e) => e.join(": ")).join(", ")}), ` +
    `longest stall ${r.longest_gap_seconds.toFixed(1)} s, p50 ${r.kinds.all.p50_ms.toFixed(0)} ms, p99 ${r.kinds.all.p99_ms.toFixed(0)} ms; ` +
    `kept ${r.kept.changes_found}/${r.kept.changes_acknowledged} changes, ${r.kept.submissions_found}/${r.kept.submissions_acknowledged} submissions, ` +
    `${r.kept.graded} graded, ${r.kept.graded_twice} twice`'
}
# under_load NAME STUDENTS SECONDS COMMAND…: the command while they type; a failed request fails it, and so does a command that takes longer.
under_load() {
  local name=$1 students=$2 seconds=$3 status=0
  shift 3
  # shellcheck disable=SC2086
  users_start "$name" "$students" "$seconds" ${LOAD_OPTIONS:-} || return 1
  "$@" || { status=1; echo "the command failed"; }
  users_type || { status=1; echo "the command took longer than the users stayed"; }
  users_end || { status=1; grep -E '^(kept|first failure|Error)' "$LOGS/users-$name.log"; }
  users_summary
  return "$status"
}
