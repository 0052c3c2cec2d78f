package store_test

import (
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// admin sees everything.
var admin = store.Viewer{Admin: true}

func (b *bundle) status(r rampforge.Repository) rampforge.AnalysisStatus {
	b.t.Helper()
	got, err := b.Repository(b.ctx(), admin, r.ID)
	b.must(err)
	return got.AnalysisStatus
}

func TestRunFromQueueToReport(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		r := b.repository(ada, "shop")
		_, err := b.NewestReport(b.ctx(), admin, r.ID)
		b.code(err, rampforge.CodeNotFound)
		run := b.queued(r, ada)
		if run.JobID == 0 || run.Analysis.Status != rampforge.AnalysisQueued || b.status(r) != rampforge.AnalysisQueued {
			t.Errorf("queued as %+v", run)
		}
		c := b.claim(run, "one")
		if b.status(r) != rampforge.AnalysisRunning {
			t.Errorf("the repository is %s", b.status(r))
		}
		heard, err := b.ProgressRun(b.ctx(), c, rampforge.Progress{Done: 3, Total: 9, Unit: "files", Stage: "reading"}, b.now)
		b.must(err)
		if heard.Lost || heard.Cancelled {
			t.Errorf("heard %+v", heard)
		}
		report := []byte(`{"name":"shop","text":"` + strings.Repeat("x", 100_000) + `"}`)
		commit, branch := "c0ffee", "trunk"
		won, err := b.FinishRun(b.ctx(), c, store.Outcome{Status: rampforge.AnalysisCompleted, Commit: &commit, Report: report, DefaultBranch: &branch, Message: "Completed."}, b.now.Add(time.Minute))
		b.must(err)
		if !won {
			t.Fatal("the end was not written")
		}
		kept, err := b.NewestReport(b.ctx(), admin, r.ID)
		b.must(err)
		text, err := kept.JSON()
		b.must(err)
		if string(text) != string(report) || len(kept.ETag) != 64 || *kept.Analysis.Commit != commit || !kept.Analysis.FinishedAt.Equal(b.now.Add(time.Minute)) {
			t.Errorf("kept %d bytes with %q: %+v", len(text), kept.ETag, kept.Analysis)
		}
		again, err := b.FinishRun(b.ctx(), c, store.Outcome{Status: rampforge.AnalysisFailed}, b.now)
		b.must(err)
		if again || b.status(r) != rampforge.AnalysisCompleted {
			t.Error("a run ended twice")
		}
	})
}

func TestOneRunAtATime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		r := b.repository(ada, "shop")
		const callers = 8
		runs := make([]store.Run, callers)
		started := make([]bool, callers)
		var group sync.WaitGroup
		var jobs sync.Mutex
		for n := range callers {
			group.Go(func() {
				jobs.Lock() // the bundle's job counter is not for many at once
				defer jobs.Unlock()
				runs[n], started[n] = b.start(r, ada)
			})
		}
		group.Wait()
		count := 0
		for n := range callers {
			if started[n] {
				count++
			}
			if runs[n].Analysis.ID != runs[0].Analysis.ID {
				t.Error("two runs are under way")
			}
		}
		if count != 1 {
			t.Errorf("%d runs were started", count)
		}
	})
}

func TestRunAndJobAreWrittenTogether(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		r := b.repository(ada, "shop")
		crash := errors.New("crash")
		err := b.InTx(b.ctx(), func(tx *sql.Tx) error {
			if _, _, err := b.StartRunTx(b.ctx(), tx, rampforge.Analysis{ID: store.NewID("ana"), RepositoryID: r.ID, RequestedBy: ada.ID, CreatedAt: b.now}, b.enqueue); err != nil {
				return err
			}
			return crash
		})
		if !errors.Is(err, crash) {
			t.Fatal(err)
		}
		if list, total, err := b.Analyses(b.ctx(), admin, r.ID, store.Page{Limit: 10}); err != nil || total != 0 || len(list) != 0 || b.status(r) != rampforge.AnalysisPending {
			t.Errorf("%d runs were left, %v; the repository is %s", total, err, b.status(r))
		}
	})
}

