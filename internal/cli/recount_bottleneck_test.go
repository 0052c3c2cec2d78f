package cli_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// load is what a state took in and let go, counted from its visits.
type load struct {
	visits           []row // that the window touches
	in, out          []float64
	before, arrivals float64
	ended            []float64 // how long visits took that ended
	endedHeld        []float64
	hours, held      float64
	heldBy           []float64 // by week
	open             []row
}

// loads counts all states.
func (r *recount) loads(path string, weeks []span) map[string]*load {
	all := map[string]*load{}
	for _, v := range r.rows("bottlenecks", path) {
		l := all[v.Group]
		if l == nil {
			l = &load{in: make([]float64, len(weeks)), out: make([]float64, len(weeks)), heldBy: make([]float64, len(weeks))}
			all[v.Group] = l
		}
		r.visit(l, v, weeks)
	}
	return all
}

func (r *recount) visit(l *load, v row, weeks []span) {
	end := orElse(v.To, r.asOf)
	if math.Abs(*v.Value-end.Sub(*v.From).Hours()) > 1e-6 {
		r.t.Errorf("a visit of %s to %s: %v hours, want %v", v.Key, v.Group, *v.Value, end.Sub(*v.From).Hours())
	}
	if v.To == nil {
		l.open = append(l.open, v)
	}
	if !v.From.Before(r.to) || end.Before(r.from) {
		return
	}
	l.visits = append(l.visits, v)
	l.hours += within(*v.From, end, r.from, r.to)
	l.held += v.Parts["held_hours"]
	for w, s := range weeks {
		if !v.From.Before(r.from) && s.has(*v.From) {
			l.in[w]++
			l.arrivals++
		}
		if v.To != nil && s.has(*v.To) {
			l.out[w]++
		}
		switch whole := math.Abs(v.Parts["held_hours_of_visit"]-*v.Value) < 1e-6; {
		case whole:
			l.heldBy[w] += within(*v.From, end, s.from, s.to)
		default:
			l.heldBy[w] += v.Parts["held_hours of "+s.date]
		}
	}
	if v.From.Before(r.from) {
		l.before++
	}
	if v.To != nil && v.To.Before(r.to) {
		l.ended, l.endedHeld = append(l.ended, *v.Value), append(l.endedHeld, v.Parts["held_hours_of_visit"])
	}
}

// bottleneck counts the state of the bottleneck again, and draws its confidences
// with numbers of its own.
func (r *recount) bottleneck() {
	r.t.Helper()
	const path = "workflow_analysis.process_mining.bottlenecks"
	weeks := r.spans("week")
	loads := r.loads(path, weeks)
	days := r.to.Sub(r.from).Hours() / 24
	r.is(path+".weeks", float64(len(weeks)))
	r.is(path+".seed", r.seed())
	doing, waiting, total, n := []string{}, []string{}, 0.0, 0
	for _, v := range r.list(path + ".states") {
		state := v.(map[string]any)
		name, _ := state["state"].(string)
		if loads[name] == nil {
			loads[name] = &load{in: make([]float64, len(weeks)), out: make([]float64, len(weeks)), heldBy: make([]float64, len(weeks))}
		}
		if state["in_progress"] == true {
			doing = append(doing, name)
			total += loads[name].held
			n += len(loads[name].visits)
			if state["wait"] == true {
				waiting = append(waiting, name)
			}
		}
	}
	for i, v := range r.list(path + ".states") {
		name, _ := v.(map[string]any)["state"].(string)
		held := missing
		if slices.Contains(doing, name) {
			held = loads[name].held
		}
		r.state(fmt.Sprintf("%s.states[%d]", path, i), loads[name], weeks, days, held, total)
	}
	r.waiting(path+".waiting", loads, doing, total)
	configured := r.text(path+".state") != "not_configured"
	if !configured {
		r.zeros(path, r.at(path))
		return
	}
	r.is(path+".n", float64(n))
	if r.text(path+".state") != "ok" {
		r.is(path+".draws", 0)
		r.zeros(path, r.at(path))
		return
	}
	r.is(path+".draws", 500)
	order := slices.DeleteFunc(slices.Clone(doing), func(name string) bool { return loads[name].held <= 0 })
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(loads[b].held, loads[a].held) })
	leads, confident := drawWeeks(order, loads, len(weeks))
	r.suspect(path+".largest_wait", path, order[0], leads[0], confident[0])
	if 2*growing(loads[order[0]]) >= float64(len(weeks)) {
		r.same(path+".largest_wait", path+".constraint")
	} else if r.at(path+".constraint") != nil {
		r.t.Errorf("a constraint of which the queue does not grow: %v", r.at(path+".constraint"))
	}
	if len(order) > 1 {
		r.suspect(path+".runner_up", path, order[1], leads[1], confident[1])
	}
	if len(waiting) == 0 {
		waiting = doing
	}
	r.relief(path+".relief", order[0], loads, slices.DeleteFunc(slices.Clone(waiting), func(name string) bool { return name == order[0] }))
}

