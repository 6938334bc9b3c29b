#!/bin/sh
# usage: DOMAIN=… CERTBOT_EMAIL=… issue.sh [--dry-run]
# One certificate for the bare name, www. and api., proven over plain HTTP through nginx. Asks only when there is none or it ends soon.
set -eu
: "${DOMAIN:?}" "${CERTBOT_EMAIL:?}"
here=$(cd "$(dirname "$0")" && pwd)
exec "${CERTBOT:-certbot}" certonly --webroot --webroot-path "${ACME:-/var/www/acme}" --non-interactive --agree-tos --email "$CERTBOT_EMAIL" \
  --keep-until-expiring --expand --cert-name "$DOMAIN" -d "$DOMAIN" -d "www.$DOMAIN" -d "api.$DOMAIN" --key-type ecdsa \
  --config-dir "${LETSENCRYPT:-/etc/letsencrypt}" --work-dir "${CERTBOT_WORK:-/tmp/certbot}" --logs-dir "${CERTBOT_LOGS:-/tmp/certbot-logs}" \
  --deploy-hook "$here/renewed.sh" "$@"
