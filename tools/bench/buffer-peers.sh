#!/usr/bin/env bash
# Bytes per sample of Prometheus and VictoriaMetrics for given samples: each set goes into a fresh one of both, which is then measured at its best
# (one compacted block; everything merged). Prints a line for each set.
# usage: tools/bench/buffer-peers.sh FILE.prom.gz ...       needs: prometheus (promtool) victoria-metrics python3
#   FILE   samples as lines "name{labels} value milliseconds", each series in the order of time; buffer-sets.py makes some
#   PROMTOOL_BIN, VICTORIA_BIN   other versions
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
die() { echo "$(basename "$0"): $*" >&2; exit 1; }
[ $# -gt 0 ] || { sed -n 4,6p "$0"; exit 2; }
promtool=${PROMTOOL_BIN:-$(command -v promtool)} || die "promtool is missing (Debian package prometheus)"
victoria=${VICTORIA_BIN:-$(command -v victoria-metrics)} || die "victoria-metrics is missing (Debian package victoria-metrics)"
command -v python3 >/dev/null || die "python3 is missing (Debian package python3)"
exec python3 "$here/buffer-peers.py" --promtool "$promtool" --victoria "$victoria" "$@"