func (r *recount) seed() float64 {
	if r.query.Get("seed") == "" {
		return 0
	}
	var seed float64
	_, _ = fmt.Sscan(r.query.Get("seed"), &seed)
	return seed
}

func growing(l *load) (n float64) {
	for w := range l.in {
		if l.in[w] > l.out[w] {
			n++
		}
	}
	return n
}

func (r *recount) state(at string, l *load, weeks []span, days, held, total float64) {
	r.t.Helper()
	departures := float64(len(l.ended))
	r.is(at+".arrivals", l.arrivals)
	r.is(at+".departures", departures)
	r.is(at+".arrival_rate", over(l.arrivals, days))
	r.is(at+".departure_rate", over(departures, days))
	r.is(at+".growth", over(l.arrivals-departures, days))
	r.is(at+".mean_items", over(l.hours, days*24))
	r.is(at+".hours", l.hours)
	r.is(at+".held_hours", held)
	r.is(at+".share", over(held, total))
	r.is(at+".mean_visit", enough(len(l.ended), average(l.ended)))
	r.is(at+".p85_visit", enough(len(l.ended), rank(l.ended, 0.85)))
	r.is(at+".growing_weeks", growing(l))
	r.is(at+".growing_share", over(growing(l), float64(len(weeks))))
	r.is(at+".now", float64(len(l.open)))
	old := 0.0
	for _, v := range l.open {
		if *v.Value > rank(l.ended, 0.85) {
			old++
		}
	}
	r.is(at+".ageing", enough(len(l.ended), old))
	if len(weeks) < 4 {
		if r.at(at+".queue") != nil {
			r.t.Errorf("%s.queue is there of %d weeks", at, len(weeks))
		}
		return
	}
	queue, n := []float64{}, l.before
	for w := range weeks {
		n += l.in[w] - l.out[w]
		queue = append(queue, n)
	}
	queue = queue[max(0, len(queue)-26):]
	slope, p := steepness(queue), chance(queue)
	r.is(at+".queue.weeks", float64(len(queue)))
	r.is(at+".queue.slope", slope)
	r.is(at+".queue.p", p)
	r.isWord(at+".queue.direction", heading(slope, p, rank(queue, 0.5)))
}

func (r *recount) suspect(at, path, name string, leads, confident float64) {
	r.t.Helper()
	if r.at(at) == nil {
		r.t.Errorf("%s is null, want %s", at, name)
		return
	}
	r.isWord(at+".state", name)
	for i, v := range r.list(path + ".states") {
		if v.(map[string]any)["state"] == name {
			for _, key := range []string{"share", "growing_weeks", "growing_share", "growth", "mean_visit", "p85_visit", "ageing"} {
				r.same(fmt.Sprintf("%s.states[%d].%s", path, i, key), at+"."+key)
			}
		}
	}
	// 500 draws are true to four standard deviations of 0.022.
	r.near(at+".leads", leads, 0.09)
	r.near(at+".confidence", confident, 0.09)
}

// drawWeeks draws weeks with replacement, and returns for each state in which
// share of the draws it holds the most, and is the constraint.
func drawWeeks(order []string, loads map[string]*load, weeks int) (leads, confident []float64) {
	const draws = 20_000
	random := rand.New(rand.NewPCG(11, 12))
	leads, confident = make([]float64, len(order)), make([]float64, len(order))
	for range draws {
		held, grows := make([]float64, len(order)), make([]float64, len(order))
		for range weeks {
			w := random.IntN(weeks)
			for i, name := range order {
				held[i] += loads[name].heldBy[w]
				if loads[name].in[w] > loads[name].out[w] {
					grows[i]++
				}
			}
		}
		best := slices.Index(held, slices.Max(held))
		leads[best] += 1.0 / draws
		if 2*grows[best] >= float64(weeks) {
			confident[best] += 1.0 / draws
		}
	}
	return leads, confident
}

