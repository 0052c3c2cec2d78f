package jira_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/jira"
)

// raw makes the raw form of a work item from fields and other parts.
func raw(t *testing.T, fields map[string]any, parts map[string]any) []byte {
	t.Helper()
	all := map[string]any{"summary": "Title", "created": "2026-03-29T01:30:00.000+0100", "updated": "2026-03-29T03:30:00.000+0200"}
	maps.Copy(all, fields)
	whole := map[string]any{
		"issue": map[string]any{"id": "20000", "key": "ALPHA-1", "fields": all}, "site": "https://jira.example.com",
		"fields": map[string]any{
			"sprint": []any{map[string]any{"id": "customfield_1", "name": "Sprint"}},
			"points": []any{map[string]any{"id": "customfield_2", "name": "Story-Punkte"}, map[string]any{"id": "customfield_3", "name": "Story Points"}},
			"flag":   []any{map[string]any{"id": "customfield_4", "name": "Markiert"}},
			"epic":   []any{map[string]any{"id": "customfield_5", "name": "Epos"}},
		},
	}
	maps.Copy(whole, parts)
	b, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func item(t *testing.T, fields map[string]any, parts map[string]any) *rampforge.WorkItem {
	t.Helper()
	r, err := jira.Normalise(rampforge.StreamWorkItems, alpha.ID, raw(t, fields, parts))
	if err != nil {
		t.Fatal(err)
	}
	return r.WorkItem
}

type object = map[string]any

func TestNormaliseItem(t *testing.T) {
	t.Parallel()
	got := item(t, object{
		"description": "unchanged \x00 🚀 <b>&", "issuetype": object{"name": "Story"}, "priority": object{"name": "Hoch"}, "labels": []string{"a", "b"},
		"status": object{"id": "3", "name": "In Arbeit"}, "resolution": object{"name": "Fertig"}, "resolutiondate": "2026-03-29T03:00:00.000+0200",
		"reporter":      object{"accountId": "1", "accountType": "atlassian", "displayName": "Ada", "emailAddress": "ada@example.com"},
		"assignee":      object{"accountId": "2", "accountType": "app", "displayName": "Automation"},
		"customfield_1": []any{object{"id": 7, "name": "S7"}, "x.Sprint@1[id=8,rapidViewId=1,name=a,id=9]", 10, nil, "no sprint"},
		"customfield_3": 5.5, "customfield_4": []any{object{"value": "Impediment"}}, "parent": object{"id": "19000", "key": "ALPHA-9"},
		"issuelinks": []any{
			object{"type": object{"inward": "is blocked by", "outward": "blocks"}, "outwardIssue": object{"id": "5", "key": "B-1"}},
			object{"type": object{"inward": "is blocked by", "outward": "blocks"}, "inwardIssue": object{"id": "6", "key": "B-2"}},
			object{"type": object{"inward": "relates to", "outward": "relates to"}, "inwardIssue": object{"id": "7", "key": "B-3"}},
			object{"type": object{"inward": "wird blockiert von"}, "inwardIssue": object{"id": "8", "key": "B-4"}},
		},
	}, object{"status_category": "indeterminate"})
	points, closed := 5.5, time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)
	want := &rampforge.WorkItem{
		Key: "ALPHA-1", Type: "Story", Title: "Title", Body: "unchanged \x00 🚀 <b>&", URL: "https://jira.example.com/browse/ALPHA-1",
		Status: "In Arbeit", StatusID: "3", StatusCategory: rampforge.StatusInProgress, Resolution: "Fertig", Priority: "Hoch", Labels: []string{"a", "b"},
		Reporter:  &rampforge.Account{ID: "1", Name: "Ada", Email: "ada@example.com"},
		Assignees: []rampforge.Account{{ID: "2", Name: "Automation", Bot: true}}, Estimate: &points, SprintIDs: []string{"7", "8", "10"},
		ParentID: "19000", Flagged: true, CreatedAt: time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC),
		ClosedAt: &closed, Events: []rampforge.WorkItemEvent{}, Comments: []rampforge.Comment{},
		Links: []rampforge.WorkItemLink{{Kind: "blocks", ID: "5", Key: "B-1"}, {Kind: "blocked_by", ID: "6", Key: "B-2"}, {Kind: "relates", ID: "7", Key: "B-3"}, {Kind: "wird_blockiert_von", ID: "8", Key: "B-4"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNormaliseNothing(t *testing.T) {
	t.Parallel()
	got := item(t, object{
		"description": nil, "issuetype": nil, "priority": nil, "labels": nil, "status": nil, "resolution": nil, "reporter": nil,
		"assignee": object{"accountId": "unknown", "displayName": "Former user"}, "customfield_1": nil, "customfield_2": nil, "customfield_4": []any{}, "parent": nil, "issuelinks": nil,
	}, object{"parent_id": "123"})
	want := &rampforge.WorkItem{
		Key: "ALPHA-1", Title: "Title", URL: "https://jira.example.com/browse/ALPHA-1", Labels: []string{}, Assignees: []rampforge.Account{}, SprintIDs: []string{},
		ParentID: "123", Links: []rampforge.WorkItemLink{}, Events: []rampforge.WorkItemEvent{}, Comments: []rampforge.Comment{},
		CreatedAt: time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCategories never looks at the names of statuses.
func TestCategories(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]rampforge.StatusCategory{
		"new": rampforge.StatusToDo, "indeterminate": rampforge.StatusInProgress, "done": rampforge.StatusDone, "undefined": rampforge.StatusUnknown, "": rampforge.StatusUnknown,
	} {
		if got := item(t, object{"status": object{"id": "1", "name": "Done"}}, object{"status_category": key}).StatusCategory; got != want {
			t.Errorf("%q is %q, want %q", key, got, want)
		}
	}
}

func TestClosedAt(t *testing.T) {
	t.Parallel()
	history := []any{
		object{"id": "1", "created": "2026-01-01T10:00:00.000+0000", "items": []any{object{"field": "status", "fieldtype": "jira", "from": "1", "to": "9"}}},
		object{"id": "3", "created": "2026-01-03T10:00:00.000+0000", "items": []any{object{"field": "status", "fieldtype": "jira", "from": "3", "to": "9"}}},
		object{"id": "2", "created": "2026-01-02T10:00:00.000+0000", "items": []any{object{"field": "status", "fieldtype": "jira", "from": "9", "to": "3"}}},
	}
	for name, test := range map[string]struct {
		fields   object
		category string
		day      int // 0 is not closed
	}{
		"open, whatever was before":     {object{}, "indeterminate", 0},
		"by its resolution":             {object{"resolutiondate": "2026-01-05T10:00:00.000+0000"}, "done", 5},
		"by its category":               {object{"statuscategorychangedate": "2026-01-04T10:00:00.000+0000"}, "done", 4},
		"by the last time in its state": {object{}, "done", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fields := maps.Clone(test.fields)
			fields["status"] = object{"id": "9"}
			got := item(t, fields, object{"status_category": test.category, "changelog": history}).ClosedAt
			if test.day == 0 && got != nil || test.day > 0 && (got == nil || got.Day() != test.day) {
				t.Errorf("%v, want day %d", got, test.day)
			}
		})
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	change := func(field, id, kind, from, to string) object {
		return object{"field": field, "fieldId": id, "fieldtype": kind, "from": from + "i", "fromString": from, "to": to + "i", "toString": to}
	}
	got := item(t, nil, object{"changelog_total": 4, "changelog": []any{
		object{"id": "12", "created": "2026-01-01T12:00:00.000+0100", "author": object{"key": "k", "name": "n"}, "items": []any{
			change("description", "description", "jira", "", ""), change("status", "status", "jira", "a", "b"), change("Sprint", "", "custom", "c", "d"),
			change("Story-Punkte", "customfield_2", "custom", "e", "f"), change("Story Points", "", "custom", "g", "h"), change("Markiert", "", "custom", "i", "j"),
			change("status", "customfield_77", "custom", "no", "no"), change("Epic Link", "", "custom", "k", "l"), change("Rank", "customfield_9", "custom", "no", "no"),
		}},
		object{"id": "9", "created": "2026-01-01T11:00:00.000+0000", "items": []any{
			change("project", "project", "jira", "A", "B"), change("Key", "", "jira", "A-1", "B-1"), change("IssueParentAssociation", "", "jira", "m", "n"),
		}},
		object{"id": 8, "created": "2026-01-01T10:00:00.000+0000", "author": nil, "items": []any{
			change("Key", "", "jira", "A-1", "B-1"), change("assignee", "assignee", "jira", "o", "p"), change("issuetype", "", "jira", "q", "r"),
			change("priority", "", "jira", "s", "t"), change("labels", "", "jira", "u", "v"),
			object{"field": "assignee", "fieldtype": "jira", "from": nil, "fromString": nil, "to": nil, "toString": nil},
		}},
	}})
	type short struct{ ID, Field, From, ToID string }
	var events []short
	for _, e := range got.Events {
		events = append(events, short{e.ID, string(e.Field), e.From, e.ToID})
	}
	if diff := cmp.Diff([]short{
		{"8.0", "resource", "A-1", "B-1i"}, {"8.1", "assignee", "o", "pi"}, {"8.2", "type", "q", "ri"}, {"8.3", "priority", "s", "ti"}, {"8.4", "label", "u", "vi"}, {"8.5", "assignee", "", ""},
		{"9.0", "resource", "A", "Bi"}, {"9.2", "parent", "m", "ni"},
		{"12.1", "status", "a", "bi"}, {"12.2", "sprint", "c", "di"}, {"12.3", "estimate", "e", "fi"}, {"12.4", "estimate", "g", "hi"}, {"12.5", "flag", "i", "ji"}, {"12.7", "parent", "k", "li"},
	}, events); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !got.HistoryIncomplete {
		t.Error("three of four entries are called the whole history")
	}
	last := got.Events[len(got.Events)-1]
	if diff := cmp.Diff(&rampforge.Account{ID: "k", Login: "n"}, last.Actor); diff != "" || last.At != time.Date(2026, 1, 1, 11, 0, 0, 0, time.UTC) || got.Events[0].Actor != nil {
		t.Errorf("%+v", last)
	}
}

func TestComments(t *testing.T) {
	t.Parallel()
	got := item(t, nil, object{"comments": []any{
		object{"id": "2", "author": nil, "body": "later", "created": "2026-01-02T00:00:00.000+0000", "updated": "2026-01-03T00:00:00.000+0000"},
		object{"id": "1", "author": object{"name": "old-server"}, "body": "", "created": "2026-01-01T00:00:00.000-0500"},
	}}).Comments
	day := func(d, h int) time.Time { return time.Date(2026, 1, d, h, 0, 0, 0, time.UTC) }
	if diff := cmp.Diff([]rampforge.Comment{
		{ID: "1", Author: &rampforge.Account{ID: "old-server", Login: "old-server"}, CreatedAt: day(1, 5), UpdatedAt: day(1, 5)},
		{ID: "2", Body: "later", CreatedAt: day(2, 0), UpdatedAt: day(3, 0)},
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBody(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"type":"blockquote","content":[`, 4000) + `{"type":"text","text":"x"}` + strings.Repeat(`]}`, 4000)
	for name, test := range map[string]struct{ body, want string }{
		"plain text":  {`"  as it is \n"`, "  as it is \n"},
		"nothing":     {`null`, ""},
		"a number":    {`7`, ""},
		"paragraphs":  {`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"a"},{"type":"hardBreak"},{"type":"text","text":"b"}]},{"type":"paragraph","content":[{"type":"text","text":"c"}]}]}`, "a\nb\nc"},
		"a list":      {`{"type":"doc","content":[{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"a"}]}]},{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"b"}]}]}]}]}`, "- a\n- b"},
		"inline":      {`{"type":"doc","content":[{"type":"mention","attrs":{"id":"1","text":"@Ada"}},{"type":"emoji","attrs":{"shortName":":x:"}},{"type":"emoji","attrs":{"shortName":":x:","text":"🙂"}},{"type":"inlineCard","attrs":{"url":"https://e.com"}},{"type":"date","attrs":{"timestamp":"1767225600000"}},{"type":"date","attrs":{"timestamp":1767225600000}}]}`, "@Ada:x:🙂https://e.com2026-01-012026-01-01"},
		"too deep":    {`{"type":"doc","content":[{"type":"text","text":"a"},` + deep + `]}`, "a"},
		"other types": {`{"type":"doc","content":[{"type":"fromTheFuture","content":[{"type":"text","text":"still"}]}]}`, "still"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := item(t, object{"description": json.RawMessage(test.body)}, nil).Body; got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestNormaliseSprint(t *testing.T) {
	t.Parallel()
	at := func(s string) *time.Time {
		u, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return &u
	}
	for name, test := range map[string]struct {
		raw     string
		want    rampforge.Sprint
		updated string
	}{
		"closed": {
			`{"sprint":{"id":7,"originBoardId":3,"name":"S 🚀","goal":"g","state":"closed","startDate":"2026-01-05T10:00:00.000+01:00","endDate":"2026-01-19T09:00:00.000Z","completeDate":"2026-01-18T09:00:00.000Z"},"board_id":"4"}`,
			rampforge.Sprint{BoardID: "3", Name: "S 🚀", Goal: "g", State: "closed", StartAt: at("2026-01-05T09:00:00Z"), EndAt: at("2026-01-19T09:00:00Z"), CompletedAt: at("2026-01-18T09:00:00Z")},
			"2026-01-18T09:00:00Z",
		},
		"planned": {`{"sprint":{"id":7,"name":"S","state":"FUTURE"},"board_id":"4"}`, rampforge.Sprint{BoardID: "4", Name: "S", State: "future"}, "1970-01-01T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := jira.Normalise(rampforge.StreamSprints, alpha.ID, []byte(test.raw))
			if err != nil {
				t.Fatal(err)
			}
			want := rampforge.Record{Stream: rampforge.StreamSprints, ID: "7", ResourceID: alpha.ID, UpdatedAt: *at(test.updated), Raw: []byte(test.raw), Sprint: &test.want}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNormaliseRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stream rampforge.Stream
		raw    []byte
		reason string
	}{
		"no JSON":           {rampforge.StreamWorkItems, []byte("{"), connector.ReasonMalformed},
		"no id":             {rampforge.StreamWorkItems, []byte(`{"issue":{"key":"A-1"}}`), connector.ReasonMalformed},
		"no time":           {rampforge.StreamWorkItems, raw(t, object{"updated": nil}, nil), connector.ReasonMalformed},
		"another time":      {rampforge.StreamWorkItems, raw(t, object{"created": "yesterday, vendor's words"}, nil), connector.ReasonMalformed},
		"a text for labels": {rampforge.StreamWorkItems, raw(t, object{"labels": "a"}, nil), connector.ReasonMalformed},
		"a history's time":  {rampforge.StreamWorkItems, raw(t, nil, object{"changelog": []any{object{"id": "1", "created": "x"}}}), connector.ReasonMalformed},
		"a comment's time":  {rampforge.StreamWorkItems, raw(t, nil, object{"comments": []any{object{"id": "1"}}}), connector.ReasonMalformed},
		"a sprint's time":   {rampforge.StreamSprints, []byte(`{"sprint":{"id":1,"startDate":"x"}}`), connector.ReasonMalformed},
		"another stream":    {rampforge.StreamCommits, []byte(`{}`), connector.ReasonUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := jira.Normalise(test.stream, alpha.ID, test.raw)
			if connector.Reason(err) != test.reason || strings.Contains(err.Error(), "vendor's") {
				t.Errorf("%v", err)
			}
		})
	}
}
