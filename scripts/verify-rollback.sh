#!/usr/bin/env bash
# usage: verify-rollback.sh [--target staging|systemd|compose] [--expect-version VERSION] [OPTION…]
#
# After a rollback: the version that serves, that it is ready, that it fits the schema, and that every submission handed in until the
# switch is there as it was (compared with what rollback.sh wrote down); then the main job once through. 1 when something is missing.
# Further options go to `auto-grader verify rollback`: --json.
set -euo pipefail
# shellcheck source=scripts/deploy/runbook.sh
. "$(dirname "$0")/deploy/runbook.sh"
open_target "$@"
record=()
given --compare || record=(--compare "$(a_state)/before-rollback.json")
mapfile -t where < <(reach)
bad=0
grader verify rollback "${where[@]}" "${record[@]}" "${REST[@]}" || bad=1
grader verify smoke "${where[@]}" || bad=1
exit "$bad"
