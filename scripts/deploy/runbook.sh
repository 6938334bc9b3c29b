# Shared by the scripts that the launch runbook names. Each is a thin wrapper around a command of the program, which runs with the
# settings of the installation it is about: `--target staging` (scripts/staging), `systemd` (deploy/systemd) or `compose`. Source it.
# shellcheck shell=bash
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# The comment at the top of the script that was called.
show_help() { awk 'NR > 1 && !/^#/ {exit} NR > 1 {sub(/^# ?/, ""); print}' "$0"; }

# open_target ARGUMENTS…: takes --target and --help out; what is left stands in REST. Then there are SITE_URL, SITE_DOMAIN, SITE_ADMIN,
# SITE_TRUST, and the functions of scripts/deploy/TARGET.sh.
open_target() {
  TARGET=${TARGET:-staging} REST=()
  while [ $# -gt 0 ]; do
    case $1 in
      --target) TARGET=${2:-}; shift ;;
      --target=*) TARGET=${1#*=} ;;
      -h | --help) show_help; exit 0 ;;
      *) REST+=("$1") ;;
    esac
    [ $# -eq 0 ] || shift
  done
  [[ $TARGET =~ ^(staging|systemd|compose)$ ]] || die "unknown target “$TARGET”: staging, systemd or compose"
  export mode=rolling
  # shellcheck source=scripts/deploy/staging.sh
  . "$ROOT/scripts/deploy/$TARGET.sh"
  a_prepare
  a_site
}

# The program that serves, with arguments.
grader() { a_grader '' "$@"; }
# reach: the words that say where the site is.
reach() { printf '%s\n' --base-url "$SITE_URL" "${SITE_TRUST[@]}"; }
given() { local word; for word in "${REST[@]}"; do [ "$word" != "$1" ] || return 0; done; return 1; }
