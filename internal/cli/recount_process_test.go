package cli_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const miningPath = "workflow_analysis.process_mining"

// trace is a case, from its events.
type trace struct {
	key    string
	states []string
	times  []time.Time
	open   bool // it is not over
}

func (t *trace) took() float64 { return t.times[len(t.times)-1].Sub(t.times[0]).Hours() }

// traces reads the events that process_mining lists into cases.
func (r *recount) traces(rows []row) (all []trace) {
	r.t.Helper()
	done := r.text("done_state")
	lives := map[string]life{}
	if done != "" {
		lives = r.lives()
	}
	for i, v := range rows {
		if i == 0 || rows[i-1].ID != v.ID {
			all = append(all, trace{key: v.Key})
		}
		t := &all[len(all)-1]
		t.states, t.times = append(t.states, v.Detail), append(t.times, *v.From)
		_, left := lives[v.ID].reached[done]
		t.open = v.To == nil && !left
		if end := orElse(v.To, r.asOf); v.From.After(r.asOf) || *v.Value-end.Sub(*v.From).Hours() > 1e-6 {
			r.t.Errorf("an event: %+v", v)
		}
	}
	return all
}

// process counts the process again from its events.
func (r *recount) process() {
	r.t.Helper()
	rows := r.rows("process_mining", miningPath)
	traces := r.traces(rows)
	r.is(miningPath+".n", float64(len(traces)))
	r.is(miningPath+".events", float64(len(rows)))
	r.is(miningPath+".inductive_model.n", float64(len(traces)))
	open, took := 0, []float64{}
	for i := range traces {
		if traces[i].open {
			open++
			continue
		}
		took = append(took, traces[i].took())
	}
	r.is(miningPath+".open_cases", float64(open))
	r.is(miningPath+".case_duration.n", float64(len(took)))
	if len(took) < 10 {
		took = nil
	}
	r.durations(miningPath+".case_duration", took)
	r.variants(traces)
	f := followsOf(traces)
	r.graph(f)
	r.repeated(traces)
	r.heuristics(f)
	r.conformance(traces)
}

func (r *recount) durations(at string, hours []float64) {
	r.t.Helper()
	mean := missing
	if len(hours) > 0 {
		mean = average(hours)
	}
	r.is(at+".mean_hours", mean)
	r.is(at+".median_hours", rank(hours, 0.5))
	r.is(at+".p85_hours", rank(hours, 0.85))
}

func (r *recount) variants(traces []trace) {
	r.t.Helper()
	const path = miningPath + ".variants"
	const arrow = " → "
	of := map[string][]trace{}
	for i := range traces {
		way := strings.Join(traces[i].states, arrow)
		of[way] = append(of[way], traces[i])
	}
	ways := slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(of[b]), len(of[a])), slices.Compare(strings.Split(a, arrow), strings.Split(b, arrow)))
	})
	r.is(path+".total", float64(len(ways)))
	all, before := float64(len(traces)), 0.0
	if told := r.list(path + ".list"); len(told) != min(20, len(ways)) {
		r.t.Fatalf("%d variants are listed, want %d", len(told), min(20, len(ways)))
	}
	for i, way := range ways[:min(20, len(ways))] {
		at, states, took := fmt.Sprintf("%s.list[%d]", path, i), strings.Split(way, arrow), []float64{}
		n := float64(len(of[way]))
		before += n
		for _, t := range of[way] {
			if !t.open {
				took = append(took, t.took())
			}
		}
		told := []string{}
		for j := range r.list(at + ".activities") {
			told = append(told, r.text(fmt.Sprintf("%s.activities[%d]", at, j)))
		}
		if !slices.Equal(told, states) {
			r.t.Errorf("%s is %v, want %v", at, told, states)
		}
		r.is(at+".length", float64(len(states)))
		r.is(at+".count", n)
		r.is(at+".share", n/all)
		r.is(at+".cumulative_share", before/all)
		r.durations(at, took)
		if i < 5 {
			r.same(at, fmt.Sprintf("%s.common_workflows[%d]", miningPath, i))
		}
	}
	if n := len(r.list(miningPath + ".common_workflows")); n != min(5, len(ways)) {
		r.t.Errorf("%d common workflows of %d", n, len(ways))
	}
	for i, share := range []float64{0.5, 0.8, 0.95, 1} {
		at, n, cases := fmt.Sprintf("%s.coverage[%d]", path, i), 0, 0.0
		for n < len(ways) && (cases < share*all || n == 0) {
			cases += float64(len(of[ways[n]]))
			n++
		}
		r.is(at+".share", share)
		r.is(at+".variants", float64(n))
	}
}

