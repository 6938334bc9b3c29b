#!/usr/bin/env bash
# usage: verify-migration.sh [--target staging|systemd|compose] [plan|before|after]
#
#   plan     prints the SQL that the next version would run; changes nothing
#   before   writes row counts and checksums of every table down, next to the data
#   after    (the default) compares with them: nothing may be gone or changed, more rows are fine. Then tables, references, accounts,
#            files and the audit log, and the main job once through: sign in, submit, grade
#
# 1 when something is not as it should be.
set -euo pipefail
# shellcheck source=scripts/deploy/runbook.sh
. "$(dirname "$0")/deploy/runbook.sh"
open_target "$@"
[ "${#REST[@]}" -le 1 ] || die "one word: plan, before or after"
state=$(a_state)/before-migration.json
case ${REST[0]:-after} in
  plan) grader migrate plan ;;
  before) grader migrate verify --save "$state" ;;
  after)
    bad=0
    if grader migrate verify --compare "$state" --grown-ok; then :; else bad=1; fi
    grader verify migration || bad=1
    mapfile -t where < <(reach)
    grader verify smoke "${where[@]}" || bad=1
    exit "$bad"
    ;;
  *) die "unknown word ${REST[0]}: plan, before or after" ;;
esac
