package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// life is when an item reached each state, as cumulative_flow tells.
type life struct {
	key     string
	created time.Time
	reached map[string]time.Time
}

// lives reads cumulative_flow: when each item began and left the work.
func (r *recount) lives() map[string]life {
	r.t.Helper()
	all := map[string]life{}
	for _, v := range r.rows("cumulative_flow", performance+"cumulative_flow") {
		one := life{key: v.Key, created: *v.From, reached: map[string]time.Time{}}
		for state, hours := range v.Parts {
			// Hours have six digits, which is four milliseconds.
			one.reached[state] = v.From.Add(time.Duration(hours * float64(time.Hour))).Round(10 * time.Millisecond)
		}
		all[v.ID] = one
	}
	return all
}

// in reports whether a moment is in the window.
func (r *recount) in(at time.Time) bool { return !at.Before(r.from) && at.Before(r.to) }

// flow counts the metrics of the flow again.
func (r *recount) flow() {
	r.t.Helper()
	r.items()
	r.elapsed("cycle_time")
	r.elapsed("lead_time")
	r.active()
	r.rework()
	r.throughput()
	r.balance()
	r.progress()
	r.ageing()
	r.expectation()
	r.cumulative()
	r.efficiency()
	r.little()
}

// items are counted by the export of work items, of the types that the query asks
// for, which were created until as_of.
func (r *recount) items() {
	r.t.Helper()
	total, incomplete := 0.0, 0.0
	lines := bufio.NewScanner(bytes.NewReader(r.s.get("/api/v1/projects/" + r.project + "/export/work-items?format=jsonl").body))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var item struct {
			Type       string
			CreatedAt  time.Time `json:"created_at"`
			Incomplete bool      `json:"history_incomplete"`
		}
		if err := json.Unmarshal(lines.Bytes(), &item); err != nil {
			r.t.Fatal(err)
		}
		if types := r.query["type"]; item.CreatedAt.After(r.asOf) || len(types) > 0 && !slices.Contains(types, item.Type) {
			continue
		}
		total++
		if item.Incomplete {
			incomplete++
		}
	}
	r.is("items.total", total)
	r.is("items.incomplete_histories", incomplete)
	r.is("unreadable_records", 0) // the vendors of these tests tell nothing else than they should
}

// elapsed counts the distribution of the time between two moments.
func (r *recount) elapsed(name string) {
	r.t.Helper()
	path := performance + name
	if r.without(path) {
		return
	}
	rows, days := r.rows(name, path), []float64{}
	for _, v := range rows {
		if math.Abs(*v.Value-v.To.Sub(*v.From).Hours()) > 1e-6 || !r.in(*v.To) {
			r.t.Errorf("%s of %s: %v hours from %v to %v", name, v.Key, *v.Value, v.From, v.To)
		}
		inclusive := math.Round(r.day(*v.To).Sub(r.day(*v.From)).Hours()/24) + 1
		if v.Parts["days_inclusive"] != inclusive {
			r.t.Errorf("%s of %s: %v days, want %v", name, v.Key, v.Parts["days_inclusive"], inclusive)
		}
		days = append(days, inclusive)
	}
	r.is(path+".n", float64(len(rows)))
	r.isWord(path+".state", stateFor(len(rows), 10))
	r.distribution(path, values(rows))
	r.distribution(path+".days_inclusive", days)
	r.histogram(path+".histogram", values(rows))
}

func (r *recount) histogram(path string, values []float64) {
	r.t.Helper()
	told := r.list(path)
	if len(values) < 10 {
		if len(told) > 0 {
			r.t.Errorf("%s has %d bars of %d values", path, len(told), len(values))
		}
		return
	}
	width := 672.0
	for _, w := range []float64{336, 168, 72, 48, 24, 12, 8, 4, 2, 1} {
		if rank(values, 0.95) < 20*w {
			width = w
		}
	}
	bars := min(20, int(slices.Max(values)/width))
	if len(told) != bars+1 {
		r.t.Errorf("%s has %d bars, want %d", path, len(told), bars+1)
	}
	for i := range told {
		at, from, to := fmt.Sprintf("%s[%d]", path, i), float64(i)*width, float64(i+1)*width
		r.is(at+".from", from)
		if i == 20 {
			to = math.Inf(1)
			r.is(at+".to", missing)
		} else {
			r.is(at+".to", to)
		}
		n := 0.0
		for _, v := range values {
			if v >= from && v < to {
				n++
			}
		}
		r.is(at+".count", n)
	}
}

