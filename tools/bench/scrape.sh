#!/usr/bin/env bash
# Scrape of 10,000 static series over HTTP, beside Net::Prometheus on Starman (the stack of the original), in one run: rounds take turns, the best of each counts.
# usage: tools/bench/scrape.sh [ROUNDS] [SECONDS]       needs: wrk starman libplack-perl libnet-prometheus-perl
set -euo pipefail
. "$(dirname "$0")/lib.sh"
rounds=${1:-3} seconds=${2:-8} port=19701 perl_port=19702
bench_need wrk:wrk starman:starman curl:curl python3:python3-minimal
export PEER_RUN=$bench_dir/perl
finish() { gateway_stop; "$bench_root/tools/peers/perl-down.sh" k10 >/dev/null 2>&1 || true; rm -rf "$bench_dir"; }
trap finish EXIT
bench_machine
gateway_start "$port"
gateway_fill "$port" 10000
"$bench_root/tools/peers/perl-up.sh" k10 10000 "$perl_port" >/dev/null
agent='User-Agent: Prometheus/2.42.0'
echo "answer: gateway $(curl -s -H "$agent" "127.0.0.1:$port/prom/deamon/metrics" | wc -c) bytes, peer $(curl -s -H "$agent" "127.0.0.1:$perl_port/prom/metrics" | wc -c) bytes"
bench_wrk "warm-up" 1 5 "http://127.0.0.1:$port/prom/deamon/metrics" -H "$agent" >/dev/null
for connections in 1 4; do
  best=0 peer=0
  for _ in $(seq "$rounds"); do
    bench_wrk "gateway, 10,000 pushed series" $connections "$seconds" "http://127.0.0.1:$port/prom/deamon/metrics" -H "$agent"
    best=$(printf '%s\n%s\n' "$best" "$bench_rate" | sort -g | tail -1)
    bench_wrk "Net::Prometheus, 10,000 series" $connections "$seconds" "http://127.0.0.1:$perl_port/prom/metrics" -H "$agent"
    peer=$(printf '%s\n%s\n' "$peer" "$bench_rate" | sort -g | tail -1)
  done
  bench_ratio "ratio on $connections connection(s), best of $rounds" "$best" "$peer"
done
echo "small box, all host collectors, one request after the other over the socket:"
python3 "$bench_root/tools/peers/lat.py" 500 "unix:$bench_dir/var/gateway.sock:/prom/metrics"
grep VmRSS "/proc/$gateway_pid/status"
