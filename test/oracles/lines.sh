#!/bin/sh
# Compares the lines of code, comment and blank that we count with those of scc
# v3.5.0, over the files of a folder that both read, by language:
#
#	test/oracles/lines.sh FOLDER
#
# A language is compared where scc names it alike. The files that differ most are
# shown at the end; docs/analysis.md says, under "Agreement over languages", which of
# the two is right where somebody looked.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$here" && go build -o "$work/facts" ./test/oracles/facts)
mkdir "$work/scc-module"
# A module of its own: scc is no part of the product, nor of its tools.
(cd "$work/scc-module" && go mod init oracle >/dev/null 2>&1 && go mod edit -require=github.com/boyter/scc/v3@v3.5.0 &&
	GOFLAGS=-mod=mod go build -o "$work/scc" github.com/boyter/scc/v3)
cd "$folder"
find . -type f ! -path './.git/*' | sort >"$work/list"
"$work/facts" lines any <"$work/list" | sed 's|^\./||' >"$work/ours"
# Language, file, code, comment, blank; names with a comma are left out.
"$work/scc" --by-file --no-complexity --no-cocomo --format csv . 2>/dev/null |
	awk -F, 'NR > 1 && NF >= 7 { sub(/^\.\//, "", $2); print $2 "\t" $1 "\t" $5 "\t" $6 "\t" $7 }' >"$work/theirs"
awk -F'\t' '
	FNR == NR { language[$1] = $2; code[$1] = $3; comment[$1] = $4; blank[$1] = $5; next }
	($1 in language) && language[$1] == $2 {
		files[$2]++; oc[$2] += code[$1]; om[$2] += comment[$1]; ob[$2] += blank[$1]; tc[$2] += $3; tm[$2] += $4; tb[$2] += $5
		d = code[$1] - $3; if (d < 0) d = -d
		if (d == 0) same[$2]++; else print d "\t" $2 "\t" $1 "\t" code[$1] "\t" $3 > differ
	}
	END {
		for (l in files) {
			off = tc[l] ? 100 * (oc[l] - tc[l]) / tc[l] : 0
			printf "%-14s %6d files, %5.1f %% equal; code %d, scc %d (%+.2f %%); comment %d, %d; blank %d, %d\n", l, files[l], 100 * same[l] / files[l], oc[l], tc[l], off, om[l], tm[l], ob[l], tb[l]
		}
	}' differ="$work/differ" "$work/ours" "$work/theirs" | sort -k2,2nr
[ -f "$work/differ" ] || exit 0
echo "most different (lines, language, file, ours, scc):"
sort -rn "$work/differ" | head -n "${LINES_SHOWN:-15}"
