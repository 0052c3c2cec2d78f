#!/bin/sh
# Compares what the parsers of Ruby and PHP read with RuboCop, PHPMD and
# universal-ctags on a folder of source:
#
#	test/oracles/ruby-php.sh FOLDER
#
# It prints the agreement of cyclomatic complexity, function by function, and how
# many functions are found where ctags has them. A tool that is not installed is left out.
# What is known to differ is in docs/analysis.md, under "Ruby and PHP".
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$here" && go build -o "$work/facts" ./test/oracles/facts)
cd "$folder"

files() { find . -type f -name "*.$1" ! -path '*/vendor/*' ! -path '*/node_modules/*' ! -path './.git/*' | sort; }

# agreement compares two lists of "path line name value": of the functions in the
# first, how many have the same value in the second at the same path and line, or
# the nearest line of the same name.
agreement() {
	awk -F'\t' -v what="$1" '
		FNR == NR { key = $1 "\t" $3; n = ++count[key]; line[key, n] = $2; value[key, n] = $4; next }
		{
			total++; key = $1 "\t" $3; best = 0; far = 1e9
			for (n = 1; n <= count[key]; n++) {
				d = line[key, n] - $2; if (d < 0) d = -d
				if (d < far) { far = d; best = n }
			}
			if (!best) { missing++; print "  missing " $0; next }
			if (value[key, best] == $4) same++; else print "  " $0 ", we say " value[key, best]
		}
		END { if (total) printf "%s: %d of %d equal (%.2f %%), %d missing\n", what, same, total, 100 * same / total, missing }
	' "$3" "$2" | tail -n "${LINES_SHOWN:-40}"
}

if command -v rubocop >/dev/null && [ -n "$(files rb | head -n 1)" ]; then
	cat >"$work/rubocop.yml" <<-'YAML'
		AllCops:
		  DisabledByDefault: true
		  SuggestExtensions: false
		  TargetRubyVersion: 3.2
		Metrics/CyclomaticComplexity:
		  Enabled: true
		  Max: 0
	YAML
	files rb >"$work/rb"
	"$work/facts" functions Ruby <"$work/rb" | awk -F'\t' '{ n = split($4, part, "."); print $1 "\t" $2 "\t" part[n] "\t" $5 }' >"$work/ours"
	xargs rubocop -c "$work/rubocop.yml" --cache false --format emacs <"$work/rb" 2>/dev/null |
		sed -n "s|^$folder/\(.*\):\([0-9]*\):[0-9]*: C: .*Cyclomatic complexity for \([^ ]*\) is too high. \[\([0-9]*\)/0\].*|./\1	\2	\3	\4|p" >"$work/theirs" || true
	agreement "Ruby, cyclomatic against RuboCop" "$work/theirs" "$work/ours"
fi

if command -v phpmd >/dev/null && [ -n "$(files php | head -n 1)" ]; then
	cat >"$work/phpmd.xml" <<-'XML'
		<?xml version="1.0"?>
		<ruleset name="cyclomatic" xmlns="http://pmd.sf.net/ruleset/1.0.0"><description>-</description>
		<rule ref="rulesets/codesize.xml/CyclomaticComplexity"><properties><property name="reportLevel" value="1"/></properties></rule></ruleset>
	XML
	files php >"$work/php"
	"$work/facts" functions PHP <"$work/php" | awk -F'\t' '{ n = split($4, part, "."); print $1 "\t" $2 "\t" part[n] "\t" $5 }' >"$work/ours"
	phpmd . text "$work/phpmd.xml" --exclude '*/vendor/*,*/node_modules/*' 2>/dev/null |
		sed -n "s|^$folder/\([^:]*\):\([0-9]*\) .*The [a-z]* \([^ ]*\)() has a Cyclomatic Complexity of \([0-9]*\)\..*|./\1	\2	\3	\4|p" >"$work/theirs" || true
	agreement "PHP, cyclomatic against PHPMD" "$work/theirs" "$work/ours"
fi

# inside tells how many of the names of the first list stand in the range that
# the second has for them.
inside() {
	awk -F'\t' -v what="$1" '
		FNR == NR { key = $1 "\t" $4; n = ++count[key]; first[key, n] = $2; last[key, n] = $3; next }
		{
			total++; key = $1 "\t" $3; found = 0
			for (n = 1; n <= count[key]; n++) if (first[key, n] <= $2 && $2 <= last[key, n]) found = 1
			if (found) same++; else print "  missing " $0
		}
		END { if (total) printf "%s: %d of %d found (%.2f %%)\n", what, same, total, 100 * same / total }
	' "$3" "$2" | tail -n "${LINES_SHOWN:-40}"
}

if command -v ctags >/dev/null; then
	for language in Ruby PHP; do
		extension=rb kinds=fS
		[ $language = PHP ] && extension=php kinds=f
		[ -n "$(files $extension | head -n 1)" ] || continue
		files $extension >"$work/list"
		{
			"$work/facts" functions $language <"$work/list" | awk -F'\t' '{ n = split($4, part, "."); print $1 "\t" $2 "\t" $3 "\t" part[n] }'
			# Declarations without a body have no range.
			"$work/facts" declares $language <"$work/list" | awk -F'\t' '{ print $1 "\t" $2 "\t" $2 "\t" $5 }'
		} >"$work/ours"
		ctags --languages=$language --kinds-$language=$kinds --fields=n -f - -L "$work/list" 2>/dev/null |
			awk -F'\t' '!/^!/ { for (i = 4; i <= NF; i++) if ($i ~ /^line:/) print $2 "\t" substr($i, 6) "\t" $1 }' >"$work/theirs"
		inside "$language, functions that ctags finds" "$work/theirs" "$work/ours"
	done
fi
