#!/bin/sh
# Compares the functions that are read of Rust with those of universal-ctags, a
# package of Debian.
#
#	test/oracles/rust.sh FOLDER
#
# FOLDER is a checkout of the sources to compare.
set -eu
tree=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$here" && go build -o "$work/facts" ./facts && go build -o "$work/compare" ./compare)
cd "$tree"
find . -type f -name '*.rs' | sort >"$work/files"
echo "$(wc -l <"$work/files") files, $(xargs cat <"$work/files" | wc -c) bytes of Rust"
"$work/facts" functions Rust <"$work/files" >"$work/ours"
ctags --options=NONE --languages=Rust --kinds-Rust=fP --output-format=xref --_xformat='%F	%n	%N' -L "$work/files" >"$work/ctags" 2>/dev/null
"$work/compare" ctags "$work/ours" "$work/ctags"
