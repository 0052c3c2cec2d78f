package store_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/store"
)

// What was damaged on the disk must not keep the names in everything that the walk
// would come to after it.
func TestDamagedReportHoldsNoErasureUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		b.user("zoe", rampforge.RoleAdmin) // the last administrator is not erased
		finish := func(name, report string) store.Run {
			run := b.queued(b.repository(ada, name), ada)
			won, err := b.FinishRun(b.ctx(), b.claim(run, "one"), store.Outcome{Status: rampforge.AnalysisCompleted, Commit: new("c0ffee"), Report: []byte(report), DefaultBranch: new("trunk")}, b.now)
			b.must(err)
			if !won {
				t.Fatal("the end was not written")
			}
			return run
		}
		finish("first", `{"text":"by `+ada.Email+`"}`)
		damaged := finish("second", `{"text":"x"}`)
		last := finish("third", `{"text":"by `+ada.Email+`"}`)
		_, err := b.db.Write().ExecContext(b.ctx(), `UPDATE codebase_analyses SET report = $2 WHERE id = $1`, damaged.Analysis.ID, []byte("garbage"))
		b.must(err)

		subject, err := b.Subject(b.ctx(), ada.Email)
		b.must(err)
		_, err = b.Erase(b.ctx(), subject, b.now)
		b.must(err)
		var unread []string
		for range 10_000 {
			step, err := b.EraseStep(b.ctx(), codeindex.Nameless, b.now)
			b.must(err)
			if step.Unread != "" {
				unread = append(unread, step.Unread)
			}
			if step.Passed {
				break
			}
		}
		if len(unread) != 1 || !strings.Contains(unread[0], damaged.Analysis.ID) {
			t.Errorf("told of %q, want %s alone", unread, damaged.Analysis.ID)
		}
		kept, err := b.NewestReport(b.ctx(), admin, last.Analysis.RepositoryID)
		b.must(err)
		text, err := kept.JSON()
		b.must(err)
		if strings.Contains(string(text), ada.Email) {
			t.Errorf("the report after the damaged one still says %s", text)
		}
	})
}
