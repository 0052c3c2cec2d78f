package store_test

import (
	"database/sql"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func TestTeamFiguresAreComputedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		b.user("ada", rampforge.RoleObserver)
		p := b.project("P", "ada@example.com")
		for _, f := range []store.TeamFigure{
			{Figure: "workload", Period: "2026-10", Value: []byte(`{"n":6}`)},
			{Figure: "workload", Period: "2026-10", Value: []byte(`{"n":5}`)}, // a second one of the month
			{Figure: "workload", Period: "2026-09", Value: []byte(`{"n":4}`)}, // an earlier one
			{Figure: "review_load", Period: "2026-10", Value: []byte(`{"n":7}`)},
			{Figure: "review_load", Period: "2026-11", Value: []byte(`{"n":8}`)},
		} {
			b.must(b.KeepTeamFigure(b.ctx(), p, f, b.now))
		}
		kept, err := b.TeamFigures(b.ctx(), p)
		b.must(err)
		got := map[string]string{}
		for _, f := range kept {
			got[f.Figure] = f.Period + " " + string(f.Value)
		}
		want := map[string]string{"workload": `2026-10 {"n":6}`, "review_load": `2026-11 {"n":8}`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		b.must(b.DropTeamFigure(b.ctx(), p, "workload", "2026-10")) // it is of that month: a second one must not be computed
		b.must(b.DropTeamFigure(b.ctx(), p, "review_load", "2026-12"))
		if kept, err = b.TeamFigures(b.ctx(), p); err != nil || len(kept) != 1 || kept[0].Figure != "workload" {
			t.Errorf("%+v, %v", kept, err)
		}
		b.must(b.DeleteProject(b.ctx(), p))
		if kept, err = b.TeamFigures(b.ctx(), p); err != nil || len(kept) != 0 {
			t.Errorf("%+v, %v", kept, err)
		}
	})
}

func TestTeamMembers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada, bob := b.user("ada", rampforge.RoleObserver), b.user("bob", rampforge.RoleDeveloper)
		p := b.project("P", "ada@example.com", "bob@example.com", "invited@example.com")
		_, err := b.UpdateProfile(b.ctx(), bob.ID, store.ProfileChange{Skills: []string{"Go"}, Timezone: new("Europe/Vienna"), NamedAsExpert: new(false)}, b.now)
		b.must(err)
		got, err := b.TeamMembers(b.ctx(), p)
		b.must(err)
		want := []store.TeamMember{
			{UserID: ada.ID, Name: "ada", Role: rampforge.RoleAdmin, Active: true, Skills: []string{}, Named: true, Timezone: "UTC", AddedAt: b.now},
			{UserID: bob.ID, Name: "bob", Role: rampforge.RoleDeveloper, Active: true, Skills: []string{"Go"}, Timezone: "Europe/Vienna", AddedAt: b.now},
		}
		if ada.ID > bob.ID {
			want[0], want[1] = want[1], want[0]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if kept, err := b.User(b.ctx(), bob.ID); err != nil || kept.NamedAsExpert {
			t.Errorf("%+v, %v", kept, err)
		}
		projects, err := b.UserProjects(b.ctx(), bob.ID)
		b.must(err)
		if diff := cmp.Diff([]store.UserProject{{ID: p, Name: "P"}}, projects); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func (b *bundle) project(name string, members ...string) string {
	b.t.Helper()
	creator, _, err := b.UserByEmail(b.ctx(), members[0])
	b.must(err)
	p := rampforge.Project{ID: store.NewID("prj"), Name: name, Status: rampforge.ProjectActive, CreatedBy: creator.ID, CreatedAt: b.now, UpdatedAt: b.now}
	b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error { return b.CreateProjectTx(b.ctx(), tx, p, members) }))
	return p.ID
}
