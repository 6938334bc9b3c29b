#!/usr/bin/env bash
# Makes the secrets that docker-compose.prod.yml mounts: random, once, readable by the containers alone.
# What exists is kept. Keep a copy of the folder somewhere safe.
set -euo pipefail
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
random() { head -c 32 /dev/urandom | base64 | tr -dc 'a-zA-Z0-9' | head -c 32; }
# The name, then the content; a file that is there wins.
keep() { [ -s "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"; }

for name in mysql_root_password mysql_password mysql_replication_password mysql_exporter_password redis_password s3_access_key s3_secret_key \
  grafana_admin_password elastic_password kibana_password admin_password; do
  keep "$name" "$(random)"
done
from() { cat "secrets/$1"; }
keep database_url "mysql://auto_grader:$(from mysql_password)@mysql:3306/auto_grader?ssl-mode=REQUIRED"
keep database_replica_urls "mysql://auto_grader:$(from mysql_password)@mysql-replica:3306/auto_grader?ssl-mode=REQUIRED"
keep redis_url "redis-cluster://default:$(from redis_password)@redis-1:6379?node=redis-2:6379&node=redis-3:6379"
keep redis_exporter.json "$(printf '{"redis://redis-1:6379":"%s","redis://redis-2:6379":"%s","redis://redis-3:6379":"%s"}' "$(from redis_password)" "$(from redis_password)" "$(from redis_password)")"
for server in '' _replica; do
  keep "mysql${server}_exporter.cnf" "$(printf '[client]\nuser=exporter\npassword=%s\nhost=mysql%s\nport=3306\ntls=skip-verify\n' "$(from mysql_exporter_password)" "${server/_/-}")"
done
# Mail goes nowhere until this names the institution's server: smtps://user:password@mail.example.org
keep smtp_url "smtps://user:password@mail.example.org"

# The lists of processes that nginx is given; scripts/deploy.sh changes them.
mkdir -p run/upstream
list() { [ -s "run/upstream/$1.conf" ] || printf '%b' "$2" >"run/upstream/$1.conf"; }
list app 'server app-a:3000 max_fails=3 fail_timeout=5s;\nserver app-b:3000 max_fails=3 fail_timeout=5s;\n'
list api 'server app-a:5000 max_fails=3 fail_timeout=5s;\nserver app-b:5000 max_fails=3 fail_timeout=5s;\n'
list storage 'server storage:8333 max_fails=3 fail_timeout=5s;\n'
chmod -R a+rX run
# The containers run as other users than the one who made these, so the files are readable; the folder is closed.
chmod 644 secrets/*
chmod 700 secrets
echo "Secrets are in deploy/secrets. Write your mail server into smtp_url there; the first administrator's password is in admin_password."
