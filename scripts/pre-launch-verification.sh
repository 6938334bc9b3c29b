#!/usr/bin/env bash
# usage: pre-launch-verification.sh [--target staging|systemd|compose] [OPTION…]
#
# Before people come: services, /health, database, cache, file store, grader's self-test, TLS, names, certificates, disk, clock,
# backups, mail. One line each, and 1 when a check fails. Changes nothing.
# Further options go to `auto-grader verify launch`: --json, --tls12, --backup-hours N, --no-grader, --name NAME.
set -euo pipefail
# shellcheck source=scripts/deploy/runbook.sh
. "$(dirname "$0")/deploy/runbook.sh"
open_target "$@"
names=()
given --name || names=(--name "$SITE_DOMAIN" --name "www.$SITE_DOMAIN" --name "api.$SITE_DOMAIN")
mapfile -t where < <(reach)
grader verify launch "${where[@]}" "${names[@]}" "${REST[@]}"
