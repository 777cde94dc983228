#!/usr/bin/env python3
"""Makes sets of samples for measuring buffers: lines "name{labels} value milliseconds", snapshot after snapshot, gzip.

  buffer-sets.py fleet FILE [--series 1000] [--snapshots 5760] [--seed 1]
      What a box of a fleet exposes, invented: counters, noisy gauges, constants, ratios, states, bursts, temperatures. The same seed makes the same set.
  buffer-sets.py host FILE [--snapshots 240] [--pace 0.2] [--idle]
      Our own host collectors: starts the published gateway (GATEWAY_BIN names another one), scrapes it every PACE seconds while the machine is given
      some work, and stamps the snapshots 15 s apart. At a pace below 15 s counters grow less from one snapshot to the next than they would, so fewer
      values change (a tenth at 0.1 s, a quarter in real time); the line printed at the end says how many did. --pace 15 records in real time.
  buffer-sets.py extend RECORDED FILE [--snapshots 5760] [--seed 1]
      A longer time out of a recorded one: walks through it forwards and backwards and jumps now and then. Each series takes one of the steps recorded
      around that place, varied by up to 30 %, so that changes are as frequent and as large as recorded and nothing repeats. Only series that are in
      every recorded snapshot take part.

All: --interval 15 (seconds between two stamps), --jitter 0 (milliseconds; a stamp is late by up to this, evenly spread), --start (Unix ms of the first
stamp, by default 2026-01-01 00:00). 24 h are 5,760 snapshots. Python's standard library only.
"""
import argparse
import decimal
import gzip
import hashlib
import http.client
import math
import multiprocessing
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

START = 1_767_225_600_000
DAY = 86_400.0
READY_SECONDS = 20
# The service's metrics about itself and its process do not come from collectors.
OWN = re.compile(r"(gateway|process|dotnet)_")


class Output:
    """Writes snapshots to a file under another name, which gets its own at the end; counts samples and changes."""

    def __init__(self, options):
        self.path, self.options, self.random = options.file, options, random.Random(options.seed)
        self.snapshots = self.samples = self.changed = self.compared = 0
        self.last = {}
        self.file = gzip.open(self.path + ".part", "wt", compresslevel=6, newline="\n")

    def write(self, snapshot):
        """snapshot: list of (series, value as text)"""
        late = self.random.randint(0, self.options.jitter) if self.options.jitter else 0
        stamp = self.options.start + int(self.snapshots * self.options.interval * 1000) + late
        self.file.write("".join([f"{series} {value} {stamp}\n" for series, value in snapshot]))
        now = dict(snapshot)
        for series, value in now.items():
            before = self.last.get(series)
            if before is not None:
                self.compared += 1
                self.changed += before != value
        self.last = now
        self.snapshots += 1
        self.samples += len(snapshot)

    def close(self):
        self.file.close()
        os.replace(self.path + ".part", self.path)
        print(f"{self.path}: {self.snapshots} snapshots, {self.samples} samples, {len(self.last)} series in the last one, "
              f"{100 * self.changed / max(1, self.compared):.1f} % of values differ from the snapshot before, {os.path.getsize(self.path) / 1e6:.1f} MB")

    def abandon(self):
        self.file.close()
        os.unlink(self.path + ".part")


# ---- a box of a fleet

def busy(clock):
    """How much goes on at a time of the day, 0.3 to 1.7: most in the afternoon."""
    return 1 + 0.7 * math.sin(2 * math.pi * (clock / DAY - 0.375))


def number(value):
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def whole_counter(r):
    """Packets, requests, bytes: whole steps around a rate of its own that follows the day; a quarter rests most of the time."""
    rate, unit, value = r.lognormvariate(-0.5, 3), r.choice((1, 1, 1, 512, 4096)), r.randrange(10 ** 9)
    while True:
        clock, boot, step = yield number(value)
        mean = rate * busy(clock) * step
        value = 0 if boot else value + unit * max(0, int(r.gauss(mean, math.sqrt(mean)) + 0.5))


