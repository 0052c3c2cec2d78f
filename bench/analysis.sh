#!/usr/bin/env bash
# Measures `rampforge analyze` beside git's own passes over the history and scc on
# the same repository, one after the other: wall time and peak memory. Then once more
# after one new commit, in a copy.
#   bench/analysis.sh REPOSITORY…       paths of git repositories, bare or not
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || { echo "usage: bench/analysis.sh REPOSITORY…" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/rampforge" ./cmd/rampforge
go build -o "$dir/history" ./bench/history
# A module of its own: scc is no part of the product, nor of its tools.
mkdir "$dir/build-scc"
(cd "$dir/build-scc" && go mod init bench >/dev/null 2>&1 && go mod edit -require=github.com/boyter/scc/v3@v3.5.0 &&
  GOFLAGS=-mod=mod go build -o "$dir/scc" github.com/boyter/scc/v3)

# peak NAME COMMAND…: wall seconds, and the largest memory of the process by
# the kernel's own count.
peak() {
  local name=$1
  shift
  node -e '
    const { spawn } = require("child_process"), fs = require("fs");
    const [name, ...cmd] = process.argv.slice(1);
    const begin = process.hrtime.bigint();
    const child = spawn(cmd[0], cmd.slice(1), { stdio: ["ignore", "ignore", "inherit"] });
    let most = 0;
    const look = setInterval(() => {
      try { const m = /VmHWM:\s+(\d+)/.exec(fs.readFileSync("/proc/" + child.pid + "/status", "utf8")); if (m) most = Math.max(most, +m[1]); } catch {}
    }, 5);
    child.on("exit", (code) => {
      clearInterval(look);
      const wall = Number(process.hrtime.bigint() - begin) / 1e9;
      console.log("  " + name.padEnd(34) + wall.toFixed(2).padStart(8) + " s " + (most / 1024).toFixed(0).padStart(6) + " MiB");
      process.exit(code);
    });
  ' "$name" "$@"
}

for source in "$@"; do
  echo "$(basename "$source"):"
  work=$dir/work
  rm -rf "$work"
  git clone -q --no-hardlinks "$source" "$work"
  export XDG_CACHE_HOME=$dir/cache
  rm -rf "$XDG_CACHE_HOME"
  # The history alone: at most 1.5 times git's own name-status pass and a second.
  peak 'git log -M --name-status' git -C "$work" log -M --name-status
  peak 'rampforge, the history alone' "$dir/history" "$work"
  peak 'git log --numstat' git -C "$work" log --numstat -M
  peak 'scc' "$dir/scc" "$work"
  peak 'rampforge analyze, first' "$dir/rampforge" analyze "$work" --quiet --format json --output "$dir/first.json"
  peak 'rampforge analyze, again' "$dir/rampforge" analyze "$work" --quiet --format json --output "$dir/again.json"
  cmp "$dir/first.json" "$dir/again.json" && echo "  the same bytes both times"
  file=$(git -C "$work" ls-files '*.go' '*.py' '*.ts' '*.js' '*.java' | sed -n 1p)
  printf '\n' >>"$work/$file"
  git -C "$work" -c user.name=Bench -c user.email=bench@example.com commit -qam 'One more line'
  peak 'rampforge analyze, one commit later' "$dir/rampforge" analyze "$work" --quiet --format json --output "$dir/later.json"
done
