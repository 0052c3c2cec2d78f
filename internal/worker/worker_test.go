package worker_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
	"github.com/rampforgeai/rampforge/internal/worker"
)

const beat = 50 * time.Millisecond

// inspectFunc is an analysis that the test writes.
type inspectFunc func(ctx context.Context, r inspect.Request) (*inspect.Result, error)

func (f inspectFunc) Inspect(ctx context.Context, r inspect.Request) (*inspect.Finished, error) {
	result, err := f(ctx, r)
	if err != nil {
		return nil, err
	}
	return result.Finish()
}

// process is one server of those that share a database.
type process struct {
	t     *testing.T
	store *store.Store
	queue *queue.Queue
	pool  *worker.Workers
	logs  *lockedBuffer
	stop  func()
	dir   string // of the mirrors
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// start makes a process; concurrency 0 only writes jobs.
func start(t *testing.T, db *database.DB, owner string, concurrency int, f inspectFunc, change ...func(*worker.Options)) *process {
	t.Helper()
	p := &process{t: t, store: store.New(db), logs: &lockedBuffer{}, dir: t.TempDir()}
	logger := slog.New(slog.NewTextHandler(p.logs, nil))
	options := worker.Options{
		Store: p.store, Inspector: f, Logger: logger, Owner: owner, Beat: beat, Now: time.Now,
		Mirrors: worker.Mirrors{Dir: p.dir},
		Request: func(r rampforge.Repository, o rampforge.AnalysisOptions) inspect.Request {
			return inspect.Request{Source: r.URL, Ref: o.Ref}
		},
	}
	options.Workflows = measure.New(measure.Options{Store: p.store, Logger: logger, Now: time.Now, Subject: func(s rampforge.Signature) string { return s.Email }})
	for _, f := range change {
		f(&options)
	}
	p.pool = worker.New(options)
	var err error
	p.queue, err = queue.New(queue.Options{
		Pool: db.Write(), SQLite: db.Engine() == database.SQLite, Logger: slog.New(slog.DiscardHandler),
		Workers: p.pool.Register(), Concurrency: concurrency,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.store.QueueWorkflows(p.queue.EnqueueWorkflow)
	if concurrency > 0 {
		if err := p.pool.Start(t.Context(), p.queue); err != nil {
			t.Fatal(err)
		}
	}
	p.stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
		defer cancel()
		if err := p.pool.Stop(ctx); err != nil {
			t.Errorf("stopping %s: %v", owner, err)
		}
	})
	t.Cleanup(p.stop)
	return p
}

func each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, _ *store.Store, db *database.DB) { test(t, db) })
}

// ask makes a repository and asks for its analysis.
func (p *process) ask(name string) rampforge.Analysis {
	p.t.Helper()
	ctx, now := p.t.Context(), time.Now()
	user, err := p.store.CreateUser(ctx, store.Registration{Email: name + "@example.com", Name: name, PasswordHash: "x", Role: rampforge.RoleDeveloper, At: now})
	if err != nil {
		p.t.Fatal(err)
	}
	r := rampforge.Repository{ID: store.NewID("repo"), Name: name, URL: "https://git.example.com/" + name, Type: rampforge.RepositoryGit, CreatedBy: user.ID, CreatedAt: now}
	if err := p.store.CreateRepository(ctx, r); err != nil {
		p.t.Fatal(err)
	}
	a := rampforge.Analysis{ID: store.NewID("ana"), RepositoryID: r.ID, RequestedBy: user.ID, CreatedAt: now}
	err = p.store.InTx(ctx, func(tx *sql.Tx) error {
		_, _, err := p.store.StartRunTx(ctx, tx, a, p.queue.EnqueueAnalysis)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return a
}

// until waits for the run to satisfy what is wanted and returns it.
func (p *process) until(id, what string, wanted func(store.Run) bool) store.Run {
	p.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		run, err := p.store.Run(p.t.Context(), id)
		if err != nil {
			p.t.Fatal(err)
		}
		if wanted(run) {
			return run
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("the run is never %s: %+v\n%s", what, run, p.logs)
		}
		<-tick.C
	}
}

func finished(r store.Run) bool { return r.Analysis.Status.Finished() }

func completed(_ context.Context, r inspect.Request) (*inspect.Result, error) {
	return &inspect.Result{Report: &report.CodeReport{Commit: "c0ffee", Name: r.Source}, DefaultBranch: "trunk"}, nil
}

func TestAnalysisIsWorked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p := start(t, db, "one", 1, func(ctx context.Context, r inspect.Request) (*inspect.Result, error) {
			r.Progress(rampforge.Progress{Done: 1, Total: 2, Unit: "files", Stage: "reading"})
			return completed(ctx, r)
		})
		a := p.ask("ada")
		run := p.until(a.ID, "finished", finished)
		if run.Analysis.Status != rampforge.AnalysisCompleted || run.Attempts != 1 || run.Analysis.Commit == nil || *run.Analysis.Commit != "c0ffee" {
			t.Errorf("the run ended as %+v", run)
		}
		viewer := store.Viewer{Admin: true}
		kept, err := p.store.NewestReport(t.Context(), viewer, a.RepositoryID)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := kept.JSON(); err != nil || !strings.Contains(string(text), "https://git.example.com/ada") {
			t.Errorf("the kept report is %.200s, %v", text, err)
		}
		r, err := p.store.Repository(t.Context(), viewer, a.RepositoryID)
		if err != nil || r.AnalysisStatus != rampforge.AnalysisCompleted || r.DefaultBranch == nil || *r.DefaultBranch != "trunk" || r.LastAnalyzed == nil {
			t.Errorf("the repository is %+v, %v", r, err)
		}
	})
}

