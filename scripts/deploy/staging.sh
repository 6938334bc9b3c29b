# How deploy.sh and the runbook's scripts handle the processes of scripts/staging. Source it.
# shellcheck shell=bash
# shellcheck source=scripts/staging/services.sh
. "$ROOT/scripts/staging/services.sh"

a_prepare() { load_ports; }
a_current() { cat "$STAGING_DIR/versions/current"; }
a_previous() { cat "$STAGING_DIR/versions/previous" 2>/dev/null || true; }
a_install() { if [ -x "$STAGING_DIR/versions/$1" ]; then echo "$1"; else install_program "$1"; fi; }
a_record() {
  echo "$2" >"$STAGING_DIR/versions/previous"
  echo "$1" >"$STAGING_DIR/versions/current"
}
# Which of the two sets serves: blue is web1 and web2, green web3 and web4.
colour() { cat "$STAGING_DIR/run/colour" 2>/dev/null || echo blue; }
a_web() { if [ "$(colour)" = blue ]; then printf 'web1\nweb2\n'; else printf 'web3\nweb4\n'; fi; }
a_workers() { if [ "$(colour)" = blue ]; then echo work1; else echo work2; fi; }
a_all_web() { printf 'web1\nweb2\nweb3\nweb4\n'; }
a_other_set() {
  case $1-$(colour) in
    web-blue) echo web3 web4 ;;
    web-green) echo web1 web2 ;;
    work-blue) echo work2 ;;
    work-green) echo work1 ;;
  esac
}
a_swap_sets() {
  if [ "$(colour)" = blue ]; then echo green >"$STAGING_DIR/run/colour"; else echo blue >"$STAGING_DIR/run/colour"; fi
  # shellcheck disable=SC2046
  watch_app $(a_web) $(a_workers)
}
a_exists() { running "$1"; }
# a_address NAME app|api
a_address() {
  local port=PORT_WEB${1#web}
  [ "$2" = app ] || port=PORT_API${1#web}
  echo "127.0.0.1:${!port}"
}
a_upstreams() { echo "$STAGING_DIR/nginx/upstream"; }
a_reload() { reload_nginx; }
a_nginx_workers() { "$ROOT/deploy/nginx/workers.sh" "$(cat "$STAGING_DIR/pids/nginx")"; }
a_drained() {
  local port=PORT_WEB${1#web}
  ! ss -Htn state established "( dport = :${!port} )" | grep -q .
}
a_stop() { halt "$1" TERM 30; }
a_start() {
  local port api program=$STAGING_DIR/versions/$2
  case $1 in
    web*)
      port=PORT_WEB${1#web} api=PORT_API${1#web}
      in_app_spawn "$1" WORKER=false "ADDR=127.0.0.1:${!port}" "API_ADDR=127.0.0.1:${!api}" "$program" serve
      ;;
    work*)
      api=PORT_WORK${1#work}
      in_app_spawn "$1" "API_ADDR=127.0.0.1:${!api}" "$program" work
      ;;
  esac
}
a_ready() {
  local port tries=$((${READY_SECONDS:-60} * 10))
  case $1 in
    web*) port=PORT_WEB${1#web} ;;
    work*) port=PORT_WORK${1#work} ;;
  esac
  until answers "http://127.0.0.1:${!port}/health/ready" 2>/dev/null; do
    tries=$((tries - 1))
    { [ "$tries" -gt 0 ] && running "$1"; } || { tail -n 5 "$LOGS/$1.log" >&2; return 1; }
    sleep 0.1
  done
}
a_migrate() { in_app "$STAGING_DIR/versions/$1" migrate "$2"; }

# ---- for the runbook's scripts -----------------------------------------------------------------------------------
# How people reach the installation.
a_site() {
  SITE_URL=$BASE_URL SITE_DOMAIN=$DOMAIN SITE_ADMIN=admin@$DOMAIN
  SITE_TRUST=(--ca-file "$CA")
}
# Where what is written down before a switch is kept, as the program sees it.
a_state() { echo "$STAGING_DIR/run"; }
# a_grader VERSION ARGUMENTS…: a command of the program, with the settings of the installation; without a version, the one that serves.
a_grader() {
  local version=${1:-$(a_current)} api name handed=()
  shift
  api=$(a_address "$(a_web | head -n 1)" api)
  for name in AUTO_GRADER_TOKEN SOURCE_S3_ENDPOINT SOURCE_AWS_ACCESS_KEY_ID SOURCE_AWS_SECRET_ACCESS_KEY; do
    [ -z "${!name:-}" ] || handed+=("$name=${!name}")
  done
  in_app "API_ADDR=$api" LOG_LEVEL=warn "${handed[@]}" "$STAGING_DIR/versions/$version" "$@"
}
