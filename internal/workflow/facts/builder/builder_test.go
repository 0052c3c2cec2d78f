package builder_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/facts/builder"
)

var day0 = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// day is a moment of the tests, so many days after the first.
func day(n float64) time.Time { return day0.Add(time.Duration(n * 24 * float64(time.Hour))) }

func dayPointer(n float64) *time.Time {
	at := day(n)
	return &at
}

func at(n float64) facts.Time { return facts.At(day(n)) }

// built makes facts of one record.
func built(t *testing.T, stream rampforge.Stream, content any) *builder.Batch {
	t.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	b := builder.New()
	if err := b.Add(builder.Record{Stream: stream, ServiceID: "svc", ResourceID: "res", ID: "1", SyncedAt: day(99), Content: text}); err != nil {
		t.Fatal(err)
	}
	return b.Batch()
}

// What happened before 1970 is as what happened after: no moment that is not told
// is taken for 1970, and the epoch itself is a moment.
func TestTimesBeforeTheEpoch(t *testing.T) {
	t.Parallel()
	epoch := time.Unix(0, 0).UTC()
	created := epoch.AddDate(-1, 0, 0)
	item := rampforge.WorkItem{Key: "A-1", Status: "closed", StatusID: "c", StatusCategory: rampforge.StatusDone, CreatedAt: created, SprintIDs: []string{"7"}}
	b := built(t, rampforge.StreamWorkItems, item)
	if v := b.Items[0]; len(v.Visits) != 1 || v.Visits[0].At != facts.At(created) || v.Incomplete || len(v.Sprints) != 1 || v.Sprints[0].From != facts.At(created) {
		t.Errorf("%+v", v)
	}
	item.Events = []rampforge.WorkItemEvent{{Field: rampforge.FieldStatus, From: "open", FromID: "o", To: "doing", ToID: "d", At: created.Add(time.Hour)}}
	b = built(t, rampforge.StreamWorkItems, item)
	if v := b.Items[0].Visits; len(v) != 3 || v[2].At != facts.At(created.Add(time.Hour)) {
		t.Errorf("%+v", v)
	}
	item.Events, item.ClosedAt = nil, &epoch
	b = built(t, rampforge.StreamWorkItems, item)
	if v := b.Items[0].Visits; len(v) != 2 || v[1].At != 1 {
		t.Errorf("%+v", v)
	}
}

// readable is an item with the texts of its symbols, as tests want it.
type readable struct {
	Visits, Assignees, Sprints, Estimates []string
	Flags                                 []string
	Incomplete                            bool
}

// days writes a moment as days since the first.
func days(v facts.Time) string {
	if v == 0 {
		return "…"
	}
	return v.Sub(at(0)).String()
}

func read(t *testing.T, w rampforge.WorkItem) readable {
	t.Helper()
	b := built(t, rampforge.StreamWorkItems, w)
	v, text := b.Items[0], b.Symbols.Text
	last := func(s facts.Symbol) string {
		parts := facts.Parts(text(s))
		return parts[len(parts)-1]
	}
	span := func(s facts.Span) string { return days(s.From) + "–" + days(s.To) }
	r := readable{Incomplete: v.Incomplete}
	for _, x := range v.Visits {
		r.Visits = append(r.Visits, last(x.Status)+" "+text(x.Name)+" "+days(x.At))
	}
	for _, x := range v.Assignees {
		r.Assignees = append(r.Assignees, last(x.Account)+" "+span(x.Span))
	}
	for _, x := range v.Sprints {
		r.Sprints = append(r.Sprints, last(x.Sprint)+" "+span(x.Span))
	}
	for _, x := range v.Estimates {
		value := "?"
		if x.Known {
			b, _ := json.Marshal(x.Value)
			value = string(b)
		}
		r.Estimates = append(r.Estimates, value+" "+days(x.At))
	}
	for _, x := range v.Flags {
		r.Flags = append(r.Flags, span(x))
	}
	return r
}

func status(n float64, from, to string) rampforge.WorkItemEvent {
	return rampforge.WorkItemEvent{Field: rampforge.FieldStatus, From: "S" + from, FromID: from, To: "S" + to, ToID: to, At: day(n)}
}

