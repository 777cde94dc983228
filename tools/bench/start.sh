#!/usr/bin/env bash
# Start to first answer, and memory after 100 scrapes with all host collectors, published build.
# usage: tools/bench/start.sh [ROUNDS]
set -euo pipefail
. "$(dirname "$0")/lib.sh"
trap 'rm -rf "$bench_dir"' EXIT
bench_need python3:python3-minimal
bench_machine
python3 - "${GATEWAY_BIN:-$bench_root/src/Gateway/bin/Release/net10.0/publish/Gateway}" "$bench_dir" "${1:-7}" <<'P'
import os, signal, socket, subprocess, sys, time
exe, folder, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
REQUEST = b'GET /prom/metrics HTTP/1.1\r\nHost: x\r\nUser-Agent: Prometheus/2.42.0\r\nConnection: close\r\n\r\n'
def scrape(path):
    s = socket.socket(socket.AF_UNIX); s.connect(path); s.sendall(REQUEST); data = b''
    while True:
        piece = s.recv(65536)
        if not piece: s.close(); return data
        data += piece
starts, rss, stops = [], [], []
for i in range(rounds):
    home = os.path.join(folder, str(i)); os.mkdir(home); path = os.path.join(home, 'var/gateway.sock')
    begin = time.perf_counter()
    p = subprocess.Popen([exe], cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try: assert scrape(path).startswith(b'HTTP/1.1 200'); break
        except (FileNotFoundError, ConnectionRefusedError): time.sleep(0.002)
    starts.append(time.perf_counter() - begin)
    for _ in range(100): scrape(path)
    rss.append(int(next(l for l in open(f'/proc/{p.pid}/status') if l.startswith('VmRSS')).split()[1]) / 1024)
    begin = time.perf_counter(); p.send_signal(signal.SIGTERM); assert p.wait() == 0; stops.append(time.perf_counter() - begin)
mid = lambda x: sorted(x)[len(x) // 2]
print(f'start to first complete scrape: median {mid(starts)*1000:.0f} ms (best {min(starts)*1000:.0f}, worst {max(starts)*1000:.0f})')
print(f'resident memory after 100 scrapes: median {mid(rss):.0f} MiB; SIGTERM to exit: median {mid(stops)*1000:.0f} ms, worst {max(stops)*1000:.0f}')
P
