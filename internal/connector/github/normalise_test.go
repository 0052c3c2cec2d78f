package github

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"":                                  "https://api.github.com/",
		"https://api.github.com":            "https://api.github.com/",
		"https://api.github.com/":           "https://api.github.com/",
		"https://github.com":                "https://api.github.com/",
		"https://www.github.com/acme":       "https://api.github.com/",
		"http://github.com":                 "https://api.github.com/",
		"https://GitHub.com/":               "https://api.github.com/",
		"https://acme.ghe.com":              "https://api.acme.ghe.com/",
		"https://api.acme.ghe.com/":         "https://api.acme.ghe.com/",
		"https://git.example.com":           "https://git.example.com/api/v3/",
		"https://git.example.com/api/v3":    "https://git.example.com/api/v3/",
		" https://git.example.com/api/v3/ ": "https://git.example.com/api/v3/",
		"https://example.com/github/":       "https://example.com/github/api/v3/",
		"http://127.0.0.1:8080":             "http://127.0.0.1:8080/api/v3/",
		"https://github.com.example.com":    "https://github.com.example.com/api/v3/",
		"https://[::1]:8443/api/v3":         "https://[::1]:8443/api/v3/",
		"github.com":                        "",
		"ftp://github.com":                  "",
		"https://":                          "",
		"https://user:pass@example.com":     "",
		"https://example.com?a=b":           "",
		"https://example.com#a":             "",
		"stdio:/usr/bin/server":             "",
		"https://exa mple.com":              "",
	} {
		got, err := baseURL(endpoint)
		switch {
		case want == "" && rampforge.ErrorCode(err) != rampforge.CodeInvalid:
			t.Errorf("%q: %v, %v", endpoint, got, err)
		case want != "" && (err != nil || got.String() != want):
			t.Errorf("%q: %v, %v; want %s", endpoint, got, err, want)
		}
	}
}

// at returns a time of the day on which everything in these tables happens.
func at(clock string) time.Time {
	out, err := time.Parse(time.RFC3339, "2025-03-01T"+clock+"Z")
	if err != nil {
		panic(err)
	}
	return out.UTC()
}

var (
	ada  = rampforge.Account{ID: "1", Login: "ada"}
	robo = rampforge.Account{ID: "2", Login: "robo[bot]", Bot: true}
)

// expand writes out the accounts and the day that the tables abbreviate.
func expand(raw string) []byte {
	return []byte(strings.NewReplacer(
		"$ada", `{"id":1,"login":"ada","type":"User"}`, "$robo", `{"id":2,"login":"robo[bot]","type":"Bot"}`,
		"$ghost", `{"id":10137,"login":"ghost","type":"User"}`, `"@`, `"2025-03-01T`,
	).Replace(raw))
}