func change(field rampforge.WorkItemField, n float64, fromID, toID string) rampforge.WorkItemEvent {
	return rampforge.WorkItemEvent{Field: field, From: fromID, FromID: fromID, To: toID, ToID: toID, At: day(n)}
}

func TestItems(t *testing.T) {
	t.Parallel()
	five := 5.0
	base := rampforge.WorkItem{CreatedAt: day(0), UpdatedAt: day(10), Status: "S1", StatusID: "1"}
	with := func(change func(w *rampforge.WorkItem)) rampforge.WorkItem {
		w := base
		change(&w)
		return w
	}
	for name, tc := range map[string]struct {
		item rampforge.WorkItem
		want readable
	}{
		"nothing ever happened": {base, readable{Visits: []string{"1 S1 0s"}}},
		"a history in order": {with(func(w *rampforge.WorkItem) {
			w.Status, w.StatusID, w.Events = "S3", "3", []rampforge.WorkItemEvent{status(1, "1", "2"), status(2, "2", "3")}
		}), readable{Visits: []string{"1 S1 0s", "2 S2 24h0m0s", "3 S3 48h0m0s"}}},
		"out of order, with a change that changes nothing": {with(func(w *rampforge.WorkItem) {
			w.Status, w.StatusID, w.Events = "S3", "3", []rampforge.WorkItemEvent{status(2, "2", "3"), status(1.5, "2", "2"), status(1, "1", "2")}
		}), readable{Visits: []string{"1 S1 0s", "2 S2 24h0m0s", "3 S3 48h0m0s"}}},
		"two changes at once keep their order": {with(func(w *rampforge.WorkItem) {
			w.Events = []rampforge.WorkItemEvent{status(1, "1", "2"), status(1, "2", "1")}
		}), readable{Visits: []string{"1 S1 0s", "2 S2 24h0m0s", "1 S1 24h0m0s"}}},
		"a clock that ran backwards": {with(func(w *rampforge.WorkItem) {
			w.Status, w.StatusID, w.Events = "S2", "2", []rampforge.WorkItemEvent{status(-1, "1", "2")}
		}), readable{Visits: []string{"1 S1 0s", "2 S2 0s"}}},
		"a status that has another name now": {with(func(w *rampforge.WorkItem) {
			w.Status, w.StatusID, w.Events = "Neu", "2", []rampforge.WorkItemEvent{status(1, "1", "2")}
		}), readable{Visits: []string{"1 S1 0s", "2 Neu 24h0m0s"}}},
		"a tracker without ids of statuses": {with(func(w *rampforge.WorkItem) {
			w.Status, w.StatusID = "Doing", ""
			w.Events = []rampforge.WorkItemEvent{{Field: rampforge.FieldStatus, From: "New", To: "Doing", At: day(1)}}
		}), readable{Visits: []string{"New New 0s", "Doing Doing 24h0m0s"}}},
		"events that have only the name of a status with an id": {with(func(w *rampforge.WorkItem) {
			w.Events = []rampforge.WorkItemEvent{{Field: rampforge.FieldStatus, From: "Before", To: "S1", At: day(1)}}
		}), readable{Visits: []string{"Before Before 0s", "1 S1 24h0m0s"}}},
		"closed, and nobody tells when it was begun": {with(func(w *rampforge.WorkItem) {
			w.Status, w.StatusID, w.StatusCategory, w.ClosedAt = "closed", "closed", rampforge.StatusDone, dayPointer(4)
		}), readable{Visits: []string{"  0s", "closed closed 96h0m0s"}, Incomplete: true}},
		"created closed": {with(func(w *rampforge.WorkItem) {
			w.StatusCategory, w.ClosedAt = rampforge.StatusDone, dayPointer(0)
		}), readable{Visits: []string{"1 S1 0s"}}},
		"the history does not lead to what is now": {with(func(w *rampforge.WorkItem) {
			w.Status, w.StatusID, w.Events = "S4", "4", []rampforge.WorkItemEvent{status(1, "1", "2")}
		}), readable{Visits: []string{"1 S1 0s", "2 S2 24h0m0s", "4 S4 240h0m0s"}, Incomplete: true}},
		"nor to when it was closed": {with(func(w *rampforge.WorkItem) {
			w.Status, w.StatusID, w.StatusCategory, w.ClosedAt, w.Events = "S4", "4", rampforge.StatusDone, dayPointer(3), []rampforge.WorkItemEvent{status(1, "1", "2")}
		}), readable{Visits: []string{"1 S1 0s", "2 S2 24h0m0s", "4 S4 72h0m0s"}, Incomplete: true}},
		"sprints as Jira tells them": {with(func(w *rampforge.WorkItem) {
			w.SprintIDs = []string{"100", "102", "90"}
			w.Events = []rampforge.WorkItemEvent{change(rampforge.FieldSprint, 1, "", "100"), change(rampforge.FieldSprint, 3, "100", "100, 101"), change(rampforge.FieldSprint, 5, "100, 101", "100, 102")}
		}), readable{Visits: []string{"1 S1 0s"}, Sprints: []string{"100 24h0m0s–…", "101 72h0m0s–120h0m0s", "102 120h0m0s–…", "90 0s–…"}}},
		"a sprint from the beginning, that it left and came back to": {with(func(w *rampforge.WorkItem) {
			w.SprintIDs = []string{"7"}
			w.Events = []rampforge.WorkItemEvent{change(rampforge.FieldSprint, 2, "7", ""), change(rampforge.FieldSprint, 4, "", "7")}
		}), readable{Visits: []string{"1 S1 0s"}, Sprints: []string{"7 0s–48h0m0s", "7 96h0m0s–…"}}},
		"a sprint that it is in no more, and nobody tells since when": {with(func(w *rampforge.WorkItem) {
			w.Events = []rampforge.WorkItemEvent{change(rampforge.FieldSprint, 2, "", "7")}
		}), readable{Visits: []string{"1 S1 0s"}, Sprints: []string{"7 48h0m0s–240h0m0s"}}},
		"a sprint that was there all the while a change tells of another": {with(func(w *rampforge.WorkItem) {
			w.SprintIDs = []string{"7", "8"}
			w.Events = []rampforge.WorkItemEvent{change(rampforge.FieldSprint, 2, "7", "7, 8")}
		}), readable{Visits: []string{"1 S1 0s"}, Sprints: []string{"7 0s–…", "8 48h0m0s–…"}}},
		"one assignee after the other": {with(func(w *rampforge.WorkItem) {
			w.Assignees = []rampforge.Account{{ID: "b"}}
			w.Events = []rampforge.WorkItemEvent{change(rampforge.FieldAssignee, 1, "a", "b")}
		}), readable{Visits: []string{"1 S1 0s"}, Assignees: []string{"a 0s–24h0m0s", "b 24h0m0s–…"}}},
		"several assignees who come and go": {with(func(w *rampforge.WorkItem) {
			w.Assignees = []rampforge.Account{{ID: "b"}, {ID: "c"}, {ID: ""}}
			w.Events = []rampforge.WorkItemEvent{
				change(rampforge.FieldAssignee, 1, "", "a"), change(rampforge.FieldAssignee, 2, "", "b"), change(rampforge.FieldAssignee, 3, "a", ""), change(rampforge.FieldAssignee, 3, "a", ""),
			}
		}), readable{Visits: []string{"1 S1 0s"}, Assignees: []string{"a 24h0m0s–72h0m0s", "b 48h0m0s–…", "c 0s–…"}}},
		"flags": {with(func(w *rampforge.WorkItem) {
			w.Flagged = true
			w.Events = []rampforge.WorkItemEvent{change(rampforge.FieldFlag, 1, "", "Impediment"), change(rampforge.FieldFlag, 2, "Impediment", ""), change(rampforge.FieldFlag, 3, "No", "Yes")}
		}), readable{Visits: []string{"1 S1 0s"}, Flags: []string{"24h0m0s–48h0m0s", "72h0m0s–…"}}},
		"flagged from the beginning, and no more": {with(func(w *rampforge.WorkItem) {
			w.Events = []rampforge.WorkItemEvent{change(rampforge.FieldFlag, 1, "Impediment", "Impediment, Other")}
		}), readable{Visits: []string{"1 S1 0s"}, Flags: []string{"0s–240h0m0s"}}},
		"flagged, and nobody tells since when": {with(func(w *rampforge.WorkItem) { w.Flagged = true }), readable{Visits: []string{"1 S1 0s"}, Flags: []string{"0s–…"}}},
		"estimates": {with(func(w *rampforge.WorkItem) {
			w.Estimate = &five
			w.Events = []rampforge.WorkItemEvent{change(rampforge.FieldEstimate, 1, "", "3"), change(rampforge.FieldEstimate, 2, "3", "5.0"), change(rampforge.FieldEstimate, 3, "5", "5")}
		}), readable{Visits: []string{"1 S1 0s"}, Estimates: []string{"? 0s", "3 24h0m0s", "5 48h0m0s"}}},
		"an estimate that never changed": {with(func(w *rampforge.WorkItem) { w.Estimate = &five }), readable{Visits: []string{"1 S1 0s"}, Estimates: []string{"5 0s"}}},
		"an estimate that no change leads to": {with(func(w *rampforge.WorkItem) {
			w.Events = []rampforge.WorkItemEvent{change(rampforge.FieldEstimate, 1, "0,5", "NaN"), change(rampforge.FieldEstimate, 2, "", "8")}
		}), readable{Visits: []string{"1 S1 0s"}, Estimates: []string{"0.5 0s", "? 24h0m0s", "8 48h0m0s", "? 240h0m0s"}}},
		"an imported case keeps what repeats": {with(func(w *rampforge.WorkItem) {
			w.EventLog, w.Events = true, []rampforge.WorkItemEvent{status(0, "", "A"), status(1, "A", "A"), status(2, "A", "B")}
		}), readable{Visits: []string{"A SA 0s", "A SA 24h0m0s", "B SB 48h0m0s"}}},
		"without a creation": {rampforge.WorkItem{Status: "S2", StatusID: "2", Events: []rampforge.WorkItemEvent{status(1, "1", "2")}},
			readable{Visits: []string{"1 S1 24h0m0s", "2 S2 24h0m0s"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, read(t, tc.item)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestItem has every field of an item that is as it is now.
func TestItem(t *testing.T) {
	t.Parallel()
	ann, bot := rampforge.Account{ID: "ann"}, rampforge.Account{ID: "bot"}
	b := built(t, rampforge.StreamWorkItems, rampforge.WorkItem{
		Key: "P-1", Type: "Bug", Title: "Left out", Status: "Done", StatusID: "3", StatusCategory: rampforge.StatusDone, Resolution: "Fixed", Labels: []string{"x", "y", "x", ""},
		Reporter: &ann, ParentID: "9", CreatedAt: day(0), UpdatedAt: day(7),
		Links:             []rampforge.WorkItemLink{{Kind: "blocked_by", Key: "P-2"}, {Kind: "blocks", Key: "P-3"}},
		Events:            []rampforge.WorkItemEvent{{Field: rampforge.FieldStatus, FromID: "1", From: "Open", ToID: "3", To: "Done", At: day(5), Actor: &bot}},
		Comments:          []rampforge.Comment{{Author: &bot, CreatedAt: day(3)}, {Author: &ann, CreatedAt: day(2)}, {CreatedAt: day(4)}, {Author: &ann}},
		HistoryIncomplete: true,
	})
	sym := func(text string) facts.Symbol {
		s, ok := b.Symbols.Find(text)
		if !ok {
			t.Errorf("%q has no symbol", text)
		}
		return s
	}
	annKey, botKey := sym(facts.AccountKey("svc", "ann")), sym(facts.AccountKey("svc", "bot"))
	want := []facts.Item{{
		Source: sym(facts.SourceKey("svc", "res")), ID: "1", Key: "P-1", Type: sym("Bug"), Resolution: sym("Fixed"), Category: sym("done"),
		Labels: []facts.Symbol{sym("x"), sym("y")}, Parent: "9", Created: at(0), Updated: at(7), SyncedAt: at(99), Reporter: annKey,
		Visits:   []facts.Visit{{Status: sym(facts.StatusKey("svc", "1", "")), Name: sym("Open"), At: at(0), Actor: annKey}, {Status: sym(facts.StatusKey("svc", "3", "")), Name: sym("Done"), At: at(5), Actor: botKey}},
		Comments: []facts.Remark{{Account: annKey, At: at(2)}, {Account: botKey, At: at(3)}, {At: at(4)}}, BlockedBy: []string{"P-2"}, Incomplete: true,
	}}
	if diff := cmp.Diff(want, b.Items); diff != "" {
		t.Error(diff)
	}
	statuses := []facts.Status{{Status: want[0].Visits[0].Status, Name: "Open"}, {Status: want[0].Visits[1].Status, Name: "Done", Category: sym("done")}}
	if diff := cmp.Diff(statuses, facts.StatusesOf(b.Items, b.Symbols)); diff != "" {
		t.Error(diff)
	}
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	ann, ben := rampforge.Account{ID: "ann"}, rampforge.Account{ID: "ben"}
	four := 4
	pulls := built(t, rampforge.StreamPullRequests, rampforge.PullRequest{
		Number: 7, State: "merged", Draft: true, Author: &ann, MergedBy: &ben, HeadCommit: "h", MergeCommit: "m", TargetBranch: "main", Additions: &four,
		Requested: []rampforge.Account{ben, {}}, CreatedAt: day(1), UpdatedAt: day(3), ReadyAt: dayPointer(2), ClosedAt: dayPointer(3), MergedAt: dayPointer(3),
		Reviews:  []rampforge.Review{{Author: &ben, State: "approved", SubmittedAt: day(2.5)}, {Author: nil, State: "commented", SubmittedAt: day(2)}},
		Comments: []rampforge.Comment{{Author: &ben, CreatedAt: day(2)}},
		Commits:  []rampforge.PullRequestLink{{Hash: "c2", AuthoredAt: day(1)}, {Hash: "c1", AuthoredAt: day(0), CommittedAt: day(1)}},
	})
	sym := func(b *builder.Batch, text string) facts.Symbol {
		s, ok := b.Symbols.Find(text)
		if !ok {
			t.Errorf("%q has no symbol", text)
		}
		return s
	}
	annKey, benKey := sym(pulls, facts.AccountKey("svc", "ann")), sym(pulls, facts.AccountKey("svc", "ben"))
	want := []facts.PullRequest{{
		Source: sym(pulls, facts.SourceKey("svc", "res")), ID: "1", Number: 7, State: sym(pulls, "merged"), Draft: true, Author: annKey, MergedBy: benKey,
		Created: at(1), Updated: at(3), SyncedAt: at(99), Ready: at(2), Closed: at(3), Merged: at(3), HeadCommit: "h", MergeCommit: "m", TargetBranch: sym(pulls, "main"),
		Commits:  []facts.PullCommit{{Hash: "c1", Authored: at(0), Committed: at(1)}, {Hash: "c2", Authored: at(1)}},
		Reviews:  []facts.Review{{State: sym(pulls, "commented"), At: at(2)}, {Account: benKey, State: sym(pulls, "approved"), At: at(2.5)}},
		Comments: []facts.Remark{{Account: benKey, At: at(2)}}, Requested: []facts.Symbol{benKey}, Additions: 4, Deletions: -1, ChangedFiles: -1,
	}}
	if diff := cmp.Diff(want, pulls.PullRequests); diff != "" {
		t.Error(diff)
	}
	deploys := built(t, rampforge.StreamDeployments, rampforge.Deployment{Environment: "prod", Branch: "main", Commit: "m", State: "succeeded", CreatedAt: day(4), FinishedAt: dayPointer(4.5)})
	if diff := cmp.Diff([]facts.Deployment{{Source: 1, ID: "1", Environment: sym(deploys, "prod"), Commit: "m", Branch: sym(deploys, "main"), State: sym(deploys, "succeeded"), Created: at(4), Finished: at(4.5), SyncedAt: at(99)}}, deploys.Deployments); diff != "" {
		t.Error(diff)
	}
	runs := built(t, rampforge.StreamPipelineRuns, rampforge.PipelineRun{Name: "release", State: "failed", CreatedAt: day(4)})
	if diff := cmp.Diff([]facts.Deployment{{Source: 1, ID: "1", Pipeline: sym(runs, "release"), State: sym(runs, "failed"), Created: at(4), SyncedAt: at(99)}}, runs.Runs); diff != "" || runs.Deployments != nil {
		t.Error(diff, runs.Deployments)
	}
	commits := built(t, rampforge.StreamCommits, rampforge.VendorCommit{Hash: "abc", Parents: []string{"p"}, Author: rampforge.Signature{Name: "Ann", Email: "ann@example.com"}, AuthoredAt: day(1), CommittedAt: day(2)})
	if diff := cmp.Diff([]facts.Commit{{Source: 1, ID: "1", Hash: "abc", Parents: []string{"p"}, Author: sym(commits, facts.SignatureKey("svc", "Ann", "ann@example.com")), Authored: at(1), Committed: at(2), SyncedAt: at(99)}}, commits.Commits); diff != "" {
		t.Error(diff)
	}
	sprints := built(t, rampforge.StreamSprints, rampforge.Sprint{BoardID: "5", Name: "One", State: "closed", StartAt: dayPointer(0), EndAt: dayPointer(14), CompletedAt: dayPointer(15)})
	if diff := cmp.Diff([]facts.Sprint{{ID: sym(sprints, facts.SprintKey("svc", "1")), Board: sym(sprints, "5"), Name: "One", State: sym(sprints, "closed"), Start: at(0), End: at(14), Completed: at(15), SyncedAt: at(99)}}, sprints.Sprints); diff != "" {
		t.Error(diff)
	}
}

// TestRebase joins batches: facts mean the same, whatever number their symbols
// have.
func TestRebase(t *testing.T) {
	t.Parallel()
	item := rampforge.WorkItem{Type: "Bug", Status: "S1", StatusID: "1", Labels: []string{"x"}, CreatedAt: day(0), UpdatedAt: day(1), Reporter: &rampforge.Account{ID: "ann"},
		SprintIDs: []string{"7"}, Assignees: []rampforge.Account{{ID: "ann"}}, Comments: []rampforge.Comment{{Author: &rampforge.Account{ID: "ben"}, CreatedAt: day(1)}}}
	batch := built(t, rampforge.StreamWorkItems, item)
	onto := facts.NewSymbols([]string{"", "others", "x", "were", "first"})
	batch.Rebase(onto)
	v := batch.Items[0]
	texts := []string{onto.Text(v.Type), onto.Text(v.Labels[0]), onto.Text(v.Reporter), onto.Text(v.Visits[0].Status), onto.Text(v.Visits[0].Name), onto.Text(v.Sprints[0].Sprint), onto.Text(v.Assignees[0].Account), onto.Text(v.Comments[0].Account), onto.Text(v.Source)}
	want := []string{"Bug", "x", "svc\x00ann", "svc\x001", "S1", "svc\x007", "svc\x00ann", "svc\x00ben", "svc\x00res"}
	if diff := cmp.Diff(want, texts); diff != "" || v.Labels[0] != 2 {
		t.Error(diff, v.Labels)
	}
	run := built(t, rampforge.StreamPipelineRuns, rampforge.PipelineRun{Name: "release", State: "failed"})
	run.Rebase(onto)
	if got := onto.Text(run.Runs[0].Pipeline); got != "release" {
		t.Errorf("%q", got)
	}
}

func TestStatusesDisagree(t *testing.T) {
	t.Parallel()
	b := builder.New()
	for i, w := range []rampforge.WorkItem{
		{Status: "Fertig", StatusID: "3", StatusCategory: rampforge.StatusDone, UpdatedAt: day(2)},
		{Status: "Done", StatusID: "3", StatusCategory: rampforge.StatusInProgress, UpdatedAt: day(1)},
	} {
		text, err := json.Marshal(w)
		if err == nil {
			err = b.Add(builder.Record{Stream: rampforge.StreamWorkItems, ServiceID: "svc", ID: string(rune('a' + i)), Content: text})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	batch := b.Batch()
	got := facts.StatusesOf(batch.Items, batch.Symbols)
	if len(got) != 1 || got[0].Name != "Fertig" || batch.Symbols.Text(got[0].Category) != "done" {
		t.Errorf("%+v", got)
	}
}

func TestAddFails(t *testing.T) {
	t.Parallel()
	b := builder.New()
	for _, r := range []builder.Record{
		{Stream: rampforge.StreamWorkItems, Content: []byte(`{"created_at": "yesterday"}`)}, {Stream: rampforge.StreamDocuments, Content: []byte(`{}`)}, {Stream: "else", Content: []byte(`{}`)},
		{Stream: rampforge.StreamCommits, Content: []byte(`nothing`)},
	} {
		if err := b.Add(r); err == nil {
			t.Errorf("%q of %s became facts", r.Content, r.Stream)
		}
	}
	if batch := b.Batch(); len(batch.Items)+len(batch.Commits) > 0 {
		t.Errorf("%+v", batch)
	}
}
