"""Feeds sets of samples into a fresh Prometheus and a fresh VictoriaMetrics and prints bytes per sample of each; see buffer-peers.sh.

Prometheus: `promtool tsdb create-blocks-from openmetrics` writes blocks that span the whole set, the form that its compaction ends with.
VictoriaMetrics: text import, flush, forced merge, stop. Both are measured after everything was written; "data" are the chunks (values and times),
"all in" adds the index. Each figure is divided by the number of samples that this server itself says it holds: VictoriaMetrics keeps no NaN.
"""
import argparse
import glob
import gzip
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

START_SECONDS = 30
MERGE_SECONDS = 120
# VictoriaMetrics divides a set into parts by the clock, so its size wanders by a tenth from run to run when the set is small: the best of some runs counts.
SMALL_SAMPLES = 1_000_000
RUNS_OF_SMALL = 5
IMPORT_BYTES = 1 << 20


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def size(*patterns):
    return sum(os.path.getsize(f) for p in patterns for f in glob.glob(p, recursive=True) if os.path.isfile(f))


def samples(path, shift=0):
    """Lines of the set as (bytes before the timestamp, milliseconds)."""
    with gzip.open(path, "rb") as lines:
        for line in lines:
            if line[:1] in (b"#", b"\n"):
                continue
            head, stamp = line.rsplit(b" ", 1)
            yield head, int(stamp) - shift


def survey(path):
    """Counts a set: samples, series, first and last time."""
    series, count, first, last = set(), 0, None, None
    for head, stamp in samples(path):
        series.add(head.rsplit(b" ", 1)[0])
        count += 1
        first = stamp if first is None or stamp < first else first
        last = stamp if last is None or stamp > last else last
    if not count:
        raise SystemExit(f"{path}: no samples")
    return count, len(series), first, last


def prometheus(promtool, path, work, shift):
    text, blocks = os.path.join(work, "openmetrics.txt"), os.path.join(work, "blocks")
    with open(text, "wb", 1 << 20) as out:
        for head, stamp in samples(path, shift):
            out.write(b"%s %d.%03d\n" % (head, stamp // 1000, stamp % 1000))
        out.write(b"# EOF\n")
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=8760h", text, blocks]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"promtool: {done.stdout}{done.stderr}")
    stored = 0
    for meta in glob.glob(f"{blocks}/*/meta.json"):
        with open(meta) as f:
            stored += json.load(f)["stats"]["numSamples"]
    data, index = size(f"{blocks}/*/chunks/*"), size(f"{blocks}/*/index")
    return stored, data, data + index, len(glob.glob(f"{blocks}/*/meta.json"))


class Victoria:
    def __init__(self, binary, folder):
        self.folder, self.port = folder, free_port()
        self.log = open(folder + ".log", "wb")
        command = [binary, f"-httpListenAddr=127.0.0.1:{self.port}", f"-storageDataPath={folder}", "-retentionPeriod=100y"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT)
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                if self.ask("GET", "/health")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise SystemExit("victoria-metrics did not start: " + open(folder + ".log").read()[-2000:])
            time.sleep(0.05)

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def metric(self, pattern):
        text = self.ask("GET", "/metrics")[1].decode()
        return sum(float(value) for value in re.findall(rf"^{pattern} (\S+)$", text, re.MULTILINE))

    def give(self, lines):
        status, body = self.ask("POST", "/api/v1/import/prometheus", b"".join(lines))
        if status != 204:
            raise SystemExit(f"import: {status} {body[:200]}")

    def parts(self):
        return int(self.metric(r'vm_parts\{type="storage/.*\}'))

    def merge(self):
        """Merges until there is one part for each month. One forced merge takes 15 parts at most, and begins only after it was answered."""
        self.ask("GET", "/internal/force_flush")
        end = time.monotonic() + MERGE_SECONDS
        months = len(glob.glob(f"{self.folder}/data/small/????_??"))
        while self.parts() > months:
            self.ask("GET", "/internal/force_merge")
            time.sleep(0.5)
            while self.metric("vm_active_force_merges") or self.metric(r"vm_active_merges\{.*\}"):
                if time.monotonic() > end:
                    raise SystemExit(f"victoria-metrics has not merged within {MERGE_SECONDS} s")
                time.sleep(0.1)
            if time.monotonic() > end:
                raise SystemExit(f"victoria-metrics has {self.parts()} parts after {MERGE_SECONDS} s of merging")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def victoria(binary, path, work, shift):
    folder = tempfile.mkdtemp(prefix="victoria-", dir=work)
    server = Victoria(binary, folder)
    try:
        lines, length = [], 0
        for head, stamp in samples(path, shift):
            line = b"%s %d\n" % (head, stamp)
            lines.append(line)
            length += len(line)
            if length >= IMPORT_BYTES:
                server.give(lines)
                # Several parts at least: what was never merged is not packed as well as it could be.
                server.ask("GET", "/internal/force_flush")
                lines, length = [], 0
        server.give(lines)
        server.merge()
        stored = int(server.metric(r'vm_rows\{type="storage/.*\}'))
    finally:
        server.stop()
    data, index = size(f"{folder}/data/**"), size(f"{folder}/indexdb/**")
    return stored, data, data + index


def version(name, binary, flag):
    """Debian's VictoriaMetrics does not know its own version; its package does."""
    done = subprocess.run([binary, flag], capture_output=True, text=True)
    found = re.search(r"\d+\.\d+\.\d+\S*", done.stdout + done.stderr)
    if not found and shutil.which("dpkg-query"):
        found = re.search(r"\d\S*$", subprocess.run(["dpkg-query", "-W", os.path.basename(binary)], capture_output=True, text=True).stdout.strip())
    return f"{name} {found.group(0) if found else 'of unknown version'}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--promtool", required=True)
    parser.add_argument("--victoria", required=True)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    # Ended in order: what was started is stopped and nothing stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print(f"peers: {version('Prometheus', options.promtool, '--version')}, {version('VictoriaMetrics', options.victoria, '-version')}")
    print(f"{'set':<34} {'series':>7} {'samples':>9}   {'Prometheus, bytes/sample':<46} VictoriaMetrics, bytes/sample")
    for path in options.files:
        count, series, _, last = survey(path)
        # VictoriaMetrics drops what lies in the future; whole days keep the place of the set within its day.
        shift = max(0, -(-(last - int(time.time() * 1000)) // 86_400_000)) * 86_400_000
        work = tempfile.mkdtemp(prefix="buffer-peers-")
        try:
            p_stored, p_data, p_all, blocks = prometheus(options.promtool, path, work, shift)
            runs = [victoria(options.victoria, path, work, shift) for _ in range(RUNS_OF_SMALL if count < SMALL_SAMPLES else 1)]
            v_stored, v_data, v_all = runs[0][0], min(run[1] for run in runs), min(run[2] for run in runs)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        if any(run[0] != v_stored for run in runs):
            raise SystemExit(f"{path}: VictoriaMetrics holds another number of samples in each run: {[run[0] for run in runs]}")
        p = f"chunks {p_data / p_stored:.3f}  all in {p_all / p_stored:.3f}  ({p_stored} in {blocks} block{'s' if blocks > 1 else ''})"
        v = f"data {v_data / v_stored:.3f}  all in {v_all / v_stored:.3f}  ({v_stored})"
        print(f"{os.path.basename(path):<34} {series:>7} {count:>9}   {p:<46} {v}", flush=True)


main()
