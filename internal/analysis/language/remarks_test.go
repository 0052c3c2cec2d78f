package language

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestRemarkOf(t *testing.T) {
	t.Parallel()
	for comment, want := range map[string]Remark{
		"// TODO(kim): drop this":                        {RemarkTodo, 5, "TODO(kim): drop this"},
		"# FIXME leaks":                                  {RemarkTodo, 5, "FIXME leaks"},
		"/* first\n * HACK: until v2 */":                 {RemarkTodo, 6, "HACK: until v2"},
		"// We copy it, because the caller\n// keeps it": {RemarkWhy, 5, "We copy it, because the caller keeps it"},
		"// because":                                     {},
		"// A trade-off is made here, as always.":        {RemarkWhy, 5, "A trade-off is made here, as always."},
		"// Otherwise2 it would not work at all here":    {},
		"// the becausement of a thing that is":          {},
		"/*Must not be called twice by anyone*/":         {RemarkWhy, 5, "Must not be called twice by anyone"},
		"// the TODO list of a user":                     {},
		"// todos are shown":                             {},
		"// DEBUG prints more":                           {},
		"// returns the number of the page":              {},
		"":                                               {},
	} {
		got, ok := RemarkOf([]byte(comment), 5)
		if got != want || ok != (want != Remark{}) {
			t.Errorf("%q: %+v, want %+v", comment, got, want)
		}
	}
	long, _ := RemarkOf([]byte("// because "+strings.Repeat("wörter ", 500)), 1)
	if len(long.Text) > MaxRemark || !utf8.ValidString(long.Text) {
		t.Errorf("%d bytes: %q", len(long.Text), long.Text)
	}
}

func TestCallsAreKeptOnce(t *testing.T) {
	t.Parallel()
	var c Calls
	for range 2 {
		c.Add([]byte("db"), []byte("Get"), 1, 7, false)
	}
	c.Add(nil, []byte("Get"), 1, 8, false)
	c.Add(nil, nil, 1, 8, false)
	want := []Call{{Name: "Get", Receiver: "db", Function: 1, Line: 7, Count: 2}, {Name: "Get", Function: 1, Line: 8, Count: 1}}
	if got := c.List(); len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v", got)
	}
	for i := range MaxCalls + 10 {
		c.Add([]byte("r"), []byte(strings.Repeat("x", 1+i%7)), i, 1, false)
	}
	if len(c.List()) != MaxCalls {
		t.Errorf("%d calls", len(c.List()))
	}
}

func TestFlat(t *testing.T) {
	t.Parallel()
	if got := Flat([]byte("(a int,\n\tb  string)  error"), 100); got != "(a int, b string) error" {
		t.Errorf("%q", got)
	}
	if got := Flat([]byte(strings.Repeat("ü ", 5000)), 20); len(got) > 20 || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
		t.Errorf("%q", got)
	}
}

func TestLineCommentsAreOneRemark(t *testing.T) {
	t.Parallel()
	source := []byte("# TODO: paint\n# the hull\n# FIXME the mast\nx = 1  # short\n# done so that the crew\n# can go ashore early\n\n# so that\n# here\n")
	var r Remarks
	start := 0
	for n, line := range bytes.Split(source, []byte("\n")) {
		if at := bytes.IndexByte(line, '#'); at >= 0 {
			r.Comment(source, start+at, start+len(line), n+1, n+1)
		}
		start += len(line) + 1
	}
	want := []Remark{
		{Kind: RemarkTodo, Line: 1, Text: "TODO: paint the hull"},
		{Kind: RemarkTodo, Line: 3, Text: "FIXME the mast"},
		{Kind: RemarkWhy, Line: 4, Text: "short done so that the crew can go ashore early"},
	}
	if diff := cmp.Diff(want, r.List()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
