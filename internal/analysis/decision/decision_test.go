package decision_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/decision"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestCommits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		subject, body string
		is            bool
		reason        string
	}{
		{subject: "Switch from gorilla to the standard mux", is: true},
		{subject: "refactor(db)!: replace the ORM with plain SQL", body: "It hid costs. We must know each query, because reports grew slow.\n", is: true, reason: "We must know each query, because reports grew slow."},
		{subject: "Use pgx instead of lib/pq", is: true},
		{subject: "Drop support for Node 16", is: true},
		{subject: "deprecate the v1 endpoints", is: true},
		{subject: "Revert \"Cache tokens\"", body: "This reverts commit abc.\n\nTokens outlived their users, so that a deleted user could sign in.\n", is: true, reason: "Tokens outlived their users, so that a deleted user could sign in."},
		{subject: "Revert \"Cache tokens\"", body: "This reverts commit abc."},
		{subject: "Remove the cache", body: "Ask kim@example.org, because the cache was the idea of that team."},
		{subject: "Remove the cache", body: "Reviewed-by: Somebody because of the rules of this very project"},
		{subject: "ABC-12: Replace the pool with one connection", is: true},
		{subject: "[ABC-12] Drop support for Java 8", is: true},
		{subject: "Deprecated: the v1 endpoints", is: true},
		{subject: "fix(a:b): use a lock instead of a channel", is: true},
		{subject: "ABC-12 do not cache", body: "The cache had to go because it lied.", is: true, reason: "The cache had to go because it lied."},
		{subject: "Fix a typo"},
		{subject: "Switch colours"},
		{subject: "feat: add a switch to the page"},
		{subject: "Bump x from 1.2 to 1.3"},
		{subject: "Migrate ops@example.org to SSO"},
	} {
		var c decision.Commits
		c.Add(&rampforge.Commit{Hash: "h", Parents: []string{"p"}, Subject: tt.subject, Body: tt.body, CommittedAt: day})
		got := c.Newest(day)
		if (len(got) == 1) != tt.is {
			t.Errorf("%q: %+v", tt.subject, got)
			continue
		}
		if tt.is && (tt.reason == "") != (got[0].Reason == nil) || tt.reason != "" && *got[0].Reason != tt.reason {
			t.Errorf("%q: %v", tt.subject, got[0].Reason)
		}
	}
}

// The newest are kept, whatever the order and however many there are; merges
// are none, and no clock runs ahead of the head.
func TestNewestCommits(t *testing.T) {
	t.Parallel()
	var c decision.Commits
	for i := range 1000 {
		n := i * 7 % 1000
		c.Add(&rampforge.Commit{Hash: fmt.Sprintf("%04d", n), Parents: []string{"p"}, Subject: fmt.Sprint("Adopt x", n), CommittedAt: day.Add(time.Duration(n) * time.Hour)})
	}
	c.Add(&rampforge.Commit{Hash: "m", Parents: []string{"p", "q"}, Subject: "Adopt y", CommittedAt: day.AddDate(9, 0, 0)})
	head := day.Add(998 * time.Hour)
	got := c.Newest(head)
	if len(got) != decision.MaxCommits || *got[0].Commit != "0998" || *got[1].Commit != "0999" || !got[1].Date.Equal(head) || *got[len(got)-1].Commit != "0960" {
		t.Errorf("%d: %s … %s", len(got), *got[0].Commit, *got[len(got)-1].Commit)
	}
}

// What turns in nothing that a newcomer would ask about counts only with a
// reason, and what is said twice once.
func TestSmallTurns(t *testing.T) {
	t.Parallel()
	var c decision.Commits
	for n, subject := range []string{
		"Replace the cache with a map", "Replace the cache with a map", "Replace deprecated calls with new ones in tests", "test: use fixtures instead of mocks",
		"replace 'command' with 'class'", "Replace hard-coded colours with tokens", "Use a queue instead of polling", "Replace `a.b` with a typed client",
	} {
		c.Add(&rampforge.Commit{Hash: fmt.Sprintf("%04d", n), Parents: []string{"p"}, Subject: subject, CommittedAt: day.Add(time.Duration(n) * time.Hour)})
	}
	c.Add(&rampforge.Commit{Hash: "why", Parents: []string{"p"}, Subject: "Use fakes instead of mocks in tests", Body: "The mocks had to be changed because every refactoring broke them.", CommittedAt: day})
	var got []string
	for _, d := range c.Newest(day.AddDate(1, 0, 0)) {
		got = append(got, *d.Commit+" "+d.Title)
	}
	want := []string{"0007 Replace `a.b` with a typed client", "0006 Use a queue instead of polling", "0001 Replace the cache with a map", "why Use fakes instead of mocks in tests"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestComments(t *testing.T) {
	t.Parallel()
	why := func(line int, text string) language.Remark {
		return language.Remark{Kind: language.RemarkWhy, Line: line, Text: text}
	}
	got := decision.Comments([]decision.File{
		{Path: "b.go", Weight: 1, Remarks: []language.Remark{why(1, "one"), {Kind: language.RemarkTodo, Line: 2, Text: "TODO"}, why(3, "from a@example.org")}},
		{Path: "a.go", Weight: 5, Remarks: []language.Remark{why(4, "w"), why(5, "x"), why(6, "y"), why(7, "z"), why(8, "one")}},
	})
	var text []string
	for _, d := range got {
		text = append(text, fmt.Sprintf("%s:%d %s", *d.Path, d.Line, d.Title))
	}
	if strings.Join(text, ", ") != "a.go:4 w, a.go:5 x, a.go:6 y, b.go:1 one" {
		t.Errorf("%v", text)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"# 1. Use Go\n\n## Status\n\nAccepted\n\n## Context\n":       "accepted",
		"---\nstatus: superseded by 12\n---\n# X":                    "superseded by 12",
		"# X\r\n\r\n* Status: **Proposed**\r\n* Date: 2026-01-01":    "proposed",
		"# X\n\nThe status of an order is shown.\n":                  "",
		"## Status\n\n[Accepted](https://example.org)\n\n## Context": "",
		"": "",
	} {
		got := decision.Records([]report.Document{{Path: "a.md", Title: "A"}}, func(string) []byte { return []byte(content) })
		if len(got) != 1 || (want == "") != (got[0].Status == nil) || want != "" && *got[0].Status != want {
			t.Errorf("%q: %v", content, got[0].Status)
		}
	}
}
