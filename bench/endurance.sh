#!/usr/bin/env bash
# Keeps the real program under mixed traffic at 70 % of what it bears, 30 minutes
# on SQLite and 30 on PostgreSQL with Redis, and measures one to three API
# replicas. Everything stays on loopback. docs/benchmarks.md says how to read it.
#   bench/endurance.sh [-d 30m] [-share 0.7] [-c 32] [-find 15s] [-replicas 3]
# RAMPFORGE_TEST_POSTGRES and RAMPFORGE_TEST_REDIS name the servers; databases of
# its own are made and dropped. An empty RAMPFORGE_TEST_POSTGRES leaves it out.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/endurance" ./bench/endurance
go build -o "$dir/ingest" ./bench/ingest
go build -o "$dir/rampforge" ./cmd/rampforge
"$dir/endurance" -rampforge "$dir/rampforge" -ingest "$dir/ingest" \
  -postgres "${RAMPFORGE_TEST_POSTGRES-postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable}" \
  -redis "${RAMPFORGE_TEST_REDIS-redis://127.0.0.1:6379}" "$@"
