package worker_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/assistant/narrative"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// narrativesFunc describes repositories as a test says.
type narrativesFunc func(ctx context.Context, c store.NarrativeClaim, was store.NarrativeState) error

func (f narrativesFunc) Refresh(ctx context.Context, c store.NarrativeClaim, was store.NarrativeState) error {
	return f(ctx, c, was)
}

// newNarrator makes a process that analyses and describes with the product's own
// parts; around stands between its worker and its describer, nil for nothing.
func newNarrator(t *testing.T, db *database.DB, owner string, around func(d *narrative.Describer) narrativesFunc) *library {
	t.Helper()
	guard, err := httpclient.NewGuard(httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	inspector := inspect.New(inspect.Options{Guard: guard, AllowHTTP: true, Parsers: builtin.Parsers(), Limits: git.Limits{Timeout: time.Minute}})
	l := &library{db: db}
	l.process = start(t, db, owner, 1, inspector.Inspect, patient, func(w *worker.Options) {
		w.Request = func(r rampforge.Repository, opt rampforge.AnalysisOptions) inspect.Request {
			return inspect.Request{Source: r.URL, Ref: opt.Ref, MirrorDir: w.Mirrors.Mirror(r.ID), FactsFile: w.Mirrors.Facts(r.ID)}
		}
		describer := &narrative.Describer{
			Store: w.Store, Reader: inspector, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
			Request: func(_ context.Context, r rampforge.Repository) (inspect.Request, error) {
				return w.Request(r, rampforge.AnalysisOptions{}), nil
			},
		}
		w.Narratives = describer
		if around != nil {
			w.Narratives = around(describer)
		}
	})
	return l
}

// told waits until the descriptions of a repository are as wanted.
func (l *library) told(s *shelf, what string, wanted func(store.NarrativeState) bool) store.NarrativeState {
	l.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		c, err := l.store.NarrativeState(l.t.Context(), s.id)
		if err == nil && wanted(c) {
			return c
		}
		if time.Now().After(deadline) {
			l.t.Fatalf("the descriptions are never %s: %+v, %v\n%s", what, c, err, l.logs)
		}
	}
}

func (l *library) described(s *shelf) store.NarrativeState {
	l.t.Helper()
	return l.told(s, "up to date", func(c store.NarrativeState) bool {
		return c.Status == store.SearchCurrent && c.Wanted > 0 && c.Done == c.Wanted
	})
}

// texts are the descriptions of a repository, by subject.
func (l *library) texts(s *shelf) map[string]store.Narrative {
	l.t.Helper()
	rows, err := l.store.Narratives(l.t.Context(), s.id)
	if err != nil {
		l.t.Fatal(err)
	}
	out := map[string]store.Narrative{}
	for _, n := range rows {
		out[n.Subject] = n
	}
	return out
}

// outdated gives a reason to look at the descriptions again.
func (l *library) outdated(s *shelf) {
	l.t.Helper()
	err := l.store.InTx(l.t.Context(), func(tx *sql.Tx) error { return l.store.StaleNarrativesTx(l.t.Context(), tx, s.id, time.Now()) })
	if err != nil {
		l.t.Fatal(err)
	}
}

// killed leaves what a process leaves that was killed at its so-manieth attempt to
// describe a repository: a row of its own, and a job that nobody runs.
func (l *library) killed(s *shelf, attempts int) store.NarrativeClaim {
	l.t.Helper()
	ctx, past := l.t.Context(), time.Now().Add(-time.Hour)
	dead := store.NarrativeClaim{RepositoryID: s.id, JobID: 1 << 40, Owner: "dead"}
	l.outdated(s)
	if err := l.store.QueueNarratives(ctx, func(context.Context, *sql.Tx, string) (int64, error) { return dead.JobID, nil }, 10, past); err != nil {
		l.t.Fatal(err)
	}
	for range attempts {
		if _, claimed, err := l.store.ClaimNarratives(ctx, dead, past, time.Now()); err != nil || !claimed {
			l.t.Fatalf("claimed %t, %v", claimed, err)
		}
	}
	return dead
}

// TestNarrativesFollowARepository: an analysis has the repository described, and
// the next one has what changed described anew.
func TestNarrativesFollowARepository(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		l := newNarrator(t, db, "one", nil)
		s := l.shelf(shopScript)
		l.analysed(s)
		first := l.described(s)
		if first.Commit != s.repo.Hash("main") || first.Revision == 0 || first.Failures != 0 || first.Message != "" {
			t.Errorf("after the first analysis: %+v", first)
		}
		before := l.texts(s)
		shop := (narrative.Subject{Kind: narrative.Repository}).Key()
		if n := before[shop]; !strings.Contains(n.Text, "sells gadgets") || n.Commit != first.Commit || n.Model != rampforge.Extractive {
			t.Errorf("of the repository it says %+v", n)
		}
		s.repo.Add("-- README.md --\n# Shop\n\nShop is a program that lends tools to people who repair their homes.\n-- commit: Lend tools --\n")
		l.analysed(s)
		now := l.told(s, "of the new commit", func(c store.NarrativeState) bool { return c.Commit == s.repo.Hash("main") && c.Done == c.Wanted })
		after := l.texts(s)
		if n := after[shop]; !strings.Contains(n.Text, "lends tools") || strings.Contains(n.Text, "gadgets") || n.Commit != now.Commit {
			t.Errorf("now it says of the repository %+v", n)
		}
		if len(before) < 2 || now.Revision <= first.Revision {
			t.Errorf("%d descriptions, and the revision %d became %d", len(before), first.Revision, now.Revision)
		}
		for key, n := range after {
			if n.Commit != now.Commit {
				t.Errorf("%s is of %s", key, n.Commit)
			}
			if was, there := before[key]; there && key != shop && (n.Text != was.Text || !n.CreatedAt.Equal(*was.CreatedAt)) {
				t.Errorf("%s did not change and was written anew: %q, %q", key, was.Text, n.Text)
			}
		}
	})
}

