package documents_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/assistant/documents"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2025, 7, 1, 12, 0, 0, 0, time.UTC)

// of analyses a repository and reads what documents are made of.
func of(t testing.TB, repo *gittest.Repo) documents.Inputs {
	t.Helper()
	inspector := inspect.New(inspect.Options{Parsers: builtin.Parsers(), Workers: 1})
	request := inspect.Request{Source: repo.Dir, Name: "shop", AllowLocal: true, Type: rampforge.AnalysisFull, IncludeDependencies: true}
	versions, err := inspector.Versions(t.Context(), request, "")
	if err != nil {
		t.Fatal(err)
	}
	reading, err := inspector.OpenReading(t.Context(), request, versions[0].Report.Commit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := reading.Close(); err != nil {
			t.Error(err)
		}
	})
	in, err := documents.OfRepository(t.Context(), reading, versions[0])
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func shop(t testing.TB) string {
	t.Helper()
	script, err := os.ReadFile("testdata/shop.txtar")
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

func compose(t testing.TB, k rampforge.DocumentKind, in documents.Inputs) documents.Draft {
	t.Helper()
	draft, err := documents.Compose(t.Context(), k, in)
	if err != nil {
		t.Fatal(err)
	}
	return draft
}

// all makes every document of some inputs.
func all(t testing.TB, in documents.Inputs) []rampforge.GeneratedDocument {
	t.Helper()
	var out []rampforge.GeneratedDocument
	for _, k := range rampforge.DocumentKinds {
		d, _ := documents.Merge(nil, compose(t, k, in), false, noon)
		out = append(out, d)
	}
	return out
}

// golden compares a text with the file that holds it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestUnreadReadme says of a README that is too large that it was not read, and
// not that there is none.
func TestUnreadReadme(t *testing.T) {
	t.Parallel()
	in := of(t, gittest.Build(t, "-- README.md --\n# Quay\n\n"+strings.Repeat("Quay takes ships in, one by one, day and night.\n", 60_000)+`
-- main.go --
package main

func main() {}
-- commit: Begin --
author: Ben Wood <ben@example.com>
date: 2025-06-10T09:00:00Z
`))
	draft, err := documents.Compose(t.Context(), "readme", in)
	if err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(draft.NotFound, "\n"); !strings.Contains(said, "`README.md` was not read (larger than the limit for one file)") || strings.Contains(said, "no README") {
		t.Errorf("%s", said)
	}
}

// TestFiguresCiteTheReport has each figure of the report followed by the report's
// citation, and not by the first lines of a file.
func TestFiguresCiteTheReport(t *testing.T) {
	t.Parallel()
	in := of(t, gittest.Build(t, shop(t)))
	figures := 0
	for _, d := range all(t, in) {
		for _, s := range d.Sections {
			for _, m := range regexp.MustCompile(`(?:\d+ files?, [\d,]+ lines?|holds \d+)[^\n\[]*\[(\d+)\]`).FindAllStringSubmatch(s.Text, -1) {
				n, err := strconv.Atoi(m[1])
				if figures++; err != nil || s.Citations[n-1].Kind != rampforge.PassageReport {
					t.Errorf("%s: %q cites %+v", d.Kind, m[0], s.Citations[n-1])
				}
			}
		}
	}
	if figures == 0 {
		t.Error("no figures were found")
	}
}
