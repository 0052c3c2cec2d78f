package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
	"github.com/rampforgeai/rampforge/internal/workflow/mining"
)

// metricRow is one number of a report.
type metricRow struct {
	Name   string `json:"name"`  // its path in workflow_analysis, which stays
	Value  any    `json:"value"` // a number, true, false or a word; null when there is none
	Unit   string `json:"unit"`
	State  string `json:"state"`
	N      int    `json:"n"`
	Reason string `json:"reason"`
}

// metricsDocument is the numbers of a report as JSON.
type metricsDocument struct {
	AsOf    time.Time       `json:"as_of"`
	Metrics []metricRow     `json:"metrics"`
	Window  workflow.Window `json:"window"`
}

type workflowMetricsInput struct {
	WindowQuery
	Format string `query:"format" doc:"csv or json; csv unless given"`
}

func (a *API) workflowMetrics(ctx context.Context, in *workflowMetricsInput) (*streamAnswer, error) {
	if !slices.Contains([]string{"", "csv", "json"}, in.Format) {
		return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "query.format", Issue: "must be csv or json"})
	}
	text, tag, err := a.workflowText(ctx, &in.WindowQuery, noExplain)
	if err != nil {
		return nil, err
	}
	var report struct {
		Window   workflow.Window `json:"window"`
		AsOf     time.Time       `json:"as_of"`
		Analysis map[string]any  `json:"workflow_analysis"`
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, fmt.Errorf("reading a workflow report: %w", err)
	}
	rows := flatten(nil, "", report.Analysis, metricRow{})
	named := func(ext string) string {
		return mime.FormatMediaType("attachment", map[string]string{"filename": "workflow-metrics." + ext})
	}
	if in.Format == "json" {
		text, err = json.Marshal(metricsDocument{report.AsOf, noNil(rows), report.Window})
		return fileText(text, derived(tag, "json"), in.IfNoneMatch, jsonType, named("json")), err
	}
	text, err = metricsCSV(rows, report.Window.From, report.Window.To, report.AsOf)
	return fileText(text, derived(tag, "csv"), in.IfNoneMatch, "text/csv; charset=utf-8; header=present", named("csv")), err
}

// derived is the tag of what is made of something with a tag.
func derived(tag, what string) string { return strings.TrimSuffix(tag, `"`) + "-" + what + `"` }

var metricStates = []basis.State{basis.OK, basis.NotConfigured, basis.NoData, basis.InsufficientData, basis.SuppressedPrivacy}

// flatten lists the numbers below a part of a report, by their names. Each has
// the state of the metric that it is of, and a unit of its own. Lists are left
// out, and so are rows that explain.
func flatten(rows []metricRow, path string, part map[string]any, of metricRow) []metricRow {
	state, _ := part["state"].(string)
	n, counts := part["n"].(float64)
	reason, reasons := part["reason"].(string)
	// Elsewhere "state" is the name of a state of the workflow, and that may be ok.
	if slices.Contains(metricStates, basis.State(state)) && (counts || reasons) {
		of.State, of.Reason = state, reason
		if counts {
			of.N = int(n)
		}
	}
	if unit, ok := part["unit"].(string); ok {
		of.Unit = unit
	}
	for _, key := range slices.Sorted(maps.Keys(part)) {
		switch key {
		case "state", "n", "convention", "reason", "unit", "explain":
			continue
		}
		name := strings.TrimPrefix(path+"."+key, ".")
		row := of
		row.Name, row.Value, row.Unit = name, part[key], metricUnit(name, of.Unit)
		switch v := part[key].(type) {
		case map[string]any:
			rows = flatten(rows, name, v, row)
		case []any:
		case string, bool:
			row.Unit = ""
			rows = append(rows, row)
		default:
			rows = append(rows, row)
		}
	}
	return rows
}

