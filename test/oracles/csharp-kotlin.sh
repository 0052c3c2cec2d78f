#!/bin/sh
# Compares the functions and types that the parsers of C# and Kotlin read with
# those that universal-ctags finds on a folder of source:
#
#	test/oracles/csharp-kotlin.sh FOLDER
#
# A name of ctags agrees when we declare it, or have a function of it, whose lines
# hold the line of ctags. What is known to differ is in docs/analysis.md, under "C#
# and Kotlin".
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$here" && go build -o "$work/facts" ./test/oracles/facts)
cd "$folder"

compare() { # language, extension, kinds of ctags, what a line with a declaration holds
	find . -type f -name "*.$2" ! -path '*/obj/*' ! -path './.git/*' | sort >"$work/list"
	[ -s "$work/list" ] || return 0
	{
		"$work/facts" functions "$1" <"$work/list" | awk -F'\t' '{ n = split($4, part, "."); print $1 "\t" $2 "\t" $3 "\t" part[n] }'
		# A declaration without a body has its first line; attributes stand before its name.
		"$work/facts" declares "$1" <"$work/list" | awk -F'\t' '{ print $1 "\t" $2 "\t" $2 + 12 "\t" $5 }'
	} >"$work/ours"
	ctags --languages="$1" --kinds-"$1"="$3" --fields=n -f - -L "$work/list" 2>/dev/null |
		awk -F'\t' '!/^!/ { for (i = 4; i <= NF; i++) if ($i ~ /^line:/) { gsub(/`/, "", $1); print $2 "\t" substr($i, 6) "\t" $1 } }' >"$work/all"
	# ctags 5.9 takes calls and variables of Kotlin for methods: a declaration has its word on the line.
	xargs grep -nHE "$4" <"$work/list" | awk -F: '{ print $1 "\t" $2 }' >"$work/lines"
	awk -F'\t' 'FNR == NR { here[$1 "\t" $2] = 1; next } here[$1 "\t" $2]' "$work/lines" "$work/all" >"$work/theirs"
	awk -F'\t' -v what="$1" '
		FNR == NR { key = $1 "\t" $4; n = ++count[key]; first[key, n] = $2; last[key, n] = $3; next }
		{
			total++; key = $1 "\t" $3; found = 0
			for (n = 1; n <= count[key]; n++) if (first[key, n] <= $2 && $2 <= last[key, n]) found = 1
			if (found) same++; else print "  missing " $0
		}
		END { if (total) printf "%s: %d of %d that ctags finds (%.2f %%)\n", what, same, total, 100 * same / total }
	' "$work/ours" "$work/theirs" | tail -n "${LINES_SHOWN:-40}"
}

compare C# cs mci .
compare Kotlin kt mcoi '(fun|class|interface|object) '
