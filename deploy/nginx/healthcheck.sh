#!/bin/bash
# Asks the nginx in this container; bash speaks enough HTTP.
set -eu
exec 3<>/dev/tcp/127.0.0.1/8081
printf 'GET /nginx-health HTTP/1.0\r\n\r\n' >&3
read -r -t 4 _ status _ <&3
[ "$status" = 204 ]
