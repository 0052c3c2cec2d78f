#!/bin/sh
# Compares cyclomatic and cognitive complexity of JavaScript and TypeScript,
# function by function, with ESLint's rule complexity and with
# eslint-plugin-sonarjs on folders of source:
#
#	test/oracles/javascript.sh FOLDER …
#
# The tools come from npm into a temporary folder, or from the folder
# REFERENCE_MODULES. What is known to differ is in docs/analysis.md, under "Python
# and JavaScript".
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
trees=
for folder; do
	trees="$trees${trees:+:}$(cd "$folder" && pwd)"
done
cd "$here"
REFERENCE_TREES=$trees go test -count=1 -tags reference -run Reference -v ./internal/analysis/language/javascript