// follows is what follows what.
type follows struct {
	hours         map[[2]string][]float64 // of each direct succession
	cases         map[[2]string]float64   // with it
	events, holds map[string]float64      // of each activity, and cases with it
	start, end    map[string]float64
	twos          map[[2]string]float64 // a, b and a again
}

func followsOf(traces []trace) *follows {
	f := &follows{
		hours: map[[2]string][]float64{}, cases: map[[2]string]float64{}, events: map[string]float64{}, holds: map[string]float64{},
		start: map[string]float64{}, end: map[string]float64{}, twos: map[[2]string]float64{},
	}
	for i := range traces {
		t, seen, been := &traces[i], map[[2]string]bool{}, map[string]bool{}
		f.start[t.states[0]]++
		f.end[t.states[len(t.states)-1]]++
		for k, s := range t.states {
			f.events[s]++
			been[s] = true
			if k > 0 {
				pair := [2]string{t.states[k-1], s}
				f.hours[pair] = append(f.hours[pair], t.times[k].Sub(t.times[k-1]).Hours())
				seen[pair] = true
			}
			if k > 1 && t.states[k-2] == s && t.states[k-1] != s {
				f.twos[[2]string{s, t.states[k-1]}]++
			}
		}
		for pair := range seen {
			f.cases[pair]++
		}
		for s := range been {
			f.holds[s]++
		}
	}
	return f
}

func (r *recount) graph(f *follows) {
	r.t.Helper()
	r.is(miningPath+".activities_total", float64(len(f.events)))
	r.is(miningPath+".transitions_total", float64(len(f.hours)))
	for name, want := range map[string]int{"activities": len(f.events), "transitions": len(f.hours), "start": len(f.start), "end": len(f.end)} {
		if n := len(r.list(miningPath + "." + name)); n != want {
			r.t.Errorf("%d %s are listed, want %d", n, name, want)
		}
	}
	for i := range r.list(miningPath + ".activities") {
		at := fmt.Sprintf("%s.activities[%d]", miningPath, i)
		r.is(at+".count", f.events[r.text(at+".name")])
		r.is(at+".cases", f.holds[r.text(at+".name")])
	}
	for name, counts := range map[string]map[string]float64{"start": f.start, "end": f.end} {
		for i := range r.list(miningPath + "." + name) {
			at := fmt.Sprintf("%s.%s[%d]", miningPath, name, i)
			r.is(at+".count", counts[r.text(at+".name")])
		}
	}
	for i := range r.list(miningPath + ".transitions") {
		at := fmt.Sprintf("%s.transitions[%d]", miningPath, i)
		pair := [2]string{r.text(at + ".from"), r.text(at + ".to")}
		r.is(at+".count", float64(len(f.hours[pair])))
		r.is(at+".cases", f.cases[pair])
		r.durations(at, f.hours[pair])
	}
}

