# Nginx with TLS in front, from deploy/nginx. Source it.
# shellcheck shell=bash

render_nginx() {
  mkdir -p "$STAGING_DIR/run/nginx"
  env RUN="$STAGING_DIR/run/nginx" LOG_DIR="$LOGS" SITE="$SITE" TLS_CERT="$STAGING_DIR/tls/site.crt" TLS_KEY="$STAGING_DIR/tls/site.key" \
    HTTP_LISTEN="127.0.0.1:$PORT_HTTP" HTTPS_LISTEN="127.0.0.1:$PORT_HTTPS" HTTPS_SUFFIX=":$PORT_HTTPS" STATUS_LISTEN="127.0.0.1:$PORT_NGINX_STATUS" \
    APP_SERVERS="127.0.0.1:$PORT_WEB1 127.0.0.1:$PORT_WEB2" API_SERVERS="127.0.0.1:$PORT_API1 127.0.0.1:$PORT_API2" \
    STORAGE_SERVERS="127.0.0.1:$PORT_S3" RUN_AS="$([ "$(id -u)" != 0 ] || id -un)" ACME="$STAGING_DIR/run/acme" \
    "$@" "$ROOT/deploy/nginx/render.sh" "$STAGING_DIR/nginx"
}
start_nginx() {
  render_nginx env
  nginx -t -q -c "$STAGING_DIR/nginx/nginx.conf" -e "$LOGS/nginx-error.log" || die "nginx does not take its configuration"
  spawn nginx nginx -c "$STAGING_DIR/nginx/nginx.conf" -e "$LOGS/nginx-error.log" -g 'daemon off;'
  healthy nginx 10 answers "http://127.0.0.1:$PORT_NGINX_STATUS/nginx-health"
}
reload_nginx() {
  nginx -t -q -c "$STAGING_DIR/nginx/nginx.conf" -e "$LOGS/nginx-error.log" || return 1
  kill -HUP "$(cat "$STAGING_DIR/pids/nginx")"
}
