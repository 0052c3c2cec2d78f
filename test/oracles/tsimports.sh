#!/bin/sh
# Compares the imports between the files of JavaScript and TypeScript of a folder
# with what TypeScript's own resolution says, and with what madge says:
#
#	test/oracles/tsimports.sh FOLDER
#
# The tools come from npm into a temporary folder. The packages of a workspace are
# not linked and not built there, so that TypeScript finds no way from one into
# another: edges that we have between packages (folders with a package.json) are
# counted apart, and not held against it. So are those to a file behind an imported
# one that exports its names again, which we follow and the tools do not.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$here" && go build -o "$work/imports" ./test/oracles/imports)
(cd "$work" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund typescript@5 madge@8 >/dev/null)
cp "$here/test/oracles/imports/typescript.mjs" "$work/"
cd "$folder"
"$work/imports" . JavaScript,TypeScript,TSX | sort -u >"$work/all"
find . -type f \( -name '*.ts' -o -name '*.tsx' -o -name '*.mts' -o -name '*.cts' -o -name '*.js' -o -name '*.jsx' -o -name '*.mjs' -o -name '*.cjs' \) \
	! -path '*/node_modules/*' ! -path './.git/*' ! -name '*.d.ts' | sed 's|^\./||' | sort >"$work/files"
find . -name package.json ! -path '*/node_modules/*' | sed 's|^\./||; s|package.json$||' | sort >"$work/packages"

compare() { # name, edges of the other
	awk -F'\t' -v what="$1" -v show="${LINES_SHOWN:-5}" '
		function home(p, best, k) { best = ""; for (k in packages) if (index(p, k) == 1 && length(k) > length(best)) best = k; return best }
		# Whether a file stands behind one that another imports, over files that export again.
		function behind(from, to, list, n, i, seen, queue, head, tail) {
			split("", seen); n = split(substr(next_of[from], 2), list, "\t"); head = 1; tail = 0
			for (i = 1; i <= n; i++) { queue[++tail] = list[i]; seen[list[i]] = 1 }
			while (head <= tail) {
				n = split(substr(again[queue[head++]], 2), list, "\t")
				for (i = 1; i <= n; i++) {
					if (list[i] == to) return 1
					if (!(list[i] in seen)) { seen[list[i]] = 1; queue[++tail] = list[i] }
				}
			}
			return 0
		}
		FILENAME == ARGV[1] { packages[$1] = 1; next }
		FILENAME == ARGV[2] { counts[$1] = 1; next }
		FILENAME == ARGV[3] { again[$1] = again[$1] "\t" $2; next }
		FILENAME == ARGV[4] {
			if (!($1 in counts) || !($2 in counts)) next
			theirs[$1 "\t" $2] = 1; next_of[$1] = next_of[$1] "\t" $2
			next
		}
		{
			if (!($1 in counts) || !($2 in counts)) next
			if ($0 in theirs) { same++; delete theirs[$0] }
			else if (home($1) != home($2)) across++
			else if (behind($1, $2)) through++
			else { ours++; if (ours <= show) print "  ours only: " $0 }
		}
		END {
			for (e in theirs) { missing++; if (missing <= show) print "  theirs only: " e }
			printf "%s: %d edges in both, %d ours only, %d theirs only; precision %.4f, recall %.4f; %d of ours between packages, %d behind an imported file\n", what, same, ours, missing, same / (same + ours), same / (same + missing), across, through
		}' "$work/packages" "$work/files" "$work/again" "$2" "$work/all"
}

node "$work/typescript.mjs" "$folder" <"$work/files" | sort -u >"$work/typescript"
awk -F'\t' '$3 == "again" { print $1 "\t" $2 }' "$work/typescript" >"$work/again"
compare TypeScript "$work/typescript"

config=
[ -f tsconfig.json ] && config="--ts-config tsconfig.json"
# shellcheck disable=SC2086 # a name without a space
"$work/node_modules/.bin/madge" --json --extensions ts,tsx,mts,cts,js,jsx,mjs,cjs $config . 2>/dev/null >"$work/madge.json"
node -e 'const tree = JSON.parse(require("fs").readFileSync(process.argv[1])); for (const [from, list] of Object.entries(tree)) for (const to of list) console.log(from + "\t" + to)' "$work/madge.json" |
	grep -v node_modules | sort -u >"$work/madge"
compare madge "$work/madge"