func (r *recount) repeated(traces []trace) {
	r.t.Helper()
	const path = miningPath + ".rework"
	type repeat struct{ cases, repeats, loops float64 }
	of, cases := map[string]*repeat{}, 0.0
	for i := range traces {
		times := map[string]int{}
		for k, s := range traces[i].states {
			if times[s]++; times[s] == 1 {
				continue
			}
			if of[s] == nil {
				of[s] = &repeat{}
			}
			of[s].repeats++
			if times[s] == 2 {
				of[s].cases++
			}
			if traces[i].states[k-1] == s {
				of[s].loops++
			}
		}
		if len(times) < len(traces[i].states) {
			cases++
		}
	}
	repeats, loops := 0.0, 0.0
	for _, v := range of {
		repeats, loops = repeats+v.repeats, loops+v.loops
	}
	r.is(path+".cases", cases)
	r.is(path+".share", over(cases, float64(len(traces))))
	r.is(path+".repeats", repeats)
	r.is(path+".self_loops", loops)
	if n := len(r.list(path + ".activities")); n != len(of) {
		r.t.Errorf("%d activities are repeated, want %d", n, len(of))
	}
	for i := range r.list(path + ".activities") {
		at := fmt.Sprintf("%s.activities[%d]", path, i)
		v := of[r.text(at+".name")]
		if v == nil {
			r.t.Errorf("%s is repeated nowhere", r.text(at+".name"))
			continue
		}
		r.is(at+".cases", v.cases)
		r.is(at+".repeats", v.repeats)
		r.is(at+".self_loops", v.loops)
	}
}

// heuristics counts the measures of the dependencies; "" is before the first
// event of a case, and after its last.
func (r *recount) heuristics(f *follows) {
	r.t.Helper()
	const path = miningPath + ".heuristics_net"
	for name, v := range map[string]float64{"dependency": 0.9, "self_loop": 0.9, "two_loop": 0.9, "relative_to_best": 0.05, "and": 0.1} {
		r.is(path+".thresholds."+name, v)
	}
	then := func(a, b string) float64 { return float64(len(f.hours[[2]string{a, b}])) }
	loops := map[[2]string]bool{}
	for i := range r.list(path + ".dependencies") {
		at := fmt.Sprintf("%s.dependencies[%d]", path, i)
		a, b := r.text(at+".from"), r.text(at+".to")
		forth, back := then(a, b), then(b, a)
		value := (forth - back) / (forth + back + 1)
		kind := r.text(at + ".kind")
		switch twos := f.twos[[2]string{a, b}] + f.twos[[2]string{b, a}]; {
		case a == b:
			value = forth / (forth + 1)
		case kind == "two_loop":
			value = twos / (twos + 1)
		}
		if (kind == "best") == (value >= 0.9) && kind != "best" {
			r.t.Errorf("%s is there by %s with %v", at, kind, value)
		}
		loops[[2]string{a, b}] = true
		r.is(at+".count", forth)
		r.is(at+".dependency", value)
	}
	r.is(path+".total", float64(len(r.list(path+".dependencies"))))
	for pair, hours := range f.hours { // what reaches the threshold is there
		n, back := float64(len(hours)), then(pair[1], pair[0])
		value := (n - back) / (n + back + 1)
		if pair[0] == pair[1] {
			value = n / (n + 1)
		}
		if value >= 0.9 && !loops[pair] {
			r.t.Errorf("the net lacks %v, whose measure is %v", pair, value)
		}
	}
	for name, counts := range map[string]map[string]float64{"start": f.start, "end": f.end} {
		for i := range r.list(path + "." + name) {
			at := fmt.Sprintf("%s.%s[%d]", path, name, i)
			n := counts[r.text(at+".to")+r.text(at+".from")]
			r.is(at+".count", n)
			r.is(at+".dependency", n/(n+1))
		}
	}
}

// step of the configured workflow.
type meant struct {
	name     string
	optional bool
}

// meant returns the states that a case is meant to be in, and the place of done.
func (r *recount) meant() (states []meant, done int) {
	r.t.Helper()
	// Used are states that any item ever was in, whatever the window.
	whole := &recount{t: r.t, s: r.s, project: r.project, page: mostRows, kept: map[string][]row{}, asOf: r.asOf, query: map[string][]string{"as_of": {r.text("as_of")}}}
	if types := r.query["type"]; len(types) > 0 {
		whole.query["type"] = types
	}
	whole.report = whole.ask(nil)
	used := map[string]bool{}
	for _, name := range r.waits {
		used[name] = true
	}
	for _, v := range whole.rows("process_mining", miningPath) {
		used[v.Detail] = true
	}
	begun, ends := false, 0
	ended := []bool{}
	for i := range r.list("states") {
		at := fmt.Sprintf("states[%d]", i)
		is := r.text(at+".category") == "done"
		if is {
			ends++
		}
		ended = append(ended, is)
	}
	for i := range r.list("states") {
		name := r.text(fmt.Sprintf("states[%d].name", i))
		begun = begun || name == r.text("commitment_state")
		if name == r.text("done_state") {
			done = i
		}
		states = append(states, meant{name, !used[name] || !begun && !ended[i] || ended[i] && ends > 1})
	}
	return states, done
}

