# How deploy.sh and the runbook's scripts handle the units of deploy/systemd: auto-grader-web@a, auto-grader-web@b and auto-grader-work@a.
# Source it.
# shellcheck shell=bash

VERSIONS=${VERSIONS:-/opt/auto-grader/versions}
SETTINGS=${SETTINGS:-/etc/auto-grader}
a_prepare() { [ -d "$SETTINGS" ] || die "$SETTINGS is missing: see docs/deployment.md"; }
a_current() { basename "$(readlink -f "$VERSIONS/current-$(a_web | head -n 1)" 2>/dev/null || echo none)"; }
a_previous() { cat "$VERSIONS/previous" 2>/dev/null || true; }
a_install() {
  local name
  if [ -x "$VERSIONS/$1" ]; then
    echo "$1"
    return 0
  fi
  name=$(sha256sum "$1" | cut -c1-12)
  [ -x "$VERSIONS/$name" ] || as_root install -D -m 755 "$1" "$VERSIONS/$name"
  echo "$name"
}
a_record() { echo "$2" | as_root tee "$VERSIONS/previous" >/dev/null; }
# Blue is a and b, green is c and d; each has its file /etc/auto-grader/web-<letter>.env with ADDR and API_ADDR.
colour() { cat "$VERSIONS/colour" 2>/dev/null || echo blue; }
a_web() { if [ "$(colour)" = blue ]; then printf 'web-a\nweb-b\n'; else printf 'web-c\nweb-d\n'; fi; }
a_workers() { if [ "$(colour)" = blue ]; then echo work-a; else echo work-b; fi; }
a_all_web() { printf 'web-a\nweb-b\nweb-c\nweb-d\n'; }
a_other_set() {
  case $1-$(colour) in
    web-blue) echo web-c web-d ;;
    web-green) echo web-a web-b ;;
    work-blue) echo work-b ;;
    work-green) echo work-a ;;
  esac
}
a_swap_sets() { if [ "$(colour)" = blue ]; then echo green; else echo blue; fi | as_root tee "$VERSIONS/colour" >/dev/null; }
unit() { echo "auto-grader-${1%-*}@${1##*-}.service"; }
a_exists() { systemctl is-active --quiet "$(unit "$1")"; }
setting() { sed -n "s/^$2=//p" "$SETTINGS/$1.env" | tail -n 1; }
a_address() { if [ "$2" = app ]; then setting "$1" ADDR; else setting "$1" API_ADDR; fi; }
a_upstreams() { echo /etc/auto-grader/nginx/upstream; }
a_reload() { as_root nginx -t -q && as_root systemctl reload nginx; }
a_nginx_workers() { "$ROOT/deploy/nginx/workers.sh" "$(systemctl show -P MainPID nginx)"; }
a_drained() { ! ss -Htn state established "( dport = :$(a_address "$1" app | sed 's/.*://') )" | grep -q .; }
a_stop() { as_root systemctl stop "$(unit "$1")"; }
a_start() {
  as_root ln -sfn "$VERSIONS/$2" "$VERSIONS/current-$1"
  as_root systemctl start "$(unit "$1")"
}
a_ready() {
  local tries=600 address
  address=$(a_address "$1" api)
  until curl -fsS -o /dev/null --max-time 3 "http://$address/health/ready" 2>/dev/null; do
    tries=$((tries - 1))
    { [ "$tries" -gt 0 ] && ! systemctl is-failed --quiet "$(unit "$1")"; } || { journalctl -n 20 -u "$(unit "$1")" >&2; return 1; }
    sleep 0.1
  done
}
a_migrate() { a_grader "$1" migrate "$2"; }

# ---- for the runbook's scripts -----------------------------------------------------------------------------------
a_site() {
  SITE_URL=$(setting common PUBLIC_URL) SITE_ADMIN=$(setting common ADMIN_EMAIL)
  [ -n "$SITE_URL" ] || die "PUBLIC_URL is missing in $SETTINGS/common.env"
  SITE_DOMAIN=${SITE_URL#*://}
  SITE_DOMAIN=${SITE_DOMAIN%%[:/]*}
  SITE_TRUST=()
}
a_state() { echo /var/lib/auto-grader; }
# As the units run it: their account, their settings, their folders.
a_grader() {
  local version=${1:-$(a_current)}
  shift
  as_root systemd-run --quiet --wait --pipe --collect -p User=www-data -p Group=www-data -p StateDirectory=auto-grader -p WorkingDirectory=/var/lib/auto-grader \
    -p EnvironmentFile="$SETTINGS/common.env" -p EnvironmentFile="-$SETTINGS/$(a_web | head -n 1).env" --setenv=LOG_LEVEL=warn \
    ${AUTO_GRADER_TOKEN:+--setenv=AUTO_GRADER_TOKEN} "$VERSIONS/$version" "$@"
}
