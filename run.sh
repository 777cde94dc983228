#!/usr/bin/env bash
# Builds the service and starts it with the embedded defaults: state under ./var, socket ./var/gateway.sock, no root needed.
# Any option can follow: ./run.sh --Gateway:Listen:Socket=/x/y.sock        (all of them: docs/operations.md; the arguments: ./run.sh --help)
set -euo pipefail
cd "$(dirname "$0")"
command -v dotnet >/dev/null || { echo "run.sh: the .NET 10 SDK is missing (dotnet)" >&2; exit 1; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet build src/Gateway -c Release --nologo -v quiet -clp:NoSummary
# The program itself takes the place of this script, so that signals and exit codes are its own.
exec src/Gateway/bin/Release/net10.0/Gateway --print-examples "$@"