// conformance aligns each case with the states as they are meant to follow.
func (r *recount) conformance(traces []trace) {
	r.t.Helper()
	const path = miningPath + ".conformance"
	if r.without(path) {
		return
	}
	states, done := r.meant()
	place := map[string]int{}
	asked := 0
	for i, s := range states {
		place[s.name] = i
		if !s.optional {
			asked++
		}
	}
	type deviation struct{ kind, from, state string }
	counts, inCases := map[deviation]float64{}, map[deviation]float64{}
	n, open, conforming, cost, worst, fit := 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
	for i := range traces {
		t := &traces[i]
		if t.open {
			open++
			continue
		}
		n++
		c, w := alignment(t.states, states, place), float64(len(t.states)+asked)
		cost, worst, fit = cost+c, worst+w, fit+1-c/w
		if c == 0 {
			conforming++
		}
		found := map[deviation]float64{}
		been := map[string]bool{}
		for k, s := range t.states {
			been[s] = true
			if k == 0 || place[t.states[k-1]] < place[s] {
				continue
			}
			d := deviation{"backward_move", t.states[k-1], s}
			switch {
			case d.from == d.state:
				d.kind = "repeated_state"
			case place[d.from] >= done && place[s] < done:
				d.kind = "reopened"
			}
			found[d]++
		}
		for _, s := range states {
			if !s.optional && !been[s.name] {
				found[deviation{"skipped_state", "", s.name}]++
			}
		}
		for d, times := range found {
			counts[d] += times
			inCases[d]++
		}
		if (len(found) == 0) != (c == 0) {
			r.t.Errorf("%s costs %v and has %v", t.key, c, found)
		}
	}
	r.is(path+".n", n)
	r.is(path+".open_cases", open)
	r.is(path+".conforming_cases", conforming)
	r.is(path+".cost", cost)
	r.is(path+".worst_cost", worst)
	r.is(path+".conforming_share", over(conforming, n))
	r.is(path+".fitness", 1-over(cost, worst))
	r.is(path+".mean_fitness", over(fit, n))
	r.is(path+".deviations_total", float64(len(counts)))
	if told := len(r.list(path + ".deviations")); told != min(100, len(counts)) {
		r.t.Errorf("%d deviations are listed, want %d", told, len(counts))
	}
	for i := range r.list(path + ".deviations") {
		at := fmt.Sprintf("%s.deviations[%d]", path, i)
		from, _ := r.at(at).(map[string]any)["from"].(string)
		d := deviation{r.text(at + ".kind"), from, r.text(at + ".state")}
		r.is(at+".count", counts[d])
		r.is(at+".cases", inCases[d])
	}
}

// alignment is the least cost of a case: events that have no place, and states
// that are missing.
func alignment(events []string, states []meant, place map[string]int) float64 {
	// cost[j] is the least of the events so far when the states before j are
	// passed.
	cost := make([]float64, len(states)+1)
	for j := range states {
		cost[j+1] = cost[j]
		if !states[j].optional {
			cost[j+1]++
		}
	}
	for _, e := range events {
		next := make([]float64, len(cost))
		next[0] = cost[0] + 1
		for j := range states {
			skip := 1.0
			if states[j].optional {
				skip = 0
			}
			next[j+1] = min(cost[j+1]+1, next[j]+skip)
			if place[e] == j {
				next[j+1] = min(next[j+1], cost[j])
			}
		}
		cost = next
	}
	return cost[len(states)]
}