def seconds_counter(r):
    """Processor and disk time, in hundredths or thousandths of a second."""
    share, digits, value = r.betavariate(0.5, 4), r.choice((2, 2, 3)), round(r.random() * 1e6, 2)
    while True:
        clock, boot, step = yield number(value)
        value = 0.0 if boot else round(value + max(0.0, r.gauss(share, share / 4)) * busy(clock) * step, digits)


def memory(r):
    """Bytes in pages of 4096: wander around a middle, and rest now and then."""
    middle = r.lognormvariate(12, 1.5)
    value = middle
    while True:
        yield number(4096 * int(value))
        if r.random() < 0.7:
            value = max(1.0, value + 0.02 * (middle - value) + r.gauss(0, middle / 200))


def load(r):
    """A load average: two decimals, smooth."""
    value, smooth = r.random(), r.choice((0.78, 0.95, 0.98))
    while True:
        clock, _, _ = yield number(round(value, 2))
        value = smooth * value + (1 - smooth) * max(0.0, r.gauss(0.8, 0.6)) * busy(clock)


def measured(r):
    """A measurement with all the digits of a double: latencies, voltages, computed averages."""
    middle = r.lognormvariate(0, 2)
    value = middle
    while True:
        yield number(value)
        value += 0.2 * (middle - value) + r.gauss(0, middle / 20)


def constant(r):
    """Facts held in labels, sizes, limits."""
    value = r.choice((1, 1, 1, 1, 0, r.randrange(1 << 40), round(r.random() * 100, 1)))
    while True:
        yield number(value)


def ratio(r):
    """A percentage with one decimal or a ratio with four, often at an end of its scale."""
    scale, digits = r.choice(((100, 1), (1, 4), (100, 0)))
    value, noise = r.random(), r.choice((0.002, 0.01, 0.05))
    while True:
        yield number(round(scale * min(1.0, max(0.0, value)), digits))
        value = min(1.1, max(-0.1, value + r.gauss(0, noise)))


def state(r):
    """One of a few states; changes a few times a day, and then comes back soon."""
    states, usual = r.choice((2, 2, 3, 5)), r.randrange(2)
    value = usual
    while True:
        yield number(value)
        if value != usual:
            value = usual if r.random() < 0.1 else value
        elif r.random() < 0.0005:
            value = r.randrange(states)


def burst_counter(r):
    """Errors, retries, batches: nothing for long, then many."""
    value, left = r.randrange(10 ** 5), 0
    while True:
        _, boot, _ = yield number(value)
        if left == 0 and r.random() < 0.004:
            left = 1 + int(r.expovariate(0.2))
        if left:
            left -= 1
            value += int(r.expovariate(0.02))
        value = 0 if boot else value


def temperature(r):
    """Celsius in steps of the sensor; follows the day slowly."""
    step_of_sensor, middle, value = r.choice((1, 0.5, 0.125, 0.1)), r.uniform(28, 60), 0.0
    clock = 0.0
    while True:
        clock, _, _ = yield number(round(round((middle + value + 4 * busy(clock)) / step_of_sensor) * step_of_sensor, 3))
        value = 0.97 * value + r.gauss(0, 0.35)


# kind, share, name, what stands in its labels. The shares add up to 1. About two thirds of the series of a recorded node rest for hours; here it is less.
MIX = (
    (whole_counter, 0.20, "fleet_{}_total", ("device", "direction")),
    (seconds_counter, 0.09, "fleet_{}_seconds_total", ("cpu", "mode")),
    (memory, 0.11, "fleet_{}_bytes", ("pool",)),
    (load, 0.04, "fleet_{}_load", ("queue",)),
    (measured, 0.03, "fleet_{}_measured", ("probe",)),
    (constant, 0.25, "fleet_{}_info", ("vendor", "model", "serial")),
    (ratio, 0.08, "fleet_{}_ratio", ("mountpoint",)),
    (state, 0.10, "fleet_{}_state", ("resource", "node")),
    (burst_counter, 0.05, "fleet_{}_errors_total", ("device",)),
    (temperature, 0.05, "fleet_{}_celsius", ("chip", "sensor")),
)


