package render

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// TestLongTablesAreFolded has more endpoints than one reads, and says nothing of
// a short list.
func TestLongTablesAreFolded(t *testing.T) {
	t.Parallel()
	page := func(n int) string {
		r := &report.CodeReport{}
		for i := range n {
			r.Endpoints = append(r.Endpoints, report.Endpoint{Method: "GET", Path: fmt.Sprint("/", i)})
		}
		var out bytes.Buffer
		if err := HTML(&out, r); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if text := page(40); strings.Count(text, `<details class="fold">`) != 1 || !strings.Contains(text, "Show all 40") || !strings.Contains(text, "/<wbr>39") {
		t.Error("40 endpoints are not folded, or not there")
	}
	if text := page(pageFolded - 1); strings.Contains(text, `<details class="fold">`) {
		t.Error("a short list is folded")
	}
	if want := fmt.Sprintf("tbody tr:nth-child(n+%d)", pageOpen+1); !strings.Contains(style, want) {
		t.Errorf("the style sheet does not leave %d rows open: no %q", pageOpen, want)
	}
}

// TestTablesCanBeFiltered has the name by which the page's script calls a filter
// in every table that it can be put above, and no lines of what has none.
func TestTablesCanBeFiltered(t *testing.T) {
	t.Parallel()
	r := small()
	r.ReadingOrder = []report.ReadingStep{{Path: "README.md", Component: "root files", Reason: "what the project says of itself"}}
	page := rendered(t, HTML, r)
	tables := strings.Split(page, `<table class="sortable`)[1:]
	if len(tables) < 5 || !strings.Contains(page, `>receiver/`) {
		t.Fatalf("%d tables", len(tables))
	}
	for _, table := range tables {
		if _, after, _ := strings.Cut(table, ">"); !strings.HasPrefix(strings.TrimSpace(after), "<caption id=") {
			t.Errorf("no caption: %.80s", table)
		}
	}
	if !strings.Contains(page, "<bdi>root files</bdi></span>") {
		t.Error("a document is said to have lines of code, or is not there")
	}
}

// TestBoxesAreNotCut has room for what a box says of a large component.
func TestBoxesAreNotCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		files int
		lines int64
		want  string
	}{{1, 9, "1 file · 9 lines"}, {999, 248_534, "999 files · 249k lines"}, {1337, 248_534, "1,337 files · 249k lines"}, {71_234, 34_000_000, "71,234 files · 34M lines"}, {1_234_567, 250_000_000, "1.2M files · 250M lines"}} {
		if got := boxBelow(&report.Component{Files: tt.files, Lines: tt.lines}); got != tt.want {
			t.Errorf("%d files and %d lines: %q, want %q", tt.files, tt.lines, got, tt.want)
		}
	}
}

// TestLinesAreNoComplexity leaves out of the column what is measured otherwise.
func TestLinesAreNoComplexity(t *testing.T) {
	t.Parallel()
	spots := []report.Hotspot{{Path: "a.go", Complexity: 7, Measure: report.MeasureCognitive}, {Path: "b.sql", Complexity: 900, Measure: report.MeasureLines}}
	if a, b := complexityOf(spots[0]), complexityOf(spots[1]); a != "7" || b != "" {
		t.Errorf("%q and %q", a, b)
	}
	if got := measured(spots); len(got) != 1 || got[0].Path != "a.go" {
		t.Errorf("%+v", got)
	}
}
