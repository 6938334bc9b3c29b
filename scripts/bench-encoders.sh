#!/usr/bin/env bash
# Our encoder beside onnxruntime and PyTorch on the same texts. Makes a Python environment for them first, outside the repository
# (about 6 GB: PyTorch from the package index brings its libraries for graphics cards and does not load without them).
#
#   scripts/bench-encoders.sh [--rounds 9] [--json] [--engines "ours f32,onnxruntime f32"] …
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
venv="$CACHE/bench-venv"
python="$venv/bin/python"
packages=(numpy==2.4.6 onnxruntime==1.32.0 onnx==1.23.2 tokenizers==0.23.3 torch==2.15.0)

scripts/fetch-model.sh
if ! "$python" -c 'import numpy, onnx, onnxruntime, tokenizers' 2>/dev/null; then
  have python3 || die "python3 is missing"
  say "bench: a Python environment in $venv"
  python3 -m venv "$venv" || die "python3 -m venv failed; on Debian, install python3-venv"
  "$venv/bin/pip" install --quiet "${packages[@]:0:4}" || die "onnxruntime could not be installed; nothing was measured"
fi
if ! "$python" -c 'import torch' 2>/dev/null; then
  say "bench: fetching PyTorch (about 3 GB)"
  "$venv/bin/pip" install --quiet "${packages[4]}" || say "bench: PyTorch could not be installed; going on without it"
fi
cargo build --release -p grading --example bench_encoder
target="${CARGO_TARGET_DIR:-$ROOT/target}"
"$python" scripts/bench-encoders.py --ours "$target/release/examples/bench_encoder" --folder "$CACHE/bench" "$@"
