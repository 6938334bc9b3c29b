# MariaDB: a primary and a replica (GTID, semi-synchronous, TLS between them), and the address that always means the primary. Source it.
# shellcheck shell=bash

# mariadb_server NAME PORT SERVER_ID OPTIONS…
mariadb_server() {
  local name=$1 port=$2 id=$3 data=$STAGING_DIR/data/$1
  shift 3
  if [ ! -d "$data/mysql" ]; then
    mkdir -p "$data" "$STAGING_DIR/run/$name-tmp"
    mariadb-install-db --no-defaults --datadir="$data" --tmpdir="$STAGING_DIR/run/$name-tmp" --user="$(id -un)" --auth-root-authentication-method=normal \
      --skip-test-db >"$LOGS/$name-install.log" 2>&1 || { tail "$LOGS/$name-install.log" >&2; die "MariaDB could not be set up"; }
  fi
  mkdir -p "$STAGING_DIR/run/$name-tmp"
  # shellcheck disable=SC2046
  spawn "$name" mariadbd --no-defaults --datadir="$data" --tmpdir="$STAGING_DIR/run/$name-tmp" --user="$(id -un)" --bind-address=127.0.0.1 \
    --port="$port" --socket="$STAGING_DIR/run/$name.sock" --pid-file="$STAGING_DIR/run/$name.pid" --skip-name-resolve --server-id="$id" \
    $(sed -n '/^\[mariadbd\]/,/^\[/{/^[a-z]/p}' "$ROOT/deploy/mysql/mariadb.cnf" | sed 's/ *= */=/; s/^/--/') \
    --ssl-ca="$STAGING_DIR/tls/ca.crt" --ssl-cert="$STAGING_DIR/tls/service.crt" --ssl-key="$STAGING_DIR/tls/service.key" "$@"
  DB_SOCKET=$name healthy "$name" 60 sql -e 'SELECT 1'
}
primary_process() { mariadb_server primary "$PORT_DB_PRIMARY" 1; }
replica_process() { mariadb_server replica "$PORT_DB_REPLICA" 2 --read-only=ON; }

# The one address that programs know. A failover changes where it leads, not the programs.
point_database_at() {
  cat >"$STAGING_DIR/run/database.conf" <<END
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
worker_processes 1;
daemon off;
worker_shutdown_timeout 1s;
pid $STAGING_DIR/run/database.pid;
error_log stderr warn;
events { worker_connections 2048; }
stream {
  server { listen 127.0.0.1:$PORT_DB; proxy_pass 127.0.0.1:$1; proxy_connect_timeout 2s; proxy_timeout 1h; }
}
END
  if running database; then kill -HUP "$(cat "$STAGING_DIR/pids/database")"; fi
}

# Makes the server NAME follow the primary on PORT.
follow() {
  DB_SOCKET=$1 sql <<END
STOP SLAVE;
CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=$2, MASTER_USER='replication', MASTER_PASSWORD='$(secret replication)',
  MASTER_USE_GTID=slave_pos, MASTER_SSL=1, MASTER_SSL_CA='$STAGING_DIR/tls/ca.crt', MASTER_SSL_VERIFY_SERVER_CERT=1, MASTER_CONNECT_RETRY=1;
SET GLOBAL read_only = ON;
START SLAVE;
END
}
replicates() {
  local state
  state=$(DB_SOCKET=$1 sql -e 'SHOW SLAVE STATUS\G')
  grep -q 'Slave_IO_Running: Yes' <<<"$state" && grep -q 'Slave_SQL_Running: Yes' <<<"$state" && grep -q 'Seconds_Behind_Master: 0' <<<"$state"
}

start_mariadb() {
  local fresh=''
  [ -d "$STAGING_DIR/data/replica/mysql" ] || fresh=yes
  # After a failover the two have changed places: their roles are kept.
  local first=primary second=replica first_port=$PORT_DB_PRIMARY
  if [ -s "$STAGING_DIR/run/promoted" ]; then first=replica second=primary first_port=$PORT_DB_REPLICA; fi
  primary_process
  replica_process
  # Without the binary log: the two servers get their accounts alike, and the history begins with the first table.
  local user
  user="SET sql_log_bin = 0;
    CREATE USER IF NOT EXISTS auto_grader@'127.0.0.1' IDENTIFIED BY '$(secret database)' REQUIRE SSL;
    GRANT ALL ON \`auto\\_grader%\`.* TO auto_grader@'127.0.0.1';
    GRANT REPLICATION CLIENT, BINLOG MONITOR, SLAVE MONITOR ON *.* TO auto_grader@'127.0.0.1';
    CREATE USER IF NOT EXISTS replication@'127.0.0.1' IDENTIFIED BY '$(secret replication)' REQUIRE SSL;
    GRANT REPLICATION SLAVE ON *.* TO replication@'127.0.0.1';
    CREATE USER IF NOT EXISTS exporter@localhost IDENTIFIED BY '$(secret exporter)';
    GRANT PROCESS, REPLICATION CLIENT, SLAVE MONITOR, SELECT ON *.* TO exporter@localhost;"
  if [ -n "$fresh" ]; then
    DB_SOCKET=primary sql -e "$user"
    DB_SOCKET=replica sql -e "$user"
    DB_SOCKET=replica sql -e 'RESET MASTER; SET GLOBAL gtid_slave_pos = ""'
    DB_SOCKET=primary sql -e "RESET MASTER; CREATE DATABASE auto_grader CHARACTER SET utf8mb4"
  fi
  DB_SOCKET=$first sql -e 'STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = OFF' 2>/dev/null || true
  DB_SOCKET=$second replicates "$second" 2>/dev/null || follow "$second" "$first_port"
  point_database_at "$first_port"
  spawn database nginx -c "$STAGING_DIR/run/database.conf" -e "$LOGS/database.log"
  healthy database 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT_DB"
  healthy "$second" 30 replicates "$second"
}
database_url() {
  echo "mysql://auto_grader:$(secret database)@127.0.0.1:$1/auto_grader?ssl-mode=VERIFY_CA&ssl-ca=$STAGING_DIR/tls/ca.crt"
}
