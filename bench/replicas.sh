#!/usr/bin/env bash
# Shows what many replicas hold: kills them, restarts PostgreSQL and Redis, and
# rolls them from an earlier commit to this tree. docs/operations.md says how to read it.
#   bench/replicas.sh [-from COMMIT] [-for 3m] [-seed 1]
set -euo pipefail
cd "$(dirname "$0")/.."
from=
if [ "${1:-}" = -from ]; then from=$2; shift 2; fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"; [ -z "$from" ] || git worktree prune' EXIT
export GOFLAGS="${GOFLAGS:--buildvcs=false -trimpath}"
go build -o "$dir/replicas" ./bench/replicas
go build -o "$dir/rampforge" ./cmd/rampforge
before=()
if [ -n "$from" ]; then
  git worktree add --quiet --detach "$dir/from" "$from"
  mkdir -p "$dir/from/web/dist"
  (cd "$dir/from" && go build -o "$dir/before" ./cmd/rampforge)
  before=(-before "$dir/before")
fi
"$dir/replicas" -program "$dir/rampforge" "${before[@]}" "$@"
