package azuredevops_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/azuredevops"
)

func normalise(t *testing.T, stream rampforge.Stream, raw string) rampforge.Record {
	t.Helper()
	r, err := azuredevops.Normalise(stream, "resource", []byte(raw))
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	if r.ResourceID != "resource" || r.Stream != stream || string(r.Raw) != raw {
		t.Errorf("%+v", r)
	}
	return r
}

func utc(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

const (
	ada   = `{"id":"id-ada","displayName":"Ada","uniqueName":"ada@contoso.example","descriptor":"aad.QQ"}`
	local = `{"id":"id-zoe","displayName":"Zoë","uniqueName":"CONTOSO\\zoe","descriptor":"win.QQ"}`
)

var adaAccount = rampforge.Account{ID: "id-ada", Login: "ada@contoso.example", Name: "Ada", Email: "ada@contoso.example", EmailVerified: true}

func itemJSON(fields, more string) string {
	return `{"item":{"id":7,"rev":3,"url":"https://h/c/p/_apis/wit/workItems/7","fields":{"System.Title":"T","System.CreatedDate":"2026-01-01T10:00:00+02:00","System.ChangedDate":"2026-01-03T00:00:00.5Z"` +
		fields + `}` + more + `},"states":[{"name":"Offen","category":"Proposed"},{"name":"In Arbeit","category":"InProgress"},{"name":"Geprüft","category":"Resolved"},{"name":"Zu","category":"Completed"},{"name":"Weg","category":"Removed"}],"iterations":{"1":"","11":"guid-11","12":"guid-12"},"comments":[],"revisions":[]}`
}

func TestWorkItem(t *testing.T) {
	t.Parallel()
	r := normalise(t, rampforge.StreamWorkItems, itemJSON(`,"System.WorkItemType":"Bug","System.State":"Zu","System.Reason":"Behoben","System.Tags":"a b; c","System.CreatedBy":null,"System.AssignedTo":`+ada+
		`,"System.IterationId":11,"System.IterationPath":"P\\S1","Microsoft.VSTS.Common.Priority":2,"Microsoft.VSTS.Scheduling.Effort":3.5,"Microsoft.VSTS.TCM.ReproSteps":"<b>\u0000 😀</b>","Microsoft.VSTS.CMMI.Blocked":"Yes","Microsoft.VSTS.Common.ClosedDate":"2026-01-02T00:00:00Z"`,
		`,"relations":[{"rel":"System.LinkTypes.Hierarchy-Reverse","url":"https://h/_apis/wit/workItems/3"},{"rel":"System.LinkTypes.Dependency-Forward","url":"https://h/_apis/wit/workItems/4"},{"rel":"Custom","url":"https://h/_apis/wit/workItems/5"},{"rel":"Hyperlink","url":"https://h/9"}]`))
	points, closed := 3.5, utc("2026-01-02T00:00:00Z")
	want := &rampforge.WorkItem{
		Key: "#7", Type: "Bug", Title: "T", Body: "<b>\x00 😀</b>", URL: "https://h/c/p/_workitems/edit/7", Status: "Zu", StatusID: "Zu", StatusCategory: rampforge.StatusDone, Resolution: "Behoben", Priority: "2",
		Labels: []string{"a b", "c"}, Assignees: []rampforge.Account{adaAccount}, Estimate: &points, SprintIDs: []string{"guid-11"}, ParentID: "3",
		Links:   []rampforge.WorkItemLink{{Kind: "parent", ID: "3", Key: "#3"}, {Kind: "blocks", ID: "4", Key: "#4"}, {Kind: "Custom", ID: "5", Key: "#5"}},
		Flagged: true, CreatedAt: utc("2026-01-01T08:00:00Z"), UpdatedAt: utc("2026-01-03T00:00:00.5Z"), ClosedAt: &closed, Events: []rampforge.WorkItemEvent{}, Comments: []rampforge.Comment{}, HistoryIncomplete: true,
	}
	if diff := cmp.Diff(want, r.WorkItem); diff != "" || r.ID != "7" {
		t.Errorf("%s (-want +got):\n%s", r.ID, diff)
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[string][2]string{
		"Offen": {"todo", ""}, "In Arbeit": {"in_progress", ""}, "Geprüft": {"in_progress", ""}, "Zu": {"done", "R"}, "Weg": {"done", "removed"}, "Done": {"", ""},
	} {
		item := normalise(t, rampforge.StreamWorkItems, itemJSON(`,"System.Reason":"R","Microsoft.VSTS.Common.StateChangeDate":"2026-01-02T00:00:00Z","System.State":"`+status+`"`, "")).WorkItem
		if got := [2]string{string(item.StatusCategory), item.Resolution}; got != want || (item.ClosedAt != nil) != (want[0] == "done") {
			t.Errorf("%s is %v, closed at %v, want %v", status, got, item.ClosedAt, want)
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	revision := func(rev int, fields string) string {
		return fmt.Sprintf(`{"rev":%d,"fields":{"System.ChangedDate":"2026-01-%02dT00:00:00Z","System.ChangedBy":%s,%s}}`, rev, rev, ada, fields)
	}
	raw := itemJSON("", "")
	raw = strings.Replace(raw, `"revisions":[]`, `"revisions":[`+strings.Join([]string{
		revision(3, `"System.State":"B","System.IterationId":11,"System.IterationPath":"P\\Renamed","System.AssignedTo":"Zoë <CONTOSO\\zoe>","System.TeamProject":"Q","System.Tags":"x"`),
		revision(1, `"System.State":"A","System.IterationId":1,"System.IterationPath":"P","System.TeamProject":"P"`),
		revision(2, `"System.State":"B","System.IterationId":11,"System.IterationPath":"P\\S1","System.AssignedTo":`+local+`,"Microsoft.VSTS.Scheduling.StoryPoints":5.0,"Microsoft.VSTS.Common.Priority":1,"System.Parent":3,"System.TeamProject":"P"`),
	}, ",")+`]`, 1)
	item := normalise(t, rampforge.StreamWorkItems, raw).WorkItem
	type event = rampforge.WorkItemEvent
	second, third := utc("2026-01-02T00:00:00Z"), utc("2026-01-03T00:00:00Z")
	want := []event{
		{ID: "2.assignee", Field: rampforge.FieldAssignee, To: "Zoë", ToID: "id-zoe", At: second},
		{ID: "2.estimate", Field: rampforge.FieldEstimate, To: "5", At: second},
		{ID: "2.parent", Field: rampforge.FieldParent, To: "3", ToID: "3", At: second},
		{ID: "2.priority", Field: rampforge.FieldPriority, To: "1", At: second},
		{ID: "2.sprint", Field: rampforge.FieldSprint, To: `P\S1`, ToID: "guid-11", At: second},
		{ID: "2.status", Field: rampforge.FieldStatus, From: "A", FromID: "A", To: "B", ToID: "B", At: second},
		{ID: "3.assignee", Field: rampforge.FieldAssignee, From: "Zoë", FromID: "id-zoe", To: "Zoë", ToID: `CONTOSO\zoe`, At: third},
		{ID: "3.estimate", Field: rampforge.FieldEstimate, From: "5", At: third},
		{ID: "3.label", Field: rampforge.FieldLabel, To: "x", At: third},
		{ID: "3.parent", Field: rampforge.FieldParent, From: "3", FromID: "3", At: third},
		{ID: "3.priority", Field: rampforge.FieldPriority, From: "1", At: third},
		{ID: "3.resource", Field: rampforge.FieldResource, From: "P", To: "Q", At: third},
	}
	for i := range want {
		want[i].Actor = &adaAccount
	}
	if diff := cmp.Diff(want, item.Events); diff != "" || item.HistoryIncomplete {
		t.Errorf("incomplete: %v (-want +got):\n%s", item.HistoryIncomplete, diff)
	}
}

func TestSprint(t *testing.T) {
	t.Parallel()
	sprint := func(attributes string) rampforge.Record {
		return normalise(t, rampforge.StreamSprints, `{"iteration":{"id":"00000005-0000-4000-8000-000000000001","name":"S1","path":"P\\S1","attributes":`+attributes+`},"teams":[{"id":"team-a"},{"id":"team-b"}]}`)
	}
	start, end := utc("2026-01-05T00:00:00Z"), utc("2026-01-17T00:00:00Z") // the 16th is a day of it
	const dates = `"startDate":"2026-01-05T00:00:00Z","finishDate":"2026-01-16T00:00:00Z"`
	for raw, want := range map[string]*rampforge.Sprint{
		`{` + dates + `,"timeFrame":"past"}`:                        {BoardID: "team-a", Name: "S1", State: "closed", StartAt: &start, EndAt: &end, CompletedAt: &end},
		`{` + dates + `,"timeFrame":"current"}`:                     {BoardID: "team-a", Name: "S1", State: "active", StartAt: &start, EndAt: &end},
		`{"startDate":null,"finishDate":null,"timeFrame":"future"}`: {BoardID: "team-a", Name: "S1", State: "future"},
		`null`: {BoardID: "team-a", Name: "S1", State: "future"},
	} {
		if diff := cmp.Diff(want, sprint(raw).Sprint); diff != "" {
			t.Errorf("%s (-want +got):\n%s", raw, diff)
		}
	}
}

func TestPullRequest(t *testing.T) {
	t.Parallel()
	thread := func(id, value string) string {
		return `{"id":` + id + `,"publishedDate":"2026-01-02T0` + id + `:00:00Z","identities":{"1":` + ada + `},"properties":{"CodeReviewThreadType":{"$value":"VoteUpdate"},"CodeReviewVoteResult":{"$value":"` + value + `"},"CodeReviewVotedByIdentity":{"$value":"1"}},"comments":[]}`
	}
	r := normalise(t, rampforge.StreamPullRequests, `{"pull_request":{"pullRequestId":9,"status":"completed","title":"T","description":"D","createdBy":null,"creationDate":"2026-01-01T00:00:00Z","closedDate":"2026-01-03T00:00:00Z","closedBy":`+ada+
		`,"sourceRefName":"refs/heads/a/b","targetRefName":"refs/heads/main","isDraft":true,"lastMergeSourceCommit":{"commitId":"h"},"lastMergeCommit":{"commitId":"m"},"repository":{"webUrl":"https://h/_git/r"},"labels":[{"name":"l"}],"reviewers":[`+
		`{"id":"id-ada","vote":-5},{"id":"id-new","displayName":"New","vote":5},{"id":"id-group","displayName":"Group","isContainer":true,"vote":10},{"id":"id-idle","displayName":"Idle","descriptor":"svc.x","vote":0},{"id":"id-no","hasDeclined":true,"vote":0}]},"threads":[`+
		thread("1", "10")+`,`+thread("2", "0")+`,`+thread("3", "-5")+
		`,{"id":4,"threadContext":{"filePath":"/a.go","rightFileStart":{"line":5}},"publishedDate":"2026-01-02T04:00:00Z","lastUpdatedDate":"2026-01-04T00:00:00Z","comments":[{"id":1,"author":null,"content":"c","commentType":"text","publishedDate":"2026-01-02T04:00:00Z"},{"id":2,"parentCommentId":1,"author":`+ada+`,"content":"r","commentType":"text","publishedDate":"2026-01-02T05:00:00Z"},{"id":3,"isDeleted":true,"commentType":"text"}]}`+
		`,{"id":5,"comments":[{"id":1,"content":"pushed","commentType":"system"}]},{"id":6,"isDeleted":true,"comments":[{"id":1,"content":"gone","commentType":"text"}]}],"commits":[{"commitId":"c2","committer":{"date":"2026-01-09T00:00:00Z"}},{"commitId":"c1","author":{"date":"2026-01-01T01:00:00+01:00"}}]}`)
	closed, updated := utc("2026-01-03T00:00:00Z"), utc("2026-01-04T00:00:00Z")
	fifth := rampforge.Account{ID: "id-new", Name: "New"}
	want := &rampforge.PullRequest{
		Number: 9, Title: "T", Body: "D", URL: "https://h/_git/r/pullrequest/9", State: "merged", Draft: true, SourceBranch: "a/b", TargetBranch: "main", HeadCommit: "h", MergeCommit: "m", MergedBy: &adaAccount,
		Assignees: []rampforge.Account{}, Requested: []rampforge.Account{{ID: "id-idle", Name: "Idle", Bot: true}}, Labels: []string{"l"},
		CreatedAt: utc("2026-01-01T00:00:00Z"), UpdatedAt: updated, ClosedAt: &closed, MergedAt: &closed,
		Reviews: []rampforge.Review{
			{ID: "1", Author: &adaAccount, State: "approved", SubmittedAt: utc("2026-01-02T01:00:00Z")}, {ID: "2", Author: &adaAccount, State: "dismissed", SubmittedAt: utc("2026-01-02T02:00:00Z")},
			{ID: "3", Author: &adaAccount, State: "changes_requested", SubmittedAt: utc("2026-01-02T03:00:00Z")}, {ID: "vote.id-new", Author: &fifth, State: "approved", SubmittedAt: updated},
		},
		Comments: []rampforge.Comment{
			{ID: "4.1", Body: "c", Path: "/a.go", Line: 5, CreatedAt: utc("2026-01-02T04:00:00Z"), UpdatedAt: utc("2026-01-02T04:00:00Z")},
			{ID: "4.2", Author: &adaAccount, Body: "r", Path: "/a.go", Line: 5, ReplyTo: "4.1", CreatedAt: utc("2026-01-02T05:00:00Z"), UpdatedAt: utc("2026-01-02T05:00:00Z")},
		},
		Commits: []rampforge.PullRequestLink{{Hash: "c1", AuthoredAt: utc("2026-01-01T00:00:00Z"), CommittedAt: utc("2026-01-01T00:00:00Z")}, {Hash: "c2", CommittedAt: utc("2026-01-09T00:00:00Z")}},
	}
	if diff := cmp.Diff(want, r.PullRequest); diff != "" || !r.UpdatedAt.Equal(updated) {
		t.Errorf("%v (-want +got):\n%s", r.UpdatedAt, diff)
	}
}

func TestRunsAndDeployments(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		`"status":"notStarted"`: "queued", `"status":"postponed"`: "queued", `"status":"inProgress"`: "running", `"status":"cancelling"`: "running",
		`"status":"completed","result":"succeeded"`: "succeeded", `"status":"completed","result":"partiallySucceeded"`: "succeeded", `"status":"completed","result":"failed"`: "failed",
		`"status":"completed","result":"canceled"`: "cancelled", `"status":"completed","result":"none"`: "skipped",
	} {
		run := normalise(t, rampforge.StreamPipelineRuns, `{"id":1,"queueTime":"2026-01-01T00:00:00Z","reason":"batchedCI","sourceBranch":"refs/heads/main","startTime":"0001-01-01T00:00:00",`+words+`}`).PipelineRun
		if run.State != want || run.Event != "push" || run.Branch != "main" || run.StartedAt != nil {
			t.Errorf("%s is %+v, want %s", words, run, want)
		}
	}
	for words, want := range map[string]string{
		`"deploymentStatus":"notDeployed","operationStatus":"Queued"`: "queued", `"deploymentStatus":"inProgress","operationStatus":"PhaseInProgress"`: "running", `"deploymentStatus":"succeeded","operationStatus":"Approved"`: "succeeded",
		`"deploymentStatus":"failed","operationStatus":"Rejected"`: "failed", `"deploymentStatus":"notDeployed","operationStatus":"Rejected"`: "cancelled", `"deploymentStatus":"inProgress","operationStatus":"Canceled"`: "cancelled",
	} {
		d := normalise(t, rampforge.StreamDeployments, `{"id":1,"queuedOn":"2026-01-01T00:00:00Z","releaseEnvironment":{"name":"prod"},"release":{"artifacts":[{"type":"Git","definitionReference":{"branch":{"id":"refs/heads/main"},"version":{"id":"abc"}}}]},`+words+`}`).Deployment
		if d.State != want || d.Commit != "abc" || d.Branch != "main" || d.Environment != "prod" {
			t.Errorf("%s is %+v, want %s", words, d, want)
		}
	}
}

// TestNormaliseGarbage cuts good records short and swaps what they hold: none
// may bring the product down, and none may become half a record.
func TestNormaliseGarbage(t *testing.T) {
	t.Parallel()
	all := []rampforge.Stream{rampforge.StreamWorkItems, rampforge.StreamSprints, rampforge.StreamPullRequests, rampforge.StreamCommits, rampforge.StreamPipelineRuns, rampforge.StreamDeployments, rampforge.StreamDocuments}
	for _, raw := range []string{"", "null", "{}", "[]", `"x"`, `{"id":null}`, `{"id":{}}`, `{"item":null}`, `{"item":{"id":1}}`, `{"item":{"id":1,"fields":{"System.CreatedDate":7}}}`, `{"pull_request":{"pullRequestId":1}}`, `{"iteration":{"id":"x"}}`, `{"commitId":"a","author":{"date":"yesterday"}}`, `{"commitId":"a"}`, itemJSON("", "")[:100]} {
		for _, stream := range all {
			r, err := azuredevops.Normalise(stream, "r", []byte(raw))
			if reason := connector.Reason(err); reason != connector.ReasonMalformed && reason != connector.ReasonUnsupported {
				t.Errorf("%s of %q: %+v, %v", stream, raw, r, err)
			}
		}
	}
}
