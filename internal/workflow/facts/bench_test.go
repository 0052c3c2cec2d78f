package facts_test

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

const perPack = 64

// worked are items as a tracker's are: ten moves each, some comments, sprints
// and estimates.
func worked(n int) []facts.Item {
	d := drawn{rand.New(rand.NewPCG(1, 1)), 400}
	items := make([]facts.Item, n)
	for i := range items {
		at := facts.Time(1_600_000_000_000+int64(i)*1_234_567) * 1000
		v := facts.Item{Source: 1, ID: strconv.Itoa(10000 + i), Key: "PROJ-" + strconv.Itoa(i), Type: 3, Created: at, Updated: at + 5e12, SyncedAt: at + 6e12, Reporter: d.symbol()}
		for j := range 11 {
			v.Visits = append(v.Visits, facts.Visit{Status: facts.Symbol(10 + j%6), Name: facts.Symbol(20 + j%6), At: at, Actor: d.symbol()})
			at += facts.Time(d.Int64N(500_000_000)) * 1000
		}
		v.Assignees = []facts.Assignment{{Account: d.symbol(), Span: facts.Span{From: v.Created, To: at}}, {Account: d.symbol(), Span: facts.Span{From: at}}}
		v.Sprints = []facts.Membership{{Sprint: d.symbol(), Span: facts.Span{From: at}}}
		v.Estimates = []facts.Estimate{{At: v.Created, Known: true, Value: 5}}
		v.Comments = []facts.Remark{{Account: d.symbol(), At: at}, {Account: d.symbol(), At: at + 7e9}}
		items[i] = v
	}
	return items
}

// BenchmarkDecode reads 100,000 items with 1,100,000 visits on two processors.
func BenchmarkDecode(b *testing.B) {
	items := worked(100_000)
	var packs [][]byte
	size := 0
	for i := 0; i < len(items); i += perPack {
		packs = append(packs, facts.PackItems(items[i:min(i+perPack, len(items))]))
		size += len(packs[len(packs)-1])
	}
	into := make([]facts.Item, len(items))
	for b.Loop() {
		var wait sync.WaitGroup
		for half := range 2 {
			wait.Go(func() {
				decoder := facts.NewDecoder(400)
				for i := half * len(packs) / 2; i < (half+1)*len(packs)/2; i++ {
					if _, err := decoder.Items(packs[i], into[i*perPack:i*perPack]); err != nil {
						b.Error(err)
					}
				}
			})
		}
		wait.Wait()
	}
	b.ReportMetric(float64(size)/float64(len(items)), "B/item")
}

func BenchmarkEncode(b *testing.B) {
	items := worked(10_000)
	for b.Loop() {
		for i := 0; i < len(items); i += perPack {
			facts.PackItems(items[i:min(i+perPack, len(items))])
		}
	}
}
