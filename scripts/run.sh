#!/usr/bin/env bash
# From a fresh checkout to a running Auto-Grader with the demo institution. PORT and DATA_DIR are honoured.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
scripts/setup.sh run
scripts/build.sh
scripts/fetch-model.sh
export ADDR="127.0.0.1:${PORT:-3000}" DATA_DIR="${DATA_DIR:-./data}"
exec target/release/auto-grader serve --demo
