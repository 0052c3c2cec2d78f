#!/usr/bin/env bash
# Compares internal/stat with numpy and scipy on samples that are generated, with
# ties and without: percentiles, mean, deviation, the slope of Theil and Sen, the
# test of Mann and Kendall, and measures of concentration.
# Needs Debian's python3-scipy.
#   bench/stat.sh [SAMPLES [SEED]]
set -euo pipefail
cd "$(dirname "$0")/.."
python=python3
"$python" -c 'import scipy' 2>/dev/null || python=/usr/bin/python3
answers=$(mktemp)
trap 'rm -f "$answers"' EXIT
"$python" bench/stat.py "${1:-500}" "${2:-1}" >"$answers"
RAMPFORGE_SCIPY="$answers" go test ./internal/stat -count=1 -v -run '^TestAgainstSciPy$'