def fleet(options):
    r = random.Random(options.seed)
    series = []
    for kind, share, name, labels in MIX:
        count = round(share * options.series)
        for i in range(count):
            family = name.format(f"{kind.__name__}_{i // 8}")
            text = ",".join(f'{label}="{label}-{i % 8 if label == labels[-1] else i % 3}"' for label in labels)
            series.append((f"{family}{{{text}}}", kind(random.Random(r.random()))))
    # The box restarts now and then: every counter begins anew.
    boots = {int(options.snapshots * share) for share in (0.31, 0.83)} if options.snapshots >= 1000 else set()
    output = Output(options)
    try:
        for i in range(options.snapshots):
            told = ((options.start / 1000 + i * options.interval) % DAY, i in boots, options.interval) if i else None
            output.write([(name, values.send(told)) for name, values in series])
        output.close()
    except BaseException:
        output.abandon()
        raise


# ---- a longer time out of a recorded one

def recorded(path):
    """Series and their values as text, one row for each snapshot."""
    rows, last = [], None
    with gzip.open(path, "rt") as lines:
        for line in lines:
            if line[0] in "#\n":
                continue
            series, value, stamp = line.rsplit(" ", 2)
            if stamp != last:
                rows.append({})
                last = stamp
            rows[-1][series] = value
    if len(rows) < 2:
        raise SystemExit(f"{path}: fewer than 2 snapshots")
    names = [series for series in rows[0] if all(series in row for row in rows)]
    return names, [[row[series] for series in names] for row in rows]


class Column:
    """A recorded series that goes on: whole steps of its grain, drawn from those around a place of the recording and varied a little."""
    NEIGHBOURS = 8
    # A series with fewer sizes of step than this is a state, a clock or a count of single things: its steps stay as they are.
    VARIED = 5

    def __init__(self, name, texts, r):
        self.random, self.texts = r, texts
        values = [decimal.Decimal(text) for text in texts]
        if not all(value.is_finite() for value in values):
            self.steps = None
            return
        self.divisor = 10 ** max(0, *(-value.normalize().as_tuple().exponent for value in values))
        self.recorded = [int(value * self.divisor) for value in values]
        self.steps = [b - a for a, b in zip(self.recorded, self.recorded[1:])]
        self.grain = math.gcd(*self.steps)
        self.is_counter = name.split("{")[0].endswith(("_total", "_count", "_sum")) or min(self.steps) >= 0 < max(self.steps)
        if self.is_counter:
            self.steps = [max(0, step) for step in self.steps]
        self.is_varied = len({abs(step) for step in self.steps if step}) >= self.VARIED
        self.low, self.high = min(self.recorded), max(self.recorded)
        self.value = self.recorded[0]

    def text(self, at):
        return self.texts[at] if self.steps is None or self.grain == 0 else number(self.value / self.divisor)

    def move(self, at, direction, jumped):
        if self.steps is None or self.grain == 0:
            return
        if jumped and not self.is_counter:
            self.value = self.recorded[at]
            return
        step = self.steps[min(len(self.steps) - 1, max(0, at + self.random.randint(-self.NEIGHBOURS, self.NEIGHBOURS)))]
        if step and self.is_varied:
            step = self.grain * (round(step / self.grain * self.random.uniform(0.7, 1.3)) or (1 if step > 0 else -1))
        self.value = self.value + step if self.is_counter else min(self.high, max(self.low, self.value + direction * step))


def extend(options):
    names, rows = recorded(options.recorded)
    r = random.Random(options.seed)
    columns = [Column(name, [row[i] for row in rows], random.Random(r.random())) for i, name in enumerate(names)]
    at, direction = 0, 1
    output = Output(options)
    try:
        for _ in range(options.snapshots):
            output.write([(name, column.text(at)) for name, column in zip(names, columns)])
            jumped = r.random() < 0.025
            if jumped:
                at, direction = r.randrange(len(rows)), r.choice((1, -1))
            else:
                direction = direction if 0 <= at + direction < len(rows) else -direction
                at += direction
            for column in columns:
                column.move(at, direction, jumped)
        output.close()
    except BaseException:
        output.abandon()
        raise


# ---- our own collectors

class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def scrape(connection, path="/prom/metrics"):
    connection.request("GET", path, headers={"User-Agent": "Prometheus/2.42.0", "Accept": "text/plain;version=0.0.4"})
    answer = connection.getresponse()
    body = answer.read().decode()
    if answer.status != 200:
        raise OSError(f"{path}: {answer.status} {body[:200]}")
    return body


