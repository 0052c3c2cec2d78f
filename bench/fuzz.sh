#!/usr/bin/env bash
# Runs every fuzz target of the tree for a while, one after the other.
#   bench/fuzz.sh [TIME]      TIME for each target, such as 10s or 5m; default 5s
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-5s}
count=0
while read -r file; do
  dir=./$(dirname "$file")
  for target in $(grep -ohE '^func Fuzz[A-Za-z0-9_]+' "$file" | sed 's/^func //'); do
    echo "fuzz: $dir $target"
    go test -run "^$" -fuzzminimizetime 10x -fuzz "^$target\$" -fuzztime "$time" -parallel 2 "$dir"
    count=$((count + 1))
  done
done < <(git ls-files '*_test.go' | xargs grep -lE '^func Fuzz' | sort)
[ "$count" -gt 0 ] || { echo "fuzz: no target was found" >&2; exit 1; }
echo "fuzz: $count targets held for $time each"
