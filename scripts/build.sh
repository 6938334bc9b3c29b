#!/usr/bin/env bash
# Builds the release server and the site: target/release/auto-grader and target/site. FEATURES=wgpu or cuda for a GPU.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
link_target_dir
say "build: server (release)"
cargo build --release -p server ${FEATURES:+--features "$FEATURES"}
scripts/build-web.sh
say "build: target/release/auto-grader and target/site are ready"
