#!/bin/sh
# In the container: asks for the certificate until there is one, then renews it twice a day.
set -u
while :; do
  touch /tmp/alive
  if ACME=/var/www/acme sh /opt/certbot/issue.sh; then sleep 43200; else sleep 600; fi
done
