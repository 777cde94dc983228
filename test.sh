#!/usr/bin/env bash
# Installs what the tests need (as root, by apt-get), builds with warnings as errors, checks the formatting, runs all tests.
# Ends with "N passed, N failed" (", N skipped" when something could not be had). Arguments go to `dotnet test`, e.g. --filter Name~Push.
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
step() { printf '\n== %s\n' "$*"; }
fail() { echo "test.sh: $*" >&2; echo "0 passed, 1 failed"; exit 1; }

command -v dotnet >/dev/null || fail "the .NET 10 SDK is missing (dotnet)"

# command:package, for everything that a test starts or calls
needs="curl:curl promtool:prometheus prometheus-node-exporter:prometheus-node-exporter nginx:nginx-light haproxy:haproxy socat:socat
  systemd-socket-activate:systemd strace:strace mkfs.ext4:e2fsprogs python3:python3-minimal victoria-metrics:victoria-metrics openssl:openssl"
missing=
for need in $needs; do command -v "${need%%:*}" >/dev/null 2>&1 || missing="$missing ${need##*:}"; done
ldconfig -p 2>/dev/null | grep -q 'libsqlite3\.so\.0' || missing="$missing libsqlite3-0"
if [ -n "$missing" ]; then
  step "missing packages:$missing"
  if [ "$(id -u)" = 0 ]; then
    # The packages bring services; nothing may start them on the machine of whoever runs the tests.
    policy=/usr/sbin/policy-rc.d
    made=0
    if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && made=1; fi
    # shellcheck disable=SC2086 # a list of names
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 $missing; } >/dev/null
    installed=$?
    [ $made = 0 ] || rm -f $policy
    [ $installed = 0 ] || echo "test.sh: not all packages could be installed; tests that need them say so" >&2
  else
    echo "not root: tests that need them are skipped and counted"
  fi
fi

step "build"
dotnet build Gateway.sln -c Release --nologo -v quiet || fail "the build failed"
for program in src/Gateway src/Cli; do
  dotnet publish $program -c Release --no-build --nologo -v quiet || fail "publishing $program failed"
done

step "formatting"
dotnet format Gateway.sln --verify-no-changes --no-restore || fail "the formatting differs; run: dotnet format Gateway.sln"

step "tests"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet test Gateway.sln -c Release --no-build --nologo -m:1 "$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
# One line per test project: "Passed!  - Failed:     0, Passed:     3, Skipped:     0, Total: …"
read -r passed failed skipped < <(awk '
  /(Passed|Failed|Skipped)! +- Failed:/ { gsub(",", ""); for (i = 1; i < NF; i++) { if ($i == "Failed:") f += $(i+1); if ($i == "Passed:") p += $(i+1); if ($i == "Skipped:") s += $(i+1) } }
  END { print p + 0, f + 0, s + 0 }' "$log")
# A test host that crashed prints no such line; its exit code is then all there is.
if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1; fi
printf '\n'
if [ "$skipped" = 0 ]; then echo "$passed passed, $failed failed"; else echo "$passed passed, $failed failed, $skipped skipped"; fi
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
