# Shared by the staging scripts: where things are, which ports, how processes are started and stopped. Source it, do not run it.
# shellcheck shell=bash
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

STAGING_DIR=${STAGING_DIR:-$CACHE/staging}
AUTO_GRADER_BIN=${AUTO_GRADER_BIN:-$ROOT/target/release/auto-grader}
LOAD_BIN=${LOAD_BIN:-$(dirname "$AUTO_GRADER_BIN")/examples/load}
SITE=${SITE:-$ROOT/target/site}
DOMAIN=${DOMAIN:-grader.test}
LOGS=$STAGING_DIR/logs
export STAGING_DIR AUTO_GRADER_BIN LOAD_BIN SITE DOMAIN LOGS
export PATH="$PATH:/usr/sbin:/sbin"

# Every port of the installation, in one block that was free when it was first made. Below the range that outgoing connections take
# theirs from, so that a service which is stopped finds its port again.
PORT_NAMES=(HTTP HTTPS NGINX_STATUS WEB1 WEB2 WEB3 WEB4 API1 API2 API3 API4 WORK1 WORK2 DB DB_PRIMARY DB_REPLICA REDIS1 REDIS2 REDIS3 BUS1 BUS2 BUS3
  S3 S3_SLOW DB_SCRATCH SMTP PROMETHEUS ALERTMANAGER ALERTMANAGER_CLUSTER NODE_EXPORTER MYSQL_EXPORTER1 MYSQL_EXPORTER2 REDIS_EXPORTER NGINX_EXPORTER ALERTS)
choose_ports() {
  local base name port file=$STAGING_DIR/ports.env
  base=$(node -e '
    const net = require("net"), need = +process.argv[1];
    const free = (port) => new Promise((done) => {
      const server = net.createServer().once("error", () => done(false)).listen(port, "127.0.0.1", () => server.close(() => done(true)));
    });
    (async () => {
      for (let base = 20100 + (process.pid % 100) * 100; base < 32000; base += need) {
        let all = true;
        for (let port = base; all && port < base + need; port++) all = await free(port);
        if (all) { console.log(base); return; }
      }
      process.exit(1);
    })();' "${#PORT_NAMES[@]}") || die "no block of ${#PORT_NAMES[@]} free ports"
  port=$base
  for name in "${PORT_NAMES[@]}"; do
    echo "PORT_$name=$port"
    port=$((port + 1))
  done >"$file"
}
prepare_folder() {
  mkdir -p "$STAGING_DIR"/{logs,pids,data,secrets,run}
  chmod 700 "$STAGING_DIR/secrets"
  [ -s "$STAGING_DIR/ports.env" ] || choose_ports
  load_ports
}
load_ports() {
  [ -s "$STAGING_DIR/ports.env" ] || die "there is no staging in $STAGING_DIR: run 'make staging-up' first"
  # shellcheck disable=SC1091
  . "$STAGING_DIR/ports.env"
  BASE_URL=https://$DOMAIN:$PORT_HTTPS
  CA=$STAGING_DIR/tls/ca.crt
  export BASE_URL CA
}

# secret NAME: a random word, made once.
secret() {
  local file=$STAGING_DIR/secrets/$1
  [ -s "$file" ] || (umask 077 && openssl rand -hex 16 >"$file")
  cat "$file"
}

# ---- processes ---------------------------------------------------------------------------------------------------
running() {
  local pid
  pid=$(cat "$STAGING_DIR/pids/$1" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && ! grep -q '^State:\sZ' "/proc/$pid/status"
}
# spawn NAME COMMAND…: starts it in a session of its own, output to logs/NAME.log; does nothing when it runs.
spawn() {
  local name=$1
  shift
  running "$name" && return 0
  setsid "$@" </dev/null >>"$LOGS/$name.log" 2>&1 9>&- &
  echo $! >"$STAGING_DIR/pids/$name"
  disown # how it ends is seen by who asks, not told by this shell
}
# healthy NAME SECONDS COMMAND…: waits until the command succeeds; shows the log's end when it does not, or when the process died.
healthy() {
  local name=$1 tries=$(($2 * 10))
  shift 2
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ] || ! running "$name"; then
      tail -n 30 "$LOGS/$name.log" >&2
      die "$name is not healthy: '$*' fails; see $LOGS/$name.log"
    fi
    sleep 0.1
  done
}
# halt NAME [SIGNAL [SECONDS]]: ends a process and waits until it is gone.
halt() {
  local name=$1 signal=${2:-TERM} tries=$((${3:-20} * 10)) pid
  running "$name" || { rm -f "$STAGING_DIR/pids/$name"; return 0; }
  pid=$(cat "$STAGING_DIR/pids/$name")
  kill "-$signal" "$pid" 2>/dev/null || true
  # A stopped process cannot end: let it go on.
  kill -CONT "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null && [ "$(ps -o stat= -p "$pid" | cut -c1)" != Z ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { kill -KILL "$pid" 2>/dev/null || true; tries=50; }
    sleep 0.1
  done
  rm -f "$STAGING_DIR/pids/$name"
}

# ---- asking --------------------------------------------------------------------------------------------------------
# site CURL-ARGUMENTS… URL: curl that knows our names and trusts our authority.
site() {
  curl -sS --max-time 20 --cacert "$CA" --resolve "$DOMAIN:$PORT_HTTPS:127.0.0.1" --resolve "www.$DOMAIN:$PORT_HTTPS:127.0.0.1" \
    --resolve "api.$DOMAIN:$PORT_HTTPS:127.0.0.1" "$@"
}
answers() { curl -fsS -o /dev/null --max-time 3 "$1"; }
sql() { mariadb --no-defaults --socket="$STAGING_DIR/run/${DB_SOCKET:-primary}.sock" -u root "$@"; }

# ---- counting ---------------------------------------------------------------------------------------------------
PASSED=0
FAILED=0
# expect WHAT COMMAND…: one yes or no.
expect() {
  local what=$1 out
  shift
  if out=$("$@" 2>&1); then
    PASSED=$((PASSED + 1))
    echo "ok    $what"
  else
    FAILED=$((FAILED + 1))
    echo "FAIL  $what"
    [ -z "$out" ] || printf '%s\n' "$out" | tail -n 12 | cut -c 1-400 | sed 's/^/        /'
  fi
}
totals() {
  echo "$PASSED passed, $FAILED failed"
  [ "$FAILED" = 0 ]
}
