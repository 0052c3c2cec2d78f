#!/usr/bin/env bash
# All measurements: the API, the sync, then the analysis of this repository and
# of those given.
#   bench/run.sh [REPOSITORY…]
set -euo pipefail
here=$(dirname "$0")
"$here/api.sh"
"$here/ingest.sh"
"$here/analysis.sh" "$here/.." "$@"
