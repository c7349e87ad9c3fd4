#!/usr/bin/env bash
# How fast an endpoint answers, with each service as a release process of its own on this machine:
# requests per second, median and 99th percentile at 32 connections (wrk), and resident memory.
#
#   cargo build --release --bins && bench/first-call.sh [seconds per case, default 10]
#
# Needs wrk, curl and nats-server (on the PATH or under .earshot/bin). Everything listens on loopback.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-10}
bin=${CARGO_TARGET_DIR:-target}/release
export PATH="$PWD/.earshot/bin:$PATH"
work=$(mktemp -d)
pids=()
stop() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT

start() { # name, then the command
    local name=$1
    shift
    "$@" >"$work/$name.out" 2>"$work/$name.log" &
    pids+=($!)
    eval "pid_${name//-/_}=$!"
}
# The address that a service announced for one of its ports.
address() {
    local found
    for _ in $(seq 200); do
        found=$(grep "\"port_name\":\"$2\"" "$work/$1.log" 2>/dev/null | grep -o '127\.0\.0\.1:[0-9]*' | head -n 1) || true
        [ -n "$found" ] && break
        sleep 0.05
    done
    echo "$found"
}

export EARSHOT_NATS_LISTEN=127.0.0.1:42220 EARSHOT_NATS_STORE="$work/nats"
start nats-server nats-server --config deploy/nats-server.conf --log "$work/nats.log"
export EARSHOT_NATS__URL=nats://$EARSHOT_NATS_LISTEN EARSHOT_OPS__ADDRESS=127.0.0.1:0 EARSHOT_OPS__LOG=warn,ops=info
export EARSHOT_REGISTRY__DATABASE_URL="sqlite://$work/registry.db" EARSHOT_AUTH__PRIVATE_KEY_FILE="$work/auth.key"
export EARSHOT_GATEWAY__LISTENER=127.0.0.1:0 EARSHOT_GATEWAY__CONTROL=127.0.0.1:0
for service in registry-svc auth-svc workflow-runner gateway; do start "$service" "$bin/$service"; done
for service in registry-svc auth-svc workflow-runner gateway; do
    ops=$(address "$service" ops)
    for _ in $(seq 200); do
        curl -fs "http://$ops/readyz" >/dev/null && break
        sleep 0.05
    done
done
token=""
until [ -n "$token" ]; do token=$(sed -n 's/^admin token: //p' "$work/auth-svc.out"); done
export EARSHOT_URL="http://$(address gateway control)" EARSHOT_TOKEN=$token

endpoint() { # name, run mode, more listener settings; prints the URL
    "$bin/earshot" apply -f - --publish -o json 2>/dev/null <<EOF | grep -o '"url": "[^"]*"' | head -n 1 | cut -d'"' -f4
apiVersion: earshot/v1
kind: Workflow
metadata: {name: $1}
spec:
  record_type: virtual
  source: listener
  run_mode: $2
  listener:
    return_type: data
    return_data: '{"name": "{{ __data.name }}", "items": {{ __data.items }}, "total": {{ __data.total }}}'
    $3
EOF
}
measure() { # label, url, header
    cat >"$work/request.lua" <<EOF
wrk.method = "POST"
wrk.body = '{"name": "Ada Lovelace", "items": ["engine", "numbers"], "total": 59.9, "note": "$(printf 'x%.0s' $(seq 100))"}'
wrk.headers["Content-Type"] = "application/json"
$3
EOF
    wrk -t1 -c32 -d2s -s "$work/request.lua" "$2" >/dev/null
    wrk -t1 -c32 -d"${seconds}s" --latency -s "$work/request.lua" "$2" >"$work/wrk.out"
    printf '| %s | %s | %s | %s | %s |\n' "$1" \
        "$(awk '/Requests\/sec/ {print $2}' "$work/wrk.out")" \
        "$(awk '$1 == "50%" {print $2}' "$work/wrk.out")" \
        "$(awk '$1 == "99%" {print $2}' "$work/wrk.out")" \
        "$(awk '/Non-2xx/ {print $NF}' "$work/wrk.out" | grep . || echo 0)"
}
memory() { awk '/VmRSS/ {printf "%.1f MiB", $2 / 1024}' "/proc/$1/status"; }
memories() {
    for service in nats-server registry-svc auth-svc workflow-runner gateway; do
        name="pid_${service//-/_}"
        echo "| $service | $1 | $(memory "${!name}") |"
    done
}

plain=$(endpoint bench-plain sync "")
signed=$(endpoint bench-jwt sync "add_authentication: true")
async=$(endpoint bench-async async "")
jwt=$("$bin/earshot" endpoints token bench-jwt --seconds 3600)
echo "| process | when | resident |"
echo "| --- | --- | --- |"
memories idle
echo
echo "| case, 32 connections | requests/s | p50 | p99 | errors |"
echo "| --- | --- | --- | --- | --- |"
measure "sync JSON data" "$plain" ""
measure "the same with JWT" "$signed" "wrk.headers[\"Authorization\"] = \"Bearer $jwt\""
measure "async JSON data, stored before the reply" "$async" ""
echo
echo "| process | when | resident |"
echo "| --- | --- | --- |"
memories "after the load"