func TestClaimIsOneWorkers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		run := b.queued(b.repository(ada, "shop"), ada)
		first := b.claim(run, "one")
		second := first
		second.Owner = "two"
		_, _, won, err := b.ClaimRun(b.ctx(), second, b.now.Add(time.Second), b.now.Add(-time.Minute))
		b.must(err)
		if won {
			t.Error("two workers have one run")
		}
		stale := first
		stale.JobID += 100
		if _, _, won, err := b.ClaimRun(b.ctx(), stale, b.now, b.now.Add(time.Hour)); err != nil || won {
			t.Errorf("a job that is not the row's won %t, %v", won, err)
		}
		// After a minute of silence the run is anybody's.
		_, _, won, err = b.ClaimRun(b.ctx(), second, b.now.Add(2*time.Minute), b.now.Add(time.Minute))
		b.must(err)
		if !won {
			t.Error("nobody may take over from the silent worker")
		}
		if heard, err := b.BeatRun(b.ctx(), first, b.now); err != nil || !heard.Lost {
			t.Errorf("the silent worker hears %+v, %v", heard, err)
		}
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		r := b.repository(ada, "shop")
		cancel := func(id string) (run store.Run, err error) {
			err = b.InTx(b.ctx(), func(tx *sql.Tx) (err error) {
				run, err = b.CancelRunTx(b.ctx(), tx, id, b.now)
				return err
			})
			return run, err
		}
		queued := b.queued(r, ada)
		ended, err := cancel(queued.Analysis.ID)
		b.must(err)
		if ended.Analysis.Status != rampforge.AnalysisCancelled || b.status(r) != rampforge.AnalysisPending {
			t.Errorf("ended as %s; the repository is %s", ended.Analysis.Status, b.status(r))
		}
		running := b.queued(r, ada)
		c := b.claim(running, "one")
		asked, err := cancel(running.Analysis.ID)
		b.must(err)
		if asked.Analysis.Status != rampforge.AnalysisRunning || !asked.Cancelled {
			t.Errorf("a running one became %+v", asked)
		}
		if heard, err := b.BeatRun(b.ctx(), c, b.now); err != nil || !heard.Cancelled {
			t.Errorf("its worker hears %+v, %v", heard, err)
		}
		if won, err := b.FinishRun(b.ctx(), c, store.Outcome{Status: rampforge.AnalysisCancelled}, b.now); err != nil || !won {
			t.Errorf("%t, %v", won, err)
		}
		after, err := cancel(running.Analysis.ID) // it has ended: nothing changes
		b.must(err)
		if after.Analysis.Status != rampforge.AnalysisCancelled {
			t.Errorf("it is %s", after.Analysis.Status)
		}
		_, err = cancel("ana_none")
		b.code(err, rampforge.CodeNotFound)
	})
}

// Who asks again after a cancellation gets an analysis of their own, at once.
func TestAskingAfterCancelling(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		r := b.repository(ada, "shop")
		first := b.queued(r, ada)
		c := b.claim(first, "one")
		b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error {
			_, err := b.CancelRunTx(b.ctx(), tx, first.Analysis.ID, b.now)
			return err
		}))
		again, started := b.start(r, ada)
		if !started || again.Analysis.ID == first.Analysis.ID || again.Analysis.Status != rampforge.AnalysisQueued || b.status(r) != rampforge.AnalysisQueued {
			t.Errorf("started %t: %+v", started, again)
		}
		over, err := b.Run(b.ctx(), first.Analysis.ID)
		b.must(err)
		if over.Analysis.Status != rampforge.AnalysisCancelled || over.Analysis.FinishedAt == nil {
			t.Errorf("the first is %+v", over)
		}
		if heard, err := b.BeatRun(b.ctx(), c, b.now); err != nil || !heard.Lost {
			t.Errorf("its worker hears %+v, %v", heard, err)
		}
		if won, err := b.FinishRun(b.ctx(), c, store.Outcome{Status: rampforge.AnalysisCancelled}, b.now); err != nil || won || b.status(r) != rampforge.AnalysisQueued {
			t.Errorf("its worker wrote its end: %t, %v; the repository is %s", won, err, b.status(r))
		}
	})
}