func TestFailureIsToldWithoutInternals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail func() error
		says string
	}{
		"known":   {func() error { return rampforge.Errorf(rampforge.CodeAnalysis, "The branch %q does not exist.", "x") }, `The branch "x" does not exist.`},
		"unknown": {func() error { return errors.New("open /srv/secret: boom") }, "The analysis failed by a fault of this program; the server's log has the details."},
		"panic":   {func() error { panic("boom") }, "The analysis failed by a fault of this program; the server's log has the details."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, db *database.DB) {
				p := start(t, db, "one", 1, func(context.Context, inspect.Request) (*inspect.Result, error) { return nil, c.fail() })
				a := p.ask("ada")
				run := p.until(a.ID, "finished", finished)
				if run.Analysis.Status != rampforge.AnalysisFailed || run.Analysis.Error == nil || *run.Analysis.Error != c.says {
					t.Errorf("the run ended as %+v", run.Analysis)
				}
				if again := p.ask("bea"); p.until(again.ID, "finished", finished).Analysis.Status != rampforge.AnalysisFailed {
					t.Error("the worker did not go on")
				}
			})
		})
	}
}

func TestCancelStopsTheWork(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p := start(t, db, "one", 1, block(nil))
		a := p.ask("ada")
		p.until(a.ID, "running", func(r store.Run) bool { return r.Analysis.Status == rampforge.AnalysisRunning })
		err := p.store.InTx(t.Context(), func(tx *sql.Tx) error {
			_, err := p.store.CancelRunTx(t.Context(), tx, a.ID, time.Now())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if run := p.until(a.ID, "finished", finished); run.Analysis.Status != rampforge.AnalysisCancelled {
			t.Errorf("the run ended as %s", run.Analysis.Status)
		}
	})
}

// block is an analysis that ends with its context only, after telling begun.
func block(begun chan<- struct{}) inspectFunc {
	return func(ctx context.Context, _ inspect.Request) (*inspect.Result, error) {
		if begun != nil {
			begun <- struct{}{}
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
}

func TestShutdownHandsBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		begun := make(chan struct{}, 1)
		first := start(t, db, "one", 1, block(begun))
		a := first.ask("ada")
		<-begun
		first.stop()
		run := first.until(a.ID, "queued", func(r store.Run) bool { return r.Analysis.Status == rampforge.AnalysisQueued })
		if run.Attempts != 0 || run.Owner != "" {
			t.Errorf("handed back as %+v", run)
		}
		second := start(t, db, "two", 1, completed)
		if run := second.until(a.ID, "finished", finished); run.Analysis.Status != rampforge.AnalysisCompleted || run.Attempts != 1 {
			t.Errorf("the run ended as %+v", run)
		}
	})
}

// TestDeadWorkerIsReplaced plays a worker that claims the row and is never
// heard of again, as after kill -9.
func TestDeadWorkerIsReplaced(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		writer := start(t, db, "writer", 0, completed)
		a := writer.ask("ada")
		run, err := writer.store.Run(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		dead := store.Claim{AnalysisID: a.ID, JobID: run.JobID, Owner: "dead"}
		if _, _, claimed, err := writer.store.ClaimRun(t.Context(), dead, time.Now(), time.Now().Add(-time.Hour)); err != nil || !claimed {
			t.Fatalf("claimed %t, %v", claimed, err)
		}
		alive := start(t, db, "alive", 1, completed)
		run = alive.until(a.ID, "finished", finished)
		if run.Analysis.Status != rampforge.AnalysisCompleted || run.Owner != "alive" || run.Attempts != 2 {
			t.Errorf("the run ended as %+v", run)
		}
		if pulse, err := alive.store.BeatRun(t.Context(), dead, time.Now()); err != nil || !pulse.Lost {
			t.Errorf("the dead worker hears %+v, %v: it must hear that the run is lost", pulse, err)
		}
		if won, err := alive.store.FinishRun(t.Context(), dead, store.Outcome{Status: rampforge.AnalysisFailed}, time.Now()); err != nil || won {
			t.Errorf("the dead worker ended the run: %t, %v", won, err)
		}
	})
}

func TestLostJobIsWrittenAnew(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		writer := start(t, db, "writer", 0, completed)
		a := writer.ask("ada")
		if _, err := db.Write().ExecContext(t.Context(), `DELETE FROM river_job`); err != nil {
			t.Fatal(err)
		}
		p := start(t, db, "one", 1, completed)
		if run := p.until(a.ID, "finished", finished); run.Analysis.Status != rampforge.AnalysisCompleted {
			t.Errorf("the run ended as %+v", run)
		}
	})
}

