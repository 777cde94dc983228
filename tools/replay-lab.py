#!/usr/bin/env python3
"""What does a given Prometheus make of samples that come late? Asks a real one, because versions differ and a scrape is never acknowledged.

usage: replay-lab.py [order|ages|repeat|remote|all] [--prometheus PATH] [--window 24h]

  order    several samples of a series in one scrape: increasing, decreasing, interleaved, together with live ones
  ages     five old samples and a live one in one scrape, 5 minutes to 7 days old
  repeat   the same samples again, as after a lost answer
  remote   the same questions by remote write, which answers

--window sets out_of_order_time_window; without it there is none. Each line tells what was sent, what is stored, what the scrape or the request said, and which
of Prometheus's counters moved. Everything runs on 127.0.0.1 with free ports and a temporary folder, and is stopped at the end. Python's standard library only.
"""
import argparse
import collections
import contextlib
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
READY_SECONDS = 30
SCRAPED_SECONDS = 20
SETTLE_SECONDS = 0.6
# The counters that tell of dropped samples.
COUNTERS = {
    "prometheus_target_scrapes_sample_out_of_order_total": "scrape_out_of_order",
    "prometheus_target_scrapes_sample_out_of_bounds_total": "scrape_out_of_bounds",
    "prometheus_target_scrapes_sample_duplicate_timestamp_total": "scrape_duplicate",
    "prometheus_tsdb_out_of_order_samples_total": "tsdb_out_of_order",
    "prometheus_tsdb_out_of_bound_samples_total": "tsdb_out_of_bounds",
    "prometheus_tsdb_too_old_samples_total": "tsdb_too_old",
}
AGES = {"5m": 300, "30m": 1800, "59m": 3540, "61m": 3660, "2h": 7200, "6h": 21600, "23h": 82800, "25h": 90000, "7d": 604800}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Target:
    """What is scraped: a prepared answer once, otherwise nothing. `/other` always has a live sample, so that the newest time of the database is now."""

    def __init__(self):
        self.answers = collections.deque()
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body, kind, served = ("other 1\n", TEXT, None) if self.path == "/other" else target.answers.popleft() if target.answers else ("", TEXT, None)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())
                if served:
                    served.set()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve_once(self, body, kind):
        served = threading.Event()
        self.answers.append((body, kind, served))
        return served


class Prometheus:
    def __init__(self, binary, folder, target_port, window):
        self.port = free_port()
        self.log = os.path.join(folder, "log")
        configuration = os.path.join(folder, "prometheus.yml")
        with open(configuration, "w") as f:
            f.write("global: {scrape_interval: 1s, scrape_timeout: 1s}\n")
            if window:
                f.write(f"storage: {{tsdb: {{out_of_order_time_window: {window}}}}}\n")
            f.write("scrape_configs:\n")
            for job in ("lab", "other"):
                f.write(f"  - {{job_name: {job}, metrics_path: /{job}, static_configs: [{{targets: ['127.0.0.1:{target_port}']}}]}}\n")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [binary, f"--config.file={configuration}", f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{self.port}",
                 "--storage.tsdb.retention.time=60d", "--web.enable-remote-write-receiver"], stdout=log, stderr=log)

    def ready(self):
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if self.ask("GET", "/-/ready")[0] == 200 and {series["metric"]["job"] for series in self.query("up")} == {"lab", "other"}:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        with open(self.log) as log:
            raise SystemExit(f"Prometheus did not start to scrape:\n{log.read()[-2000:]}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace").strip()
        finally:
            connection.close()

    def query(self, expression, at=None):
        text = self.ask("GET", "/api/v1/query?" + urllib.parse.urlencode({"query": expression} | ({"time": at} if at else {})))[1]
        return json.loads(text)["data"]["result"]

    def stored(self, name):
        """Values of all stored samples of a metric in the order of time."""
        found = [pair for series in self.query(f"{name}[40d]", time.time() + 1200) for pair in series["values"]]
        return [value for _, value in sorted(found)]

    def counters(self):
        text = self.ask("GET", "/metrics")[1]
        values = {short: re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE) for name, short in COUNTERS.items()}
        return collections.Counter({short: sum(map(float, found)) for short, found in values.items()})

    def up_since(self, moment):
        return [value for series in self.query('up{job="lab"}[1m]') for at, value in series["values"] if at >= moment]

    def last_error(self):
        targets = json.loads(self.ask("GET", "/api/v1/targets?state=active")[1])["data"]["activeTargets"]
        return next(target["lastError"] for target in targets if target["scrapePool"] == "lab")