func TestSilentRuns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		dead, waiting := b.queued(b.repository(ada, "dead"), ada), b.queued(b.repository(ada, "waiting"), ada)
		b.claim(dead, "one")
		before := b.now.Add(time.Minute)
		silent, err := b.SilentRuns(b.ctx(), before, 10)
		b.must(err)
		if len(silent) != 2 {
			t.Fatalf("%d runs are silent, want 2", len(silent))
		}
		b.must(b.TouchRun(b.ctx(), waiting, before.Add(time.Second)))
		silent, err = b.SilentRuns(b.ctx(), before, 10)
		b.must(err)
		if len(silent) != 1 || silent[0].Analysis.ID != dead.Analysis.ID {
			t.Fatalf("silent are %+v", silent)
		}
		taken, err := b.RequeueRun(b.ctx(), silent[0], before, before, b.enqueue)
		b.must(err)
		again, err := b.RequeueRun(b.ctx(), silent[0], before, before, b.enqueue)
		b.must(err)
		if !taken || again {
			t.Errorf("requeued %t, then %t: want once", taken, again)
		}
		run, err := b.Run(b.ctx(), dead.Analysis.ID)
		b.must(err)
		if run.JobID == dead.JobID || run.Analysis.Status != rampforge.AnalysisQueued || run.Owner != "" || run.Attempts != 1 {
			t.Errorf("requeued as %+v", run)
		}
		reason := "It died."
		ended, err := b.EndSilentRun(b.ctx(), run, rampforge.AnalysisFailed, &reason, before.Add(time.Hour), before)
		b.must(err)
		last, err := b.Run(b.ctx(), dead.Analysis.ID)
		b.must(err)
		if !ended || last.Analysis.Status != rampforge.AnalysisFailed || *last.Analysis.Error != reason {
			t.Errorf("ended %t as %+v", ended, last)
		}
	})
}

func TestReleaseCountsNoAttempt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		run := b.queued(b.repository(ada, "shop"), ada)
		c := b.claim(run, "one")
		released, err := b.ReleaseRun(b.ctx(), c, b.now, b.enqueue)
		b.must(err)
		after, err := b.Run(b.ctx(), run.Analysis.ID)
		b.must(err)
		if !released || after.Attempts != 0 || after.Analysis.Status != rampforge.AnalysisQueued || after.JobID == run.JobID {
			t.Errorf("released %t as %+v", released, after)
		}
		if again, err := b.ReleaseRun(b.ctx(), c, b.now, b.enqueue); err != nil || again {
			t.Errorf("released twice: %t, %v", again, err)
		}
	})
}

func TestRetryCountsAttempts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		run := b.queued(b.repository(ada, "shop"), ada)
		for attempt := 1; attempt <= store.MaxAttempts; attempt++ {
			c := b.claim(run, "one")
			again, err := b.RetryRun(b.ctx(), c, b.now, b.enqueue)
			b.must(err)
			run, err = b.Run(b.ctx(), run.Analysis.ID)
			b.must(err)
			if again != (attempt < store.MaxAttempts) || run.Attempts != attempt || (run.Analysis.Status == rampforge.AnalysisQueued) != again {
				t.Fatalf("attempt %d: again %t, %+v", attempt, again, run)
			}
		}
	})
}

func TestJobCounts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		b.queued(b.repository(ada, "one"), ada)
		b.claim(b.queued(b.repository(ada, "two"), ada), "worker")
		counts, err := b.JobCounts(b.ctx())
		b.must(err)
		if counts.Queued != 1 || counts.Running != 1 || counts.Silent != 2 { // the bundle's clock is long ago
			t.Errorf("counted %+v", counts)
		}
	})
}
