#!/usr/bin/env bash
# Measures the analysis of repositories beside scc, gocyclo, universal-ctags and git on the
# same files, and prints each ratio with its target. docs/benchmarks.md says how
# to read it. Needs universal-ctags for the part `symbols`, and the Go module proxy
# for the parts `lines` and `complexity`.
#   bench/analysis.sh [-only lines,symbols,complexity,history,full,again,rename,together] [-repeat 3] [-beside PROGRAM] [-rounds 1] REPOSITORY…
# The repositories are paths, bare or not; they are cloned and not changed.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/rampforge" ./cmd/rampforge
go build -o "$dir/analysis" ./bench/analysis
# A module of its own: scc is no part of the product, nor of its tools.
mkdir "$dir/build-scc"
(cd "$dir/build-scc" && go mod init bench >/dev/null 2>&1 && go mod edit -require=github.com/boyter/scc/v3@v3.5.0 &&
  GOFLAGS=-mod=mod go build -o "$dir/scc" github.com/boyter/scc/v3)
mkdir "$dir/build-gocyclo"
(cd "$dir/build-gocyclo" && go mod init bench >/dev/null 2>&1 && go mod edit -require=github.com/fzipp/gocyclo@v0.6.0 &&
  GOFLAGS=-mod=mod go build -o "$dir/gocyclo" github.com/fzipp/gocyclo/cmd/gocyclo)
"$dir/analysis" -rampforge "$dir/rampforge" -scc "$dir/scc" -gocyclo "$dir/gocyclo" "$@"
