#!/usr/bin/env bash
# Asks the recorder in this container whether it lives: 0 yes, 1 no. In bash alone, because the image has no curl.
# /health/live and not /health: a container that is killed because the bucket is down helps nobody.
# HTTP_PORT=0 serves no pages; then switch this off too (docker run --no-healthcheck).
exec 3<>"/dev/tcp/127.0.0.1/${HTTP_PORT:-8080}" || exit 1
printf 'GET /health/live HTTP/1.0\r\n\r\n' >&3
read -r -t 4 _ status _ <&3 && [ "$status" = 200 ] || exit 1
