package measure_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// vendor draws what a vendor tells.
type vendor struct {
	*rand.Rand

	w *world
}

func (v vendor) account() *rampforge.Account {
	return &rampforge.Account{ID: fmt.Sprint("a", v.IntN(9)), Login: fmt.Sprint("login", v.IntN(9))}
}

// record draws a record of any stream, of few ids: most are told of again.
func (v vendor) record() rampforge.Record {
	at := v.w.now.Add(-time.Duration(v.IntN(2000)) * time.Hour)
	r := rampforge.Record{Stream: rampforge.StreamWorkItems, ID: fmt.Sprint(v.IntN(400)), UpdatedAt: at}
	switch v.IntN(8) {
	case 0:
		r.Stream, r.Sprint = rampforge.StreamSprints, &rampforge.Sprint{Name: fmt.Sprint("Sprint ", v.IntN(9)), State: "active", StartAt: &at}
	case 1:
		r.Stream, r.PullRequest = rampforge.StreamPullRequests, &rampforge.PullRequest{Number: v.IntN(99), State: "open", Author: v.account(), CreatedAt: at, UpdatedAt: at,
			Reviews: []rampforge.Review{{Author: v.account(), State: "approved", SubmittedAt: at}}}
	case 2:
		r.Stream, r.Commit = rampforge.StreamCommits, &rampforge.VendorCommit{Hash: "h" + r.ID, AuthorAccount: v.account(), AuthoredAt: at, CommittedAt: at}
	case 3:
		r.Stream, r.Deployment = rampforge.StreamDeployments, &rampforge.Deployment{Environment: fmt.Sprint("env", v.IntN(3)), State: "succeeded", CreatedAt: at}
	case 4:
		r.Stream, r.PipelineRun = rampforge.StreamPipelineRuns, &rampforge.PipelineRun{Name: fmt.Sprint("run", v.IntN(3)), State: "failed", CreatedAt: at}
	default:
		w := &rampforge.WorkItem{Key: "K" + r.ID, Type: fmt.Sprint("T", v.IntN(3)), CreatedAt: at, UpdatedAt: at, Reporter: v.account(), Status: "S0", StatusID: "0"}
		for range v.IntN(5) {
			to := fmt.Sprint(v.IntN(6))
			at = at.Add(time.Duration(v.IntN(100)) * time.Hour)
			w.Events = append(w.Events, rampforge.WorkItemEvent{Field: rampforge.FieldStatus, From: w.Status, FromID: w.StatusID, To: "S" + to, ToID: to, At: at, Actor: v.account()})
			w.Status, w.StatusID, w.UpdatedAt = "S"+to, to, at
		}
		w.StatusCategory = []rampforge.StatusCategory{"todo", "in_progress", "in_progress", "in_progress", "done", "done"}[w.StatusID[0]-'0']
		r.WorkItem, r.UpdatedAt = w, w.UpdatedAt
	}
	return r
}

// happen makes something happen.
func (v vendor) happen(project string) {
	w, resource := v.w, fmt.Sprint("r", v.IntN(4))
	place := store.Place{ServiceID: "svc", ResourceID: resource, Stream: rampforge.StreamWorkItems}
	switch v.IntN(8) {
	case 0:
		w.sync(func(c store.SyncClaim) {
			_, err := w.Bury(w.ctx(), c, place, []string{fmt.Sprint(v.IntN(400)), fmt.Sprint(v.IntN(400))}, nil, w.now, w.now)
			w.must(err)
		})
	case 1:
		w.sync(func(c store.SyncClaim) {
			w.must(w.Revive(w.ctx(), c, place, []string{fmt.Sprint(v.IntN(400)), fmt.Sprint(v.IntN(400))}, w.now))
		})
	case 2:
		w.bind(project, []string{"r0", "r1", "r2", "r3"}[v.IntN(3):]...)
	case 3:
		w.m = w.measurer() // another process goes on
	default:
		var records []rampforge.Record
		for range v.IntN(60) {
			records = append(records, v.record())
		}
		w.tell(resource, records...)
	}
}

// same compares facts, whatever number their symbols have.
func same(t *testing.T, want, got *facts.Log) string {
	t.Helper()
	onto := facts.NewSymbols(nil)
	for _, text := range slices.Sorted(slices.Values(slices.Concat(want.Symbols.Texts(), got.Symbols.Texts()))) {
		onto.Add(text)
	}
	var both [2]facts.Log
	for i, log := range []*facts.Log{want, got} {
		decoder := facts.NewDecoder(log.Symbols.Len())
		both[i].Symbols = log.Symbols
		for _, err := range []error{
			into(&both[i].Items, facts.PackItems(log.Items), decoder.Items), into(&both[i].PullRequests, facts.PackPullRequests(log.PullRequests), decoder.PullRequests),
			into(&both[i].Commits, facts.PackCommits(log.Commits), decoder.Commits), into(&both[i].Sprints, facts.PackSprints(log.Sprints), decoder.Sprints),
			into(&both[i].Deployments, facts.PackDeployments(facts.KindRuns, log.Deployments), func(pack []byte, into []facts.Deployment) ([]facts.Deployment, error) {
				return decoder.Deployments(facts.KindRuns, pack, into)
			}),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		both[i].Statuses = slices.Clone(log.Statuses)
		both[i].Rebase(onto)
		slices.SortFunc(both[i].Sprints, func(a, b facts.Sprint) int { return cmp.Compare(a.ID, b.ID) })
		slices.SortFunc(both[i].Statuses, func(a, b facts.Status) int { return cmp.Compare(a.Status, b.Status) })
		both[i].Symbols = nil
	}
	return gocmp.Diff(both[0], both[1])
}

func into[T any](list *[]T, pack []byte, read func([]byte, []T) ([]T, error)) (err error) {
	*list, err = read(pack, nil)
	return err
}

// TestFactsInStepsAreFactsFromNothing: after whatever happened, facts that
// followed it are those that are made of the records as they are now, and so is
// the report, byte by byte.
func TestFactsInStepsAreFactsFromNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		for seed := range uint64(3) {
			v := vendor{rand.New(rand.NewPCG(seed, 7)), w}
			p := w.project(fmt.Sprint("p", seed), "r0", "r1", "r2", "r3")
			for range 12 {
				v.happen(p)
				w.now = w.now.Add(time.Duration(v.IntN(40)) * time.Minute)
				if v.IntN(3) > 0 {
					w.refresh(p)
				}
			}
			w.bind(p, "r0", "r1", "r2")
			w.refresh(p)
			fresh := w.project(fmt.Sprint("fresh", seed), "r0", "r1", "r2")
			w.refresh(fresh)
			want, err := w.measurer().Log(w.ctx(), fresh)
			w.must(err)
			log, err := w.measurer().Log(w.ctx(), p)
			w.must(err)
			if diff := same(t, want, log); diff != "" {
				t.Fatalf("seed %d (-from nothing +in steps): %.3000s", seed, diff)
			}
			q := measure.Query{AsOf: w.now, Seed: 1}
			one, err := w.m.Report(w.ctx(), p, q)
			w.must(err)
			two, err := w.m.Report(w.ctx(), fresh, q)
			w.must(err)
			if two = bytes.Replace(two, []byte(fresh), []byte(p), 1); !bytes.Equal(one, two) {
				t.Errorf("seed %d: %s", seed, gocmp.Diff(string(two), string(one)))
			}
			if len(log.Items) < 20 {
				t.Errorf("seed %d shows little: %d items", seed, len(log.Items))
			}
		}
	})
}
