package worker_test

import (
	"context"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// addresses waits for people who are known by any address of commits, and
// returns those of each.
func (p *process) addresses(wanted int) [][]string {
	p.t.Helper()
	deadline, tick := time.Now().Add(60*time.Second), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for {
		people, _, err := p.store.People(p.t.Context(), store.PeopleFilter{}, store.Page{Limit: 100})
		if err != nil {
			p.t.Fatal(err)
		}
		var all [][]string
		for _, person := range people {
			var emails []string
			for _, i := range person.Identities {
				if i.Kind == rampforge.IdentityGit {
					emails = append(emails, *i.Email)
				}
			}
			if len(emails) > 0 {
				all = append(all, emails)
			}
		}
		if len(all) == wanted {
			return all
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%d people are wanted: %v\n%s", wanted, all, p.logs)
		}
		<-tick.C
	}
}

// TestAnalysisTellsWhoIsWho analyses a repository with a .mailmap.
func TestAnalysisTellsWhoIsWho(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		signed := func(email, proper string) inspect.Signed {
			return inspect.Signed{Committed: rampforge.Signature{Name: "Ada", Email: email}, Proper: rampforge.Signature{Name: "Ada", Email: proper}}
		}
		mapped := []inspect.Signed{signed("old@corp.test", "new@corp.test"), signed("new@corp.test", "new@corp.test")}
		p := start(t, db, "one", 1, func(_ context.Context, r inspect.Request) (*inspect.Result, error) {
			return &inspect.Result{Report: &report.CodeReport{Commit: "c0ffee", Name: r.Source}, Signed: mapped}, nil
		})
		a := p.ask("ada")
		p.until(a.ID, "finished", finished)
		if got := p.addresses(1); !slices.Equal(got[0], []string{"new@corp.test", "old@corp.test"}) {
			t.Errorf("%v", got)
		}
	})
}

// TestSyncTellsWhoIsWho has the accounts of a sync be people by its end.
func TestSyncTellsWhoIsWho(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		p := start(t, db, "one", 1, completed, serving(nothing), func(o *worker.Options) {
			connect := o.Connect
			o.Connect = func(ctx context.Context, id string) (rampforge.Service, connector.Connector, error) {
				service, conn, err := connect(ctx, id)
				return service, committed{conn}, err
			}
		})
		if task := p.synced(p.askSync("svc_a")); task.Status != rampforge.SyncCompleted {
			t.Fatalf("%+v", task)
		}
		people, total, err := p.store.People(t.Context(), store.PeopleFilter{}, store.Page{Limit: 10})
		if err != nil || total != 1 || people[0].Name != "Ada Byron" || len(people[0].Identities) != 2 {
			t.Errorf("%+v, %v", people, err)
		}
	})
}

// TestAStartCleansUpAfterAPurge leaves people as a process leaves them that ends
// between the purge of a service and the finding out of who is left.
func TestAStartCleansUpAfterAPurge(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		first := start(t, db, "one", 1, completed, serving(nothing), func(o *worker.Options) {
			connect := o.Connect
			o.Connect = func(ctx context.Context, id string) (rampforge.Service, connector.Connector, error) {
				service, conn, err := connect(ctx, id)
				return service, committed{conn}, err
			}
		})
		service := first.connected(1, func(*rampforge.Service) {})
		first.synced(first.askSync(service.ID))
		first.addresses(1)
		first.stop()
		first.remove(service.ID)
		second := start(t, db, "two", 1, completed)
		second.addresses(0)
	})
}

// committed has one commit in place of the records of another connector.
type committed struct{ connector.Connector }

// Resources implements connector.Connector.
func (committed) Resources(context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		yield(rampforge.Resource{ID: "r", Kind: "repository", Key: "a/r", Name: "r", Streams: []rampforge.Stream{rampforge.StreamCommits}}, nil)
	}
}

// Read implements connector.Connector.
func (committed) Read(_ context.Context, _ rampforge.Resource, stream rampforge.Stream, _ connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		ada := rampforge.Signature{Name: "Ada Byron", Email: "ada@corp.test"}
		yield(connector.Page{Next: connector.Cursor(`"end"`), Records: []rampforge.Record{{Stream: stream, ID: "1", ResourceID: "r", UpdatedAt: time.Unix(1, 0).UTC(),
			Commit: &rampforge.VendorCommit{Hash: "1", Author: ada, Committer: ada, AuthorAccount: &rampforge.Account{ID: "11", Login: "ada", Name: "Ada Byron"}},
		}}}, nil)
	}
}