func (r *recount) relief(path, state string, loads map[string]*load, others []string) {
	r.t.Helper()
	rows := r.rows("bottleneck_relief", path)
	done := r.rows("cycle_time", performance+"cycle_time")
	r.is(path+".n", float64(len(done)))
	waits := []float64{}
	for _, name := range others {
		if l := loads[name]; len(l.ended) >= 10 {
			waits = append(waits, average(l.endedHeld))
		}
	}
	own, other := average(loads[state].endedHeld), rank(waits, 0.5)
	if len(done) < 10 || len(loads[state].ended) < 10 || len(waits) == 0 {
		own, other = missing, missing
	}
	r.is(path+".mean_wait", own)
	r.is(path+".other_wait", other)
	if math.IsNaN(own) || own <= other {
		for _, name := range []string{"scale", "p85_before", "p85_after"} {
			r.is(path+"."+name, missing)
		}
		return
	}
	scale := other / own
	r.is(path+".scale", scale)
	for i, v := range rows {
		if *done[i].Value != v.Parts["cycle_hours"] || math.Abs(*v.Value-(v.Parts["cycle_hours"]-(1-scale)*v.Parts["held_hours"])) > 1e-4 {
			r.t.Errorf("relief: %+v", v)
		}
	}
	r.is(path+".p85_before", rank(parts(rows, "cycle_hours"), 0.85))
	r.is(path+".p85_after", rank(values(rows), 0.85))
}

func (r *recount) waiting(path string, loads map[string]*load, doing []string, total float64) {
	r.t.Helper()
	rows := r.rows("bottleneck_waiting", path)
	unassigned, n := 0.0, len(rows)
	for _, name := range doing {
		unassigned += sum(parts(loads[name].visits, "unassigned_hours"))
		if r.text(path+".state") == "ok" {
			n += len(where(loads[name].visits, func(v row) bool { return v.Parts["held_hours"] > 0 }))
		}
	}
	if total == 0 || r.text(path+".state") != "ok" {
		total, unassigned = missing, missing
	}
	r.is(path+".n", float64(n))
	r.is(path+".hours", total)
	r.is(path+".unassigned_hours", unassigned)
	r.is(path+".unassigned_share", unassigned/total)
	for name, group := range map[string]string{"for_team": "team", "for_person": "person", "other": "other", "for_review": "review", "for_deploy": "deploy"} {
		n := float64(len(where(rows, func(v row) bool { return v.Group == group })))
		if name == "for_deploy" && n == 0 && r.at(path+".now.for_deploy") == nil {
			n = missing // no deployment is known
		}
		r.is(path+".now."+name, n)
	}
}

// steepness is the median of the slopes between all pairs (Theil and Sen).
func steepness(values []float64) float64 {
	slopes := []float64{}
	for i := range values {
		for j := range i {
			slopes = append(slopes, (values[i]-values[j])/float64(i-j))
		}
	}
	return rank(slopes, 0.5)
}

// chance is how likely a trend as clear is when there is none (Mann and Kendall):
// by counting orders where no two values are equal, else by the normal
// distribution.
func chance(values []float64) float64 {
	n, s := len(values), 0
	ties := map[float64]int{}
	for i := range values {
		ties[values[i]]++
		for j := range i {
			s += cmp.Compare(values[i], values[j])
		}
	}
	s = max(s, -s)
	if len(ties) == n && n <= 33 {
		return min(1, atLeastAsClear(n, s))
	}
	variance := float64(n*(n-1)*(2*n+5)) / 18
	for _, t := range ties {
		variance -= float64(t*(t-1)*(2*t+5)) / 18
	}
	if variance == 0 || s == 0 {
		return 1
	}
	return 2 * 0.5 * math.Erfc(float64(s-1)/math.Sqrt(variance)/math.Sqrt2)
}

// atLeastAsClear returns the share of all orders of n values of which the pairs
// that rise and the pairs that fall differ by s or more.
func atLeastAsClear(n, s int) float64 {
	shares := map[int]float64{0: 1} // by rising less falling pairs
	for k := 1; k < n; k++ {
		next := map[int]float64{}
		for d, p := range shares {
			for rising := range k + 1 {
				next[d+rising-(k-rising)] += p / float64(k+1)
			}
		}
		shares = next
	}
	total := 0.0
	for d, p := range shares {
		if max(d, -d) >= s {
			total += p
		}
	}
	return total
}

func heading(slope, p, middle float64) string {
	switch {
	case p >= 0.1 || math.Abs(slope) <= 0.05*math.Abs(middle):
		return "stable"
	case slope > 0:
		return "up"
	}
	return "down"
}
