#!/usr/bin/env bash
# All measurements: the API, the sync, the import of an event log, then the analysis of this repository and
# of those given.
#   bench/run.sh [REPOSITORY…]
set -euo pipefail
here=$(dirname "$0")
"$here/api.sh"
"$here/ingest.sh"
"$here/analytics.sh"
"$here/analysis.sh" "$here/.." "$@"
