package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// projectAt is when the projects of these tests begin. Whole microseconds are
// what both databases keep.
var projectAt = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

// projects is a store with three accounts: an administrator, who is first, and
// two others.
type projects struct {
	*store.Store
	t                *testing.T
	admin, ann, bert store.Viewer
}

func withProjects(t *testing.T, s *store.Store) *projects {
	t.Helper()
	p := &projects{Store: s, t: t}
	for n, viewer := range []*store.Viewer{&p.admin, &p.ann, &p.bert} {
		u := p.account([]string{"admin", "ann", "bert"}[n] + "@example.com")
		*viewer = store.ViewerOf(u)
	}
	return p
}

func (p *projects) account(email string) rampforge.User {
	p.t.Helper()
	u, err := p.CreateUser(p.t.Context(), store.Registration{Email: email, Name: "Name of " + email, PasswordHash: "x", Role: rampforge.RoleDeveloper, At: projectAt})
	if err != nil {
		p.t.Fatal(err)
	}
	return u
}

// make inserts the nth project of somebody, a minute after the one before.
func (p *projects) make(n int, by store.Viewer, members ...string) rampforge.Project {
	p.t.Helper()
	at := projectAt.Add(time.Duration(n) * time.Minute)
	project := rampforge.Project{
		ID: store.NewID("prj"), Name: fmt.Sprint("project ", n), Description: "ünïcode\n", Status: rampforge.ProjectActive, PMTool: new(rampforge.PMToolJira),
		PMProjectKey: new("KEY"), RepositoryURL: new("https://example.com/r"), CreatedBy: by.UserID, CreatedAt: at, UpdatedAt: at,
	}
	err := p.InTx(p.t.Context(), func(tx *sql.Tx) error { return p.CreateProjectTx(p.t.Context(), tx, project, members) })
	if err != nil {
		p.t.Fatal(err)
	}
	return project
}

func eachProjects(t *testing.T, test func(t *testing.T, p *projects)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		t.Helper()
		test(t, withProjects(t, s))
	})
}

func TestProjectVisibility(t *testing.T) {
	eachProjects(t, func(t *testing.T, p *projects) {
		ctx := t.Context()
		made := p.make(1, p.ann, "Later@Example.com", "later@example.com")
		for _, tt := range []struct {
			who  string
			v    store.Viewer
			sees bool
		}{{"admin", p.admin, true}, {"its maker", p.ann, true}, {"somebody else", p.bert, false}, {"nobody", store.Viewer{}, false}} {
			got, err := p.Project(ctx, tt.v, made.ID)
			if diff := cmp.Diff(made, got); tt.sees && (err != nil || diff != "") {
				t.Errorf("%s: %v (-want +got):\n%s", tt.who, err, diff)
			}
			if !tt.sees && rampforge.ErrorCode(err) != rampforge.CodeNotFound {
				t.Errorf("%s: %v", tt.who, err)
			}
			list, total, err := p.Projects(ctx, tt.v, "", store.Page{Limit: 10})
			if err != nil || (total == 1) != tt.sees || len(list) != total {
				t.Errorf("%s: %d of %d, %v", tt.who, len(list), total, err)
			}
		}
		later := store.ViewerOf(p.account("later@example.com"))
		if _, err := p.Project(ctx, later, made.ID); err != nil {
			t.Errorf("who registered later: %v", err)
		}
		members, total, err := p.ProjectMembers(ctx, made.ID, store.Page{Limit: 10})
		want := []rampforge.ProjectMember{{ProjectID: made.ID, UserID: &later.UserID, Email: "later@example.com", Name: "Name of later@example.com", AddedAt: made.CreatedAt}}
		if diff := cmp.Diff(want, members); err != nil || total != 1 || diff != "" {
			t.Errorf("%d, %v (-want +got):\n%s", total, err, diff)
		}
	})
}

