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

keep mysql_root_password "$(random)"
keep mysql_password "$(random)"
keep redis_password "$(random)"
keep s3_access_key "$(random)"
keep s3_secret_key "$(random)"
keep database_url "mysql://auto_grader:$(cat secrets/mysql_password)@mysql:3306/auto_grader"
keep redis_url "redis://default:$(cat secrets/redis_password)@redis:6379"
keep redis.conf "$(printf 'requirepass %s\nappendonly yes\nappendfsync everysec\nmaxmemory 512mb\nmaxmemory-policy volatile-lru\n' "$(cat secrets/redis_password)")"
keep s3.json "$(printf '{"identities":[{"name":"auto-grader","credentials":[{"accessKey":"%s","secretKey":"%s"}],"actions":["Admin","Read","Write","List","Tagging"]}]}' "$(cat secrets/s3_access_key)" "$(cat secrets/s3_secret_key)")"
# The containers run as other users than the one who made these, so the files are readable; the folder is closed.
chmod 644 secrets/*
chmod 700 secrets
echo "Secrets are in deploy/secrets. Put the certificate there too: tls.crt (full chain) and tls.key."
