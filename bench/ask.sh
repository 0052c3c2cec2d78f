#!/usr/bin/env bash
# Measures how well what a question is about is found, beside BM25 of whole files
# and beside counting words, and how often nothing is answered. docs/benchmarks.md
# says how to read it.
#   bench/ask.sh REPOSITORY [-cases 300] [-at COMMIT] [-questions bench/ask/questions/NAME.json] [-v]
# The repository is a path, bare or not; it is not changed. With -cases 0 only the
# questions are asked.
set -euo pipefail
repository=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/ask" ./bench/ask
"$dir/ask" -repository "$repository" "$@"
