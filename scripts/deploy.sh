#!/usr/bin/env bash
# usage: deploy.sh [--target staging|systemd|compose] [--blue-green] [--skip-migrations] [--dry-run] VERSION
#
# Puts a new version into service without a failed request. VERSION is a program file (staging, systemd) or an image (compose).
#   rolling (the default)   one process after another: out of Nginx's list, drained, stopped, started anew, healthy, back in
#   --blue-green            the new set beside the old one, then one switch; the old set ends when it is drained
# First the new version's migrations: they only add, so that the version before still runs. When anything fails, every process that was
# changed goes back to the version before, which stays recorded for scripts/rollback.sh.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
target=staging mode=rolling migrations=yes dry='' version=''
while [ $# -gt 0 ]; do
  case $1 in
    --target) target=${2:?}; shift ;;
    --blue-green) mode=blue_green ;;
    --skip-migrations) migrations='' ;;
    --dry-run) dry=yes ;;
    -*) die "unknown option $1; see the top of $0" ;;
    *) version=$1 ;;
  esac
  shift
done
[ -n "$version" ] || die "say which version: deploy.sh [--target staging|systemd|compose] VERSION"
[[ $target =~ ^(staging|systemd|compose)$ ]] || die "unknown target $target"
# Each of these knows one way of running processes: a_prepare, a_web, a_workers, a_address, a_start, a_ready, a_stop, a_drained, a_migrate, …
# shellcheck source=scripts/deploy/staging.sh
. "$ROOT/scripts/deploy/$target.sh"

step() {
  say "deploy: $1"
  shift
  [ -n "$dry" ] || "$@"
}

# publish NAMES…: these processes serve, and Nginx knows it when this returns.
publish() {
  local kind name folder before
  folder=$(a_upstreams)
  for kind in app api; do
    for name in $(a_all_web); do
      # `down` instead of leaving it out: the others keep their places, and a list is never empty.
      if [[ " $* " == *" $name "* ]]; then
        echo "server $(a_address "$name" "$kind") max_fails=3 fail_timeout=5s;"
      elif a_exists "$name"; then
        # Asked only when none of the others takes a connection: a worker of Nginx from before the next reload, with an open HTTP/2
        # connection, may still go by this list when the processes change places.
        echo "server $(a_address "$name" "$kind") backup;"
      fi
    done >"$folder/$kind.conf.part"
    mv "$folder/$kind.conf.part" "$folder/$kind.conf"
  done
  before=$(workers serving)
  a_reload || return 1
  reloaded "$before" || { say "deploy: Nginx did not take up its new lists; its error log tells why"; return 1; }
}
# workers serving|leaving: those workers of Nginx, by number.
workers() { a_nginx_workers | sed -n "s/ $1\$//p"; }
# reloaded WORKERS: waits until none of these takes connections any more; at most 30 s.
reloaded() {
  local tries=150
  while workers serving | grep -qxF "$1"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.2
  done
}
# drain NAME: until every worker of Nginx with a list that names it is gone, and no connection leads to it; at most a minute. Nginx itself
# ends such workers after its worker_shutdown_timeout of 30 s, and with them event streams, which move over.
drain() {
  local tries=300
  until { [ -z "$(workers leaving)" ] && a_drained "$1"; } || [ "$tries" -le 0 ]; do
    tries=$((tries - 1))
    sleep 0.2
  done
}
others() { local name; for name in $(a_web); do [ "$name" = "$1" ] || printf '%s ' "$name"; done; }

# replace NAME VERSION: one process, others serving meanwhile.
replace() {
  # shellcheck disable=SC2046
  publish $(others "$1") || return 1
  drain "$1"
  a_stop "$1"
  a_start "$1" "$2"
  a_ready "$1" || return 1
  # shellcheck disable=SC2046
  publish $(a_web)
}
replace_worker() {
  # Told to stop, a worker hands back what it holds.
  a_stop "$1"
  a_start "$1" "$2"
  a_ready "$1"
}

changed=()
put_back() {
  local name
  trap - ERR
  say "deploy: FAILED; going back to $previous"
  for name in "${changed[@]}"; do
    a_stop "$name" || true
    a_start "$name" "$previous" || true
    a_ready "$name" || say "deploy: $name does not come back by itself; look at its log"
  done
  # shellcheck disable=SC2046
  publish $(a_web) || true
  say "deploy: $previous serves; nothing of the new version is left running"
  exit 1
}

rolling() {
  local name
  for name in $(a_web); do
    changed+=("$name")
    step "$name: out, drained, replaced, back in" replace "$name" "$new" || put_back
  done
  for name in $(a_workers); do
    changed+=("$name")
    step "$name: replaced; its work is handed on" replace_worker "$name" "$new" || put_back
  done
}

blue_green() {
  local old new_set name old_workers new_workers
  read -ra old <<<"$(a_web | tr '\n' ' ')"
  read -ra old_workers <<<"$(a_workers | tr '\n' ' ')"
  read -ra new_set <<<"$(a_other_set web)"
  read -ra new_workers <<<"$(a_other_set work)"
  undo() {
    trap - ERR
    say "deploy: FAILED; the old set never stopped serving"
    publish "${old[@]}" || true
    for name in "${new_set[@]}" "${new_workers[@]}"; do a_stop "$name" || true; done
    exit 1
  }
  for name in "${new_set[@]}" "${new_workers[@]}"; do
    step "$name starts beside the old set" a_start "$name" "$new" || undo
    step "$name is healthy" a_ready "$name" || undo
  done
  step "switch to ${new_set[*]}" publish "${new_set[@]}" || undo
  for name in "${old[@]}"; do
    step "$name: drained and stopped" drain "$name"
    [ -n "$dry" ] || a_stop "$name"
  done
  for name in "${old_workers[@]}"; do step "$name: stopped" a_stop "$name"; done
  step "the new set is the one that counts" a_swap_sets
  step "only the new set stays in the lists" publish "${new_set[@]}"
}

a_prepare
previous=$(a_current)
new=$(a_install "$version")
say "deploy: $target, ${mode/_/ and }: $previous -> $new"
began=$(date +%s%N)
if [ -n "$migrations" ]; then
  step "what the database will be asked" a_migrate "$new" plan
  step "migrations, which only add" a_migrate "$new" up || die "the migrations failed: nothing was switched, $previous serves"
fi
$mode
step "recorded: $new is current, $previous is the way back" a_record "$new" "$previous"
say "deploy: done after $((($(date +%s%N) - began) / 1000000)) ms"
