package gitlab_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/gitlab/gitlabtest"
)

// readRound reads a stream in which a server refuses some records, and returns
// the ids that came and what was said of the others.
func readRound(t *testing.T, c connector.Connector, stream rampforge.Stream) (got, notes []string) {
	t.Helper()
	for page, err := range c.Read(t.Context(), app, stream, nil) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, ids(page.Records)...)
		for _, note := range page.Notes {
			if connector.Reason(note) != connector.ReasonUnsupported {
				t.Errorf("%v", note)
			}
			if text := rampforge.ErrorMessage(note); !slices.Contains(notes, text) {
				notes = append(notes, text)
			}
		}
	}
	slices.Sort(got)
	return slices.Compact(got), notes
}

// refusedRound compares with REST what comes round the issues that a server
// refuses: all but these, and a word of each.
func refusedRound(t *testing.T, s *gitlabtest.Server, c connector.Connector) {
	t.Helper()
	all, _ := read(t, open(t, s), rampforge.StreamWorkItems, nil, 0)
	var want, numbers []string
	for _, r := range all {
		if !strings.Contains(string(r.Raw), `"author":null`) {
			want = append(want, r.ID)
		} else {
			numbers = append(numbers, strings.TrimPrefix(r.WorkItem.Key[strings.LastIndexByte(r.WorkItem.Key, '#'):], "#"))
		}
	}
	slices.Sort(want)
	got, notes := readRound(t, c, rampforge.StreamWorkItems)
	if !slices.Equal(got, slices.Compact(want)) {
		t.Errorf("%d issues, want %d", len(got), len(want))
	}
	if len(numbers) == 0 || len(notes) != len(numbers) {
		t.Errorf("%d issues were left out, and told was %q", len(numbers), notes)
	}
	for _, n := range numbers {
		if !slices.ContainsFunc(notes, func(note string) bool {
			return strings.Contains(note, "issue "+n+" ") && strings.Contains(note, "has no author")
		}) {
			t.Errorf("nothing is told of %s: %q", n, notes)
		}
	}
	// What was left out must not pass for gone.
	var last error
	for _, err := range c.IDs(t.Context(), app, rampforge.StreamWorkItems) {
		last = err
	}
	if connector.Reason(last) != connector.ReasonUnsupported {
		t.Errorf("the list of ids: %v", last)
	}
}

// TestRefused: an issue without an author costs itself, and not the stream.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{"large pages": 100, "pages of seven": 7} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := gitlabtest.Start(t, gitlabtest.Options{MaxPage: most})
			refusedRound(t, s, openTools(t, toolOptions(gitlabtest.StartTools(t, s, gitlabtest.Community).URL), nil))
		})
	}
}

// TestRefusedWithoutNumber: where the tool of one issue is missing, nobody can
// say which was left out, and the stream is read all the same.
func TestRefusedWithoutNumber(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{})
	c := openTools(t, toolOptions(gitlabtest.StartTools(t, s, gitlabtest.Community, "get_issue").URL), nil)
	got, notes := readRound(t, c, rampforge.StreamWorkItems)
	if len(got) < 50 || len(notes) != 1 || !strings.HasPrefix(notes[0], "One issue was left out") {
		t.Errorf("%d issues, %q", len(got), notes)
	}
}

// TestAllRefused: a server that takes nothing of a list does not fit, and that
// is a fault and no list of exceptions.
func TestAllRefused(t *testing.T) {
	t.Parallel()
	s := gitlabtest.Start(t, gitlabtest.Options{Nobody: true})
	c := openTools(t, toolOptions(gitlabtest.StartTools(t, s, gitlabtest.Community).URL), nil)
	var last error
	for _, err := range c.Read(t.Context(), app, rampforge.StreamWorkItems, nil) {
		last = err
	}
	if connector.Reason(last) != connector.ReasonMalformed {
		t.Errorf("%v", last)
	}
}