class Lab:
    def __init__(self, prometheus, target):
        self.prometheus, self.target, self.cases = prometheus, target, 0

    def name(self):
        self.cases += 1
        return f"case_{self.cases}"

    def scrape(self, title, name, lines, openmetrics=False, also=()):
        """Serves lines (series, value, Unix seconds or None) in one scrape and tells what became of the samples of a name."""
        body = "".join(f"{series} {value}{stamp(at, openmetrics)}\n" for series, value, at in lines) + ("# EOF\n" if openmetrics else "")
        before, started = self.prometheus.counters(), time.time()
        if not self.target.serve_once(body, OPENMETRICS if openmetrics else TEXT).wait(SCRAPED_SECONDS):
            raise SystemExit(f"{title}: not scraped")
        served = time.time()
        time.sleep(SETTLE_SECONDS)
        error, up = self.prometheus.last_error(), self.prometheus.up_since(max(started, served - 0.9))
        self.tell(title, len(lines), [name, *also], before, f"up={up[0] if up else '?'} {error}")

    def write(self, title, name, series):
        """Sends series ({label: value}, [(Unix seconds, value)]) in one remote write request."""
        before = self.prometheus.counters()
        status, text = self.prometheus.ask("POST", "/api/v1/write", write_request(series), {
            "Content-Encoding": "snappy", "Content-Type": "application/x-protobuf", "X-Prometheus-Remote-Write-Version": "0.1.0"})
        self.tell(title, sum(len(points) for _, points in series), [name], before, f"{status} {text[:60]}")

    def tell(self, title, sent, names, before, said):
        moved = {short: int(count - before[short]) for short, count in self.prometheus.counters().items() if count != before[short]}
        stored = "; ".join(f"{len(values)}" + (f" ({','.join(values)})" if len(values) <= 12 else "") for values in map(self.prometheus.stored, names))
        print(f"{title:<48} sent {sent:>2}  stored {stored:<34} {said.strip():<24} {' '.join(f'{k}+{v}' for k, v in moved.items())}".rstrip(), flush=True)


def stamp(at, openmetrics):
    return "" if at is None else f" {at:.3f}" if openmetrics else f" {int(at * 1000)}"


def ten(series, now, value=0):
    return [(series, value + i, now - 300 + 15 * i) for i in range(10)]


def order(lab):
    for openmetrics in (False, True):
        form = "OpenMetrics" if openmetrics else "text"
        for title, lines in (
            ("increasing", lambda m, now: ten(m, now)),
            ("decreasing", lambda m, now: ten(m, now)[::-1]),
            ("2 series, one after the other", lambda m, now: ten(m + '{s="1"}', now) + ten(m + '{s="2"}', now)),
            ("2 series, snapshot by snapshot", lambda m, now: [line for pair in zip(ten(m + '{s="1"}', now), ten(m + '{s="2"}', now)) for line in pair]),
            ("old, then live with timestamp", lambda m, now: [*ten(m, now), (m, 99, now)]),
            ("live with timestamp, then old", lambda m, now: [(m, 99, now), *ten(m, now)]),
            ("old, then live without timestamp", lambda m, now: [*ten(m, now), (m, 99, None)]),
            ("live without timestamp, then old", lambda m, now: [(m, 99, None), *ten(m, now)]),
        ):
            name = lab.name()
            lab.scrape(f"{form}: {title}", name, lines(name, time.time()), openmetrics)
    name = lab.name()
    lab.scrape("text: live without timestamp, alone", name, [(name, 99, None)])
    lab.scrape("text: old, in a later scrape", name, ten(name, time.time()))
    name = lab.name()
    lab.scrape("text: 11 min in the future", name, [(name, 1, time.time() + 660)])


