# Shared functions of the benchmark scripts (sourced, not run): the published gateway on a free port in a temporary folder, and wrk.
bench_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bench_dir=$(mktemp -d)
gateway_pid=

bench_die() { echo "$(basename "$0"): $*" >&2; exit 1; }

bench_need() { for tool in "$@"; do command -v "${tool%%:*}" >/dev/null || bench_die "${tool%%:*} is missing (Debian package ${tool##*:})"; done; }

# bench_machine: what the figures were measured on
bench_machine() { echo "machine: $(nproc) x $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), kernel $(uname -r), load $(cut -d' ' -f1-3 /proc/loadavg), dotnet $(dotnet --version)"; }

# gateway_start PORT [option ...]: the published build, collectors on, state in the temporary folder
gateway_start() {
  local port=$1; shift
  local bin=${GATEWAY_BIN:-$bench_root/src/Gateway/bin/Release/net10.0/publish/Gateway}
  [ -x "$bin" ] || bench_die "$bin is missing; run: dotnet publish src/Gateway -c Release"
  "$bin" --Gateway:StateDirectory="$bench_dir/var" --Gateway:Listen:Tcp="127.0.0.1:$port" --Gateway:Push:MaxRequestsPerSecond=0 "$@" >"$bench_dir/gateway.log" 2>&1 </dev/null &
  gateway_pid=$!
  for _ in $(seq 100); do
    [ "$(curl -s -m 2 -o /dev/null -w '%{http_code}' "127.0.0.1:$port/-/ready")" = 200 ] && return 0
    kill -0 $gateway_pid 2>/dev/null || { cat "$bench_dir/gateway.log" >&2; bench_die "the gateway ended"; }
    sleep 0.1
  done
  bench_die "the gateway is not ready after 10 s"
}

gateway_stop() {
  [ -n "$gateway_pid" ] || return 0
  kill "$gateway_pid" 2>/dev/null || true
  wait "$gateway_pid" 2>/dev/null || true
  gateway_pid=
}

# gateway_fill PORT N: N pushed series over one connection
gateway_fill() {
  python3 - "$1" "$2" <<'P'
import http.client, sys
c = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]))
for i in range(int(sys.argv[2])):
    c.request('POST', f'/complex/insert/citybox_gauge_{i % 5}/box{i // 5}/{i * 1.5}', headers={'User-Agent': 'metrics_pusher'})
    r = c.getresponse(); body = r.read()
    assert r.status == 200, (r.status, body)
P
}

# bench_wrk NAME CONNECTIONS SECONDS URL [wrk argument ...]: one line with requests/s and latency; the rate goes to $bench_rate
bench_wrk() {
  local name=$1 connections=$2 seconds=$3 url=$4; shift 4
  wrk -t1 -c"$connections" -d"${seconds}s" --latency "$@" "$url" >"$bench_dir/wrk"
  grep -q 'Non-2xx' "$bench_dir/wrk" && { cat "$bench_dir/wrk" >&2; bench_die "$name answered errors"; }
  bench_rate=$(awk '/Requests\/sec/ {print $2}' "$bench_dir/wrk")
  printf '%-34s c%-3s %10.1f req/s  p50 %-9s p99 %s\n' "$name" "$connections" "$bench_rate" \
    "$(awk '$1=="50%"{print $2}' "$bench_dir/wrk")" "$(awk '$1=="99%"{print $2}' "$bench_dir/wrk")"
}

bench_ratio() { awk -v a="$2" -v b="$3" -v name="$1" 'BEGIN { printf "%s: %.1f\n", name, a / b }'; }