func metricsCSV(rows []metricRow, from, to, asOf time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"name", "value", "unit", "state", "n", "reason", "from", "to", "as_of"}) // Error tells
	for i := range rows {
		r := &rows[i]
		value := ""
		if r.Value != nil {
			text, err := json.Marshal(r.Value)
			if err != nil {
				return nil, err
			}
			value = strings.Trim(string(text), `"`)
			if word, ok := r.Value.(string); ok {
				value = eventlog.Guard(word)
			}
		}
		_ = w.Write([]string{r.Name, value, r.Unit, r.State, strconv.Itoa(r.N), eventlog.Guard(r.Reason), from.Format(time.RFC3339), to.Format(time.RFC3339), asOf.Format(time.RFC3339Nano)})
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

type workflowModelInput struct {
	WindowQuery
	Algorithm string `query:"algorithm" doc:"inductive, heuristics or dfg; inductive unless given"`
	Format    string `query:"format" doc:"json; bpmn of inductive; mermaid of the others. json unless given"`
}

// minedProcess is what of a report a model is made of.
type minedProcess struct {
	Analysis struct {
		Process struct {
			Activities []mining.Activity     `json:"activities"`
			Start      []mining.EndPoint     `json:"start"`
			End        []mining.EndPoint     `json:"end"`
			Edges      []mining.Edge         `json:"transitions"`
			EdgesTotal int                   `json:"transitions_total"`
			Heuristics mining.HeuristicsNet  `json:"heuristics_net"`
			Inductive  mining.InductiveModel `json:"inductive_model"`
		} `json:"process_mining"`
	} `json:"workflow_analysis"`
}

func (a *API) workflowModel(ctx context.Context, in *workflowModelInput) (*streamAnswer, error) {
	algorithm, format := in.Algorithm, in.Format
	if algorithm == "" {
		algorithm = "inductive"
	}
	if format == "" {
		format = "json"
	}
	formats, ok := map[string][]string{"inductive": {"json", "bpmn"}, "heuristics": {"json", "mermaid"}, "dfg": {"json", "mermaid"}}[algorithm]
	if !ok {
		return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "query.algorithm", Issue: "must be inductive, heuristics or dfg"})
	}
	if !slices.Contains(formats, format) {
		return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "query.format", Issue: "of " + algorithm + " must be " + strings.Join(formats, " or ")})
	}
	text, tag, err := a.workflowText(ctx, &in.WindowQuery, noExplain)
	if err != nil {
		return nil, err
	}
	var mined minedProcess
	if err := json.Unmarshal(text, &mined); err != nil {
		return nil, fmt.Errorf("reading the process of a workflow report: %w", err)
	}
	text, mediaType, err := mined.as(algorithm, format)
	if err != nil {
		return nil, err
	}
	return fileText(text, derived(tag, algorithm+"-"+format), in.IfNoneMatch, mediaType, ""), nil
}

// as writes a model in a format.
func (m *minedProcess) as(algorithm, format string) (text []byte, mediaType string, err error) {
	p := &m.Analysis.Process
	graph := mining.Graph{Activities: p.Activities, Start: p.Start, End: p.End, Edges: p.Edges, EdgesTotal: p.EdgesTotal}
	switch algorithm + " " + format {
	case "inductive bpmn":
		if p.Inductive.Tree == nil {
			return nil, "", &rampforge.Error{Code: rampforge.CodeNotFound, Message: "There is no model. " + p.Inductive.Reason}
		}
		text, err = p.Inductive.Tree.BPMN("Process")
		return text, "application/xml", err
	case "heuristics mermaid":
		return []byte(p.Heuristics.Mermaid()), mermaidType, nil
	case "dfg mermaid":
		return []byte(graph.Mermaid()), mermaidType, nil
	case "inductive json":
		text, err = json.Marshal(p.Inductive)
	case "heuristics json":
		text, err = json.Marshal(p.Heuristics)
	default:
		text, err = json.Marshal(graph)
	}
	return text, jsonType, err
}

const mermaidType = "text/vnd.mermaid; charset=utf-8"
