package documents_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

// TestStepsOfSetup has a guide whose steps work in their order, and that asks for
// nothing that one can do without, for no image of the software itself and for no
// version that only a variable tells.
func TestStepsOfSetup(t *testing.T) {
	t.Parallel()
	in := of(t, gittest.Build(t, `-- package.json --
{
  "name": "shop",
  "engines": {"node": ">=20"},
  "dependencies": {"pg": "8.1.0", "better-sqlite3": "9.0.0"},
  "scripts": {
    "start": "node index.js",
    "seed": "node db/seed.js",
    "db:migrate": "knex migrate:latest",
    "db:create": "node db/create.js",
    "test": "node --test"
  }
}
-- README.md --
# Shop

A shop that sells things to people who want them.

## Deploy

~~~
npm ci && npx knex migrate:latest && node index.js
~~~
-- package-lock.json --
{"lockfileVersion": 3}
-- index.js --
const pg = require('pg')
pg.connect()
-- db/seed.js --
console.log('seed')
-- db/create.js --
console.log('create')
-- .devcontainer/Dockerfile --
ARG VARIANT
FROM mcr.microsoft.com/vscode/devcontainers/java:0-${VARIANT}
-- compose.yaml --
services:
  web:
    build: .
    depends_on: [db]
  db:
    image: postgres:${PG_VERSION:-16}
    ports: ["5432:5432"]
  worker:
    image: acme/shop:2
  search:
    image: elasticsearch:8.1
    profiles: [search]
    ports: ["9200:9200"]
  e2e:
    image: cypress/included:13
    depends_on: [web]
-- docker-compose.test.yml --
services:
  cache:
    image: redis:7
-- commit: A shop --
`))
	text := says(t, rampforge.DocumentSetup, in)
	want(t, text, "postgres `16`", "docker compose up -d db", "!cypress", "!elasticsearch", "!Elasticsearch", "!Redis", "!9200", "!- shop", "!java", "!VARIANT", "!SQLite")
	at := 0
	for _, step := range []string{"## Start the services", "docker compose up -d db", "## Install", "npm ", "## Prepare the database", "npm run db:create", "npm run db:migrate", "npm run seed", "## Run", "npm start", "## Test", "npm test"} {
		i := strings.Index(text[at:], step)
		if i < 0 {
			t.Fatalf("%q does not come in its turn:\n%s", step, text)
		}
		at += i
	}
	before, _, _ := strings.Cut(text, "## Run")
	want(t, before, "!&& node index.js")
	want(t, says(t, rampforge.DocumentArchitecture, in), "optional: only with the profile search")
}
