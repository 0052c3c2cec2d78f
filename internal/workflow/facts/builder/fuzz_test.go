package builder_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/facts/builder"
)

// FuzzWorkItem makes facts of any JSON: whatever a vendor tells, they hold what
// the metrics count on, and are stored and read as they are.
func FuzzWorkItem(f *testing.F) {
	f.Add([]byte(`{"key":"A-1","status":"S2","status_id":"2","status_category":"done","created_at":"2026-01-05T09:00:00Z","updated_at":"2026-01-04T09:00:00Z","closed_at":"2026-02-04T09:00:00Z",` +
		`"events":[{"field":"status","from_id":"1","to_id":"2","at":"2026-01-01T09:00:00Z"},{"field":"sprint","from_id":"","to_id":"1, 2,,2","at":"2026-01-07T09:00:00Z"},` +
		`{"field":"flag","from":"Yes","to":"","at":"2026-01-06T09:00:00Z"},{"field":"assignee","from_id":"a","to_id":"b","at":"2026-01-06T09:00:00Z"},` +
		`{"field":"estimate","from":"1e999","to":"-0","at":"0001-01-06T09:00:00Z"},{"field":"status","from_id":"1","to_id":"2","at":"9999-01-01T09:00:00Z"}],` +
		`"sprint_ids":["2","2"],"assignees":[{"id":"b"},{"id":"b"}],"flagged":true,"estimate":3,"comments":[{"author":null,"created_at":"2026-01-06T09:00:00Z"}],"links":[{"kind":"blocked_by"}]}`))
	f.Add([]byte(`{"event_log":true,"events":[null,{"field":"status"}]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		b := builder.New()
		if b.Add(builder.Record{Stream: rampforge.StreamWorkItems, ServiceID: "s", ResourceID: "r", ID: "1", Content: content}) != nil {
			return
		}
		batch := b.Batch()
		v := &batch.Items[0]
		if len(v.Visits) == 0 || !v.Imported && v.Visits[0].At != v.Created {
			t.Errorf("it was nowhere when it was created: %+v", v)
		}
		for i := 1; i < len(v.Visits); i++ {
			if v.Visits[i].At < v.Visits[i-1].At || !v.Imported && v.Visits[i].Status == v.Visits[i-1].Status {
				t.Errorf("visit %d: %+v", i, v.Visits)
			}
		}
		spans := append([]facts.Span{}, v.Flags...)
		for _, a := range v.Assignees {
			spans = append(spans, a.Span)
		}
		for _, m := range v.Sprints {
			spans = append(spans, m.Span)
		}
		for _, s := range spans {
			if s.From < v.Created || s.To != 0 && s.To < s.From {
				t.Errorf("a time that runs backwards: %+v, created %d", s, v.Created)
			}
		}
		for i, e := range v.Estimates {
			if e.At < v.Created || i > 0 && e.At < v.Estimates[i-1].At || e.Value != e.Value {
				t.Errorf("estimate %d: %+v", i, v.Estimates)
			}
		}
		again, err := facts.NewDecoder(batch.Symbols.Len()).Items(facts.PackItems(batch.Items), nil)
		if err != nil || !cmp.Equal(again, batch.Items) {
			t.Error(err, cmp.Diff(batch.Items, again))
		}
	})
}
