package store_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// bundle is a store with what most tests need of one.
type bundle struct {
	*store.Store

	t   *testing.T
	db  *database.DB
	now time.Time
	job int64
}

// each runs test on both databases.
func each(t *testing.T, test func(t *testing.T, b *bundle)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		test(t, newBundle(t, s, db))
	})
}

func newBundle(t *testing.T, s *store.Store, db *database.DB) *bundle {
	return &bundle{Store: s, t: t, db: db, now: time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC)}
}

func (b *bundle) ctx() context.Context { return b.t.Context() }

// changed is must of a change of passages.
func (b *bundle) changed(_ time.Duration, err error) {
	b.t.Helper()
	b.must(err)
}

// must fails the test on an error.
func (b *bundle) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// code fails the test unless err has the code.
func (b *bundle) code(err error, want rampforge.Code) {
	b.t.Helper()
	if got := rampforge.ErrorCode(err); got != want {
		b.t.Errorf("the error has the code %q (%v), want %q", got, err, want)
	}
}

func (b *bundle) user(name string, role rampforge.Role) rampforge.User {
	b.t.Helper()
	u, err := b.CreateUser(b.ctx(), store.Registration{Email: name + "@example.com", Name: name, PasswordHash: "hash of " + name, Role: role, At: b.now})
	b.must(err)
	return u
}

func (b *bundle) repository(owner rampforge.User, name string) rampforge.Repository {
	b.t.Helper()
	r := rampforge.Repository{
		ID: store.NewID("repo"), Name: name, URL: "https://git.example.com/" + name, Type: rampforge.RepositoryGit, CreatedBy: owner.ID, CreatedAt: b.now,
	}
	b.must(b.CreateRepository(b.ctx(), r))
	return r
}

// enqueue stands in for the queue: a job is a number that grows.
func (b *bundle) enqueue(context.Context, *sql.Tx, string) (int64, error) {
	b.job++
	return b.job, nil
}

// queued starts a run of a repository.
func (b *bundle) queued(r rampforge.Repository, by rampforge.User) store.Run {
	b.t.Helper()
	run, started := b.start(r, by)
	if !started {
		b.t.Fatal("a run is under way already")
	}
	return run
}

func (b *bundle) start(r rampforge.Repository, by rampforge.User) (run store.Run, started bool) {
	b.t.Helper()
	b.must(b.InTx(b.ctx(), func(tx *sql.Tx) (err error) {
		run, started, err = b.StartRunTx(b.ctx(), tx, rampforge.Analysis{ID: store.NewID("ana"), RepositoryID: r.ID, RequestedBy: by.ID, CreatedAt: b.now}, b.enqueue)
		return err
	}))
	return run, started
}

// claim makes a worker of the run.
func (b *bundle) claim(run store.Run, owner string) store.Claim {
	b.t.Helper()
	c := store.Claim{AnalysisID: run.Analysis.ID, JobID: run.JobID, Owner: owner}
	_, _, won, err := b.ClaimRun(b.ctx(), c, b.now, b.now.Add(-time.Minute))
	b.must(err)
	if !won {
		b.t.Fatal("the run was not won")
	}
	return c
}
