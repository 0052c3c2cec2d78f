package api_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
)

// metricsOf lists the numbers of an analysis as its JSON has them.
func metricsOf(t *testing.T, a *workflow.Analysis) []api.MetricRow {
	t.Helper()
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var analysis map[string]any
	if err := json.Unmarshal(text, &analysis); err != nil {
		t.Fatal(err)
	}
	return api.Flatten(analysis)
}

// fill gives a value to everything below that may be null, and a state to
// everything that has one.
func fill(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[*basis.Explain]():
	case v.Type() == reflect.TypeFor[basis.State]():
		v.SetString(string(basis.OK))
	case v.Kind() == reflect.Slice: // lists are left out
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	case v.Kind() == reflect.Pointer && v.IsNil():
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case v.Kind() == reflect.Struct && v.CanSet():
		for _, f := range v.Fields() {
			if f.CanSet() {
				fill(f)
			}
		}
	}
}

// TestMetricUnits has every number of a report with its unit: one that is new
// has to be looked at. Whether there is a value changes neither.
func TestMetricUnits(t *testing.T) {
	t.Parallel()
	var whole, empty workflow.Analysis
	for _, a := range []*workflow.Analysis{&whole, &empty} { // units that are told
		a.ProcessMining.Bottlenecks.Unit, a.ProcessMining.Bottlenecks.Waiting.Unit, a.ProcessMining.Bottlenecks.Relief.Unit = "hours", "hours", "hours"
		p := &a.Performance
		p.CycleTime.Unit, p.CycleTime.DaysInclusive.Unit, p.LeadTime.Unit, p.LeadTime.DaysInclusive.Unit = "hours", "days", "hours", "days"
		p.ActiveCycleTime.Unit, p.Rework.Unit, p.Reopened.Unit, p.Throughput.Unit, p.Balance.Unit, p.WorkInProgress.Unit = "hours", "moves", "finishes", "items", "items", "items"
		p.Ageing.Unit, p.Expectation.Unit, p.CumulativeFlow.Unit, p.FlowEfficiency.Unit, p.LittlesLaw.Unit = "hours", "hours", "items", "share", "hours"
		p.PullRequests.Stages.Unit, p.PullRequests.Size.Unit, p.PullRequests.FirstResponse.Unit, p.PullRequests.Open.Unit = "hours", "lines", "hours", "hours"
		p.DeploymentFrequency.Unit, p.ChangeLeadTime.Unit, p.RecoveryTime.Unit = "deployments/day", "hours", "hours"
	}
	fill(reflect.ValueOf(&whole).Elem())
	var lines []string
	units := map[string]string{}
	for _, row := range metricsOf(t, &whole) {
		units[row.Name] = row.Unit
		lines = append(lines, row.Name+" "+row.Unit)
		if row.State != string(basis.OK) {
			t.Errorf("%s has the state %q", row.Name, row.State)
		}
	}
	for _, row := range metricsOf(t, &empty) {
		if unit, ok := units[row.Name]; ok && unit != row.Unit && row.Value != nil {
			t.Errorf("%s is in %q, and in %q when there is no value", row.Name, unit, row.Unit)
		}
	}
	slices.Sort(lines)
	got, golden := strings.Join(lines, "\n")+"\n", filepath.Join("testdata", "metric_units.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("units (-want +got):\n%s", diff)
	}
}

// The name of a state of the workflow is no state of a metric, whatever it is.
func TestMetricStates(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Review", "ok", "no_data"} {
		var a workflow.Analysis
		b := &a.ProcessMining.Bottlenecks
		fill(reflect.ValueOf(&a).Elem())
		b.State, b.N, b.Reason = basis.InsufficientData, 7, "few"
		b.Constraint = &workflow.Suspect{State: name}
		found := 0
		for _, row := range metricsOf(t, &a) {
			if !slices.Contains([]string{"ok", "not_configured", "no_data", "insufficient_data", "suppressed"}, row.State) {
				t.Errorf("%s has the state %q", row.Name, row.State)
			}
			if strings.HasPrefix(row.Name, "process_mining.bottlenecks.constraint.") {
				if found++; row.State != "insufficient_data" || row.N != 7 || row.Reason != "few" {
					t.Errorf("%+v", row)
				}
			}
		}
		if found < 5 {
			t.Errorf("%d rows of the constraint", found)
		}
	}
}
