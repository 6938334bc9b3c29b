#!/usr/bin/env bash
# Browser tests: a fresh release server with the demo institution on a free port and a throw-away data folder, then
# Playwright with the given arguments. E2E_REPORT names the file for Playwright's JSON report.
# BASE_URL, when set, is tested as it is and nothing is started.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

folder=$(mktemp -d "${TMPDIR:-/tmp}/auto-grader-e2e.XXXXXX")
server=
sink=
stop() {
  [ -z "$sink" ] || kill "$sink" 2>/dev/null || true
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  [ -n "${KEEP_E2E:-}" ] || rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

if [ -z "${BASE_URL:-}" ]; then
  port=$(free_port)
  export BASE_URL="http://127.0.0.1:$port"
  # A real SMTP server whose mails the tests read.
  export E2E_SMTP_DIR="$folder/mails"
  mkdir "$E2E_SMTP_DIR"
  smtp_port=$(free_port)
  scripts/smtp-sink.py --dir "$E2E_SMTP_DIR" --port "$smtp_port" >"$folder/smtp.log" 2>&1 &
  sink=$!
  wait_until 20 "the SMTP server ($folder/smtp.log)" grep -q listening "$folder/smtp.log"
  say "e2e: starting the server at $BASE_URL"
  env -u DATABASE_URL -u REDIS_URL -u STORAGE -u API_ADDR ADDR="127.0.0.1:$port" DATA_DIR="$folder/data" \
    SMTP_URL="smtp://127.0.0.1:$smtp_port?tls=none" MAIL_FROM="Auto-Grader <grader@demo.example>" PUBLIC_URL="$BASE_URL" \
    target/release/auto-grader serve --demo >"$folder/server.log" 2>&1 &
  server=$!
  alive_and_ready() { kill -0 "$server" 2>/dev/null && curl -fsS -o /dev/null "$BASE_URL/health/ready"; }
  tries=600
  until alive_and_ready 2>/dev/null; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ] || ! kill -0 "$server" 2>/dev/null; then
      tail -n 40 "$folder/server.log" >&2
      die "the server did not become ready"
    fi
    sleep 0.2
  done
  export E2E_SERVER_LOG="$folder/server.log"
fi

status=0
(cd end2end && npx --no-install playwright test "$@") || status=$?
if [ "$status" != 0 ] && [ -n "$server" ]; then
  say "e2e: the server's last lines"
  tail -n 20 "$folder/server.log" >&2
fi
exit "$status"
