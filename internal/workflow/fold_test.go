package workflow

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// manyStates is a history of so many states, of all categories, each the next
// one of the one before, where items often go anywhere else.
func manyStates(t testing.TB, states int) *history {
	t.Helper()
	h := newHistory(t)
	categories := []rampforge.StatusCategory{rampforge.StatusToDo, rampforge.StatusInProgress, rampforge.StatusDone, rampforge.StatusUnknown}
	keys := make([]facts.Symbol, states)
	for i := range keys {
		name := fmt.Sprintf("A state that has a long name %d", i)
		keys[i] = h.symbol(facts.StatusKey("svc_1", "", name))
		if c := categories[i*4/states]; c != rampforge.StatusUnknown {
			h.log.Statuses = append(h.log.Statuses, facts.Status{Status: keys[i], Name: name, Category: h.symbol(string(c))})
		}
	}
	random := rand.New(rand.NewPCG(5, 6))
	begin := h.at("2026-01-05 09:00")
	for i := range 2 * states {
		item := h.item(fmt.Sprintf("A-%d", i))
		item.Created = begin + facts.Time(i%60)*24*3600*1e6
		for n := range 6 {
			next := (i + n*states/5) % states
			if random.IntN(2) == 0 {
				next = random.IntN(1 + random.IntN(states)) // the first ones are often visited
			}
			item.Visits = append(item.Visits, facts.Visit{Status: keys[next], At: item.Created + facts.Time(n)*3600*1e6})
		}
	}
	return h
}

// TestManyStates bounds the states of a report, and with them its size and the
// work that it takes.
func TestManyStates(t *testing.T) {
	t.Parallel()
	const rare = "a STATE that has a long name 1999"
	h := manyStates(t, 2000)
	settings := rampforge.WorkflowSettings{States: []rampforge.StateSettings{{Name: rare, Category: new(rampforge.StatusDone)}}}
	c := Configure(settings, h.log)
	if n := len(c.States); n > maxStates+5 || n < maxStates || c.Folded < 1490 {
		t.Errorf("%d states, %d folded", n, c.Folded)
	}
	folded := map[rampforge.StatusCategory]int{}
	statuses := 0
	for i := range c.States {
		s := &c.States[i]
		statuses += len(s.Statuses)
		if s.Name == OtherStates(s.Category) {
			folded[s.Category] += len(s.Statuses)
		}
	}
	if len(folded) != 4 || statuses != 2000 {
		t.Errorf("states are folded into %v, and %d statuses have one", folded, statuses)
	}
	if !slices.ContainsFunc(c.States, func(s WorkState) bool { return strings.EqualFold(s.Name, rare) && s.Category == rampforge.StatusDone }) {
		t.Error("a state that the settings name is folded")
	}
	report := Compute(h.log, c, Query{From: h.at("2026-01-01 00:00").Moment(), To: h.at("2026-04-01 00:00").Moment(), AsOf: h.at("2026-04-01 00:00").Moment(), Granularity: ByDay})
	text, err := json.Marshal(report)
	if err != nil || report.Items.Total != 4000 {
		t.Fatal(report.Items, err)
	}
	t.Logf("the report has %d KB", len(text)>>10)
	if len(text) > 2<<20 {
		t.Errorf("the report has %d KB", len(text)>>10)
	}
}

// TestFewStates are all told apart.
func TestFewStates(t *testing.T) {
	t.Parallel()
	c := Configure(rampforge.WorkflowSettings{}, manyStates(t, maxStates).log)
	if len(c.States) != maxStates || c.Folded != 0 {
		t.Errorf("%d states, %d folded", len(c.States), c.Folded)
	}
}

// TestOrderByMovement compares the order with that of the rule as it is written,
// and counts what it looks at: each pair of states a few times.
func TestOrderByMovement(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 60 {
		group, moves := make([]int, n), make([]int, n*n)
		for i := range group {
			group[i] = i
			for j := range i {
				if random.IntN(3) > 0 {
					d := random.IntN(9) - 4
					moves[i*n+j], moves[j*n+i] = d, -d
				}
			}
		}
		looked := 0
		net := func(a, b int) int { looked++; return moves[a*n+b] }
		got := byMovement(group, net)
		if looked > 2*n*n {
			t.Errorf("of %d states it looked at %d moves", n, looked)
		}
		if want := byRule(group, net); !slices.Equal(got, want) {
			t.Errorf("the order is %v, want %v", got, want)
		}
	}
}

// byRule is the order of Eades, Lin and Smyth, where all is counted again in
// each step.
func byRule(group []int, net func(a, b int) int) []int {
	rest, front, back := slices.Clone(group), []int{}, []int{}
	for len(rest) > 0 {
		into, out := make([]int, len(rest)), make([]int, len(rest))
		for at, i := range rest {
			for _, j := range rest {
				out[at] += max(net(i, j), 0)
				into[at] += max(net(j, i), 0)
			}
		}
		at := slices.IndexFunc(rest, func(i int) bool { k := slices.Index(rest, i); return into[k] == 0 || out[k] == 0 })
		if at < 0 {
			at = 0
			for k := range rest {
				if out[k]-into[k] > out[at]-into[at] {
					at = k
				}
			}
		}
		if into[at] > 0 && out[at] == 0 {
			back = append([]int{rest[at]}, back...)
		} else {
			front = append(front, rest[at])
		}
		rest = slices.Delete(rest, at, at+1)
	}
	return append(front, back...)
}
