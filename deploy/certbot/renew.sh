#!/bin/sh
# usage: renew.sh [--dry-run]
# Renews what ends within 30 days; called twice a day by auto-grader-certbot.timer.
set -eu
exec "${CERTBOT:-certbot}" renew --non-interactive --config-dir "${LETSENCRYPT:-/etc/letsencrypt}" --work-dir "${CERTBOT_WORK:-/tmp/certbot}" \
  --logs-dir "${CERTBOT_LOGS:-/tmp/certbot-logs}" "$@"
