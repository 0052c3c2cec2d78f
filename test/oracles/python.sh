#!/bin/sh
# Compares the cyclomatic complexity that the parser of Python reads with radon's,
# function by function, on a folder of source:
#
#	test/oracles/python.sh FOLDER
#
# It prints the functions that differ and the agreement. radon is Debian's package
# of that name; what is known to differ is in docs/analysis.md, under "Python and
# JavaScript".
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
facts=${FACTS:-$work/facts}
[ -x "$facts" ] || (cd "$here" && go build -o "$facts" ./test/oracles/facts)
cd "$folder"
find . -type f -name '*.py' ! -path './.git/*' | sort >"$work/files"
"$facts" functions Python <"$work/files" >"$work/ours"
xargs radon cc --json <"$work/files" >"$work/theirs"
python3 - "$work/ours" "$work/theirs" <<'PY'
import json, sys

ours, text = {}, open(sys.argv[2]).read()
for line in open(sys.argv[1]):
    path, first, last, name, cyclomatic, *_ = line.rstrip("\n").split("\t")
    ours[path.removeprefix("./"), int(first), name.split(".")[-1]] = int(cyclomatic)
decoder, at, theirs = json.JSONDecoder(), 0, {}
while text[at:].strip():  # one object for each time that xargs calls radon
    found, at = decoder.raw_decode(text, at + len(text[at:]) - len(text[at:].lstrip()))
    theirs.update(found)
same = differ = missing = unread = 0
def walk(path, block):
    global same, differ, missing
    if block["type"] != "class":
        key = path.removeprefix("./"), block["lineno"], block["name"]
        if key not in ours:
            missing += 1
            print("missing", *key)
        elif ours[key] == block["complexity"]:
            same += 1
        else:
            differ += 1
            print("differs", *key, "radon", block["complexity"], "we", ours[key])
    for inner in block.get("closures", []):
        walk(path, inner)
for path, blocks in theirs.items():
    if isinstance(blocks, dict):  # radon could not read it
        unread += 1
        continue
    for block in blocks:
        walk(path, block)
total = same + differ + missing
print(f"cyclomatic against radon: {same} of {total} equal ({100 * same / max(1, total):.2f} %), {missing} missing, {unread} files that radon cannot read")
PY
