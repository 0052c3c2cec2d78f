package github

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
)

// BenchmarkNormalisePull makes a record of a pull request with two repositories
// and a dozen of reviews, comments and commits in it, as GitHub sends them.
func BenchmarkNormalisePull(b *testing.B) {
	repository := `{"id":501,"name":"api","full_name":"acme/api","private":true,"owner":$ada,"html_url":"https://example.com/acme/api","description":"d","fork":false,` +
		strings.Repeat(`"x_url":"https://api.example.com/repos/acme/api/x{/sha}",`, 40) + `"size":12,"topics":["a","b"],"visibility":"private"}`
	many := func(text string) string { return "[" + strings.TrimSuffix(strings.Repeat(text+",", 12), ",") + "]" }
	raw := expand(`{"pull_request":{"id":31,"number":5,"title":"t","body":"b","state":"closed","user":$ada,"merged":true,"merged_at":"@10:00:00Z","merged_by":$robo,
		"merge_commit_sha":"mmm","head":{"ref":"topic","sha":"hhh","repo":` + repository + `},"base":{"ref":"main","sha":"bbb","repo":` + repository + `},"assignees":[],"requested_reviewers":[$robo],
		"labels":[{"name":"x"}],"additions":0,"deletions":3,"created_at":"@08:00:00Z","updated_at":"@11:00:00Z","closed_at":"@10:00:00Z","html_url":"https://x/5"},
		"reviews":` + many(`{"id":2,"user":$robo,"state":"APPROVED","body":"","submitted_at":"@10:30:00Z","commit_id":"hhh"}`) + `,
		"review_comments":` + many(`{"id":12,"user":$ada,"body":"r","path":"a.go","line":null,"original_line":7,"diff_hunk":"@@","in_reply_to_id":11,"created_at":"@09:02:00Z","updated_at":"@09:02:00Z"}`) + `,
		"comments":` + many(`{"id":13,"user":$ada,"body":"whole","created_at":"@09:01:00Z","updated_at":"@09:01:00Z"}`) + `,
		"commits":` + many(`{"sha":"ccc","author":$ada,"committer":$ada,"commit":{"message":"m","author":{"name":"A","email":"a@x","date":"@07:00:00Z"},"committer":{"name":"A","email":"a@x","date":"@07:30:00Z"}}}`) + `}`)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		if _, err := Normalise(rampforge.StreamPullRequests, "501", raw); err != nil {
			b.Fatal(err)
		}
	}
}