func TestProjectPages(t *testing.T) {
	eachProjects(t, func(t *testing.T, p *projects) {
		ctx := t.Context()
		for n := range 5 {
			p.make(n, p.ann)
		}
		archived := p.make(5, p.ann)
		p.make(6, p.bert)
		err := p.InTx(ctx, func(tx *sql.Tx) error {
			_, err := p.UpdateProjectTx(ctx, tx, archived.ID, projectAt, func(c *rampforge.Project) error { c.Status = rampforge.ProjectArchived; return nil })
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			v      store.Viewer
			status rampforge.ProjectStatus
			page   store.Page
			names  []string
			total  int
		}{
			{p.ann, "", store.Page{Limit: 2}, []string{"project 5", "project 4"}, 6},
			{p.ann, "", store.Page{Limit: 2, Offset: 5}, []string{"project 0"}, 6},
			{p.ann, "", store.Page{Limit: 2, Offset: 100}, []string{}, 6},
			{p.ann, rampforge.ProjectArchived, store.Page{Limit: 9}, []string{"project 5"}, 1},
			{p.ann, rampforge.ProjectActive, store.Page{Limit: 1}, []string{"project 4"}, 5},
			{p.admin, rampforge.ProjectActive, store.Page{Limit: 1}, []string{"project 6"}, 6},
		} {
			list, total, err := p.Projects(ctx, tt.v, tt.status, tt.page)
			names := []string{}
			for _, got := range list {
				names = append(names, got.Name)
			}
			if diff := cmp.Diff(tt.names, names); err != nil || total != tt.total || diff != "" {
				t.Errorf("%v %q: total %d, %v (-want +got):\n%s", tt.page, tt.status, total, err, diff)
			}
		}
	})
}

func TestUpdateProject(t *testing.T) {
	eachProjects(t, func(t *testing.T, p *projects) {
		ctx := t.Context()
		made := p.make(1, p.ann, "ann@example.com", "bert@example.com")
		now := projectAt.Add(time.Hour)
		update := func(change func(*rampforge.Project) error, members ...string) error {
			return p.InTx(ctx, func(tx *sql.Tx) error {
				if _, err := p.UpdateProjectTx(ctx, tx, made.ID, now, change); err != nil {
					return err
				}
				return p.SetMembersTx(ctx, tx, made.ID, members, now)
			})
		}
		refused := errors.New("no")
		if err := update(func(*rampforge.Project) error { return refused }); !errors.Is(err, refused) {
			t.Errorf("%v", err)
		}
		err := update(func(c *rampforge.Project) error {
			c.Name, c.Description, c.PMTool, c.PMProjectKey, c.RepositoryURL = "new", "", nil, nil, nil
			return nil
		}, "Ann@Example.com", "new@example.com")
		want := rampforge.Project{ID: made.ID, Name: "new", Status: rampforge.ProjectActive, CreatedBy: p.ann.UserID, CreatedAt: made.CreatedAt, UpdatedAt: now}
		got, readErr := p.Project(ctx, p.ann, made.ID)
		if diff := cmp.Diff(want, got); err != nil || readErr != nil || diff != "" {
			t.Errorf("%v, %v (-want +got):\n%s", err, readErr, diff)
		}
		members, _, err := p.ProjectMembers(ctx, made.ID, store.Page{Limit: 10})
		wantMembers := []rampforge.ProjectMember{
			{ProjectID: made.ID, UserID: &p.ann.UserID, Email: "ann@example.com", Name: "Name of ann@example.com", AddedAt: made.CreatedAt},
			{ProjectID: made.ID, Email: "new@example.com", AddedAt: now},
		}
		if diff := cmp.Diff(wantMembers, members); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if _, err := p.Project(ctx, p.bert, made.ID); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("a former member: %v", err)
		}
		err = p.InTx(ctx, func(tx *sql.Tx) error {
			_, err := p.UpdateProjectTx(ctx, tx, "prj_unknown", now, func(*rampforge.Project) error { return nil })
			return err
		})
		if rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("an unknown project: %v", err)
		}
	})
}

// TestUpdatesOfOneProjectFollowEachOther lets many change one project at once:
// none is lost.
func TestUpdatesOfOneProjectFollowEachOther(t *testing.T) {
	eachProjects(t, func(t *testing.T, p *projects) {
		ctx := t.Context()
		made := p.make(1, p.ann)
		const writers = 8
		var group sync.WaitGroup
		for range writers {
			group.Go(func() {
				if err := appendTo(ctx, p.Store, made.ID); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		got, err := p.Project(ctx, p.ann, made.ID)
		if err != nil || len(got.Description) != len(made.Description)+writers {
			t.Errorf("%q, %v", got.Description, err)
		}
	})
}

func appendTo(ctx context.Context, s *store.Store, id string) error {
	return s.InTx(ctx, func(tx *sql.Tx) error {
		_, err := s.UpdateProjectTx(ctx, tx, id, projectAt, func(p *rampforge.Project) error { p.Description += "."; return nil })
		return err
	})
}

// TestProjectOutlivesItsRepository unbinds a project whose repository goes.
func TestProjectOutlivesItsRepository(t *testing.T) {
	eachProjects(t, func(t *testing.T, p *projects) {
		ctx := t.Context()
		r := rampforge.Repository{ID: store.NewID("repo"), Name: "r", URL: "https://example.com/r", Type: rampforge.RepositoryGit, CreatedBy: p.ann.UserID, CreatedAt: projectAt}
		if err := p.CreateRepository(ctx, r); err != nil {
			t.Fatal(err)
		}
		made := p.make(1, p.ann, "bert@example.com")
		err := p.InTx(ctx, func(tx *sql.Tx) error {
			_, err := p.UpdateProjectTx(ctx, tx, made.ID, projectAt, func(c *rampforge.Project) error { c.RepositoryID = &r.ID; return nil })
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Repository(ctx, p.bert, r.ID); err != nil {
			t.Errorf("a member does not see the repository: %v", err)
		}
		err = p.InTx(ctx, func(tx *sql.Tx) error {
			_, err := p.DeleteRepositoryTx(ctx, tx, r.ID, projectAt)
			return err
		})
		got, readErr := p.Project(ctx, p.ann, made.ID)
		if err != nil || readErr != nil || got.RepositoryID != nil || got.RepositoryURL == nil {
			t.Errorf("%+v, %v, %v", got, err, readErr)
		}
		if err := p.DeleteProject(ctx, made.ID); err != nil {
			t.Error(err)
		}
		if err := p.DeleteProject(ctx, made.ID); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("again: %v", err)
		}
		if _, total, err := p.ProjectMembers(ctx, made.ID, store.Page{Limit: 1}); err != nil || total != 0 {
			t.Errorf("members are left: %d, %v", total, err)
		}
	})
}