func (r *recount) active() {
	r.t.Helper()
	path := performance + "active_cycle_time"
	if r.without(path) {
		return
	}
	rows := r.rows("active_cycle_time", path)
	for _, v := range rows {
		all := 0.0
		for _, hours := range v.Parts {
			all += hours
		}
		if math.Abs(all-*v.Value) > 1e-5 {
			r.t.Errorf("%s was active for %v hours, its states have %v", v.Key, *v.Value, all)
		}
	}
	r.is(path+".n", float64(len(rows)))
	r.distribution(path, values(rows))
}

func (r *recount) finished() []row { return r.rows("throughput", performance+"throughput") }

func (r *recount) rework() {
	r.t.Helper()
	n := float64(len(r.finished()))
	if path := performance + "rework_count"; !r.without(path) {
		rows := r.rows("rework_count", path)
		r.is(path+".n", n)
		if n > 0 {
			r.is(path+".moves", sum(values(rows)))
			r.is(path+".items", float64(len(rows)))
			r.is(path+".share", float64(len(rows))/n)
			r.is(path+".mean", sum(values(rows))/n)
		}
	}
	if path := performance + "reopened_count"; !r.without(path) {
		rows, items := r.rows("reopened_count", path), map[string]bool{}
		for _, v := range rows {
			items[v.ID] = true
			if !r.in(*v.From) || v.To.After(r.asOf) || math.Abs(*v.Value-v.To.Sub(*v.From).Hours()) > 1e-6 {
				r.t.Errorf("reopened: %+v", v)
			}
		}
		r.is(path+".n", n+float64(len(rows)))
		if n+float64(len(rows)) > 0 {
			r.is(path+".count", float64(len(rows)))
			r.is(path+".items", float64(len(items)))
			r.is(path+".share", float64(len(rows))/(n+float64(len(rows))))
		}
	}
}

func counted(rows []row, s span, detail string) (n float64) {
	for _, v := range rows {
		if s.has(*v.From) && (detail == "" || v.Detail == detail) {
			n++
		}
	}
	return n
}

func (r *recount) throughput() {
	r.t.Helper()
	path := performance + "throughput"
	if r.without(path) {
		return
	}
	rows, undone := r.finished(), r.rows("reopened_count", performance+"reopened_count")
	r.is(path+".n", float64(len(rows)))
	if len(rows) > 0 {
		r.is(path+".total", float64(len(rows)))
		r.is(path+".per_week", float64(len(rows))*7*24/r.to.Sub(r.from).Hours())
	}
	for i, s := range r.series(path + ".series") {
		at := fmt.Sprintf("%s.series[%d]", path, i)
		r.is(at+".finished", counted(rows, s, ""))
		r.isTrue(at+".restated", counted(undone, s, "") > 0)
	}
}

func (r *recount) moves() []row {
	return r.rows("arrivals_and_departures", performance+"arrivals_and_departures")
}

func (r *recount) balance() {
	r.t.Helper()
	path, rows := performance+"arrivals_and_departures", r.moves()
	r.is(path+".n", float64(len(rows)))
	needs := map[string]string{"created": "", "started": "work_in_progress", "finished": "throughput", "withdrawn": "throughput"}
	whole := span{from: r.from, to: r.to}
	steps := r.series(path + ".series")
	for name, metric := range needs {
		known := func(n float64) float64 {
			if metric != "" && r.text(performance+metric+".state") == "not_configured" {
				return missing
			}
			return n
		}
		if len(rows) > 0 {
			r.is(path+".total."+name, known(counted(rows, whole, name)))
		}
		for i, s := range steps {
			r.is(fmt.Sprintf("%s.series[%d].%s", path, i, name), known(counted(rows, s, name)))
		}
	}
}

// present are the items that were in progress in the window, with the time in it.
func (r *recount) present() []row { return r.rows("littles_law", performance+"littles_law") }

func (r *recount) progress() {
	r.t.Helper()
	path := performance + "work_in_progress"
	if r.without(path) {
		return
	}
	rows := r.rows("work_in_progress", path)
	r.is(path+".n", float64(len(rows)))
	if r.text(path+".state") != "ok" {
		return
	}
	r.is(path+".now", float64(len(rows)))
	for i, v := range r.list(path + ".by_state") {
		state := v.(map[string]any)["state"]
		r.is(fmt.Sprintf("%s.by_state[%d].count", path, i), float64(len(where(rows, func(v row) bool { return v.Detail == state }))))
	}
	for i, s := range r.series(path + ".series") {
		there := where(r.present(), func(v row) bool { return v.From.Before(s.to) && !v.To.Before(s.to) })
		r.is(fmt.Sprintf("%s.series[%d].items", path, i), float64(len(there)))
	}
	r.is(path+".mean", sum(values(r.present()))/r.to.Sub(r.from).Hours())
}

