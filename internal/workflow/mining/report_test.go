package mining

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// The names are a contract.
func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	l := logOf("a b*2")
	var got map[string]any
	if err := json.Unmarshal([]byte(encoded(t, analyse(t, l, kanban(l, "")))), &got); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		"":                {"case_duration", "conformance", "convention", "events", "graph", "heuristics_net", "inductive_model", "n", "open_cases", "reason", "rework", "state", "variants"},
		"graph":           {"activities", "activities_total", "end", "start", "total", "transitions"},
		"variants":        {"coverage", "list", "total"},
		"rework":          {"activities", "cases", "repeats", "self_loops", "share"},
		"case_duration":   {"convention", "mean_hours", "median_hours", "n", "p85_hours", "reason", "state"},
		"heuristics_net":  {"dependencies", "end", "joins", "splits", "start", "thresholds", "total"},
		"inductive_model": {"convention", "n", "reason", "simplified", "state", "text", "tree"},
		"conformance":     {"conforming_cases", "conforming_share", "convention", "cost", "deviations", "deviations_total", "fitness", "mean_fitness", "n", "open_cases", "reason", "state", "worst_cost"},
	} {
		part := got
		if path != "" {
			part, _ = got[path].(map[string]any)
		}
		names := []string{}
		for name := range part {
			names = append(names, name)
		}
		slices.Sort(names)
		if !slices.Equal(names, want) {
			t.Errorf("%q has %v, want %v", path, names, want)
		}
	}
}

// An empty log has no value anywhere, and no list is null.
func TestEmptyLog(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]*Log{"no case": {}, "cases without events": logOf("", ""), "activities alone": {Activities: []string{"a"}}} {
		r := analyse(t, l, &Workflow{States: []WorkflowState{{Name: "a"}}, StateOf: []int32{0}})
		if (r.State == basis.NoData) != (len(l.Traces) == 0) || r.CaseDuration.State != basis.NoData || r.Inductive.State != basis.NoData {
			t.Errorf("%s: %s, durations %s, model %s", name, r.State, r.CaseDuration.State, r.Inductive.State)
		}
		if r.Graph.Activities == nil || r.Graph.Start == nil || r.Graph.Edges == nil || r.Variants.List == nil || r.Rework.Activities == nil ||
			r.Heuristics.Edges == nil || r.Heuristics.Start == nil || r.Conformance.Deviations == nil {
			t.Errorf("%s: a list is null: %s", name, encoded(t, r))
		}
		checkMermaid(t, r.Graph.Mermaid())
	}
}

// Durations of cases are told of ten that are over, and of none that is not.
func TestCaseDuration(t *testing.T) {
	t.Parallel()
	l := logOf("a b*11")
	for i := range l.Traces {
		l.Traces[i].Times[1] = 1 + facts.Time(i)*hour
	}
	l.Traces[10].Open = true
	d := analyse(t, l, nil).CaseDuration
	// 0 to 9 hours: p85 is 0.85·9.
	if d.State != basis.OK || d.N != 10 || *d.Mean != 4.5 || *d.Median != 4.5 || *d.P85 != 7.65 {
		t.Errorf("durations %+v", d)
	}
	l.Traces[9].Open = true
	if d = analyse(t, l, nil).CaseDuration; d.State != basis.InsufficientData || d.N != 9 || d.Mean != nil {
		t.Errorf("durations of nine %+v", d)
	}
}

// The same log gives the same bytes, though parts are computed side by side.
func TestReportIsDeterministic(t *testing.T) {
	t.Parallel()
	l, w := tracker(300, 6)
	want := encoded(t, analyse(t, l, w))
	for range 5 {
		if got := encoded(t, analyse(t, l, w)); got != want {
			t.Fatal("the same log gives another report")
		}
	}
}
