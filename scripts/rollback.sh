#!/usr/bin/env bash
# usage: rollback.sh [--target staging|systemd|compose] [--to VERSION] [--blue-green] [--dry-run]
#
# The previous version serves again, within 5 minutes, without a failed request; VERSION is another one that is still kept. The schema
# stays as it is: migrations only add, so that the version before runs on it. Nothing is restored, so everything handed in since the launch
# stays. What must not change is written down before the switch and compared afterwards.
# Next: scripts/verify-rollback.sh, then scripts/send-rollback-notification.sh.
set -euo pipefail
# shellcheck source=scripts/deploy/runbook.sh
. "$(dirname "$0")/deploy/runbook.sh"
open_target "$@"
set -- "${REST[@]}"
to='' how=() dry=''
while [ $# -gt 0 ]; do
  case $1 in
    --to) to=${2:?--to needs a version}; shift ;;
    --blue-green) how=(--blue-green) ;;
    --dry-run) dry=yes ;;
    *) die "unknown option $1; --help tells more" ;;
  esac
  shift
done
began=$(date +%s%N)
current=$(a_current)
to=${to:-$(a_previous)}
[ -n "$to" ] || die "no version before $current is recorded: give one with --to"
[ "$to" != "$current" ] || die "$to serves already"
record=$(a_state)/before-rollback.json
say "rollback: $current -> $to"

# The program it goes back to is asked, since the one that serves may be the sick one.
schema=$(a_grader "$to" migrate status) || die "$to does not reach the database, or is not there any more; nothing was changed"
if grep -q 'cannot serve on it' <<<"$schema"; then
  die "$to cannot run on this schema; nothing was changed. Restore instead: see the runbook, 'auto-grader restore --to-time'"
fi
say "rollback: $(tail -n 1 <<<"$schema")"
if [ -n "$dry" ]; then
  "$ROOT/scripts/deploy.sh" --target "$TARGET" --skip-migrations --dry-run "${how[@]}" "$to"
  exit 0
fi
say "rollback: $(a_grader "$to" verify rollback --record "$record")"
"$ROOT/scripts/deploy.sh" --target "$TARGET" --skip-migrations "${how[@]}" "$to"
mapfile -t where < <(reach)
grader verify rollback "${where[@]}" --compare "$record"
took=$((($(date +%s%N) - began) / 1000000))
say "rollback: $to serves; it took $took ms"
[ "$took" -lt 300000 ] || say "rollback: that is more than 5 minutes"
say "rollback: next, scripts/verify-rollback.sh --target $TARGET and scripts/send-rollback-notification.sh --target $TARGET"
