#!/usr/bin/env bash
# Runs every fuzz target of the tree for a while, one after the other.
#   bench/fuzz.sh [TIME]      TIME for each target, such as 10s or 5m; default 5s
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-5s}
count=0
work=$(mktemp -d)
log=$work/log program=$work/program
trap 'rm -rf "$work"' EXIT

# Before 1.27, Go sometimes takes the end of the time for a fault of the target
# (go.dev/issue/75804): it then says nothing but that the deadline passed. An
# input that fails says which file it was written to, and a target that dies
# says why; either is a failure here.
only_the_deadline() {
  grep -qE '^    context deadline exceeded$' "$log" &&
    ! grep -qE 'Failing input written|panic:|fuzzing process|terminated unexpectedly|^ +[^ ]+_test\.go:[0-9]+:' "$log"
}

# A package is built once for all its targets: most of a short run would go into
# linking the same program again and again.
while read -r dir; do
  go test -c -fuzz=Fuzz -o "$program" "$dir"
  cache=$(go env GOCACHE)/fuzz/$(go list "$dir")
  for target in $(grep -ohE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go | sed 's/^func //' | sort); do
    echo "fuzz: $dir $target"
    (cd "$dir" && "$program" -test.run '^$' -test.fuzzminimizetime 10x -test.fuzz "^$target\$" -test.fuzztime "$time" \
      -test.fuzzcachedir "$cache" -test.parallel 2) 2>&1 | tee "$log" || only_the_deadline || exit 1
    count=$((count + 1))
  done
done < <(git ls-files '*_test.go' | xargs grep -lE '^func Fuzz' | xargs -n 1 dirname | sort -u | sed 's|^|./|')
[ "$count" -gt 0 ] || { echo "fuzz: no target was found" >&2; exit 1; }
echo "fuzz: $count targets held for $time each"
