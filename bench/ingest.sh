#!/usr/bin/env bash
# Measures the sync of 50,000 work items and 10,000 pull requests by the real
# program into SQLite and, where there is a server, PostgreSQL, beside a plain
# loop. Everything stays on loopback. docs/benchmarks.md says how to read it.
#   bench/ingest.sh [-items N] [-pulls N] [-changes N]
# RAMPFORGE_TEST_POSTGRES names the server, on which two databases are made and
# dropped; empty leaves PostgreSQL out.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/ingest" ./bench/ingest
go build -o "$dir/rampforge" ./cmd/rampforge
postgres=${RAMPFORGE_TEST_POSTGRES-postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable}
"$dir/ingest" -rampforge "$dir/rampforge" -postgres "$postgres" "$@"
