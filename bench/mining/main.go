// Mining mines event logs for compare.py: for each CSV file with the columns
// case, activity and time (RFC 3339), in the order of the events, it writes the
// report beside it as JSON.
//
//	go run ./bench/mining -states 'a,b?,c' LOG.csv…
package main

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/mining"
)

func main() {
	states := flag.String("states", "", "the workflow to compare with, in order; ? marks what may be left out")
	flag.Parse()
	for _, name := range flag.Args() {
		if err := mine(name, *states); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

func mine(name, states string) error {
	log, err := read(name)
	if err != nil {
		return err
	}
	limits := mining.DefaultLimits()
	limits.Variants, limits.Length = 1<<20, 1<<20
	report, err := mining.Analyse(log, workflow(log, states), limits)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(report, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(strings.TrimSuffix(name, ".csv")+".json", text, 0o600)
}

func read(name string) (*mining.Log, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, err
	}
	log := &mining.Log{}
	cases, activities := map[string]int{}, map[string]int32{}
	for _, row := range rows[1:] {
		at, err := time.Parse(time.RFC3339, row[2])
		if err != nil {
			return nil, err
		}
		if _, ok := cases[row[0]]; !ok {
			cases[row[0]] = len(log.Traces)
			log.Traces = append(log.Traces, mining.Trace{Case: row[0]})
		}
		if _, ok := activities[row[1]]; !ok {
			activities[row[1]] = int32(len(log.Activities))
			log.Activities = append(log.Activities, row[1])
		}
		trace := &log.Traces[cases[row[0]]]
		trace.Activities = append(trace.Activities, activities[row[1]])
		trace.Times = append(trace.Times, facts.At(at))
	}
	return log, nil
}

func workflow(log *mining.Log, states string) *mining.Workflow {
	w := &mining.Workflow{Done: -1}
	for name := range strings.SplitSeq(states, ",") {
		if name != "" {
			name, optional := strings.CutSuffix(name, "?")
			w.States = append(w.States, mining.WorkflowState{Name: name, Optional: optional})
		}
	}
	for _, a := range log.Activities {
		w.StateOf = append(w.StateOf, int32(slices.IndexFunc(w.States, func(s mining.WorkflowState) bool { return s.Name == a })))
	}
	return w
}
