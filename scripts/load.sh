#!/usr/bin/env bash
# The load scenario against a fresh release server with the demo institution: STUDENTS (200) for SECONDS_OF_LOAD (60).
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
cargo build --release -p server --example load
folder=$(mktemp -d "${TMPDIR:-/tmp}/auto-grader-load.XXXXXX")
port=$(free_port)
DATA_DIR=$folder ADDR=127.0.0.1:$port LOG_LEVEL=warn target/release/auto-grader serve --demo >"$folder/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
until curl -fsS -o /dev/null "http://127.0.0.1:$port/health/ready" 2>/dev/null; do
  kill -0 "$server" 2>/dev/null || { cat "$folder/server.log" >&2; die "the server did not start"; }
  sleep 0.2
done
target/release/examples/load --base-url "http://127.0.0.1:$port" --data-dir "$folder" \
  --students "${STUDENTS:-200}" --seconds "${SECONDS_OF_LOAD:-60}"
awk '/VmHWM|VmRSS/ {print "server " $1, $2 / 1024 " MiB"}' "/proc/$server/status"
