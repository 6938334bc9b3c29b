#!/usr/bin/env bash
# Everything that can fail, and one line at the end: "N passed, N failed". `test.sh lint` stops before the tests.
# Tests use the release profile, so that the dependencies are compiled once for running and for testing.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
cd "$ROOT"
what=${1:-all}
link_target_dir
logs=$(mktemp -d "${TMPDIR:-/tmp}/auto-grader-test.XXXXXX")
trap 'rm -rf "$logs"' EXIT
passed=0
failed=0
failures=()

# check NAME COMMAND…: one yes or no.
check() {
  local name=$1
  shift
  say "test: $name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    failures+=("$name")
  fi
}

# suite NAME LOG COMMAND…: runs cargo test, shows its output, adds up its "test result" lines.
suite() {
  local name=$1 log=$logs/$2 status=0 good bad
  shift 2
  say "test: $name"
  "$@" 2>&1 | tee "$log" || status=$?
  read -r good bad < <(awk '/^test result: /{good += $4; bad += $6} END {print good + 0, bad + 0}' "$log")
  if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi # did not compile, or died
  if [ "$status" = 0 ] && [ "$good" = 0 ]; then bad=1; fi # ran nothing
  passed=$((passed + good))
  failed=$((failed + bad))
  [ "$bad" = 0 ] || failures+=("$name")
  say "test: $name: $good passed, $bad failed"
}

browser_tests() {
  local report=$logs/playwright.json status=0 good bad
  say "test: browser"
  E2E_REPORT=$report scripts/e2e.sh || status=$?
  read -r good bad < <(node -e '
    const fs = require("fs");
    const report = fs.existsSync(process.argv[1]) ? JSON.parse(fs.readFileSync(process.argv[1])) : { stats: {}, errors: [] };
    const { expected = 0, unexpected = 0, flaky = 0 } = report.stats;
    console.log(expected, unexpected + flaky + report.errors.length);' "$report")
  if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$good" = 0 ]; }; then bad=1; fi
  passed=$((passed + good))
  failed=$((failed + bad))
  [ "$bad" = 0 ] || failures+=("browser")
  say "test: browser: $good passed, $bad failed"
}

staging_test() {
  local log=$logs/staging.log status=0 good bad
  say "test: staging"
  scripts/staging/test.sh | tee "$log" || status=$?
  read -r good bad < <(tail -n 1 "$log" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p') || true
  good=${good:-0} bad=${bad:-1}
  if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  passed=$((passed + good))
  failed=$((failed + bad))
  [ "$bad" = 0 ] || failures+=("staging")
  say "test: staging: $good passed, $bad failed"
}

scripts/setup.sh test
rustc -V >&2

native=(-p server -p app -p grading -p migration --features app/ssr)
check "formatting" cargo fmt --all --check
check "browser's dependencies" scripts/check-wasm-tree.sh
check "colour contrast" node style/check-contrast.mjs
check "types of the browser tests" end2end/node_modules/.bin/tsc -p end2end
check "deployment files" node scripts/web-tools/lint-deploy.mjs
mapfile -t shell < <(find scripts deploy -name '*.sh' -not -path '*/node_modules/*')
check "shell scripts" shellcheck "${shell[@]}"
check "clippy, server's face" cargo clippy "${native[@]}" --all-targets -- -D warnings
check "clippy, browser's face" cargo clippy --target-dir "$ROOT/target/front-check" -p frontend -p app --features app/hydrate -- -D warnings

if [ "$what" != lint ]; then
  check "browser's program" scripts/build-web.sh
  check "model weights" scripts/fetch-model.sh
  # Also leaves target/release/auto-grader, which server's own tests and the browser tests start.
  suite "Rust" rust.log scripts/test-services.sh cargo test --release --no-fail-fast "${native[@]}"
  compgen -G 'server/tests/*' >/dev/null || cargo build --release -p server # cargo test builds it only for these
  browser_tests
  check "the load generator" cargo build --release "${native[@]}" --example load
  staging_test
fi

for name in "${failures[@]}"; do say "failed: $name"; done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