func TestIssue(t *testing.T) {
	t.Parallel()
	raw := expand(`{"issue":{"id":9007199254740993,"number":12,"title":"A \u0000 🦫","body":null,"state":"closed","state_reason":"not_planned","user":$ghost,
		"assignees":[$ada,null,$robo],"labels":[{"name":"bug"},{"name":"p1"}],"html_url":"https://x/12","repository_url":"https://api.github.com/repos/acme/api",
		"type":{"id":3,"name":"Feature"},"created_at":"@08:00:00Z","updated_at":"@12:00:00+02:00","closed_at":"@09:30:00Z","comments":2},
		"events":[
		{"id":7,"event":"closed","created_at":"@09:30:00Z","actor":null},
		{"id":1,"event":"labeled","created_at":"@08:00:00Z","actor":$ada,"label":{"name":"bug"}},
		{"id":3,"event":"assigned","created_at":"@08:05:00Z","actor":$ada,"assignee":$ada,"assigner":$robo},
		{"id":2,"event":"unassigned","created_at":"@08:05:00Z","actor":$robo,"assignee":null,"assigner":null},
		{"id":4,"event":"unlabeled","created_at":"@08:06:00Z","actor":$ada,"label":{"name":"old"}},
		{"id":5,"event":"milestoned","created_at":"@08:07:00Z","actor":$ada,"milestone":{"title":"v1"}},
		{"id":6,"event":"demilestoned","created_at":"@08:08:00Z","actor":$ada,"milestone":{"title":"v1"}},
		{"id":8,"event":"reopened","created_at":"@09:40:00Z","actor":$ada},
		{"id":9,"event":"closed","created_at":"@09:40:00Z","actor":$ada},
		{"id":10,"event":"subscribed","created_at":"@09:41:00Z","actor":$ada},
		{"id":11,"event":"transferred","created_at":"@09:42:00Z","actor":$ada}],
		"comments":[{"id":22,"user":$robo,"body":"second","created_at":"@09:00:00Z","updated_at":"@09:01:00Z"},{"id":21,"user":null,"body":null,"created_at":"@08:30:00Z","updated_at":"@08:30:00Z"}],
		"history_incomplete":true}`)
	want := rampforge.Record{
		Stream: rampforge.StreamWorkItems, ID: "9007199254740993", ResourceID: "501", UpdatedAt: at("10:00:00"), Raw: raw,
		WorkItem: &rampforge.WorkItem{
			Key: "#12", Type: "Feature", Title: "A \x00 🦫", URL: "https://x/12", Status: "closed", StatusID: "closed", StatusCategory: rampforge.StatusDone,
			Resolution: "not_planned", Labels: []string{"bug", "p1"}, Assignees: []rampforge.Account{ada, robo}, SprintIDs: []string{}, Links: []rampforge.WorkItemLink{},
			CreatedAt: at("08:00:00"), UpdatedAt: at("10:00:00"), ClosedAt: new(at("09:30:00")), HistoryIncomplete: true,
			Events: []rampforge.WorkItemEvent{
				{ID: "1", Field: rampforge.FieldLabel, To: "bug", ToID: "bug", At: at("08:00:00"), Actor: &ada},
				{ID: "2", Field: rampforge.FieldAssignee, At: at("08:05:00"), Actor: &robo},
				{ID: "3", Field: rampforge.FieldAssignee, To: "ada", ToID: "1", At: at("08:05:00"), Actor: &robo},
				{ID: "4", Field: rampforge.FieldLabel, From: "old", FromID: "old", At: at("08:06:00"), Actor: &ada},
				{ID: "5", Field: "milestone", To: "v1", ToID: "v1", At: at("08:07:00"), Actor: &ada},
				{ID: "6", Field: "milestone", From: "v1", FromID: "v1", At: at("08:08:00"), Actor: &ada},
				{ID: "7", Field: rampforge.FieldStatus, From: "open", To: "closed", FromID: "open", ToID: "closed", At: at("09:30:00")},
				{ID: "8", Field: rampforge.FieldStatus, From: "closed", To: "open", FromID: "closed", ToID: "open", At: at("09:40:00"), Actor: &ada},
				{ID: "9", Field: rampforge.FieldStatus, From: "open", To: "closed", FromID: "open", ToID: "closed", At: at("09:40:00"), Actor: &ada},
				{ID: "11", Field: rampforge.FieldResource, To: "acme/api", At: at("09:42:00"), Actor: &ada},
			},
			Comments: []rampforge.Comment{
				{ID: "21", CreatedAt: at("08:30:00"), UpdatedAt: at("08:30:00")},
				{ID: "22", Author: &robo, Body: "second", CreatedAt: at("09:00:00"), UpdatedAt: at("09:01:00")},
			},
		},
	}
	wantRecord(t, want)
}

