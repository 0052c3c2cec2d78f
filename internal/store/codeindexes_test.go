package store_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// TestCodeIndexes keeps the indexes of the newest analyses of a repository, and
// none of one that is gone.
func TestCodeIndexes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada, stranger := b.user("ada", rampforge.RoleAdmin), b.user("stranger", rampforge.RoleTeamLead)
		r, other := b.repository(ada, "shop"), b.repository(ada, "other")
		_, err := b.NewestIndexed(b.ctx(), admin, r.ID)
		b.code(err, rampforge.CodeNotFound)
		var ids []string
		analysed := func(r rampforge.Repository, n int, index []byte) string {
			commit := fmt.Sprintf("%02dc0ffee", n)
			run := b.queued(r, ada)
			at := b.now.Add(time.Duration(n) * time.Minute)
			_, err := b.FinishRun(b.ctx(), b.claim(run, "one"), store.Outcome{Status: rampforge.AnalysisCompleted, Commit: &commit, Report: []byte("{}"), Index: index}, at)
			b.must(err)
			return run.Analysis.ID
		}
		old := analysed(r, 0, nil)
		if newest, err := b.NewestIndexed(b.ctx(), admin, r.ID); err != nil || newest.Indexed || newest.Analysis.ID != old {
			t.Errorf("without an index: %+v, %v", newest, err)
		}
		for n := range 12 {
			ids = append(ids, analysed(r, n+1, []byte{byte(n)}))
		}
		theirs := analysed(other, 1, []byte("theirs"))
		for n, id := range ids {
			content, err := b.CodeIndex(b.ctx(), id)
			b.must(err)
			if kept := len(content) == 1 && content[0] == byte(n); kept != (n >= 2) {
				t.Errorf("index %d is %v", n, content)
			}
		}
		newest, err := b.NewestIndexed(b.ctx(), admin, r.ID)
		b.must(err)
		before, err := b.IndexedBefore(b.ctx(), admin, newest.Analysis)
		b.must(err)
		named, err := b.IndexedNamed(b.ctx(), admin, r.ID, "03c0f")
		b.must(err)
		byID, err := b.IndexedNamed(b.ctx(), admin, r.ID, ids[0])
		b.must(err)
		if newest.Analysis.ID != ids[11] || !newest.Indexed || before.Analysis.ID != ids[10] || named.Analysis.ID != ids[2] || byID.Analysis.ID != ids[0] || byID.Indexed {
			t.Errorf("newest %+v, before %+v, by commit %+v, by id %+v", newest, before, named, byID)
		}
		for _, name := range []string{"c0f", "%", "ana_", theirs} {
			_, err = b.IndexedNamed(b.ctx(), admin, r.ID, name)
			b.code(err, rampforge.CodeNotFound)
		}
		first, err := b.IndexedNamed(b.ctx(), admin, r.ID, old)
		b.must(err)
		_, err = b.IndexedBefore(b.ctx(), admin, first.Analysis)
		b.code(err, rampforge.CodeNotFound)
		_, err = b.NewestIndexed(b.ctx(), store.Viewer{UserID: stranger.ID}, r.ID)
		b.code(err, rampforge.CodeNotFound)
		b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error {
			_, err := b.DeleteRepositoryTx(b.ctx(), tx, r.ID, b.now)
			return err
		}))
		if content, err := b.CodeIndex(b.ctx(), ids[11]); err != nil || content != nil {
			t.Errorf("of a repository that is gone: %v, %v", content, err)
		}
		if content, err := b.CodeIndex(b.ctx(), theirs); err != nil || string(content) != "theirs" {
			t.Errorf("of the other: %v, %v", content, err)
		}
	})
}
