package workflow

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// reader counts a report again from what it explains, as anybody could who has
// its JSON alone.
type reader struct {
	t      *testing.T
	report map[string]any
}

func (r *reader) metric(path string) map[string]any {
	r.t.Helper()
	at := r.report
	for key := range strings.SplitSeq(path, ".") {
		next, ok := at[key].(map[string]any)
		if !ok {
			r.t.Fatalf("there is no %s", path)
		}
		at = next
	}
	return at
}

type explainedRow struct {
	ID, Key, Detail string
	From, To        *time.Time
	Value           *float64
	Parts           map[string]float64
}

func (r *reader) rows(metric map[string]any) []explainedRow {
	r.t.Helper()
	text, err := json.Marshal(metric["explain"])
	if err != nil {
		r.t.Fatal(err)
	}
	var explain struct {
		Rows    []explainedRow
		HasMore bool `json:"has_more"`
	}
	if err := json.Unmarshal(text, &explain); err != nil || explain.HasMore || len(explain.Rows) == 0 {
		r.t.Fatalf("explained by %d rows, and more %v: %v", len(explain.Rows), explain.HasMore, err)
	}
	return explain.Rows
}

func (r *reader) same(what string, told any, counted float64) {
	r.t.Helper()
	if v, ok := told.(float64); !ok || math.Abs(v-counted) > 2e-6*max(1, math.Abs(counted)) {
		r.t.Errorf("%s is told as %v and counted as %v", what, told, counted)
	}
}

// linear is the percentile of type 7, written down once more.
func linear(values []float64, p float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	k := float64(len(sorted)-1) * p
	low, high := int(math.Floor(k)), int(math.Ceil(k))
	return sorted[low] + (k-float64(low))*(sorted[high]-sorted[low])
}

func (r *reader) distribution(what string, told map[string]any, values []float64) {
	r.t.Helper()
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	for name, want := range map[string]float64{
		"p50": linear(values, 0.5), "p70": linear(values, 0.7), "p85": linear(values, 0.85), "p95": linear(values, 0.95),
		"mean": sum / float64(len(values)), "min": slices.Min(values), "max": slices.Max(values),
	} {
		r.same(what+"."+name, told[name], want)
	}
}

func valuesOf(rows []explainedRow, wanted func(explainedRow) bool) []float64 {
	values := []float64{}
	for _, row := range rows {
		if wanted == nil || wanted(row) {
			values = append(values, *row.Value)
		}
	}
	return values
}

func total(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}

