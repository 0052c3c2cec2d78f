#!/usr/bin/env bash
# Measures the API on this machine: start, idle memory, GET /auth/me, GET
# /projects, and sign-ins with a second client that asks /auth/me meanwhile.
# Everything stays on loopback. docs/benchmarks.md says how to read it.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${SECONDS_EACH:-10}
dir=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
go build -o "$dir/load" ./bench/load
go build -o "$dir/rampforge" ./cmd/rampforge
port=${PORT:-8123}
base=http://127.0.0.1:$port
export DATA_DIR=$dir/data API_PORT=$port LOG_FORMAT=json LOG_LEVEL=WARN RATE_LIMIT_API=off RATE_LIMIT_AUTH=off ACCESS_TOKEN_EXPIRE_MINUTES=60
unset DATABASE_URL REDIS_URL SECRET_KEY API_HOST 2>/dev/null || true

post() { curl -sf -H 'Content-Type: application/json' ${token:+-H "Authorization: Bearer $token"} -d "$2" "$base$1"; }
json() { node -e 'let s="";process.stdin.on("data",d=>s+=d).on("end",()=>console.log(JSON.parse(s)[process.argv[1]]))' "$1"; }
now() { date +%s%N; }

start() {
  local begin=$(now)
  "$dir/rampforge" serve >"$dir/out" 2>"$dir/log" &
  server=$!
  until curl -sf "$base/api/health/ready" >/dev/null; do sleep 0.005; done
  echo "ready: $((($(now) - begin) / 1000000)) ms ($1)"
}
start "first start, with every migration"
kill "$server"; wait "$server" || true
start "second start"

post /api/v1/auth/register '{"email":"admin@example.com","password":"correct horse battery","name":"Admin"}' >/dev/null
token=$(post /api/v1/auth/login '{"email":"admin@example.com","password":"correct horse battery"}' | json access_token)
for n in $(seq 1 1000); do post /api/v1/projects "{\"name\":\"Project $n\",\"description\":\"What project $n is about\"}" >/dev/null; done
sleep 5
grep -E 'VmRSS|RssAnon|RssFile' "/proc/$server/status" | tr -s '\t ' ' ' | sed 's/^/idle: /'

load() { "$dir/load" -token "$token" -d "${seconds}s" "$@"; }
load -name 'GET /auth/me' -url "$base/api/v1/auth/me"
load -name 'GET /projects?limit=50' -url "$base/api/v1/projects?limit=50"
for n in $(seq 0 31); do post /api/v1/auth/register "{\"email\":\"user$n@example.com\",\"password\":\"correct horse battery\",\"name\":\"User $n\"}" >/dev/null; done
load -name 'GET /auth/me, 20 a second, during the sign-ins' -url "$base/api/v1/auth/me" -c 1 -rate 20 &
second=$!
load -name 'POST /auth/login' -url "$base/api/v1/auth/login" -method POST -body '{"email":"user{n}@example.com","password":"correct horse battery"}'
wait "$second"
grep -E 'VmHWM' "/proc/$server/status" | tr -s '\t ' ' ' | sed 's/^/peak: /'
