package assistant_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// TestUnreadReadme says of a README that is too large that it was not read.
func TestUnreadReadme(t *testing.T) {
	t.Parallel()
	a := over(t, store.New(storetest.SQLite(t)), gittest.Build(t, `
-- README.md --
# Quay

`+strings.Repeat("Quay takes ships in, one by one, day and night.\n", 60_000)+`
-- main.go --
package main

func main() {}
-- commit: Begin --
author: Ben Wood <ben@example.com>
date: 2025-06-10T09:00:00Z
`))
	says(t, a.ask("What is this project?"), "There is a README, `README.md`, that the analysis did not read: larger than the limit for one file. [", "Go")
}

// TestPlainDocuments answers from documents of every format as from Markdown.
func TestPlainDocuments(t *testing.T) {
	t.Parallel()
	a := over(t, store.New(storetest.SQLite(t)), gittest.Build(t, `
-- main.go --
package main

func main() {}
-- doc/berths.txt --
1. Introduction

Ships come from everywhere.

2. Eviction of lighters

A lighter is evicted from the inner basin once it was idle for a day.
-- doc/towing.org --
* Towing
** Of barges
Two tugboats pull a barge against the current.
-- doc/signals.adoc --
= Signals

== Foghorn

The foghorn sounds twice where a ferry leaves the pier.
-- man/quay.1 --
.TH QUAY 1
.SH DREDGING
.PP
The \fBdredger\fP deepens the channel every spring.
-- commit: Begin --
author: Ben Wood <ben@example.com>
date: 2025-06-10T09:00:00Z
`))
	for question, want := range map[string][2]string{
		"How does the eviction of lighters work?":    {"doc/berths.txt", "A lighter is evicted from the inner basin once it was idle for a day."},
		"How do tugboats pull barges?":               {"doc/towing.org", "Two tugboats pull a barge against the current."},
		"When does the foghorn sound for a ferry?":   {"doc/signals.adoc", "The foghorn sounds twice"},
		"What does the dredger do with the channel?": {"man/quay.1", "The dredger deepens the channel every spring."},
	} {
		answer := a.ask(question)
		says(t, answer, want[1])
		if len(answer.Citations) == 0 || answer.Citations[0].Kind != "document" || answer.Citations[0].Path != want[0] {
			t.Errorf("%q cites %+v", question, answer.Citations)
		}
	}
}
