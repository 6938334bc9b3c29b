# Our own processes: web1 and web2 serve, work1 grades. Source it.
# shellcheck shell=bash

# The settings all share, as NAME=value lines; secrets by file, as in production.
write_app_settings() {
  (
    umask 077
    database_url "$PORT_DB" >"$STAGING_DIR/secrets/database_url"
    database_url "$PORT_DB_REPLICA" >"$STAGING_DIR/secrets/database_replica_urls"
    redis_url >"$STAGING_DIR/secrets/redis_url"
    mail_url >"$STAGING_DIR/secrets/smtp_url"
    secret admin_password >/dev/null
    # The pair of keys for backups. In production the private half is kept elsewhere; here it proves and restores.
    local keys=$STAGING_DIR/secrets/backup_identity
    [ -s "$keys" ] || (cd "$STAGING_DIR" && env -i PATH="$PATH" HOME="$HOME" "$AUTO_GRADER_BIN" --data-dir "$STAGING_DIR/data/app" backup keygen --out "$keys") |
      sed -n 's/^BACKUP_RECIPIENT=//p' >"$STAGING_DIR/secrets/backup_recipient"
  )
  mkdir -p "$STAGING_DIR/data/app"
  cat >"$STAGING_DIR/app.env" <<END
TRUST_PROXY=true
SECURE_COOKIES=true
LOG_FORMAT=json
LOG_LEVEL=info
SESSION_STORE=redis
DATA_DIR=$STAGING_DIR/data/app
SITE_ROOT=$SITE
DATABASE_URL_FILE=$STAGING_DIR/secrets/database_url
DATABASE_REPLICA_URLS_FILE=$STAGING_DIR/secrets/database_replica_urls
DATABASE_CONNECTIONS=30
REDIS_URL_FILE=$STAGING_DIR/secrets/redis_url
STORAGE=s3
S3_ENDPOINT=http://127.0.0.1:$PORT_S3
S3_PUBLIC_ENDPOINT=https://$DOMAIN:$PORT_HTTPS
AWS_REGION=us-east-1
AWS_S3_BUCKET=auto-grader
AWS_ACCESS_KEY_ID_FILE=$STAGING_DIR/secrets/s3_access_key
AWS_SECRET_ACCESS_KEY_FILE=$STAGING_DIR/secrets/s3_secret_key
PUBLIC_URL=https://$DOMAIN:$PORT_HTTPS
SMTP_URL_FILE=$STAGING_DIR/secrets/smtp_url
MAIL_FROM=Auto-Grader <no-reply@$DOMAIN>
TLS_CERT_FILES=$STAGING_DIR/tls/site.crt
ADMIN_EMAIL=admin@$DOMAIN
ADMIN_PASSWORD_FILE=$STAGING_DIR/secrets/admin_password
SSL_CERT_FILE=$STAGING_DIR/tls/ca.crt
END
  [ ! -s "$STAGING_DIR/secrets/backup_recipient" ] || echo "BACKUP_RECIPIENT=$(cat "$STAGING_DIR/secrets/backup_recipient")" >>"$STAGING_DIR/app.env"
  [ ! -s "$STAGING_DIR/secrets/backup_identity" ] || echo "BACKUP_IDENTITY_FILE=$STAGING_DIR/secrets/backup_identity" >>"$STAGING_DIR/app.env"
}
# in_app COMMAND…: with the settings of the installation and nothing else from outside. The names of the site lead to this machine, for
# the command alone: /etc/hosts stays as it is.
in_app() {
  local settings names=() wrapper
  mapfile -t settings <"$STAGING_DIR/app.env"
  wrapper=$(compgen -G '/usr/lib/*/libnss_wrapper.so' | head -n 1) || true
  if [ -n "$wrapper" ]; then
    printf '127.0.0.1 localhost\n127.0.0.1 %s\n127.0.0.1 www.%s\n127.0.0.1 api.%s\n' "$DOMAIN" "$DOMAIN" "$DOMAIN" >"$STAGING_DIR/run/hosts"
    names=("LD_PRELOAD=$wrapper" "NSS_WRAPPER_HOSTS=$STAGING_DIR/run/hosts")
  fi
  env -i PATH="$PATH" HOME="$HOME" TERM="${TERM:-dumb}" "${names[@]}" "${settings[@]}" "$@"
}
ours() { in_app "${CURRENT_BIN:-$(current_program)}" "$@"; }

# The program that serves stands in versions/; `current` names it, so that a deployment can go back.
install_program() {
  local name
  name=$(sha256sum "$1" | cut -c1-12)
  mkdir -p "$STAGING_DIR/versions"
  [ -x "$STAGING_DIR/versions/$name" ] || { cp "$1" "$STAGING_DIR/versions/$name.part" && mv "$STAGING_DIR/versions/$name.part" "$STAGING_DIR/versions/$name"; }
  echo "$name"
}
current_program() { echo "$STAGING_DIR/versions/$(cat "$STAGING_DIR/versions/current")"; }

# web NUMBER PROGRAM
start_web() {
  local port=PORT_WEB$1 api=PORT_API$1
  running "web$1" || in_app_spawn "web$1" WORKER=false "ADDR=127.0.0.1:${!port}" "API_ADDR=127.0.0.1:${!api}" "${2:-$(current_program)}" serve
  healthy "web$1" 60 answers "http://127.0.0.1:${!port}/health/ready"
}
start_work() {
  local port=PORT_WORK$1
  running "work$1" || in_app_spawn "work$1" "API_ADDR=127.0.0.1:${!port}" "${2:-$(current_program)}" work
  healthy "work$1" 60 answers "http://127.0.0.1:${!port}/health/ready"
}
in_app_spawn() {
  local name=$1 settings
  shift
  mapfile -t settings <"$STAGING_DIR/app.env"
  spawn "$name" env -i PATH="$PATH" HOME="$HOME" "${settings[@]}" "$@"
}
start_app() {
  write_app_settings
  [ -s "$STAGING_DIR/versions/current" ] || install_program "$AUTO_GRADER_BIN" >"$STAGING_DIR/current.part"
  [ ! -s "$STAGING_DIR/current.part" ] || mv "$STAGING_DIR/current.part" "$STAGING_DIR/versions/current"
  ours migrate >>"$LOGS/migrate.log" 2>&1 || { tail "$LOGS/migrate.log" >&2; die "the database could not be migrated"; }
  start_web 1
  start_web 2
  start_work 1
}
