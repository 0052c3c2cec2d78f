package store_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func TestRepositoryIsKeptAsGiven(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		r := b.repository(ada, "shop")
		got, err := b.Repository(b.ctx(), store.ViewerOf(ada), r.ID)
		b.must(err)
		r.AnalysisStatus = rampforge.AnalysisPending
		if diff := cmp.Diff(r, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		again := r
		again.ID = store.NewID("repo")
		b.code(b.CreateRepository(b.ctx(), again), rampforge.CodeConflict)
	})
}

func TestRepositoriesOfOthersDoNotExist(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		b.user("root", rampforge.RoleAdmin)
		ada, bea := b.user("ada", rampforge.RoleTeamLead), b.user("bea", rampforge.RoleDeveloper)
		r := b.repository(ada, "shop")
		run := b.queued(r, ada)
		stranger := store.ViewerOf(bea)
		_, err := b.Repository(b.ctx(), stranger, r.ID)
		b.code(err, rampforge.CodeNotFound)
		_, err = b.RepositoryByURL(b.ctx(), stranger, r.URL)
		b.code(err, rampforge.CodeNotFound)
		_, err = b.Analysis(b.ctx(), stranger, run.Analysis.ID)
		b.code(err, rampforge.CodeNotFound)
		_, err = b.LatestAnalysis(b.ctx(), stranger, r.ID)
		b.code(err, rampforge.CodeNotFound)
		if list, total, err := b.Repositories(b.ctx(), stranger, store.RepositoryFilter{}, store.Page{Limit: 10}); err != nil || total != 0 || len(list) != 0 {
			t.Errorf("a stranger lists %d of %d, %v", len(list), total, err)
		}
		for _, v := range []store.Viewer{store.ViewerOf(ada), admin} {
			if _, err := b.Repository(b.ctx(), v, r.ID); err != nil {
				t.Errorf("%+v: %v", v, err)
			}
		}
	})
}

func TestRepositoriesAreFilteredAndPaged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		for n, name := range []string{"one", "two", "three"} {
			b.now = b.now.Add(time.Duration(n) * time.Second)
			b.repository(ada, name)
		}
		first, total, err := b.Repositories(b.ctx(), admin, store.RepositoryFilter{}, store.Page{Limit: 2})
		b.must(err)
		rest, _, err := b.Repositories(b.ctx(), admin, store.RepositoryFilter{}, store.Page{Limit: 2, Offset: 2})
		b.must(err)
		names := []string{}
		for _, r := range append(first, rest...) {
			names = append(names, r.Name)
		}
		if diff := cmp.Diff([]string{"three", "two", "one"}, names); diff != "" || total != 3 {
			t.Errorf("of %d (-want +got):\n%s", total, diff)
		}
		b.queued(first[0], ada)
		for filter, want := range map[store.RepositoryFilter]int{
			{Status: rampforge.AnalysisQueued}: 1, {Status: rampforge.AnalysisPending}: 2, {Type: rampforge.RepositoryGit}: 3, {Type: rampforge.RepositoryGitHub}: 0,
			{Type: rampforge.RepositoryGit, Status: rampforge.AnalysisFailed}: 0,
		} {
			list, total, err := b.Repositories(b.ctx(), admin, filter, store.Page{Limit: 10})
			b.must(err)
			if total != want || len(list) != want {
				t.Errorf("%+v gives %d of %d, want %d", filter, len(list), total, want)
			}
		}
	})
}

func TestDeleteRepositoryEndsItsRun(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		r := b.repository(ada, "shop")
		run := b.queued(r, ada)
		c := b.claim(run, "one")
		remove := func() (ended *store.Run, err error) {
			err = b.InTx(b.ctx(), func(tx *sql.Tx) (err error) {
				ended, err = b.DeleteRepositoryTx(b.ctx(), tx, r.ID, b.now)
				return err
			})
			return ended, err
		}
		ended, err := remove()
		b.must(err)
		if ended == nil || ended.Analysis.ID != run.Analysis.ID || ended.Analysis.Status != rampforge.AnalysisCancelled {
			t.Errorf("the run under way ended as %+v", ended)
		}
		if heard, err := b.BeatRun(b.ctx(), c, b.now); err != nil || !heard.Lost {
			t.Errorf("its worker hears %+v, %v", heard, err)
		}
		if exists, err := b.RepositoryExists(b.ctx(), r.ID); err != nil || exists {
			t.Errorf("it exists %t, %v", exists, err)
		}
		_, err = remove()
		b.code(err, rampforge.CodeNotFound)
	})
}