func TestQueueLongerThanAMinuteIsNoFault(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		begun, release := make(chan struct{}, 2), make(chan struct{})
		p := start(t, db, "one", 1, func(ctx context.Context, r inspect.Request) (*inspect.Result, error) {
			begun <- struct{}{}
			<-release
			return completed(ctx, r)
		})
		p.ask("ada")
		<-begun
		waiting := p.ask("bea")
		before, err := p.store.Run(t.Context(), waiting.ID)
		if err != nil {
			t.Fatal(err)
		}
		silent, err := p.store.SilentRuns(t.Context(), time.Now().Add(time.Hour), 10)
		if err != nil || len(silent) != 2 {
			t.Fatalf("%d runs, %v", len(silent), err)
		}
		// Many sweeps pass: the row was last heard of at its creation.
		deadline := time.Now().Add(20 * beat)
		for time.Now().Before(deadline) {
			if _, err := p.store.Run(t.Context(), waiting.ID); err != nil {
				t.Fatal(err)
			}
		}
		after, err := p.store.Run(t.Context(), waiting.ID)
		if err != nil || after.JobID != before.JobID || after.Analysis.Status != rampforge.AnalysisQueued {
			t.Errorf("the waiting run became %+v, %v; it was %+v", after, err, before)
		}
		close(release)
		p.until(waiting.ID, "finished", finished)
	})
}

func TestThirdDeathFailsTheRun(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		writer := start(t, db, "writer", 0, completed)
		a := writer.ask("ada")
		for range 3 {
			run, err := writer.store.Run(t.Context(), a.ID)
			if err != nil {
				t.Fatal(err)
			}
			c := store.Claim{AnalysisID: a.ID, JobID: run.JobID, Owner: "dead"}
			if _, _, claimed, err := writer.store.ClaimRun(t.Context(), c, time.Now(), time.Now().Add(time.Hour)); err != nil || !claimed {
				t.Fatalf("claimed %t, %v", claimed, err)
			}
		}
		p := start(t, db, "one", 1, completed)
		run := p.until(a.ID, "finished", finished)
		if run.Analysis.Status != rampforge.AnalysisFailed || run.Analysis.Error == nil || !strings.Contains(*run.Analysis.Error, "3 times") {
			t.Errorf("the run ended as %+v", run.Analysis)
		}
	})
}

// A process that somebody killed says nothing of the repository: another tries,
// and the run fails when that happened as often as workers may die.
func TestKilledIsTriedAgain(t *testing.T) {
	t.Parallel()
	for times, want := range map[int32]rampforge.AnalysisStatus{2: rampforge.AnalysisCompleted, 3: rampforge.AnalysisFailed} {
		t.Run(string(want), func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, db *database.DB) {
				var begun atomic.Int32
				p := start(t, db, "one", 1, func(ctx context.Context, r inspect.Request) (*inspect.Result, error) {
					if begun.Add(1) <= times {
						return nil, fmt.Errorf("%w: signal", inspect.ErrKilled)
					}
					return completed(ctx, r)
				})
				run := p.until(p.ask("ada").ID, "finished", finished)
				if run.Analysis.Status != want || run.Attempts != 3 || begun.Load() != 3 {
					t.Errorf("after %d begins it ended as %+v", begun.Load(), run)
				}
				if want == rampforge.AnalysisFailed && (run.Analysis.Error == nil || !strings.Contains(*run.Analysis.Error, "3 times")) {
					t.Errorf("the reason is %v", run.Analysis.Error)
				}
				if !strings.Contains(p.logs.String(), "level=WARN msg=\"an analysis ended\"") {
					t.Errorf("the log says %s", p.logs)
				}
			})
		})
	}
}

func TestMirrorsOfRemovedRepositoriesGo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p := start(t, db, "writer", 0, completed)
		a := p.ask("ada")
		mirrors := worker.Mirrors{Dir: p.dir}
		kept := []string{mirrors.Mirror(a.RepositoryID), filepath.Join(p.dir, "notes.git")}
		gone := []string{mirrors.Mirror("repo_gone"), mirrors.Facts("repo_gone")}
		for _, path := range append(kept, gone...) {
			if err := os.MkdirAll(filepath.Join(path, "objects"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		second := worker.New(worker.Options{Store: p.store, Inspector: inspectFunc(completed), Logger: slog.New(slog.DiscardHandler), Owner: "two", Beat: beat, Mirrors: mirrors, Now: time.Now})
		if err := second.Start(t.Context(), p.queue); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
			if left, err := os.ReadDir(p.dir); err != nil || len(left) == len(kept) {
				break
			}
		}
		if err := second.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, path := range kept {
			if _, err := os.Stat(path); err != nil {
				t.Errorf("removed: %v", err)
			}
		}
		for _, path := range gone {
			if _, err := os.Stat(path); err == nil {
				t.Errorf("%s was kept", path)
			}
		}
	})
}
