#!/bin/bash
# Accounts for replication and monitoring on the primary, and the replica follows it. Run once by docker-compose.prod.yml; safe again.
set -euo pipefail
MYSQL_PWD=$(cat /run/secrets/mysql_root_password)
export MYSQL_PWD
on() { mysql -h "$1" -u root --ssl-mode=REQUIRED -e "$2"; }
on mysql "CREATE USER IF NOT EXISTS replication@'%' IDENTIFIED BY '$(cat /run/secrets/mysql_replication_password)' REQUIRE SSL;
  GRANT REPLICATION SLAVE ON *.* TO replication@'%';
  CREATE USER IF NOT EXISTS exporter@'%' IDENTIFIED BY '$(cat /run/secrets/mysql_exporter_password)' REQUIRE SSL WITH MAX_USER_CONNECTIONS 5;
  GRANT PROCESS, REPLICATION CLIENT, SELECT ON *.* TO exporter@'%';
  GRANT REPLICATION CLIENT ON *.* TO auto_grader@'%';
  GRANT ALL ON \`auto\\_grader\\_%\`.* TO auto_grader@'%';"
if on mysql-replica 'SHOW REPLICA STATUS\G' | grep -q 'Replica_IO_Running: Yes'; then exit 0; fi
# A fresh replica made accounts of its own at its start: the primary's history, which has the same ones, takes their place.
on mysql-replica "STOP REPLICA; SET GLOBAL super_read_only = OFF; RESET BINARY LOGS AND GTIDS; DROP DATABASE IF EXISTS auto_grader;
  DROP USER IF EXISTS auto_grader@'%';
  RESET BINARY LOGS AND GTIDS;
  CHANGE REPLICATION SOURCE TO SOURCE_HOST='mysql', SOURCE_USER='replication', SOURCE_PASSWORD='$(cat /run/secrets/mysql_replication_password)',
    SOURCE_AUTO_POSITION=1, SOURCE_SSL=1, SOURCE_CONNECT_RETRY=5;
  SET GLOBAL super_read_only = ON; START REPLICA;"
