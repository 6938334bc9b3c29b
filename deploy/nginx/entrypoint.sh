#!/usr/bin/env bash
# In the container: writes the configuration, waits for nobody. Until there is a certificate it serves one of its own making, so that
# certbot can prove the name over plain HTTP; when the real one comes or is renewed, it is taken up within a minute.
set -euo pipefail
: "${DOMAIN:?set DOMAIN to the public host name}"
export RUN=/tmp/nginx LOG_DIR=${LOG_DIR:-/var/log/auto-grader} HTTP_LISTEN=8080 HTTPS_LISTEN=8443 STATUS_LISTEN=8081
export STATUS_ALLOW='allow 127.0.0.1; allow 172.16.0.0/12; allow 10.0.0.0/8; allow 192.168.0.0/16; deny all;'
mkdir -p "$RUN" /tmp/own
live=/etc/letsencrypt/live/$DOMAIN
choose() {
  if [ -s "$live/fullchain.pem" ] && [ -s "$live/privkey.pem" ]; then
    export TLS_CERT=$live/fullchain.pem TLS_KEY=$live/privkey.pem TLS_CHAIN=$live/chain.pem
  else
    [ -s /tmp/own/crt ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7 -keyout /tmp/own/key -out /tmp/own/crt -subj "/CN=$DOMAIN" \
      -addext "subjectAltName=DNS:$DOMAIN,DNS:www.$DOMAIN,DNS:api.$DOMAIN" 2>/dev/null
    export TLS_CERT=/tmp/own/crt TLS_KEY=/tmp/own/key TLS_CHAIN=
  fi
  /opt/nginx/render.sh /etc/auto-grader
}
choose
nginx -t -q -c /etc/auto-grader/nginx.conf
(
  state() { stat -L -c '%i %Y' "$live/fullchain.pem" 2>/dev/null || echo none; }
  last=$(state)
  while sleep 60; do
    now=$(state)
    [ "$now" != "$last" ] || continue
    last=$now
    choose
    nginx -t -q -c /etc/auto-grader/nginx.conf && nginx -c /etc/auto-grader/nginx.conf -s reload
  done
) &
exec nginx -c /etc/auto-grader/nginx.conf -g 'daemon off;'
