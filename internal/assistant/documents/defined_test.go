package documents_test

import (
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

// TestDefinitionsOfDocuments takes what the README and the documents say that words
// of the code mean, before what a comment says, and leaves out words that are not
// the project's own.
func TestDefinitionsOfDocuments(t *testing.T) {
	t.Parallel()
	in := of(t, gittest.Build(t, `-- README.md --
# Harbour

Ships come and go. A berth is a place at the quay that one ship can lie at. Speed is a
good thing to have.

- **Pilot** — somebody who brings ships in and knows the currents
- **Fast**: it answers within a millisecond on every machine
- **Easy to use**: one command starts all of it at once

Quay
: What berths belong to, with a depth of its own

Is a mooring a rope? A mooring is what holds a ship at its berth.
-- go.mod --
module example.com/harbour

go 1.25
-- dock/dock.go --
// Package dock has places.
package dock

// Berth stores rows of the table with their state and position.
type Berth struct{ ID string }

// Pilot wraps a row of the table of people that are employed.
type Pilot struct{ ID string }

// Quay keeps rows of the table with lengths of metal.
type Quay struct{ ID string }

// Mooring keeps rows of the table of ropes that are bought.
type Mooring struct{ ID string }

// Crane lifts what lies in the hold of a ship.
type Crane struct{ ID string }
-- commit: Open --
`))
	text := says(t, rampforge.DocumentGlossary, in)
	want(t, text, "**berth**: A berth is a place at the quay that one ship can lie at.", "**Pilot**: somebody who brings ships in", "**Quay**: What berths belong to", "**mooring**: A mooring is what holds",
		"**Crane** (", "!rows of the table", "!**Fast**", "!**Easy", "!**Speed**")
}
