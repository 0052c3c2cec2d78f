package measure_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/team"
)

// pulls are a pull request of each of six accounts, opened at a moment and
// reviewed by the next one an hour later.
func pulls(at time.Time) (list []rampforge.Record) {
	account := func(i int) *rampforge.Account {
		return &rampforge.Account{ID: fmt.Sprint("acc", i%6), Login: fmt.Sprint("login", i%6)}
	}
	for i := range 6 {
		list = append(list, rampforge.Record{Stream: rampforge.StreamPullRequests, ID: fmt.Sprint(at.Unix(), i), UpdatedAt: at, PullRequest: &rampforge.PullRequest{
			Number: i, State: "open", Author: account(i), CreatedAt: at, UpdatedAt: at, Reviews: []rampforge.Review{{ID: "1", Author: account(i + 1), State: "approved", SubmittedAt: at.Add(time.Hour)}},
		}})
	}
	return list
}

// readToEnd notes that all of the resource was read now.
func (w *world) readToEnd(resource string) {
	w.t.Helper()
	w.sync(func(c store.SyncClaim) {
		at, err := w.Position(w.ctx(), store.Place{ServiceID: "svc", ResourceID: resource, Stream: rampforge.StreamPullRequests})
		w.must(err)
		w.must(w.PlaceDone(w.ctx(), c, at, w.now))
	})
}

func (w *world) reviewLoad(project string) team.ReviewLoad {
	w.t.Helper()
	p, err := w.Project(w.ctx(), store.Viewer{Admin: true}, project)
	w.must(err)
	r, _, err := w.m.Team(w.ctx(), p, false)
	w.must(err)
	return r.Workload.ReviewLoad
}

// TestFiguresOfMonths goes through two months: a figure comes when the sources
// were read past its month's end, stays whatever is read later, and is replaced
// by the next month's.
func TestFiguresOfMonths(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		p := w.project("p", "r1")
		february := time.Date(2026, 2, 10, 9, 0, 0, 0, time.UTC)
		w.tell("r1", pulls(february)...)
		w.refresh(p)
		if l := w.reviewLoad(p); l.State != team.NoData || !strings.Contains(l.Reason, "2026-02") {
			t.Errorf("the source was never read to its end: %+v", l)
		}
		now := w.now
		w.now = time.Date(2026, 2, 27, 9, 0, 0, 0, time.UTC)
		w.readToEnd("r1")
		w.now = now
		w.refresh(p)
		if l := w.reviewLoad(p); l.State != team.NoData {
			t.Errorf("the source was read before the month's end: %+v", l)
		}
		w.readToEnd("r1")
		w.refresh(p)
		first := w.reviewLoad(p)
		if first.State != team.OK || first.Period != "2026-02" || first.N != 6 || *first.Gini != 0 {
			t.Fatalf("%+v", first)
		}
		// More of February comes late: it is too late for its figure.
		w.tell("r1", pulls(february.Add(time.Hour))[:3]...)
		w.now = w.now.Add(time.Hour)
		w.refresh(p)
		if l := w.reviewLoad(p); l.N != first.N || *l.Gini != *first.Gini || *l.HHI != *first.HHI {
			t.Errorf("February was computed again: %+v", l)
		}

		// A month later there is another figure, computed before anybody asks.
		w.now = time.Date(2026, 4, 2, 9, 0, 0, 0, time.UTC)
		w.tell("r1", pulls(time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC))...)
		w.readToEnd("r1")
		w.now = w.now.Add(time.Hour)
		w.refresh(p)
		kept, err := w.TeamFigures(w.ctx(), p)
		w.must(err)
		for _, f := range kept {
			if f.Period != "2026-03" {
				t.Errorf("%s is still of %s", f.Figure, f.Period)
			}
		}
		if len(kept) == 0 {
			t.Error("nobody computed March's figures")
		}

		// What is switched off is forgotten with its month.
		settings, err := w.WorkflowSettings(w.ctx(), p)
		w.must(err)
		w.tx(func(tx *sql.Tx) error {
			_, err := w.PutWorkflowSettingsTx(w.ctx(), tx, p, rampforge.WorkflowSettings{People: rampforge.PeopleMetricsSwitch{ReviewLoad: new(false)}}, settings.Revision, w.user.ID, w.now)
			return err
		})
		w.refresh(p)
		if l := w.reviewLoad(p); l.State != team.Off || l.Gini != nil {
			t.Errorf("%+v", l)
		}
		has := func() bool {
			kept, err := w.TeamFigures(w.ctx(), p)
			w.must(err)
			for _, f := range kept {
				if f.Figure == string(team.FigureReviewLoad) {
					return true
				}
			}
			return false
		}
		if !has() {
			t.Error("it is forgotten too early, and could be computed a second time")
		}
		w.now = time.Date(2026, 5, 2, 9, 0, 0, 0, time.UTC)
		w.readToEnd("r1")
		w.now = w.now.Add(time.Hour)
		w.refresh(p)
		if w.reviewLoad(p); has() {
			t.Error("it is kept although it is switched off")
		}
	})
}
