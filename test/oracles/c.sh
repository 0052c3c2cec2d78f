#!/bin/sh
# Compares what is read of C and C++ with pmccabe (cyclomatic complexity) and
# universal-ctags (functions), and the speed with that of ctags. Both are
# packages of Debian: pmccabe, universal-ctags.
#
#	test/oracles/c.sh FOLDER [C|C++]
#
# FOLDER is a checkout of the sources to compare.
set -eu
tree=$(cd "$1" && pwd)
language=${2:-C}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$here" && go build -o "$work/facts" ./facts && go build -o "$work/compare" ./compare)
cd "$tree"
case $language in
C) find . -type f -name '*.c' ;;
*) find . -type f \( -name '*.cc' -o -name '*.cpp' -o -name '*.cxx' -o -name '*.hpp' \) ;;
esac | sort >"$work/files"
echo "$(wc -l <"$work/files") files, $(xargs cat <"$work/files" | wc -c) bytes of $language"

"$work/facts" functions "$language" <"$work/files" >"$work/ours"
xargs pmccabe <"$work/files" >"$work/pmccabe" 2>/dev/null || true
"$work/compare" pmccabe "$work/ours" "$work/pmccabe"

ctags --options=NONE --languages=C,C++ --langmap=C:.c,C++:+.h --kinds-C=f --kinds-C++=f --output-format=xref \
	--_xformat='%F	%n	%N' -L "$work/files" >"$work/ctags" 2>/dev/null
"$work/compare" ctags "$work/ours" "$work/ctags"

echo "time of ours:"
(time -p "$work/facts" none "$language" <"$work/files") 2>&1 | tr '\n' ' '
echo
echo "time of ctags:"
(time -p ctags --options=NONE --languages=C,C++ -f /dev/null -L "$work/files") 2>&1 | tr '\n' ' '
echo
