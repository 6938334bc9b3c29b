#!/usr/bin/env bash
# usage: post-launch-verification.sh [--target staging|systemd|compose] [--mail-to ADDRESS] [OPTION…]
#
# After the switch, for real: a file is uploaded, an answer is graded, a mail is delivered (to ADDRESS, or to the first administrator).
# Cleans up after itself. 1 when a step fails. Further options go to `auto-grader verify post-launch`: --json.
set -euo pipefail
# shellcheck source=scripts/deploy/runbook.sh
. "$(dirname "$0")/deploy/runbook.sh"
open_target "$@"
to=()
given --mail-to || to=(${SITE_ADMIN:+--mail-to "$SITE_ADMIN"})
mapfile -t where < <(reach)
grader verify post-launch "${where[@]}" "${to[@]}" "${REST[@]}"