func (r *recount) ageing() {
	r.t.Helper()
	path := performance + "ageing"
	if r.without(path) {
		return
	}
	rows := r.rows("ageing", path)
	left := map[string][]float64{}
	now := where(rows, func(v row) bool { return strings.HasPrefix(v.Detail, "in ") })
	for _, v := range rows {
		if state, ok := strings.CutPrefix(v.Detail, "left "); ok {
			left[state] = append(left[state], *v.Value)
			if math.Abs(*v.Value-v.To.Sub(*v.From).Hours()) > 1e-6 {
				r.t.Errorf("ageing: %+v", v)
			}
		}
	}
	slices.SortStableFunc(now, func(a, b row) int { return a.From.Compare(*b.From) })
	over := 0.0
	for i, v := range now {
		state, at := strings.TrimPrefix(v.Detail, "in "), fmt.Sprintf("%s.items[%d]", path, i)
		age := r.asOf.Sub(*v.From).Hours()
		younger := 0.0
		for _, a := range left[state] {
			if a <= age {
				younger++
			}
		}
		is := len(left[state]) >= 10 && age > rank(left[state], 0.85)
		if is {
			over++
		}
		if i >= 100 {
			continue
		}
		r.isWord(at+".id", v.ID)
		r.is(at+".age", age)
		r.is(at+".percentile", enough(len(left[state]), younger/float64(len(left[state]))))
		if len(left[state]) >= 10 {
			r.isTrue(at+".over", is)
		}
	}
	for i, v := range r.list(path + ".states") {
		state, _ := v.(map[string]any)["state"].(string)
		at := fmt.Sprintf("%s.states[%d]", path, i)
		r.is(at+".n", float64(len(left[state])))
		for name, p := range map[string]float64{"p50": 0.5, "p70": 0.7, "p85": 0.85, "p95": 0.95} {
			r.is(at+"."+name, enough(len(left[state]), rank(left[state], p)))
		}
		r.is(at+".items", float64(len(where(now, func(v row) bool { return v.Detail == "in "+state }))))
		delete(left, state)
	}
	if len(left) > 0 {
		r.t.Errorf("%s.states leaves out %v", path, left)
	}
	r.is(path+".n", float64(len(now)))
	if len(now) > 0 {
		r.is(path+".over", over)
	}
	r.distribution(path+".age", values(now))
}

func (r *recount) expectation() {
	r.t.Helper()
	path := performance + "service_level_expectation"
	r.is(path+".probability", 0.85)
	if r.without(path) {
		return
	}
	rows, took := r.rows("service_level_expectation", path), values(r.rows("cycle_time", performance+"cycle_time"))
	for _, v := range rows {
		if v.To.Before(r.asOf.Add(-90*24*time.Hour)) || v.To.After(r.asOf) {
			r.t.Errorf("expectation: %+v", v)
		}
	}
	r.is(path+".n", float64(len(rows)))
	r.is(path+".finished", float64(len(took)))
	r.is(path+".value", enough(len(rows), rank(values(rows), 0.85)))
	if len(rows) < 10 {
		return
	}
	met := 0.0
	for _, v := range took {
		if v <= rank(values(rows), 0.85)+1e-6 {
			met++
		}
	}
	r.is(path+".met", met)
	r.is(path+".share", over(met, float64(len(took))))
}

func (r *recount) cumulative() {
	r.t.Helper()
	path := performance + "cumulative_flow"
	if r.without(path) {
		return
	}
	lives, days := r.lives(), r.spans("day")
	r.is(path+".n", float64(len(lives)))
	if len(lives) == 0 {
		return
	}
	if n := len(r.list(path + ".days")); n != len(days) {
		r.t.Fatalf("%s has %d days, want %d", path, n, len(days))
	}
	for i, d := range days {
		r.isWord(fmt.Sprintf("%s.days[%d]", path, i), d.date)
	}
	for i, v := range r.list(path + ".states") {
		state, _ := v.(map[string]any)["state"].(string)
		for d := range days {
			n := 0.0
			for _, one := range lives {
				if at, ok := one.reached[state]; ok && at.Before(days[d].to) {
					n++
				}
			}
			r.is(fmt.Sprintf("%s.states[%d].counts[%d]", path, i, d), n)
		}
	}
}

