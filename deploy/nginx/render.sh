#!/usr/bin/env bash
# usage: render.sh FOLDER
# Writes the finished nginx configuration to FOLDER. What may be set, in the environment:
#   DOMAIN (required)  TLS_CERT TLS_KEY (required)  SITE (folder of the built site)  RUN (pid, temporary files, the flag `maintenance`)
#   APP_SERVERS, API_SERVERS, STORAGE_SERVERS: "host:port host:port"   BUCKET   UPLOAD_MB
#   HTTP_LISTEN=80 HTTPS_LISTEN=443 HTTPS_SUFFIX="" STATUS_LISTEN=127.0.0.1:8081 STATUS_ALLOW="allow 127.0.0.1; deny all;"
#   LOG_DIR (or "-" for standard output)  RUN_AS (user of the workers)  ACME (folder of certbot's challenges)
#   SHUTDOWN_SECONDS=30 (how long a worker that a reload replaces may finish what it has)
#   ALLOW_TLS12=1 for old devices   TLS_CHAIN and RESOLVER: with both, OCSP answers are stapled
set -euo pipefail
cd "$(dirname "$0")"
out=${1:?usage: render.sh FOLDER}
: "${DOMAIN:?}" "${TLS_CERT:?}" "${TLS_KEY:?}"
mkdir -p "$out/pages" "$out/upstream"
out=$(cd "$out" && pwd)
RUN=${RUN:-/run/auto-grader-nginx}
LOG_DIR=${LOG_DIR:-/var/log/auto-grader}
UPLOAD_MB=${UPLOAD_MB:-60}
if [ "$LOG_DIR" = - ]; then
  access=/dev/stdout error=/dev/stderr
else
  access=$LOG_DIR/nginx-access.log error=$LOG_DIR/nginx-error.log
fi
# Debian builds Brotli as a module; where it is missing, gzip's variants are sent.
modules='' brotli=''
for module in /usr/lib/nginx/modules /etc/nginx/modules; do
  [ -f "$module/ngx_http_brotli_static_module.so" ] || continue
  modules="load_module $module/ngx_http_brotli_static_module.so;" brotli='brotli_static on;'
  break
done
stapling=''
[ -z "${TLS_CHAIN:-}" ] || [ -z "${RESOLVER:-}" ] ||
  stapling="ssl_stapling on; ssl_stapling_verify on; ssl_trusted_certificate $TLS_CHAIN; resolver $RESOLVER valid=300s;"
style_hash="sha256-$(openssl dgst -sha256 -binary pages/style.css | base64)"

fill() {
  local text
  text=$(cat "$1")
  set -- USER "${RUN_AS:+user $RUN_AS;}" RUN "$RUN" CONF "$out" MODULES "$modules" BROTLI "$brotli" STAPLING "$stapling" \
    ACCESS_LOG "$access" ERROR_LOG "$error" DOMAIN "$DOMAIN" TLS_CERT "$TLS_CERT" TLS_KEY "$TLS_KEY" SITE "${SITE:-/opt/auto-grader/site}" \
    HTTP_LISTEN "${HTTP_LISTEN:-80}" HTTPS_LISTEN "${HTTPS_LISTEN:-443}" HTTPS_SUFFIX "${HTTPS_SUFFIX:-}" ACME "${ACME:-/var/www/acme}" \
    STATUS_LISTEN "${STATUS_LISTEN:-127.0.0.1:8081}" STATUS_ALLOW "${STATUS_ALLOW:-allow 127.0.0.1; deny all;}" \
    BUCKET "${BUCKET:-auto-grader}" UPLOAD_MB "$UPLOAD_MB" SHUTDOWN_SECONDS "${SHUTDOWN_SECONDS:-30}" STYLE_HASH "$style_hash"
  while [ $# -gt 0 ]; do
    text=${text//"@$1@"/"$2"}
    shift 2
  done
  printf '%s\n' "$text"
}
for file in nginx log limits tls headers proxy site errors page-headers; do fill "$file.conf" >"$out/$file.conf"; done
if [ "${ALLOW_TLS12:-}" = 1 ]; then cp tls12.conf "$out/tls-versions.conf"; else cp tls13.conf "$out/tls-versions.conf"; fi

for text in pages/*.txt; do
  name=$(basename "$text" .txt)
  {
    printf '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    printf '<title>%s</title>\n<style>%s\n</style>\n</head>\n<body>\n<main>\n<p class="brand">Auto-Grader</p>\n' "$(head -n 1 "$text")" "$(cat pages/style.css)"
    printf '<h1>%s</h1>\n' "$(head -n 1 "$text")"
    tail -n +2 <(fill "$text") | sed 's|.*|<p>&</p>|'
    printf '<p><a href="/">Go to the start page</a></p>\n</main>\n</body>\n</html>\n'
  } >"$out/pages/$name.html"
done

# upstream NAME SERVERS: a list that a deployment has changed already stays.
upstream() {
  local server
  [ ! -s "$out/upstream/$1.conf" ] || return 0
  for server in $2; do echo "server $server max_fails=3 fail_timeout=5s;"; done >"$out/upstream/$1.conf"
}
upstream app "${APP_SERVERS:-127.0.0.1:3000}"
upstream api "${API_SERVERS:-127.0.0.1:5000}"
upstream storage "${STORAGE_SERVERS:-127.0.0.1:8333}"
