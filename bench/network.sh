#!/usr/bin/env bash
# Compares what internal/team computes of networks with networkx, on graphs that
# are generated: degree centrality, betweenness with 1/weight as length,
# modularity, the best division, components, articulation points.
# Needs Debian's python3-networkx.
#   bench/network.sh [GRAPHS [SEED]]
set -euo pipefail
cd "$(dirname "$0")/.."
python=python3
"$python" -c 'import networkx' 2>/dev/null || python=/usr/bin/python3
answers=$(mktemp)
trap 'rm -f "$answers"' EXIT
"$python" bench/network.py "${1:-60}" "${2:-1}" >"$answers"
RAMPFORGE_NETWORKX="$answers" go test ./internal/team -count=1 -v -run '^TestAgainstNetworkx$'
