#!/usr/bin/env bash
# Keeps the real program under mixed traffic at 70 % of what it bears, 30 minutes
# on SQLite and 30 on a PostgreSQL and a Redis of its own, which fail meanwhile,
# and measures one to three API replicas. All of it is on loopback.
# docs/benchmarks.md says how to read it.
#   bench/endurance.sh [-databases sqlite,postgres,replicas] [-d 30m] [-share 0.7] [-faults 2m]
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export GOFLAGS="${GOFLAGS:--buildvcs=false -trimpath}"
go build -o "$dir/endurance" ./bench/endurance
go build -o "$dir/ingest" ./bench/ingest
go build -o "$dir/rampforge" ./cmd/rampforge
"$dir/endurance" -rampforge "$dir/rampforge" -ingest "$dir/ingest" "$@"
