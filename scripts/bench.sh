#!/usr/bin/env bash
# Benchmarks: the grading crate's, and the load scenario against a fresh release server.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
link_target_dir
scripts/setup.sh run
scripts/build.sh
scripts/fetch-model.sh
say "bench: grading"
cargo bench -p grading
say "bench: load"
scripts/load.sh