func explainedReport(t *testing.T) *reader {
	t.Helper()
	log := manyItems(500, 3)
	q := manyQuery()
	q.From, q.To, q.AsOf = q.From.AddDate(0, 6, 0), q.To.AddDate(0, -2, 0), q.To.AddDate(0, -2, 0)
	q.Explain = &ExplainQuery{Limit: 100_000}
	r := &reader{t: t}
	if err := json.Unmarshal(bytesOf(t, Compute(log, Configure(waiting(), log), q)), &r.report); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTimesFromExplain(t *testing.T) {
	t.Parallel()
	r := explainedReport(t)
	for _, name := range []string{"cycle_time", "lead_time", "active_cycle_time"} {
		m := r.metric("workflow_analysis.performance_metrics." + name)
		rows := r.rows(m)
		r.same(name+".n", m["n"], float64(len(rows)))
		r.distribution(name, m, valuesOf(rows, nil))
		days := []float64{}
		for _, row := range rows {
			if name == "active_cycle_time" {
				sum := 0.0
				for _, part := range row.Parts {
					sum += part
				}
				r.same(row.Key, *row.Value, sum)
				continue
			}
			r.same(row.Key, *row.Value, row.To.Sub(*row.From).Hours())
			days = append(days, row.Parts["days_inclusive"])
		}
		if name != "active_cycle_time" {
			inclusive, _ := m["days_inclusive"].(map[string]any)
			r.distribution(name+".days_inclusive", inclusive, days)
		}
	}
	m := r.metric("workflow_analysis.performance_metrics.service_level_expectation")
	r.same("the expectation", m["value"], linear(valuesOf(r.rows(m), nil), 0.85))
	met := valuesOf(r.rows(r.metric("workflow_analysis.performance_metrics.cycle_time")), func(row explainedRow) bool { return *row.Value <= m["value"].(float64) })
	r.same("met", m["met"], float64(len(met)))
}

func TestCountsFromExplain(t *testing.T) {
	t.Parallel()
	r := explainedReport(t)
	in := func(rows []explainedRow, step map[string]any, detail string) float64 {
		n := 0
		for _, row := range rows {
			at := row.From.UTC().Format("2006-01-02T15:04:05.000000")
			from, _ := step["from"].(string)
			to, _ := step["to"].(string)
			if (detail == "" || row.Detail == detail) && at >= strings.TrimSuffix(from, "Z") && at < strings.TrimSuffix(to, "Z") {
				n++
			}
		}
		return float64(n)
	}
	throughput := r.metric("workflow_analysis.performance_metrics.throughput")
	finished := r.rows(throughput)
	r.same("throughput", throughput["total"], float64(len(finished)))
	balance := r.metric("workflow_analysis.performance_metrics.arrivals_and_departures")
	moves := r.rows(balance)
	for _, s := range throughput["series"].([]any) {
		step, _ := s.(map[string]any)
		r.same(fmt.Sprint("finished on ", step["date"]), step["finished"], in(finished, step, ""))
	}
	for _, s := range balance["series"].([]any) {
		step, _ := s.(map[string]any)
		for _, what := range movedWhat {
			r.same(fmt.Sprint(what, " on ", step["date"]), step[what], in(moves, step, what))
		}
	}

	wip := r.metric("workflow_analysis.performance_metrics.work_in_progress")
	now := r.rows(wip)
	r.same("work in progress", wip["now"], float64(len(now)))
	for _, s := range wip["by_state"].([]any) {
		state, _ := s.(map[string]any)
		inState := valuesOf(now, func(row explainedRow) bool { return row.Detail == state["state"] })
		r.same(fmt.Sprint("in ", state["state"]), state["count"], float64(len(inState)))
	}

	rework := r.metric("workflow_analysis.performance_metrics.rework_count")
	back := valuesOf(r.rows(rework), nil)
	r.same("moves back", rework["moves"], total(back))
	r.same("items that moved back", rework["items"], float64(len(back)))
	reopened := r.metric("workflow_analysis.performance_metrics.reopened_count")
	r.same("reopened", reopened["count"], float64(len(r.rows(reopened))))
}

func TestAgeingFromExplain(t *testing.T) {
	t.Parallel()
	r := explainedReport(t)
	m := r.metric("workflow_analysis.performance_metrics.ageing")
	rows := r.rows(m)
	left := map[string][]float64{}
	for _, s := range m["states"].([]any) {
		state, _ := s.(map[string]any)
		name, _ := state["state"].(string)
		left[name] = valuesOf(rows, func(row explainedRow) bool { return row.Detail == "left "+name })
		r.same("n of "+name, state["n"], float64(len(left[name])))
		if len(left[name]) >= MinSample {
			r.same("p85 of "+name, state["p85"], linear(left[name], 0.85))
			r.same("p50 of "+name, state["p50"], linear(left[name], 0.5))
		}
		r.same("items in "+name, state["items"], float64(len(valuesOf(rows, func(row explainedRow) bool { return row.Detail == "in "+name }))))
	}
	over, ages := 0, []float64{}
	for _, row := range rows {
		name, now := strings.CutPrefix(row.Detail, "in ")
		if !now {
			continue
		}
		ages = append(ages, *row.Value)
		if len(left[name]) < MinSample {
			continue
		}
		younger := 0.0
		for _, age := range left[name] {
			if age <= *row.Value {
				younger++
			}
		}
		r.same("percentile of "+row.Key, row.Parts["percentile"], younger/float64(len(left[name])))
		if *row.Value > linear(left[name], 0.85) {
			over++
		}
	}
	r.same("items over", m["over"], float64(over))
	age, _ := m["age"].(map[string]any)
	r.distribution("age", age, ages)
}

func TestFlowFromExplain(t *testing.T) {
	t.Parallel()
	r := explainedReport(t)
	efficiency := r.metric("workflow_analysis.performance_metrics.flow_efficiency")
	active, wait := 0.0, 0.0
	for _, row := range r.rows(efficiency) {
		active += row.Parts["active_hours"]
		wait += row.Parts["wait_hours"]
	}
	r.same("flow efficiency", efficiency["value"], active/(active+wait))

	window := r.metric("window")
	from, err := time.Parse(time.RFC3339, window["from"].(string))
	to, err2 := time.Parse(time.RFC3339, window["to"].(string))
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	little := r.metric("workflow_analysis.performance_metrics.littles_law")
	present := valuesOf(r.rows(little), nil)
	identity, _ := little["identity"].(map[string]any)
	long := to.Sub(from).Hours()
	r.same("L", identity["mean_items"], total(present)/long)
	r.same("λ", identity["items_per_day"], float64(len(present))/long*24)
	r.same("W", identity["hours_per_item"], total(present)/float64(len(present)))
	cycles := valuesOf(r.rows(r.metric("workflow_analysis.performance_metrics.cycle_time")), nil)
	r.same("measured", little["measured_cycle_time"], total(cycles)/float64(len(cycles)))
	r.same("approximately", little["approx_cycle_time"], total(present)/float64(len(cycles)))

	// The last step of work in progress ends with the window: what has reached a
	// state by then is the end of its line.
	flow := r.metric("workflow_analysis.performance_metrics.cumulative_flow")
	for _, l := range flow["states"].([]any) {
		line, _ := l.(map[string]any)
		name, _ := line["state"].(string)
		counts, _ := line["counts"].([]any)
		first, last := 0.0, 0.0
		for _, row := range r.rows(flow) {
			after, reached := row.Parts[name]
			at := row.From.Add(time.Duration(after * float64(time.Hour)))
			if reached && at.Before(to) {
				last++
				if at.Before(from.AddDate(0, 0, 1).Add(-2 * time.Hour)) { // the window begins at two o'clock in Berlin
					first++
				}
			}
		}
		r.same("at first in "+name, counts[0], first)
		r.same("at last in "+name, counts[len(counts)-1], last)
	}
}

func TestProcessFromExplain(t *testing.T) {
	t.Parallel()
	r := explainedReport(t)
	m := r.metric("workflow_analysis.process_mining")
	rows := r.rows(m)
	r.same("events", m["events"], float64(len(rows)))
	moves, variants := map[string]float64{}, map[string]float64{}
	way := ""
	for i, row := range rows {
		if i > 0 && rows[i-1].ID == row.ID {
			moves[rows[i-1].Detail+" → "+row.Detail]++
			way += " → "
		} else if i > 0 {
			variants[way]++
			way = ""
		}
		way += row.Detail
	}
	variants[way]++
	all, _ := m["variants"].(map[string]any)
	r.same("variants", all["total"], float64(len(variants)))
	r.same("transitions", m["transitions_total"], float64(len(moves)))
	for _, e := range m["transitions"].([]any) {
		edge, _ := e.(map[string]any)
		name := fmt.Sprint(edge["from"], " → ", edge["to"])
		r.same(name, edge["count"], moves[name])
	}
	for _, v := range m["common_workflows"].([]any) {
		variant, _ := v.(map[string]any)
		names := []string{}
		for _, name := range variant["activities"].([]any) {
			names = append(names, fmt.Sprint(name))
		}
		r.same("a variant", variant["count"], variants[strings.Join(names, " → ")])
	}
}

// A page of one metric is a part of the whole, and no other metric is explained.
func TestExplainPages(t *testing.T) {
	t.Parallel()
	log := manyItems(200, 3)
	q := manyQuery()
	q.Explain = &ExplainQuery{Limit: 1000}
	config := Configure(waiting(), log)
	whole := Compute(log, config, q).Analysis
	q.Explain = &ExplainQuery{Metric: "process_mining", Offset: 17, Limit: 20}
	page := Compute(log, config, q).Analysis
	if page.Performance.CycleTime.Explain != nil || page.Performance.Ageing.Explain != nil {
		t.Error("metrics are explained that nobody asked for")
	}
	got, want := page.ProcessMining.Explain, whole.ProcessMining.Explain
	if len(got.Rows) != 20 || !got.HasMore || fmt.Sprint(keysOf(got.Rows)) != fmt.Sprint(keysOf(want.Rows[17:37])) {
		t.Errorf("the page is %v of %d", keysOf(got.Rows), got.Total)
	}
}

func keysOf(rows []ExplainedRow) []string {
	keys := []string{}
	for _, r := range rows {
		keys = append(keys, r.Key+" "+r.Detail)
	}
	return keys
}

// An oracle that knows nothing of flows and stays: it reads the visits as the
// definitions are written.
func TestAgainstTheDefinitions(t *testing.T) {
	t.Parallel()
	forSeeds(t, func(t *testing.T, log *facts.Log, q Query) {
		t.Helper()
		q.Explain = &ExplainQuery{Limit: 100_000}
		config := Configure(waiting(), log)
		rows := cycleTime(newCalc(log, config, &q)).Explain.Rows
		want := []string{}
		for i := range log.Items {
			if from, to, ok := byDefinition(log, config, &log.Items[i], facts.At(q.AsOf)); ok && to >= facts.At(q.From) && to < facts.At(q.To) {
				want = append(want, fmt.Sprint(log.Items[i].Key, " ", from.UTC(), " ", to.UTC()))
			}
		}
		got := []string{}
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.Key, " ", r.From.UTC(), " ", r.To.UTC()))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d cycle times, and %d by the definitions", len(got), len(want))
		}
	})
}

func byDefinition(log *facts.Log, config *Config, item *facts.Item, asOf facts.Time) (started, finished facts.Time, ok bool) {
	category := func(v facts.Visit) string { return string(config.States[config.StateOf(v.Status)].Category) }
	done := false
	for _, v := range item.Visits {
		if v.At > asOf {
			break
		}
		if started == 0 && category(v) != "todo" {
			started = v.At
		}
		if category(v) == "done" && !done {
			finished = v.At
		}
		done = category(v) == "done"
	}
	return started, finished, done && log.Symbols.Text(item.Resolution) == ""
}
