#!/usr/bin/env bash
# The whole production shape on this machine, from Debian's packages, as ordinary processes on loopback: see docs/deployment.md.
# Run again, it starts what is missing. STAGING_DIR says where, AUTO_GRADER_BIN what.
set -euo pipefail
# shellcheck source=scripts/staging/services.sh
. "$(dirname "$0")/services.sh"
[ -x "$AUTO_GRADER_BIN" ] || die "$AUTO_GRADER_BIN is missing: run 'make build' first, or set AUTO_GRADER_BIN"
lock_staging
prepare_folder
for part in tls mariadb redis storage mail app nginx monitoring; do
  say "staging: $part"
  "start_$part"
done
site -f -o /dev/null "$BASE_URL/health/ready" || die "the site does not answer through Nginx"
{
  echo "BASE_URL=$BASE_URL"
  echo "CA=$CA"
  echo "API_URL=https://api.$DOMAIN:$PORT_HTTPS"
  echo "ADMIN_EMAIL=admin@$DOMAIN"
  echo "PROMETHEUS_URL=http://127.0.0.1:$PORT_PROMETHEUS"
  echo "ALERTMANAGER_URL=http://127.0.0.1:$PORT_ALERTMANAGER"
} >"$STAGING_DIR/staging.env"
say "staging: up. $BASE_URL ($DOMAIN is 127.0.0.1; trust $CA); sign in as admin@$DOMAIN with the password in $STAGING_DIR/secrets/admin_password"
