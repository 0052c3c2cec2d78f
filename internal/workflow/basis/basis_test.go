package basis_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
)

func TestPage(t *testing.T) {
	t.Parallel()
	asOf := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	row := func(i int) basis.ExplainedRow { return basis.ExplainedRow{ID: strconv.Itoa(i)} }
	for _, test := range []struct {
		name    string
		query   *basis.ExplainQuery
		ids     string
		hasMore bool
		none    bool
	}{
		{name: "nobody asked", none: true},
		{name: "another metric", query: &basis.ExplainQuery{Metric: "lead_time", Limit: 2}, none: true},
		{name: "every metric", query: &basis.ExplainQuery{Limit: 2}, ids: "01", hasMore: true},
		{name: "the last page", query: &basis.ExplainQuery{Metric: "wip", Offset: 3, Limit: 2}, ids: "34"},
		{name: "a page that is not full", query: &basis.ExplainQuery{Offset: 4, Limit: 2}, ids: "4"},
		{name: "beyond the end", query: &basis.ExplainQuery{Offset: 9, Limit: 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := test.query.Page(asOf, "wip", 5, row)
			if test.none {
				if got != nil {
					t.Fatalf("got %+v, nothing was asked for", got)
				}
				return
			}
			var ids string
			for _, r := range got.Rows {
				ids += r.ID
			}
			if ids != test.ids || got.HasMore != test.hasMore || got.Total != 5 || got.AsOf != asOf || got.Rows == nil {
				t.Errorf("got %+v with rows %q, want %q", got, ids, test.ids)
			}
		})
	}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	if basis.Instant(0) != nil {
		t.Error("no time is an instant")
	}
	if at := basis.Instant(1_000_000); at == nil || at.Unix() != 1 || at.Location() != time.UTC {
		t.Errorf("one second is %v", at)
	}
}
