#!/bin/bash
# Asks the process in this container whether it can serve. No curl in the image: bash speaks enough HTTP.
set -eu
exec 3<>"/dev/tcp/127.0.0.1/${HEALTH_PORT:-3000}"
printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "${HEALTH_PATH:-/health/ready}" >&3
read -r -t 4 _ status _ <&3
[ "$status" = 200 ]
