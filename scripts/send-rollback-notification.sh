#!/usr/bin/env bash
# usage: send-rollback-notification.sh [--target staging|systemd|compose] [--message TEXT] [--key NAME]
#
# Tells everyone, in the app and by mail, that the system has returned to its earlier version and that nothing handed in is lost. NAME
# names this rollback: sent again under the same name, people are told once. By default it is the day and the version.
set -euo pipefail
# shellcheck source=scripts/deploy/runbook.sh
. "$(dirname "$0")/deploy/runbook.sh"
open_target "$@"
message=() key=()
given --message || message=(--message "We have returned to the version before while we look into a problem. Everything you handed in is there; you need do nothing.")
given --key || key=(--key "rollback-$(date -u +%F)-$(a_current | tr -c 'A-Za-z0-9._\n' '-')")
grader mail rollback-notice "${message[@]}" "${key[@]}" "${REST[@]}"
