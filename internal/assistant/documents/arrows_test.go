package documents_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

var (
	drawnNode = regexp.MustCompile(`(n\d+)\["([^"]*)"\]`)
	drawnEdge = regexp.MustCompile(`(n\d+) --> (n\d+)`)
)

// arrows are those of the drawing of a section, by the labels of their ends.
func arrows(text, section string) map[string]bool {
	_, text, _ = strings.Cut(text, section)
	_, text, _ = strings.Cut(text, "```mermaid")
	text, _, _ = strings.Cut(text, "```")
	labels, out := map[string]string{}, map[string]bool{}
	for _, m := range drawnNode.FindAllStringSubmatch(text, -1) {
		labels[m[1]] = strings.ReplaceAll(m[2], "#58;", ":")
	}
	for _, m := range drawnEdge.FindAllStringSubmatch(text, -1) {
		out[labels[m[1]]+" > "+labels[m[2]]] = true
	}
	return out
}

// TestArrows hangs the systems on the programs that reach what speaks with them,
// and on none where that is not known.
func TestArrows(t *testing.T) {
	t.Parallel()
	in := of(t, gittest.Build(t, `-- go.mod --
module example.com/shop

go 1.25

require (
	github.com/jackc/pgx/v5 v5.6.0
	github.com/redis/go-redis/v9 v9.5.0
	github.com/nats-io/nats.go v1.30.0
)
-- cmd/api/main.go --
package main

import "example.com/shop/db"

func main() { db.Open() }
-- cmd/worker/main.go --
package main

func main() { work() }
-- cmd/worker/work.go --
package main

import (
	"github.com/redis/go-redis/v9"

	"example.com/shop/db"
)

func work() {
	redis.NewClient(nil)
	db.Open()
}
-- cmd/tool/main.go --
package main

func main() {}
-- db/db.go --
// Package db speaks with the database.
package db

import "github.com/jackc/pgx/v5"

// Open opens it.
func Open() { pgx.Connect(nil, "") }
-- db/db_test.go --
package db

import (
	"testing"

	"github.com/nats-io/nats.go"
)

func TestOpen(t *testing.T) { nats.Connect("") }
-- commit: A shop --
`))
	text := says(t, rampforge.DocumentArchitecture, in)
	got := arrows(text, "## Containers")
	for arrow, want := range map[string]bool{
		"Program: api > Database: PostgreSQL": true, "Program: worker > Database: PostgreSQL": true, "Program: worker > Cache: Redis": true, "Program: api > Cache: Redis": false,
		"Program: tool > Database: PostgreSQL": false, "Program: tool > Cache: Redis": false, "Program: api > Message queue: NATS": false, "Program: worker > Message queue: NATS": false,
	} {
		if got[arrow] != want {
			t.Errorf("%s is drawn: %v, want %v; drawn are %v", arrow, got[arrow], want, got)
		}
	}
	want(t, text, "which `db/db.go` [")
}