func wantRecord(t *testing.T, want rampforge.Record) {
	t.Helper()
	got, err := Normalise(want.Stream, want.ResourceID, want.Raw)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestOpenIssue(t *testing.T) {
	t.Parallel()
	raw := expand(`{"issue":{"id":1,"number":2,"title":"t","state":"open","state_reason":"reopened","created_at":"@08:00:00Z","updated_at":"@08:00:00Z"}}`)
	got, err := Normalise(rampforge.StreamWorkItems, "501", raw)
	if err != nil {
		t.Fatal(err)
	}
	item := got.WorkItem
	if item.StatusCategory != rampforge.StatusToDo || item.Resolution != "" || item.Type != "issue" || item.Reporter != nil || item.ClosedAt != nil {
		t.Errorf("%+v", item)
	}
	if item.Events == nil || item.Comments == nil || item.Labels == nil || item.Assignees == nil {
		t.Errorf("a list is nil: %+v", item)
	}
}

func TestPull(t *testing.T) {
	t.Parallel()
	raw := expand(`{"pull_request":{"id":31,"number":5,"title":"t","body":"b","state":"closed","draft":false,"user":$ada,"merged":true,"merged_at":"@10:00:00Z","merged_by":$robo,
		"merge_commit_sha":"mmm","head":{"ref":"topic","sha":"hhh"},"base":{"ref":"main","sha":"bbb"},"assignees":[],"requested_reviewers":[$robo],"labels":[{"name":"x"}],
		"additions":0,"deletions":3,"created_at":"@08:00:00Z","updated_at":"@11:00:00Z","closed_at":"@10:00:00Z","html_url":"https://x/5"},
		"reviews":[{"id":2,"user":$robo,"state":"APPROVED","body":"","submitted_at":"@10:30:00Z","commit_id":"hhh"},{"id":3,"user":$ada,"state":"PENDING"},
		{"id":1,"user":null,"state":"CHANGES_REQUESTED","body":"no","submitted_at":"@09:00:00Z","commit_id":"ggg"}],
		"review_comments":[{"id":12,"user":$ada,"body":"r","path":"a.go","line":null,"original_line":7,"in_reply_to_id":11,"created_at":"@09:02:00Z","updated_at":"@09:02:00Z"}],
		"comments":[{"id":13,"user":$ada,"body":"whole","created_at":"@09:01:00Z","updated_at":"@09:01:00Z"}],
		"commits":[{"sha":"ccc","commit":{"author":{"date":"@07:00:00Z"},"committer":{"date":"@07:30:00Z"}}}],
		"events":[{"id":1,"event":"ready_for_review","created_at":"@08:10:00Z"},{"id":2,"event":"convert_to_draft","created_at":"@08:20:00Z"},{"id":3,"event":"ready_for_review","created_at":"@08:30:00Z"}]}`)
	wantRecord(t, rampforge.Record{
		Stream: rampforge.StreamPullRequests, ID: "31", ResourceID: "501", UpdatedAt: at("11:00:00"), Raw: raw,
		PullRequest: &rampforge.PullRequest{
			Number: 5, Title: "t", Body: "b", URL: "https://x/5", State: "merged", Author: &ada, SourceBranch: "topic", TargetBranch: "main", HeadCommit: "hhh",
			MergeCommit: "mmm", MergedBy: &robo, Assignees: []rampforge.Account{}, Requested: []rampforge.Account{robo}, Labels: []string{"x"}, Additions: new(0), Deletions: new(3),
			CreatedAt: at("08:00:00"), UpdatedAt: at("11:00:00"), ReadyAt: new(at("08:30:00")), ClosedAt: new(at("10:00:00")), MergedAt: new(at("10:00:00")),
			Reviews: []rampforge.Review{
				{ID: "1", State: "changes_requested", Body: "no", Commit: "ggg", SubmittedAt: at("09:00:00")},
				{ID: "2", Author: &robo, State: "approved", Commit: "hhh", SubmittedAt: at("10:30:00")},
			},
			Comments: []rampforge.Comment{
				{ID: "13", Author: &ada, Body: "whole", CreatedAt: at("09:01:00"), UpdatedAt: at("09:01:00")},
				{ID: "12", Author: &ada, Body: "r", Path: "a.go", Line: 7, ReplyTo: "11", CreatedAt: at("09:02:00"), UpdatedAt: at("09:02:00")},
			},
			Commits: []rampforge.PullRequestLink{{Hash: "ccc", AuthoredAt: at("07:00:00"), CommittedAt: at("07:30:00")}},
		},
	})
}

func TestOpenPull(t *testing.T) {
	t.Parallel()
	raw := expand(`{"pull_request":{"id":31,"number":5,"state":"open","draft":true,"merge_commit_sha":"a trial","created_at":"@08:00:00Z","updated_at":"@08:00:00Z"},
		"events":[{"id":1,"event":"ready_for_review","created_at":"@08:10:00Z"}]}`)
	got, err := Normalise(rampforge.StreamPullRequests, "501", raw)
	if err != nil {
		t.Fatal(err)
	}
	if p := got.PullRequest; p.State != "open" || !p.Draft || p.MergeCommit != "" || p.ReadyAt != nil || p.Additions != nil || p.MergedAt != nil {
		t.Errorf("%+v", p)
	}
}

func TestCommit(t *testing.T) {
	t.Parallel()
	raw := expand(`{"commit":{"sha":"abc","author":$ada,"committer":{},"parents":[{"sha":"p1"},{"sha":"p2"}],"commit":{"message":"m",
		"author":{"name":"Ada","email":"a@x","date":"@08:00:00+02:00"},"committer":{"name":"GitHub","email":"noreply@github.com","date":"@09:00:00Z"}}}}`)
	wantRecord(t, rampforge.Record{
		Stream: rampforge.StreamCommits, ID: "501:abc", ResourceID: "501", UpdatedAt: at("09:00:00"), Raw: raw,
		Commit: &rampforge.VendorCommit{
			Hash: "abc", Parents: []string{"p1", "p2"}, Author: rampforge.Signature{Name: "Ada", Email: "a@x"}, Committer: rampforge.Signature{Name: "GitHub", Email: "noreply@github.com"},
			AuthorAccount: &ada, Message: "m", AuthoredAt: at("06:00:00"), CommittedAt: at("09:00:00"),
		},
	})
}

func TestRun(t *testing.T) {
	t.Parallel()
	raw := expand(`{"workflow_run":{"id":4,"name":null,"path":".github/workflows/ci.yml","head_branch":null,"head_sha":"abc","event":"push","status":"completed","conclusion":"timed_out",
		"html_url":"https://x/4","actor":$robo,"created_at":"@08:00:00Z","run_started_at":"@08:01:00Z","updated_at":"@08:09:00Z"}}`)
	wantRecord(t, rampforge.Record{
		Stream: rampforge.StreamPipelineRuns, ID: "4", ResourceID: "501", UpdatedAt: at("08:09:00"), Raw: raw,
		PipelineRun: &rampforge.PipelineRun{
			Name: ".github/workflows/ci.yml", URL: "https://x/4", Commit: "abc", Event: "push", State: "failed", Actor: &robo,
			CreatedAt: at("08:00:00"), StartedAt: new(at("08:01:00")), FinishedAt: new(at("08:09:00")),
		},
	})
	for from, want := range map[[2]string]string{
		{"queued", ""}: "queued", {"requested", ""}: "queued", {"waiting", ""}: "queued", {"pending", ""}: "queued", {"in_progress", ""}: "running",
		{"completed", "success"}: "succeeded", {"completed", "failure"}: "failed", {"completed", "startup_failure"}: "failed", {"completed", "cancelled"}: "cancelled",
		{"completed", "stale"}: "cancelled", {"completed", "skipped"}: "skipped", {"completed", "neutral"}: "skipped", {"completed", "action_required"}: "queued",
	} {
		if got := runState(from[0], from[1]); got != want {
			t.Errorf("%v: %s, want %s", from, got, want)
		}
	}
}

func TestDeployment(t *testing.T) {
	t.Parallel()
	raw := expand(`{"deployment":{"id":6,"sha":"abc","ref":"v1","environment":"production","creator":$ada,"payload":"text","created_at":"@08:00:00Z","updated_at":"@08:00:00Z"},
		"statuses":[{"id":3,"state":"inactive","created_at":"@12:00:00Z"},{"id":2,"state":"success","created_at":"@08:05:00Z","environment_url":"https://app"},
		{"id":1,"state":"in_progress","created_at":"@08:05:00Z","log_url":"https://log"}]}`)
	wantRecord(t, rampforge.Record{
		Stream: rampforge.StreamDeployments, ID: "6", ResourceID: "501", UpdatedAt: at("12:00:00"), Raw: raw,
		Deployment: &rampforge.Deployment{
			Environment: "production", URL: "https://app", Branch: "v1", Commit: "abc", State: "inactive", Actor: &ada,
			CreatedAt: at("08:00:00"), FinishedAt: new(at("08:05:00")),
		},
	})
}

// TestNotDocumented gives Normalise what no GitHub sends.
func TestNotDocumented(t *testing.T) {
	t.Parallel()
	for _, stream := range []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests, rampforge.StreamCommits, rampforge.StreamPipelineRuns, rampforge.StreamDeployments} {
		for _, raw := range []string{
			``, `null`, `{}`, `[]`, `{"issue":null,"pull_request":null,"commit":null,"workflow_run":null,"deployment":null}`,
			`{"issue":{"id":"1"},"pull_request":{"id":"1"},"commit":{"sha":1},"workflow_run":{"id":"1"},"deployment":{"id":"1"}}`,
			`{"issue":{"id":1,"number":1},"pull_request":{"id":1,"number":1},"commit":{"sha":"a"},"workflow_run":{"id":1},"deployment":{"id":1}}`,
			`{"issue":{"updated_at":"yesterday"},"pull_request":{"updated_at":"yesterday"},"commit":{"commit":{"author":{"date":"yesterday"}}},"workflow_run":{"updated_at":"yesterday"},"deployment":{"updated_at":"yesterday"}}`,
		} {
			if got, err := Normalise(stream, "501", []byte(raw)); connector.Reason(err) != connector.ReasonMalformed {
				t.Errorf("%s %s: %+v, %v", stream, raw, got, err)
			}
		}
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add(0, []byte(`{"issue":{"id":1,"number":1,"created_at":"2025-01-01T00:00:00Z","updated_at":"2025-01-01T00:00:00Z","labels":[null],"assignees":[null]},"events":[null],"comments":[null]}`))
	f.Add(1, []byte(`{"pull_request":{"id":1,"number":1,"created_at":"2025-01-01T00:00:00Z","updated_at":"2025-01-01T00:00:00Z"},"reviews":[null],"review_comments":[null],"commits":[null],"events":[null]}`))
	f.Add(2, []byte(`{"commit":{"sha":"a","parents":[null],"commit":{"committer":{"date":"2025-01-01T00:00:00Z"}}}}`))
	f.Add(4, []byte(`{"deployment":{"id":1,"updated_at":"2025-01-01T00:00:00Z"},"statuses":[null]}`))
	streams := []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamPullRequests, rampforge.StreamCommits, rampforge.StreamPipelineRuns, rampforge.StreamDeployments}
	f.Fuzz(func(t *testing.T, n int, raw []byte) {
		record, err := Normalise(streams[uint(n)%5], "501", raw)
		if err == nil && (record.ID == "" || record.UpdatedAt.IsZero()) {
			t.Errorf("%+v", record)
		}
	})
}
