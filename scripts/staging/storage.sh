# The object store: our own S3 service as a process of its own. Source it.
# shellcheck shell=bash

storage_answers() { curl -s -o /dev/null --max-time 2 "http://127.0.0.1:$1/"; }
# The program that serves, where one is installed already: a new build does not change a running installation.
storage_program() { if [ -s "$STAGING_DIR/versions/current" ]; then current_program; else echo "$AUTO_GRADER_BIN"; fi; }
# start_storage [PORT]
start_storage() {
  mkdir -p "$STAGING_DIR/data/s3"
  secret s3_access_key >/dev/null
  secret s3_secret_key >/dev/null
  spawn storage env -i PATH="$PATH" HOME="$HOME" AWS_ACCESS_KEY_ID="$(secret s3_access_key)" \
    AWS_SECRET_ACCESS_KEY_FILE="$STAGING_DIR/secrets/s3_secret_key" AWS_S3_BUCKET=auto-grader DATA_DIR="$STAGING_DIR/data/storage" LOG_FORMAT=json \
    "$(storage_program)" storage serve --dir "$STAGING_DIR/data/s3" --addr "127.0.0.1:${1:-$PORT_S3}"
  healthy storage 20 storage_answers "${1:-$PORT_S3}"
}