def work(folder, pace):
    """Bursts of everything that host metrics show, about a quarter of one processor: computing, files, memory, connections."""
    r = random.Random(1)
    path = os.path.join(folder, "work")
    listener = socket.create_server(("127.0.0.1", 0))
    while os.getppid() > 1:
        level = r.choice((0, 0, 1, 2, 5))
        for _ in range(r.randrange(5, 60)):
            started = time.monotonic()
            if level:
                held = bytearray(r.randrange(1, 1 + (level << 20)))
                held[::4096] = b"x" * len(held[::4096])
                for _ in range(level * 20):
                    hashlib.sha256(bytes(8192)).digest()
            if level > 1 and r.random() < 0.4:
                with open(path, "wb") as f:
                    f.write(os.urandom(r.randrange(1, 200_000)))
                    f.flush()
                    os.fsync(f.fileno())
                with socket.create_connection(listener.getsockname()) as near:
                    far, _ = listener.accept()
                    with far:
                        near.sendall(bytes(r.randrange(1, 50_000)))
            time.sleep(max(pace / 4, 3 * (time.monotonic() - started)))


def host(options):
    binary = os.environ.get("GATEWAY_BIN") or os.path.join(os.path.dirname(__file__), "../../src/Gateway/bin/Release/net10.0/publish/Gateway")
    if not os.access(binary, os.X_OK):
        raise SystemExit(f"{binary} is missing; run: dotnet publish src/Gateway -c Release")
    with tempfile.TemporaryDirectory(prefix="gw-") as folder:
        path = os.path.join(folder, "gateway.sock")
        log = os.path.join(folder, "log")
        with open(log, "wb") as said:
            gateway = subprocess.Popen([binary, f"--Gateway:StateDirectory={folder}"], stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        worker = None if options.idle else multiprocessing.Process(target=work, args=(folder, options.pace), daemon=True)
        try:
            connection = ready(gateway, path, log)
            if worker:
                worker.start()
            record(options, connection)
        finally:
            if worker and worker.pid:
                worker.terminate()
                worker.join()
            gateway.terminate()
            gateway.wait()


def ready(gateway, path, log):
    end = time.monotonic() + READY_SECONDS
    while True:
        try:
            connection = UnixConnection(path)
            scrape(connection)
            return connection
        except OSError as e:
            if gateway.poll() is not None or time.monotonic() > end:
                with open(log) as said:
                    raise SystemExit(f"the gateway did not answer: {e}\n{said.read()[-2000:]}") from e
            time.sleep(0.05)


def record(options, connection):
    output = Output(options)
    try:
        due = time.monotonic()
        for _ in range(options.snapshots):
            time.sleep(max(0.0, due - time.monotonic()))
            due = max(due, time.monotonic() - options.pace) + options.pace
            output.write([tuple(line.rsplit(" ", 1)) for line in scrape(connection).splitlines() if line and line[0] != "#" and not OWN.match(line)])
        output.close()
    except BaseException:
        output.abandon()
        raise


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for name, function, snapshots in (("fleet", fleet, 5760), ("host", host, 240), ("extend", extend, 5760)):
        kind = kinds.add_parser(name)
        kind.set_defaults(function=function)
        if function is extend:
            kind.add_argument("recorded")
        kind.add_argument("file")
        kind.add_argument("--snapshots", type=int, default=snapshots)
        kind.add_argument("--interval", type=float, default=15.0)
        kind.add_argument("--jitter", type=int, default=0)
        kind.add_argument("--start", type=int, default=START)
        kind.add_argument("--seed", type=int, default=1)
    kinds.choices["fleet"].add_argument("--series", type=int, default=1000)
    kinds.choices["host"].add_argument("--pace", type=float, default=0.2)
    kinds.choices["host"].add_argument("--idle", action="store_true")
    options = parser.parse_args()
    # Ended in order: what was started is stopped and nothing half written stays.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.makedirs(os.path.dirname(os.path.abspath(options.file)), exist_ok=True)
    options.function(options)


if __name__ == "__main__":
    sys.exit(main())
