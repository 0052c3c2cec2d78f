#!/usr/bin/env bash
# Measures what counting requests costs where replicas share the counts: GET
# /auth/me of one user over 16 connections, and of 16 users over one each, without
# counts, with counts in PostgreSQL alone and with counts in Redis, in turn in one
# run. Everything stays on loopback. docs/benchmarks.md says how to read it.
#   SECONDS_EACH=5 ROUNDS=3 bench/counting.sh
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-5} rounds=${ROUNDS:-3}
postgres=${RAMPFORGE_TEST_POSTGRES-postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable}
redis=${RAMPFORGE_TEST_REDIS-redis://127.0.0.1:6379}
name=rfcounting$$
dir=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; psql -q "$postgres" -c "DROP DATABASE IF EXISTS $name WITH (FORCE)"; rm -rf "$dir"' EXIT
export GOFLAGS="${GOFLAGS:--buildvcs=false -trimpath}"
go build -o "$dir/load" ./bench/load
go build -o "$dir/rampforge" ./cmd/rampforge
psql -q "$postgres" -c "CREATE DATABASE $name"
export DATABASE_URL=$(sed -E "s#/[^/?]*(\?|\$)#/$name\1#" <<<"$postgres") SECRET_KEY=made-up-made-up-made-up-made-up-made-up DEBUG=true BCRYPT_COST=4
export LOG_FORMAT=json LOG_LEVEL=WARN RATE_LIMIT_AUTH=off ACCESS_TOKEN_EXPIRE_MINUTES=60 AI_PROVIDER=extractive
unset REDIS_URL API_HOST 2>/dev/null || true

# serve MODE PORT VARIABLE…
serve() {
  local mode=$1 port=$2
  shift 2
  env "$@" DATA_DIR="$dir/$mode" API_PORT="$port" "$dir/rampforge" serve >/dev/null 2>"$dir/$mode.log" &
  pids+=($!)
  for _ in $(seq 1 600); do curl -sf "http://127.0.0.1:$port/api/health/ready" >/dev/null && return 0; sleep 0.1; done
  cat "$dir/$mode.log" >&2
  return 1
}
first=${PORT:-8131}
serve none "$first" RATE_LIMIT_API=off
serve postgres "$((first + 1))" RATE_LIMIT_API=10000000/m
serve redis "$((first + 2))" RATE_LIMIT_API=10000000/m REDIS_URL="$redis"

json() { node -e 'let s="";process.stdin.on("data",d=>s+=d).on("end",()=>console.log(JSON.parse(s)[process.argv[1]]))' "$1"; }
post() { curl -sf -H 'Content-Type: application/json' -d "$2" "http://127.0.0.1:$first$1"; }
tokens=()
for n in $(seq 0 15); do
  post /api/v1/auth/register "{\"email\":\"user$n@example.com\",\"password\":\"correct horse battery\",\"name\":\"User $n\"}" >/dev/null
  tokens+=("$(post /api/v1/auth/login "{\"email\":\"user$n@example.com\",\"password\":\"correct horse battery\"}" | json access_token)")
done

for round in $(seq 1 "$rounds"); do
  at=$first
  for mode in none postgres redis; do
    url=http://127.0.0.1:$at/api/v1/auth/me
    "$dir/load" -name "round $round, one user, counts: $mode" -token "${tokens[0]}" -c 16 -d "${seconds}s" -url "$url"
    many=()
    for token in "${tokens[@]}"; do
      "$dir/load" -name "round $round, one of 16 users, counts: $mode" -token "$token" -c 1 -d "${seconds}s" -url "$url" >>"$dir/many.$round.$mode" &
      many+=($!)
    done
    wait "${many[@]}"
    node -e 'const l=require("fs").readFileSync(process.argv[1],"utf8").trim().split("\n").map(JSON.parse);console.log(JSON.stringify({name:process.argv[2],requests:l.reduce((n,x)=>n+x.requests,0),failures:l.reduce((n,x)=>n+x.failures,0),per_second:l.reduce((n,x)=>n+x.per_second,0),p99_ms_of_the_worst:Math.max(...l.map(x=>x.p99_ms))}))' \
      "$dir/many.$round.$mode" "round $round, 16 users, counts: $mode"
    at=$((at + 1))
  done
done
