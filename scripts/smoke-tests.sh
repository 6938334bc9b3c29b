#!/usr/bin/env bash
# usage: smoke-tests.sh [--target staging|systemd|compose] [OPTION…]
#
# Walks the main job on the running site: sign in, create a course and an assignment, send a file, submit, have it graded, read the
# results; then removes what it made. 1 when a step fails.
# Further options go to `auto-grader verify smoke`: --json, --public-only. AUTO_GRADER_TOKEN, a token of an administrator, spares the
# account that is otherwise made for the check and deactivated afterwards.
set -euo pipefail
# shellcheck source=scripts/deploy/runbook.sh
. "$(dirname "$0")/deploy/runbook.sh"
open_target "$@"
mapfile -t where < <(reach)
grader verify smoke "${where[@]}" "${REST[@]}"
