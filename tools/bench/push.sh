#!/usr/bin/env bash
# Push with 10,000 series held, 8 connections, beside Pushgateway (which keeps them in memory only), in one run: rounds take turns, the best of each counts.
# Also: the rate with 100, 10,000 and 100,000 series held, which must stay flat.
# usage: tools/bench/push.sh [ROUNDS] [SECONDS]       needs: wrk prometheus-pushgateway
set -euo pipefail
. "$(dirname "$0")/lib.sh"
rounds=${1:-3} seconds=${2:-6} port=19703 peer_port=19704 peer_pid=
bench_need wrk:wrk prometheus-pushgateway:prometheus-pushgateway curl:curl python3:python3-minimal
finish() { gateway_stop; [ -z "$peer_pid" ] || kill "$peer_pid" 2>/dev/null || true; rm -rf "$bench_dir"; }
trap finish EXIT
bench_machine
prometheus-pushgateway --version 2>&1 | head -1
cat >"$bench_dir/push.lua" <<'L'
local n = 0
wrk.method = "POST"
wrk.headers["User-Agent"] = "metrics_pusher"
request = function() n = n + 1 return wrk.format(nil, "/complex/insert/bench_value/i" .. (n % 10) .. "/" .. n) end
L
prometheus-pushgateway --web.listen-address="127.0.0.1:$peer_port" --persistence.file= >"$bench_dir/peer.log" 2>&1 </dev/null &
peer_pid=$!
for _ in $(seq 50); do [ "$(curl -s -m 2 -o /dev/null -w '%{http_code}' "127.0.0.1:$peer_port/-/ready")" = 200 ] && break; sleep 0.1; done
python3 - >"$bench_dir/body" <<'P'
for g in range(5):
    print(f"# TYPE citybox_gauge_{g} gauge")
    for i in range(2000): print(f'citybox_gauge_{g}{{box="b{i}"}} {i*1.5}')
P
curl -s -m 60 -o /dev/null -w 'peer filled: %{http_code}\n' --data-binary @"$bench_dir/body" "127.0.0.1:$peer_port/metrics/job/big"
gateway_start "$port"
gateway_fill "$port" 10000
bench_wrk "warm-up" 8 3 "http://127.0.0.1:$port" -s "$bench_dir/push.lua" >/dev/null
best=0 peer=0
for _ in $(seq "$rounds"); do
  bench_wrk "gateway, durable, 10,000 held" 8 "$seconds" "http://127.0.0.1:$port" -s "$bench_dir/push.lua"
  best=$(printf '%s\n%s\n' "$best" "$bench_rate" | sort -g | tail -1)
  METHOD=POST INSTANCES=10 bench_wrk "Pushgateway, in memory, 10,000 held" 8 "$seconds" "http://127.0.0.1:$peer_port" -s "$bench_root/tools/peers/push.lua"
  peer=$(printf '%s\n%s\n' "$peer" "$bench_rate" | sort -g | tail -1)
done
bench_ratio "ratio on 8 connections, best of $rounds" "$best" "$peer"
gateway_stop
for held in 100 10000 100000; do
  rm -rf "$bench_dir/var"
  gateway_start "$port"
  gateway_fill "$port" "$held"
  bench_wrk "gateway, $held held" 1 "$seconds" "http://127.0.0.1:$port" -s "$bench_dir/push.lua"
  gateway_stop
done