// TestNarrativesOfADeadWorker are swept and worked by another process; workers that
// die over them again and again end the attempts.
func TestNarrativesOfADeadWorker(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		one := newNarrator(t, db, "one", nil)
		s := one.shelf(shopScript)
		one.analysed(s)
		was := one.described(s)
		kept := one.texts(s)
		one.stop()
		dead := one.killed(s, 1)
		two := newNarrator(t, db, "two", nil)
		if now := two.described(s); now.Done <= was.Done || now.Revision != was.Revision || now.Commit != was.Commit {
			t.Errorf("%+v became %+v", was, now)
		}
		if !strings.Contains(two.logs.String(), "whose worker is gone was queued again") {
			t.Errorf("the log does not tell of it:\n%s", two.logs)
		}
		for what, err := range map[string]error{
			"beats":   two.store.BeatNarratives(t.Context(), dead, time.Now()),
			"writes":  two.store.ChangeNarratives(t.Context(), dead, store.NarrativeChange{Commit: was.Commit, Drop: []string{(narrative.Subject{Kind: narrative.Repository}).Key()}}, time.Now()),
			"ends it": two.store.FinishNarratives(t.Context(), dead, was, "c0ffee", time.Now()),
		} {
			if !errors.Is(err, store.ErrNarrativesLost) {
				t.Errorf("the dead worker %s: %v", what, err)
			}
		}
		if len(two.texts(s)) != len(kept) {
			t.Errorf("%d descriptions became %d", len(kept), len(two.texts(s)))
		}

		two.stop()
		two.killed(s, store.MaxAttempts)
		three := newNarrator(t, db, "three", nil)
		failed := three.told(s, "given up", func(c store.NarrativeState) bool { return c.Status == store.SearchFailed })
		if !strings.Contains(failed.Message, "3 times") || failed.Failures != 1 || len(three.texts(s)) != len(kept) {
			t.Errorf("it is given up as %+v", failed)
		}
	})
}

// TestNarrativesAreHandedBack by a worker that is shut down.
func TestNarrativesAreHandedBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		begun := make(chan struct{}, 1)
		one := newNarrator(t, db, "one", func(*narrative.Describer) narrativesFunc {
			return func(ctx context.Context, _ store.NarrativeClaim, _ store.NarrativeState) error {
				begun <- struct{}{}
				<-ctx.Done()
				return ctx.Err()
			}
		})
		s := one.shelf(shopScript)
		one.analysed(s)
		<-begun
		one.stop()
		one.told(s, "queued", func(c store.NarrativeState) bool { return c.Status == store.SearchQueued && c.Failures == 0 })
		two := newNarrator(t, db, "two", nil)
		if c := two.described(s); c.Failures != 0 || len(two.texts(s)) == 0 {
			t.Errorf("it became %+v", c)
		}
	})
}

// TestFailedNarratives are told without internals, and tried again when it is time.
func TestFailedNarratives(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		one := newNarrator(t, db, "one", func(*narrative.Describer) narrativesFunc {
			return func(context.Context, store.NarrativeClaim, store.NarrativeState) error {
				return errors.New("open /srv/secret: boom")
			}
		})
		s := one.shelf(shopScript)
		one.analysed(s)
		failed := one.told(s, "failed", func(c store.NarrativeState) bool { return c.Status == store.SearchFailed })
		if failed.Failures != 1 || failed.Message == "" || strings.Contains(failed.Message, "secret") || len(one.texts(s)) != 0 {
			t.Errorf("it failed as %+v", failed)
		}
		one.stop()
		if _, err := db.Write().ExecContext(t.Context(), `UPDATE narrative_states SET retry_at = $1`, time.Now().Add(-time.Minute)); err != nil {
			t.Fatal(err)
		}
		two := newNarrator(t, db, "two", nil)
		if c := two.described(s); c.Failures != 0 || c.Message != "" || len(two.texts(s)) == 0 {
			t.Errorf("it became %+v", c)
		}
	})
}

// TestNarrativesWithoutAJob: a row that waits for a job which is lost gets another.
func TestNarrativesWithoutAJob(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		one := newNarrator(t, db, "one", nil)
		s := one.shelf(shopScript)
		one.analysed(s)
		was := one.described(s)
		one.stop()
		one.killed(s, 0)
		two := newNarrator(t, db, "two", nil)
		if now := two.described(s); now.Done <= was.Done {
			t.Errorf("%+v became %+v", was, now)
		}
	})
}
