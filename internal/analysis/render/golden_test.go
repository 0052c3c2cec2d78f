package render

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// renderers are all ways of writing a report, by the ending of their files.
var renderers = map[string]func(io.Writer, *report.CodeReport) error{
	"html":     HTML,
	"json":     JSON,
	"markdown": Markdown,
	"text":     func(w io.Writer, r *report.CodeReport) error { return Text(w, r, TextOptions{Width: 100}) },
}

func rendered(tb testing.TB, render func(io.Writer, *report.CodeReport) error, r *report.CodeReport) string {
	tb.Helper()
	var out bytes.Buffer
	if err := render(&out, r); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

func TestFitList(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		list  string
		width int
		want  string
	}{
		{"api, store", 10, "api, store"},
		{"api, store, web", 14, "api, store, +1"},
		{"api, store, web", 13, "api, +2"},
		{"administration, web", 10, "a…tion, +1"},
		{"administration", 10, "adm…ration"},
		{"a long one, b", 6, "a…e, b"},
		{"", 3, ""},
	} {
		if got := fitList(tt.list, tt.width); got != tt.want {
			t.Errorf("%q in %d columns is %q, want %q", tt.list, tt.width, got, tt.want)
		}
	}
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*report.CodeReport{"small": small(), "empty": empty()} {
		for ending, render := range renderers {
			t.Run(name+"."+ending, func(t *testing.T) {
				t.Parallel()
				got := rendered(t, render, r)
				golden := filepath.Join("testdata", name+"."+ending)
				if *update {
					if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatalf("%v (run with -update to write it)", err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("-want +got (run with -update if this is right):\n%s", diff)
				}
			})
		}
	}
}
