#!/usr/bin/env bash
# Benchmarks: the encoder beside others, the grader as a whole, and the load scenario against a fresh release server.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
link_target_dir
scripts/setup.sh run
scripts/build.sh
scripts/fetch-model.sh
say "bench: the encoder beside onnxruntime and PyTorch"
scripts/bench-encoders.sh
say "bench: grading"
"${CARGO_TARGET_DIR:-target}/release/auto-grader" grading bench
say "bench: load"
scripts/load.sh
