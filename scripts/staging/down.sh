#!/usr/bin/env bash
# Stops everything; with KEEP=1 the data stay for the next `staging-up`.
set -euo pipefail
# shellcheck source=scripts/staging/services.sh
. "$(dirname "$0")/services.sh"
[ -d "$STAGING_DIR" ] || { say "staging: nothing there"; exit 0; }
lock_staging 60
if [ -s "$STAGING_DIR/run/users.pid" ]; then kill "$(cat "$STAGING_DIR/run/users.pid")" 2>/dev/null || true; fi
for name in "${SERVICES[@]}"; do halt "$name"; done
if mountpoint -q "$STAGING_DIR/data/full" 2>/dev/null; then umount "$STAGING_DIR/data/full"; fi
if [ "${KEEP:-}" != 1 ]; then rm -rf "$STAGING_DIR"; fi
say "staging: down"
