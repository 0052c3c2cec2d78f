package facts_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// drawn makes facts of what a random source says: any value that a field can
// have, also the rare ones.
type drawn struct {
	*rand.Rand

	symbols int
}

func (d drawn) symbol() facts.Symbol { return facts.Symbol(d.IntN(d.symbols)) }

func (d drawn) time() facts.Time {
	switch d.IntN(12) {
	case 0:
		return 0
	case 1:
		return facts.Time(d.Uint64())
	case 2:
		return -facts.Time(d.Uint64N(1 << 50))
	case 3:
		return facts.Time(1_700_000_000_000_000 + d.Int64N(1<<50))
	case 4:
		return facts.Time(1_700_000_000_000+d.Int64N(1<<40)) * 1000
	}
	return facts.Time(1_700_000_000+d.Int64N(1<<26)) * 1_000_000
}

func (d drawn) text() string {
	return fmt.Sprint("t", d.IntN(1000), []string{"", "ü", "\x00"}[d.IntN(3)])
}

// some is a list of up to most values; an empty one is nil, as it is read.
func some[T any](d drawn, most int, draw func() T) []T {
	var list []T
	for range d.IntN(most + 1) {
		list = append(list, draw())
	}
	return list
}

func (d drawn) span() facts.Span { return facts.Span{From: d.time(), To: d.time()} }

func (d drawn) remark() facts.Remark { return facts.Remark{Account: d.symbol(), At: d.time()} }

func (d drawn) item() facts.Item {
	return facts.Item{
		Source: d.symbol(), ID: d.text(), Key: d.text(), Type: d.symbol(), Priority: d.symbol(), Resolution: d.symbol(), Category: d.symbol(),
		Labels: some(d, 3, d.symbol), Parent: d.text(), Created: d.time(), Updated: d.time(), SyncedAt: d.time(), Reporter: d.symbol(),
		Visits: some(d, 12, func() facts.Visit {
			return facts.Visit{Status: d.symbol(), At: d.time(), Actor: d.symbol(), Name: d.symbol()}
		}),
		Flags:     some(d, 2, d.span),
		Assignees: some(d, 3, func() facts.Assignment { return facts.Assignment{Span: d.span(), Account: d.symbol()} }),
		Sprints:   some(d, 3, func() facts.Membership { return facts.Membership{Span: d.span(), Sprint: d.symbol()} }),
		Estimates: some(d, 3, func() facts.Estimate {
			if d.IntN(3) == 0 {
				return facts.Estimate{At: d.time()}
			}
			return facts.Estimate{At: d.time(), Known: true, Value: d.NormFloat64()}
		}),
		Comments: some(d, 3, d.remark), BlockedBy: some(d, 2, d.text), Incomplete: d.IntN(2) == 0, Imported: d.IntN(2) == 0,
	}
}

func (d drawn) pullRequest() facts.PullRequest {
	return facts.PullRequest{
		Source: d.symbol(), ID: d.text(), Number: d.IntN(1e6) - 1, State: d.symbol(), Draft: d.IntN(2) == 0, Author: d.symbol(), MergedBy: d.symbol(),
		Created: d.time(), Updated: d.time(), SyncedAt: d.time(), Ready: d.time(), Closed: d.time(), Merged: d.time(),
		HeadCommit: d.text(), MergeCommit: d.text(), TargetBranch: d.symbol(),
		Commits: some(d, 3, func() facts.PullCommit {
			return facts.PullCommit{Hash: d.text(), Authored: d.time(), Committed: d.time()}
		}),
		Reviews:  some(d, 3, func() facts.Review { return facts.Review{Account: d.symbol(), State: d.symbol(), At: d.time()} }),
		Comments: some(d, 3, d.remark), Requested: some(d, 2, d.symbol), Additions: d.IntN(900) - 1, Deletions: -1, ChangedFiles: d.IntN(9),
	}
}

func (d drawn) deployment() facts.Deployment {
	return facts.Deployment{
		Source: d.symbol(), ID: d.text(), Environment: d.symbol(), Pipeline: d.symbol(), Commit: d.text(), Branch: d.symbol(), State: d.symbol(),
		Created: d.time(), Finished: d.time(), SyncedAt: d.time(),
	}
}

func (d drawn) commit() facts.Commit {
	hash := d.text()
	return facts.Commit{
		Source: d.symbol(), ID: []string{"", "7:"}[d.IntN(2)] + []string{hash, "x"}[d.IntN(2)], Hash: hash, Parents: some(d, 2, d.text),
		Author: d.symbol(), Authored: d.time(), Committed: d.time(), SyncedAt: d.time(),
	}
}

func (d drawn) sprint() facts.Sprint {
	return facts.Sprint{ID: d.symbol(), Board: d.symbol(), Name: d.text(), State: d.symbol(), Start: d.time(), End: d.time(), Completed: d.time(), SyncedAt: d.time()}
}