func (r *recount) efficiency() {
	r.t.Helper()
	path := performance + "flow_efficiency"
	if r.without(path) {
		return
	}
	rows := r.rows("flow_efficiency", path)
	r.is(path+".n", float64(len(rows)))
	active, wait, flagged := 0.0, 0.0, 0.0
	for i, v := range r.list(path + ".states") {
		state, at := v.(map[string]any), fmt.Sprintf("%s.states[%d]", path, i)
		a, w := sum(parts(rows, fmt.Sprint("active_hours in ", state["state"]))), sum(parts(rows, fmt.Sprint("wait_hours in ", state["state"])))
		r.is(at+".active_hours", a)
		r.is(at+".wait_hours", w)
		active, wait = active+a, wait+w
		if state["wait"] == false {
			flagged += w
		} else if a != 0 {
			r.t.Errorf("%s: %v hours of work in a wait state", at, a)
		}
	}
	for _, v := range rows {
		if total := v.Parts["active_hours"] + v.Parts["wait_hours"]; v.Value != nil && math.Abs(*v.Value-v.Parts["active_hours"]/total) > 1e-5 {
			r.t.Errorf("efficiency: %+v", v)
		}
	}
	if math.Abs(active-sum(parts(rows, "active_hours"))) > 1e-4 || math.Abs(wait-sum(parts(rows, "wait_hours"))) > 1e-4 {
		r.t.Errorf("the states have %v and %v hours, the items %v and %v", active, wait, sum(parts(rows, "active_hours")), sum(parts(rows, "wait_hours")))
	}
	if active+wait == 0 {
		active, wait, flagged = missing, missing, missing
	}
	r.is(path+".value", active/(active+wait))
	r.is(path+".active_hours", active)
	r.is(path+".wait_hours", wait)
	r.is(path+".flagged_hours", flagged)
}

// little counts Little's law, and the conditions of its agile form.
func (r *recount) little() {
	r.t.Helper()
	path := performance + "littles_law"
	if r.without(path) {
		return
	}
	rows, long := r.present(), r.to.Sub(r.from).Hours()
	done := r.rows("cycle_time", performance+"cycle_time")
	area, n := sum(values(rows)), float64(len(rows))
	r.is(path+".n", float64(len(done)))
	r.is(path+".identity.mean_items", area/long)
	r.is(path+".identity.items_per_day", n/long*24)
	r.is(path+".identity.hours_per_item", over(area, n))
	r.is(path+".identity.difference", over(0, n))
	if len(done) >= 10 {
		approx, measured := area/float64(len(done)), average(values(done))
		r.is(path+".approx_cycle_time", approx)
		r.is(path+".measured_cycle_time", measured)
		r.near(path+".gap", (approx-measured)/measured, 1e-4)
		if gap := (approx - measured) / measured; (r.text(path+".insight") != "") != (math.Abs(gap) > 0.2) {
			r.t.Errorf("a gap of %v: %q", gap, r.text(path+".insight"))
		}
	}
	lives, commitment, end := r.lives(), r.text("commitment_state"), r.text("done_state")
	begun := map[string]bool{} // in the window
	for _, v := range r.moves() {
		begun[v.ID] = begun[v.ID] || v.Detail == "started"
	}
	left, withdrawn := 0.0, 0.0
	for _, v := range r.moves() {
		if v.Detail == "finished" || v.Detail == "withdrawn" && (begun[v.ID] || lives[v.ID].reached[commitment].Before(lives[v.ID].reached[end])) {
			left++
			if v.Detail == "withdrawn" {
				withdrawn++
			}
		}
	}
	atFirst, atLast := []float64{}, []float64{}
	for _, v := range rows {
		started := lives[v.ID].reached[commitment]
		if started.Before(r.from) {
			atFirst = append(atFirst, r.from.Sub(started).Hours())
		}
		if gone, ok := lives[v.ID].reached[end]; !ok || !gone.Before(r.to) {
			atLast = append(atLast, r.to.Sub(started).Hours())
		}
	}
	r.condition(path, 0, "arrivals_equal_departures", counted(r.moves(), span{from: r.from, to: r.to}, "started"), left)
	r.condition(path, 1, "all_started_work_finishes", left, left-withdrawn)
	r.condition(path, 2, "equal_work_in_progress", float64(len(atFirst)), float64(len(atLast)))
	r.condition(path, 3, "stable_age", zeroFor(average(atFirst)), zeroFor(average(atLast)))
	r.isWord(path+".conditions[4].name", "consistent_units")
}

func zeroFor(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

func (r *recount) condition(path string, i int, name string, first, second float64) {
	r.t.Helper()
	at := fmt.Sprintf("%s.conditions[%d]", path, i)
	r.isWord(at+".name", name)
	r.is(at+".first", first)
	r.is(at+".second", second)
	holds := math.Abs(first-second) <= 0.1*max(first, second)
	if i == 1 {
		holds = first == second
	}
	r.isTrue(at+".holds", holds)
}
