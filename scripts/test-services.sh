#!/usr/bin/env bash
# usage: test-services.sh COMMAND…
# Starts MariaDB and Redis on free loopback ports in a throw-away folder, runs the command with TEST_MYSQL_URL and
# TEST_REDIS_URL set, and stops them again whatever happens. The database user may create further databases.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

folder=$(mktemp -d "${TMPDIR:-/tmp}/auto-grader-services.XXXXXX")
pids=()
stop() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

say "services: MariaDB and Redis in $folder"
mysql_port=$(free_port)
# A temporary folder of its own: a starting MariaDB clears away what others keep in a shared one.
mkdir "$folder/mysql" "$folder/mysql-tmp"
mariadb-install-db --no-defaults --datadir="$folder/mysql" --tmpdir="$folder/mysql-tmp" --user="$(id -un)" --auth-root-authentication-method=normal \
  --skip-test-db >"$folder/mysql-install.log" 2>&1 || { cat "$folder/mysql-install.log" >&2; die "MariaDB could not be set up"; }
/usr/sbin/mariadbd --no-defaults --datadir="$folder/mysql" --tmpdir="$folder/mysql-tmp" --user="$(id -un)" --bind-address=127.0.0.1 --port="$mysql_port" \
  --socket="$folder/mysql.sock" --pid-file="$folder/mysql.pid" --skip-log-bin --skip-name-resolve --max-connections=400 \
  --innodb-flush-log-at-trx-commit=2 --innodb-buffer-pool-size=128M --character-set-server=utf8mb4 >"$folder/mysql.log" 2>&1 &
pids+=($!)

redis_port=$(free_port)
mkdir "$folder/redis"
redis-server --bind 127.0.0.1 --port "$redis_port" --save '' --appendonly no --dir "$folder/redis" >"$folder/redis.log" 2>&1 &
pids+=($!)

sql() { mariadb --no-defaults --socket="$folder/mysql.sock" -u root "$@"; }
wait_until 60 "MariaDB ($folder/mysql.log)" sql -e 'SELECT 1'
wait_until 20 "Redis" redis-cli -p "$redis_port" ping
sql -e "CREATE DATABASE auto_grader_test; CREATE USER tester@'127.0.0.1' IDENTIFIED BY 'tester'; GRANT ALL ON *.* TO tester@'127.0.0.1'"

export TEST_MYSQL_URL="mysql://tester:tester@127.0.0.1:$mysql_port/auto_grader_test"
export TEST_REDIS_URL="redis://127.0.0.1:$redis_port"
say "services: ready"
status=0
"$@" || status=$?
exit "$status"
