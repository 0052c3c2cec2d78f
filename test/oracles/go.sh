#!/bin/bash
# Holds what is read from Go against gocyclo, gocognit, go list and ctags, all
# over the same files of a module, and times them side by side.
#
#	test/oracles/go.sh FOLDER-OF-A-MODULE
#
# Needs universal-ctags and the Go module proxy. Files with syntax errors, which
# end the first two, and with //line directives, which move their lines, are
# left out.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$here" && go build -o "$work/facts" ./test/oracles/facts && go build -o "$work/imports" ./test/oracles/imports)
cd "$work"
GOBIN="$work" go install github.com/fzipp/gocyclo/cmd/gocyclo@v0.6.0
GOBIN="$work" go install github.com/uudashr/gocognit/cmd/gocognit@v1.2.0

find "$tree" -name '*.go' -type f -not -path '*/vendor/*' -not -path '*/testdata/*' |
	xargs grep -LE '^//line |/\*line ' | xargs gofmt -l -e 2>&1 >/dev/null | cut -d: -f1 | sort -u >broken || true
find "$tree" -name '*.go' -type f -not -path '*/vendor/*' -not -path '*/testdata/*' |
	xargs grep -LE '^//line |/\*line ' | grep -vxF -f broken | sort >files || true
echo "$(wc -l <files) files, $(xargs cat <files | wc -c) bytes, $(wc -l <broken) left out"

# seconds NAME COMMAND… prints the least of three runs in processor time, which
# other work on the machine disturbs less than the clock.
seconds() {
	name=$1
	shift
	TIMEFORMAT='%U %S'
	for _ in 1 2 3; do
		{ time "$@" >"$name.out" || true; } 2>&1 | tail -1
	done | awk -v name="$name" '{ t = $1 + $2 } NR == 1 || t < best { best = t } END { printf "%s: %.2f s\n", name, best }'
}
ours() { "$work/facts" "$1" Go <files; }
cyclo() { xargs "$work/gocyclo" -over 0 <files; }
cognit() { xargs "$work/gocognit" -over -1 <files; }
tags() { ctags -L files --languages=Go --kinds-Go=fctvmsi -n -f -; }
seconds facts ours functions
seconds gocyclo cyclo
seconds gocognit cognit
seconds ctags tags
ours declares >declares.out

# A function is known by its place and last name: receivers are written apart.
awk -F'\t' '{ n = $4; sub(/.*\./, "", n); print $1 ":" $2 " " n "\t" $5 "\t" $6 }' facts.out | sort >ours
for tool in gocyclo gocognit; do
	sed -E 's/^([0-9]+) [^ ]+ (.*[.)])?([^ .)]+) ([^ ]+):([0-9]+):[0-9]+$/\4:\5 \3\t\1/' "$tool.out" | sort >"$tool.keys"
	column=2
	[ "$tool" = gocognit ] && column=3
	awk -F'\t' -v c=$column -v tool="$tool" 'NR == FNR { v[$1] = $c; next } $1 in v { n++; if (v[$1] == $2) same++; else if (shown++ < 5) print "  " tool " says " $2 ", here " v[$1] ": " $1 }
		END { printf "%s: %d of %d functions equal, %.3f %%\n", tool, same, n, 100 * same / n }' ours "$tool.keys"
done

# Symbols by file, line and name.
awk -F'\t' '{ print $1 "\t" $2 "\t" $5 }' declares.out | sort -u >symbols
awk -F'\t' '{ sub(/;"$/, "", $3); print $2 "\t" $3 "\t" $1 }' ctags.out | sort -u >tags
awk -F'\t' 'NR == FNR { ours[$0] = 1; m++; next } { n++; if ($0 in ours) both++ }
	END { printf "symbols: %d here, %d of ctags, %d in both: %.2f %% of ctags found\n", m, n, both, 100 * both / n }' symbols tags

# Imports of packages of the module, from the files that go list would build.
module=$(cd "$tree" && go list -m)
(cd "$tree" && go list -e -find -f '{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}
{{end}}{{range .CgoFiles}}{{$d}}/{{.}}
{{end}}' ./...) | sed "/^$/d; s|^$tree/||" | sort >built
(cd "$tree" && GOPROXY=off GOFLAGS=-mod=mod go list -e -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}}	{{.}}
{{end}}' ./...) | awk -F'\t' -v m="$module" '$2 == m || index($2, m "/") == 1' | sort -u >golist
"$work/imports" "$tree" Go | awk -F'\t' -v m="$module" '
	function package(f) { if (!sub(/\/[^\/]*$/, "", f)) return m; return m "/" f }
	NR == FNR { built[$1] = 1; next }
	($1 in built) { a = package($1); b = package($2); if (a != b) print a "\t" b }' built - | sort -u >edges
awk -F'\t' 'NR == FNR { theirs[$0] = 1; n++; next } { m++; if ($0 in theirs) both++; else if (shown++ < 5) print "  only here: " $0 }
	END { printf "imports: precision %.4f, recall %.4f of %d edges\n", both / m, both / n, n }' golist edges
comm -23 golist edges | head -5 | sed 's/^/  only go list: /'
