#!/bin/sh
# Compares the cyclomatic complexity that is read of Java with that of checkstyle,
# a package of Debian, method by method.
#
#	test/oracles/java.sh FOLDER
#
# FOLDER is a checkout of the sources to compare. A method is known by its line, or
# the nearest within ten lines before it, where its annotations begin. Methods
# without a body are functions for checkstyle alone and not compared.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
tree=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -x "${FACTS:-}" ] || (cd "$here" && go build -o "$work/facts" ./test/oracles/facts)
cd "$tree"
cat >"$work/checks.xml" <<'XML'
<?xml version="1.0"?>
<!DOCTYPE module PUBLIC "-//Checkstyle//DTD Checkstyle Configuration 1.3//EN" "https://checkstyle.org/dtds/configuration_1_3.dtd">
<module name="Checker">
  <property name="haltOnException" value="false"/>
  <module name="TreeWalker"><module name="CyclomaticComplexity"><property name="max" value="0"/></module></module>
</module>
XML
find . -name '*.java' -type f | sort >"$work/files"
"${FACTS:-$work/facts}" functions Java <"$work/files" >"$work/ours"
xargs checkstyle -c "$work/checks.xml" <"$work/files" >"$work/checkstyle" 2>/dev/null || true
sed -n "s|^\[ERROR\] $tree/\(.*\):\([0-9]*\):[0-9]*: Cyclomatic Complexity is \([0-9,]*\) .*|./\1	\2	\3|p" "$work/checkstyle" | tr -d , >"$work/theirs"
awk -F'\t' '
	FNR == NR { theirs[$1 "\t" $2] = theirs[$1 "\t" $2] " " $3; next }
	{
		total++; found = ""
		for (line = $2; line >= $2 - 10 && found == ""; line--) if (($1 "\t" line) in theirs) found = theirs[$1 "\t" line]
		if (found == "") { missing++; print "  only here " $0 }
		else if (index(found " ", " " $5 " ")) same++
		else { differ++; print "  differs " $0 ", checkstyle says" found }
	}
	END { printf "Java, cyclomatic against checkstyle: %d of %d equal (%.2f %%), %d differ, %d only here\n", same, total, 100 * same / total, differ, missing }
' "$work/theirs" "$work/ours" | tail -n "${LINES_SHOWN:-40}"
