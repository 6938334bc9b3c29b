#!/usr/bin/env bash
# The durability test for longer: KILLS (500) times a server under load is killed with -9 and checked.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
link_target_dir
export KILLS=${KILLS:-500}
say "soak: $KILLS kills"
exec cargo test --release -p server -p app -p grading -p migration --features app/ssr --test it durability -- --nocapture
