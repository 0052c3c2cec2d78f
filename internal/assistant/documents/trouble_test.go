package documents_test

import (
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/documents"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

// TestFixesBesideProblems keeps what commits fixed where a tracker has one that
// is closed, and tells its cause by the commit that closed it.
func TestFixesBesideProblems(t *testing.T) {
	t.Parallel()
	in := of(t, gittest.Build(t, shop(t)))
	in.Tracker = true
	in.WorkItems = []rampforge.WorkItem{{Key: "SHOP-7", Title: "Crash when an order is empty", Type: "Bug", StatusCategory: rampforge.StatusDone}}
	in.Commits = append([]documents.Commit{
		{Hash: "aaaaaaaaaaaaaaaa", When: noon, Subject: "SHOP-7: look before taking the first line", Body: "The first line was taken without a look, because an order was never empty before refunds came."},
		{Hash: "bbbbbbbbbbbbbbbb", When: noon, Subject: "fix: wait for the depot to answer", Body: "The depot answers slowly at night, which caused a timeout that nobody saw."},
	}, in.Commits...)
	want(t, says(t, rampforge.DocumentTroubleshooting, in), "resolved by the commit `aaaaaaaaaa`", "cause, as the commit says: The first line was taken", "What commits fixed", "wait for the depot to answer")
}
