package measure_test

import (
	"database/sql"
	"encoding/json"
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

// service keeps the service that syncs read, with what its resources have.
func (w *world) service(id string, resources map[string][]rampforge.Stream) {
	w.t.Helper()
	w.exec(`INSERT INTO services (id, service_type, name, name_key, endpoint, transport, enabled, requests_per_minute, requests_per_hour, timeout_seconds, retry_attempts,
			scope, credentials, sealed, sealed_key, created_by, created_at, updated_at)
		VALUES ($1, 'github', $1, $1, 'https://example.com', 'rest', TRUE, 1, 1, 1, 1, '[]', '{}', $2, '', $3, $4, $4)`, id, []byte{1}, w.user.ID, w.now)
	for r, streams := range resources {
		text, err := json.Marshal(streams)
		w.must(err)
		w.exec(`INSERT INTO resources (service_id, id, kind, key, name, url, archived, streams, seen_at) VALUES ($1, $2, 'repository', $2, $2, '', FALSE, $3, $4)`, id, r, string(text), w.now)
	}
}

// TestWhatNobodyReadsHoldsUpNothing: a month's figures wait for what syncs read,
// and not for an import, a service that is off, a resource outside of the scope,
// a stream that is no more, or what was not read for months.
func TestWhatNobodyReadsHoldsUpNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		streams := []rampforge.Stream{rampforge.StreamPullRequests}
		w.service("svc", map[string][]rampforge.Stream{"r1": streams})
		p := w.project("p", "r1")
		w.tell("r1", pulls(time.Date(2026, 2, 10, 9, 0, 0, 0, time.UTC))...)
		w.readToEnd("r1")
		february := time.Date(2026, 2, 20, 9, 0, 0, 0, time.UTC)
		other := func(service, resource string, stream rampforge.Stream, done time.Time) {
			w.exec(`INSERT INTO project_sources (project_id, service_id, resource_id, wish, bound_at) VALUES ($1, $2, $3, '', $4) ON CONFLICT DO NOTHING`, p, service, resource, february)
			w.exec(`INSERT INTO sync_cursors (service_id, resource_id, stream, position, updated_at, done_at) VALUES ($1, $2, $3, '', $4, $4)`, service, resource, stream, done)
		}
		w.now = w.now.Add(time.Hour)
		held := func(what string, is bool) {
			t.Helper()
			w.exec(`DELETE FROM team_figures`)
			w.must(w.StaleWorkflow(w.ctx(), p, w.now))
			w.refresh(p)
			if l := w.reviewLoad(p); l.State == team.OK == is {
				t.Errorf("%s: %+v", what, l)
			}
		}
		held("all is read", false)
		w.must(w.BeginImport(w.ctx(), rampforge.Import{ID: "imp", ProjectID: p, Name: "old", Format: "csv", CreatedBy: w.user.ID, CreatedAt: february}))
		_, err := w.KeepImport(w.ctx(), rampforge.Import{ID: "imp", ProjectID: p, Name: "old", Format: "csv", CreatedBy: w.user.ID, CreatedAt: february}, nil, february)
		w.must(err)
		held("an import of before the month's end", false)
		other("svc", "r1", rampforge.StreamDeployments, february)
		held("a stream that is no more", false)
		w.service("off", map[string][]rampforge.Stream{"r2": streams})
		other("off", "r2", rampforge.StreamPullRequests, february)
		held("a service that lags", true)
		w.exec(`UPDATE services SET scope = '["r9"]' WHERE id = 'off'`)
		held("a resource outside of the scope", false)
		w.exec(`UPDATE services SET scope = '[]', enabled = FALSE WHERE id = 'off'`)
		held("a service that is off", false)
		w.exec(`UPDATE services SET enabled = TRUE WHERE id = 'off'`)
		held("a service that is on again", true)
		w.exec(`UPDATE sync_cursors SET done_at = $1 WHERE service_id = 'off'`, february.AddDate(0, -4, 0))
		held("what was not read for months", false)
		w.exec(`DELETE FROM sync_cursors WHERE service_id = 'off'`)
		held("what is not read yet", true)
		w.exec(`DELETE FROM services WHERE id = 'off'`)
		held("a service that was removed", false)
	})
}

// TestFiguresOfMonths goes through two months: a figure comes when the sources
// were read past its month's end, stays whatever is read later, and is replaced
// by the next month's.
func TestFiguresOfMonths(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.service("svc", map[string][]rampforge.Stream{"r1": {rampforge.StreamPullRequests}})
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
