#!/usr/bin/env bash
# Measures the import of an event log of at least 13,000 cases and 250,000
# events by the real program, with the graph and the variants of its workflow
# report, beside what only reading it takes. docs/benchmarks.md says how to read
# what it prints.
#   bench/analytics.sh [-cases N] [-postgres URL] [-python PYTHON]
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/analytics" ./bench/analytics
go build -o "$dir/rampforge" ./cmd/rampforge
"$dir/analytics" -rampforge "$dir/rampforge" "$@"