def ages(lab):
    for age, seconds in AGES.items():
        old, live, now = lab.name(), lab.name(), time.time()
        lab.scrape(f"5 old samples, {age}, then 1 live", old, [*((old, i, now - seconds + i) for i in range(5)), (live, 9, now)], also=[live])


def repeat(lab):
    name, now = lab.name(), time.time()
    lines = ten(name, now)
    lab.scrape("10 samples", name, lines)
    lab.scrape("the same again", name, lines)
    lab.scrape("only the last one again", name, lines[-1:])
    lab.scrape("the last one with another value", name, [(name, 77, lines[-1][2])])
    lab.scrape("all with other values", name, ten(name, now, 50))
    lab.scrape("all again and 3 newer ones", name, [*lines, *((name, 20 + i, now - 100 + i) for i in range(3))])


def remote(lab):
    for age, seconds in AGES.items():
        name, now = lab.name(), time.time()
        lab.write(f"5 samples, {age} old", name, [({"__name__": name}, [(now - seconds + i, i) for i in range(5)])])
    name, now = lab.name(), time.time()
    points = [(now - 300 + 15 * i, i) for i in range(10)]
    lab.write("10 samples", name, [({"__name__": name}, points)])
    lab.write("the same again", name, [({"__name__": name}, points)])
    lab.write("the last one with another value", name, [({"__name__": name}, [(points[-1][0], 77)])])
    lab.write("all again and 3 newer ones", name, [({"__name__": name}, [*points, *((now - 100 + i, 20 + i) for i in range(3))])])
    name = lab.name()
    lab.write("decreasing", name, [({"__name__": name}, [(now - 100 - i, i) for i in range(5)])])
    name = lab.name()
    old, good = ({"__name__": name, "s": "old"}, [(now - 30 * 86400, 1)]), ({"__name__": name, "s": "good"}, [(now - 1, 2)])
    lab.write("1 too old series, then 1 good one", name, [old, good])


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def write_request(series):
    """prometheus.WriteRequest of remote write 1.0 in the block format of snappy, with literals only: valid, and not compressed."""
    message = b""
    for labels, points in series:
        one = b"".join(field(1, field(1, name.encode()) + field(2, value.encode())) for name, value in sorted(labels.items()))
        for at, value in points:
            one += field(2, varint(1 << 3 | 1) + struct.pack("<d", value) + varint(2 << 3) + varint(int(at * 1000)))
        message += field(1, one)
    packed = varint(len(message))
    for i in range(0, len(message), 1 << 16):
        part = message[i:i + (1 << 16)]
        packed += bytes([61 << 2]) + struct.pack("<H", len(part) - 1) + part
    return packed


EXPERIMENTS = {"order": order, "ages": ages, "repeat": repeat, "remote": remote}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment", choices=[*EXPERIMENTS, "all"], nargs="?", default="all")
    parser.add_argument("--prometheus", default=os.environ.get("PROMETHEUS_BIN") or shutil.which("prometheus"))
    parser.add_argument("--window")
    options = parser.parse_args()
    if not options.prometheus:
        raise SystemExit("prometheus is missing (Debian package prometheus)")
    # Ended in order: what was started is stopped and nothing stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    target = Target()
    for name in EXPERIMENTS if options.experiment == "all" else [options.experiment]:
        print(f"== {name}, {'window ' + options.window if options.window else 'no window'}")
        with tempfile.TemporaryDirectory(prefix="replay-lab-") as folder:
            prometheus = Prometheus(options.prometheus, folder, target.port, options.window)
            try:
                prometheus.ready()
                EXPERIMENTS[name](Lab(prometheus, target))
            finally:
                prometheus.stop()


if __name__ == "__main__":
    main()
