#!/usr/bin/env bash
# Plays an instance: the scripts of its user data run unchanged, against programs of a machine that are replaced here.
#
#   host.sh start ID DIRECTORY
#
# aws.py starts it. From the environment: API (of aws.py), ROLE (credentials of the role as JSON, written before the first
# instance starts), WS and REST (of the simulator), BOOT_SECONDS.
set -euo pipefail

[ "$1" = start ] || exit 64
id="$2" root="$3"
python3 - "$root/user-data" "$root" <<'PYTHON'
import pathlib, sys, yaml
for file in yaml.safe_load(open(sys.argv[1]))["write_files"]:
    path = pathlib.Path(sys.argv[2] + file["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(file["content"])
    path.chmod(int(file["permissions"], 8))
PYTHON

# ---- The programs of the machine ---------------------------------------------------------------------------------------
mkdir -p "$root/programs" "$root/spool"
program() { cat >"$root/programs/$1"; chmod 755 "$root/programs/$1"; }
# Like rpm it keeps settings that are there.
# shellcheck disable=SC2016 # of the program
printf '#!/bin/sh\nfor file; do case "$file" in *.rpm) exec tar -C "%s" --skip-old-files -xf "$file" ;; esac; done\n' "$root" | program dnf
for name in chown install; do printf '#!/bin/sh\nexit 0\n' | program "$name"; done
# No class archive: it would take some seconds of a processor for each instance.
printf '#!/bin/sh\nexit 1\n' | program timeout
# shellcheck disable=SC2016 # of the program
printf '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n' | program runuser
printf '#!/bin/sh\ncurl -fsS -X POST "%s/test/shutdown/%s" >/dev/null\n' "$API" "$id" | program shutdown
# Each on its own port, as each machine has an address of its own.
port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
cat <<PROGRAM | program collector-java
#!/usr/bin/env bash
mapfile -t settings < <(grep -v '^#' "$root/etc/market-collector/collector.env")
exec env "\${settings[@]}" LOCAL_DIR="$root/spool" HTTP_PORT=$port WS_URL="$WS" REST_URL="$REST" \
  java "@$root/etc/market-collector/jvm.options" -jar "$root/usr/share/market-collector/collector.jar" "\$@"
PROGRAM
printf '#!/bin/sh\nexec "%s/programs/collector-java" "$@"\n' "$root" | program market-collector
# As for a unit of Type=notify: a start has failed if the process ends before it is ready.
cat <<PROGRAM | program systemctl
#!/usr/bin/env bash
case "\$1" in
  enable)
    "$root/programs/collector-java" >"$root/collector.log" 2>&1 &
    pid=\$!
    echo "\$pid" >"$root/pid"
    until curl -fsS --max-time 2 "http://127.0.0.1:$port/health/live" >/dev/null 2>&1; do
      kill -0 "\$pid" 2>/dev/null || { tail -5 "$root/collector.log"; echo "Job for market-collector.service failed"; exit 1; }
      sleep 0.2
    done
    "$root/opt/market-collector/lifecycle.sh" drain &
    ;;
  stop)
    # What the exchange had issued a second before the end must be stored in the end: for life.sh.
    . <(grep -E '^(RAW_BUCKET|SYMBOL)=' "$root/etc/market-collector/collector.env")
    last="\$(curl -fsS "$REST/api/v3/trades?symbol=\$SYMBOL&limit=1" | jq '.[0].id')"
    echo "\$RAW_BUCKET \$SYMBOL \$last" >"$root.issued"
    sleep 1
    pid="\$(cat "$root/pid")"
    kill "\$pid" 2>/dev/null || true
    for _ in \$(seq 600); do kill -0 "\$pid" 2>/dev/null || exit 0; sleep 0.1; done
    kill -9 "\$pid"
    ;;
esac
PROGRAM

export PATH="$root/programs:$PATH" MARKET_COLLECTOR_ROOT="$root" IMDS="$API/imds/$id" RECORDING_WITHIN="${BOOT_SECONDS:-180}s"
AWS_ACCESS_KEY_ID="$(jq -r .AccessKeyId "$ROLE")" AWS_SECRET_ACCESS_KEY="$(jq -r .SecretAccessKey "$ROLE")" AWS_SESSION_TOKEN="$(jq -r .SessionToken "$ROLE")"
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
"$root/opt/market-collector/bootstrap.sh"
# The processes of the instance belong to this group of processes.
wait
sleep infinity
