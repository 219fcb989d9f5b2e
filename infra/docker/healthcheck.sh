#!/usr/bin/env bash
# Checks /health/live of the collector in this container: 0 alive, 1 not. Only bash, because the image has no curl.
# /health/live and not /health: killing the container does not help when the bucket is down.
# HTTP_PORT=0 serves no pages; then switch this check off (docker run --no-healthcheck).
host="${HTTP_HOST:-127.0.0.1}"
exec 3<>"/dev/tcp/$host/${HTTP_PORT:-8080}" || exit 1
printf 'GET /health/live HTTP/1.0\r\nHost: %s\r\n\r\n' "$host" >&3
read -r -t 4 _ status _ <&3 && [ "$status" = 200 ] || exit 1