// check packs a list, reads it, and wants the same; then it wants a fault of
// the pack with any byte changed, of a part of it, and of a table of fewer
// symbols.
func check[T any](t *testing.T, d drawn, list []T, pack []byte, read func(*facts.Decoder, []byte, []T) ([]T, error)) {
	t.Helper()
	decoder := facts.NewDecoder(d.symbols)
	for range 2 { // what a decoder read before is not touched by what it reads next
		got, err := read(decoder, pack, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(list, got); diff != "" {
			t.Fatalf("of %d: %s", len(list), diff)
		}
	}
	broken := func(what string, decoder *facts.Decoder, pack []byte) {
		t.Helper()
		if got, err := read(decoder, pack, nil); !errors.Is(err, facts.ErrPack) || len(got) > 0 {
			t.Fatalf("%s: %v, and %d of %d were read", what, err, len(got), len(list))
		}
	}
	i := d.IntN(len(pack))
	changed := append([]byte{}, pack...)
	changed[i] ^= byte(1 + d.IntN(255))
	broken("with another byte", decoder, changed)
	broken("a part", decoder, pack[:i])
}

func TestPacks(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		d := drawn{rand.New(rand.NewPCG(seed, 1)), 300}
		items := some(d, 40, d.item)
		check(t, d, items, facts.PackItems(items), (*facts.Decoder).Items)
		pulls := some(d, 40, d.pullRequest)
		check(t, d, pulls, facts.PackPullRequests(pulls), (*facts.Decoder).PullRequests)
		commits := some(d, 40, d.commit)
		check(t, d, commits, facts.PackCommits(commits), (*facts.Decoder).Commits)
		sprints := some(d, 40, d.sprint)
		check(t, d, sprints, facts.PackSprints(sprints), (*facts.Decoder).Sprints)
		texts := some(d, 40, d.text)
		check(t, d, texts, facts.PackTexts(texts), (*facts.Decoder).Texts)
		for _, kind := range []facts.Kind{facts.KindDeployments, facts.KindRuns} {
			list := some(d, 40, d.deployment)
			check(t, d, list, facts.PackDeployments(kind, list), func(d *facts.Decoder, pack []byte, into []facts.Deployment) ([]facts.Deployment, error) {
				return d.Deployments(kind, pack, into)
			})
		}
	}
}

// TestPackOfUnknownSymbols: a pack that was kept beside another table of symbols
// is a fault, and no item of another status.
func TestPackOfUnknownSymbols(t *testing.T) {
	t.Parallel()
	pack := facts.PackItems([]facts.Item{{ID: "1", Visits: []facts.Visit{{Status: 7, At: 1}}}})
	if _, err := facts.NewDecoder(8).Items(pack, nil); err != nil {
		t.Error(err)
	}
	if _, err := facts.NewDecoder(7).Items(pack, nil); !errors.Is(err, facts.ErrPack) {
		t.Error(err)
	}
	if _, err := facts.NewDecoder(8).Commits(pack, nil); !errors.Is(err, facts.ErrPack) {
		t.Errorf("a pack of another kind: %v", err)
	}
}

// FuzzPack reads bytes whose checksum is right, as a fault of this program
// would write them. Whatever is read is written and read again.
func FuzzPack(f *testing.F) {
	d := drawn{rand.New(rand.NewPCG(1, 1)), 50}
	f.Add(facts.Body(facts.PackItems([]facts.Item{d.item(), d.item(), d.item()})))
	f.Add(facts.Body(facts.PackPullRequests([]facts.PullRequest{d.pullRequest()})))
	f.Add(facts.Body(facts.PackCommits([]facts.Commit{d.commit(), d.commit()})))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, body []byte) {
		decoder := facts.NewDecoder(50)
		if items, err := decoder.Items(facts.Sealed(facts.KindItems, body), nil); err == nil {
			again, err := decoder.Items(facts.PackItems(items), nil)
			if err != nil || !cmp.Equal(items, again, cmp.Comparer(func(a, b float64) bool { return a == b || a != a && b != b })) {
				t.Error(err, cmp.Diff(items, again))
			}
		}
		if list, err := decoder.PullRequests(facts.Sealed(facts.KindPullRequests, body), nil); err == nil {
			if again, err := decoder.PullRequests(facts.PackPullRequests(list), nil); err != nil || !cmp.Equal(list, again) {
				t.Error(err, cmp.Diff(list, again))
			}
		}
		if list, err := decoder.Commits(facts.Sealed(facts.KindCommits, body), nil); err == nil {
			if again, err := decoder.Commits(facts.PackCommits(list), nil); err != nil || !cmp.Equal(list, again) {
				t.Error(err, cmp.Diff(list, again))
			}
		}
	})
}
