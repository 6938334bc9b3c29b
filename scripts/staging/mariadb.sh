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
# Which of the two takes writes, and which follows; after a failover they have changed places.
leader() { if [ -s "$STAGING_DIR/run/promoted" ]; then cat "$STAGING_DIR/run/promoted"; else echo primary; fi; }
follower() { if [ "$(leader)" = primary ]; then echo replica; else echo primary; fi; }
db_port() { if [ "$1" = primary ]; then echo "$PORT_DB_PRIMARY"; else echo "$PORT_DB_REPLICA"; fi; }
# start_database primary|replica. One that follows throws away, when it comes back after a crash, what it had not acknowledged to anybody.
start_database() {
  local id=1 role=()
  [ "$1" = primary ] || id=2
  if [ "$1" != "$(leader)" ]; then role=(--read-only=ON --init-rpl-role=SLAVE); fi
  mariadb_server "$1" "$(db_port "$1")" "$id" "${role[@]}"
}

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
SET GLOBAL gtid_slave_pos = IF(@@GLOBAL.gtid_binlog_pos = '', @@GLOBAL.gtid_slave_pos, @@GLOBAL.gtid_binlog_pos);
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

# The accounts of the server NAME, without the binary log: both get them alike, and the history begins with the first table.
accounts() {
  DB_SOCKET=$1 sql <<END
SET sql_log_bin = 0;
CREATE USER IF NOT EXISTS auto_grader@'127.0.0.1' IDENTIFIED BY '$(secret database)' REQUIRE SSL;
GRANT ALL ON \`auto\\_grader%\`.* TO auto_grader@'127.0.0.1';
GRANT REPLICATION CLIENT, BINLOG MONITOR, SLAVE MONITOR ON *.* TO auto_grader@'127.0.0.1';
CREATE USER IF NOT EXISTS replication@'127.0.0.1' IDENTIFIED BY '$(secret replication)' REQUIRE SSL;
GRANT REPLICATION SLAVE ON *.* TO replication@'127.0.0.1';
CREATE USER IF NOT EXISTS exporter@localhost IDENTIFIED BY '$(secret exporter)';
GRANT PROCESS, REPLICATION CLIENT, SLAVE MONITOR, SELECT ON *.* TO exporter@localhost;
END
}
start_mariadb() {
  local fresh='' first second
  [ -d "$STAGING_DIR/data/replica/mysql" ] || fresh=yes
  first=$(leader) second=$(follower)
  start_database "$first"
  start_database "$second"
  if [ -n "$fresh" ]; then
    accounts primary
    accounts replica
    DB_SOCKET=replica sql -e 'RESET MASTER; SET GLOBAL gtid_slave_pos = ""'
    DB_SOCKET=primary sql -e "RESET MASTER; CREATE DATABASE auto_grader CHARACTER SET utf8mb4"
  fi
  DB_SOCKET=$first sql -e 'STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = OFF' 2>/dev/null || true
  replicates "$second" 2>/dev/null || follow "$second" "$(db_port "$first")"
  point_database_at "$(db_port "$first")"
  spawn database nginx -c "$STAGING_DIR/run/database.conf" -e "$LOGS/database.log"
  healthy database 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$PORT_DB"
  healthy "$second" 30 replicates "$second"
}

# ---- failover ----------------------------------------------------------------------------------------------------
# What the server NAME received is applied.
caught_up() {
  local state
  state=$(DB_SOCKET=$1 sql -N -e "SELECT @@GLOBAL.gtid_slave_pos"; DB_SOCKET=$1 sql -e 'SHOW SLAVE STATUS\G' | sed -n 's/.*Gtid_IO_Pos: //p')
  [ "$(head -n 1 <<<"$state")" = "$(tail -n 1 <<<"$state")" ]
}
# The server NAME has everything that the leader wrote.
has_all() { [ "$(DB_SOCKET=$1 sql -N -e 'SELECT @@GLOBAL.gtid_slave_pos')" = "$(DB_SOCKET=$(leader) sql -N -e 'SELECT @@GLOBAL.gtid_binlog_pos')" ]; }
# The follower takes over: first it applies what it has received. Programs keep their address.
promote() {
  local new
  new=$(follower)
  DB_SOCKET=$new sql -e 'STOP SLAVE IO_THREAD'
  healthy "$new" 30 caught_up "$new"
  DB_SOCKET=$new sql -e 'STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = OFF'
  if [ "$new" = primary ]; then rm -f "$STAGING_DIR/run/promoted"; else echo "$new" >"$STAGING_DIR/run/promoted"; fi
  point_database_at "$(db_port "$new")"
}
# The server that was the leader comes back as follower. What it wrote and nobody was told of may stand in its way: then it is made anew.
rejoin() {
  local name tries=100
  name=$(follower)
  start_database "$name"
  follow "$name" "$(db_port "$(leader)")"
  until replicates "$name" 2>/dev/null; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ] || DB_SOCKET=$name sql -e 'SHOW SLAVE STATUS\G' | grep -q 'Last_IO_Errno: 1236\|Last_SQL_Errno: [1-9]'; then
      say "staging: $name has another history; it is made anew from the $(leader)"
      rebuild "$name"
      return
    fi
    sleep 0.1
  done
}
rebuild() {
  halt "$1"
  rm -rf "${STAGING_DIR:?}/data/$1"
  start_database "$1"
  accounts "$1"
  DB_SOCKET=$1 sql -e 'RESET MASTER'
  {
    echo 'SET sql_log_bin = 0;'
    mariadb-dump --no-defaults --socket="$STAGING_DIR/run/$(leader).sock" -u root --single-transaction --gtid --master-data=1 --databases auto_grader
  } | DB_SOCKET=$1 sql
  follow "$1" "$(db_port "$(leader)")"
  healthy "$1" 60 replicates "$1"
}
# Planned: writes stop, the follower has everything, then it takes over.
switch_leader() {
  local old new
  old=$(leader) new=$(follower)
  DB_SOCKET=$old sql -e 'SET GLOBAL read_only = ON'
  healthy "$new" 30 has_all "$new"
  promote
  follow "$old" "$(db_port "$new")"
  healthy "$old" 30 replicates "$old"
}

# A server of its own for restores, with nothing in it and no history.
start_scratch() {
  mariadb_server scratch "$PORT_DB_SCRATCH" 3 --skip-log-bin --skip-log-slave-updates --gtid-strict-mode=OFF --rpl-semi-sync-master-enabled=OFF
  accounts scratch
  # Replaying a binary log is more than the application may do.
  DB_SOCKET=scratch sql -e "CREATE USER IF NOT EXISTS restore@'127.0.0.1' IDENTIFIED BY '$(secret restore)' REQUIRE SSL;
    GRANT ALL ON \`auto\_grader%\`.* TO restore@'127.0.0.1'; GRANT BINLOG REPLAY, BINLOG ADMIN ON *.* TO restore@'127.0.0.1'"
}
database_url() {
  echo "mysql://auto_grader:$(secret database)@127.0.0.1:$1/auto_grader?ssl-mode=VERIFY_CA&ssl-ca=$STAGING_DIR/tls/ca.crt"
}
