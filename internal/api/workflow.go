package api

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/calendar"
	"github.com/rampforgeai/rampforge/internal/workflow/mining"
)

const oneWorkflow = oneProject + "/workflow"

func (a *API) registerWorkflow() {
	handle(a, route{id: "get-project-workflow", method: http.MethodGet, path: oneWorkflow, tag: tagProjects, policy: observers,
		summary: "How a project's work flows", description: workflowDescription, errors: workflowErrors}, a.workflow)
	handle(a, route{id: "get-project-workflow-metrics", method: http.MethodGet, path: oneWorkflow + "/metrics", tag: tagProjects, policy: observers,
		summary: "The numbers of a workflow report, one a row", description: "Lists and series are left out: the report has them. A metric that has no value has an empty one, with its state and the reason. The unit is that of the number itself; a number without one, and a word, have none.", errors: workflowErrors}, a.workflowMetrics)
	handle(a, route{id: "get-project-workflow-model", method: http.MethodGet, path: oneWorkflow + "/model", tag: tagProjects, policy: observers,
		summary: "The process that a project's histories show, as a model or a diagram", description: "The inductive model as JSON or BPMN 2.0; the heuristics net and the graph of what directly follows what as JSON or Mermaid.", errors: workflowErrors}, a.workflowModel)
	handle(a, route{id: "get-project-workflow-settings", method: http.MethodGet, path: oneWorkflow + "/settings", tag: tagProjects, policy: observers,
		summary: "What a project says of how its work flows, and what it may say", errors: notThere}, a.workflowSettings)
	handle(a, route{id: "set-project-workflow-settings", method: http.MethodPut, path: oneWorkflow + "/settings", tag: tagProjects, policy: teamLeads,
		summary: "Say how a project's work flows", description: "Replaces the settings; what is left out has its default. The report is computed again. With If-Match, the revision that the change is of, a change that somebody made meanwhile is not undone.",
		errors: []int{http.StatusNotFound, http.StatusConflict}}, a.setWorkflowSettings)
	a.answers(oneWorkflow, jsonType, reflect.TypeFor[measure.Document](), "The report")
	schema := func(of reflect.Type) *huma.Schema { return a.huma.OpenAPI().Components.Schemas.Schema(of, true, "") }
	model := &huma.Schema{AnyOf: []*huma.Schema{schema(reflect.TypeFor[mining.InductiveModel]()), schema(reflect.TypeFor[mining.HeuristicsNet]()), schema(reflect.TypeFor[mining.Graph]())}}
	text := &huma.Schema{Type: huma.TypeString}
	for path, content := range map[string]map[string]*huma.MediaType{
		"/metrics": {"text/csv": {Schema: text}, jsonType: {Schema: schema(reflect.TypeFor[metricsDocument]())}},
		"/model":   {jsonType: {Schema: model}, "text/vnd.mermaid": {Schema: text}, "application/xml": {Schema: text}},
	} {
		a.huma.OpenAPI().Paths[oneWorkflow+path].Get.Responses["200"] = &huma.Response{Description: "As the format says", Content: content}
	}
	for _, path := range []string{"", "/metrics", "/model"} {
		tellsRefresh(a.huma.OpenAPI().Paths[oneWorkflow+path].Get.Responses["200"])
	}
}

var workflowErrors = []int{http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusServiceUnavailable}

const workflowDescription = "Without parameters it is the report that is kept ready, of the last 90 days, brought up to date after each sync; with any of them it is computed. " +
	"Each metric tells its state (ok, not_configured, no_data, insufficient_data or suppressed), the number n of what it counted, and its convention. " +
	"With explain=1 each lists, a page at a time, what it counted, so that anybody can count again. The same facts, settings and as_of give the same bytes. " +
	"The ETag covers them: If-None-Match answers 304 until something changed. " +
	refreshHeader + " says whether what changed of late is in the facts already, or could not be read: a report that is behind is answered all the same."

// WindowQuery is what a workflow report is asked for. The values are texts, so
// that a fault of one names it and says what to write.
type WindowQuery struct {
	ByID
	From        string   `query:"from" doc:"Begin of the window: a moment (RFC 3339) or a day of the project's zone. 90 days before its end unless given"`
	To          string   `query:"to" doc:"End of the window, not part of it; a day is its begin. as_of unless given"`
	AsOf        string   `query:"as_of" doc:"The moment whose knowledge counts. When the facts were last brought up to date unless given; of a project with nothing but imported logs, the last event"`
	Granularity string   `query:"granularity" doc:"Of the series: day, week or month. week unless given"`
	Type        []string `query:"type,explode" maxItems:"50" doc:"Only work items of these types"`
	Seed        string   `query:"seed" doc:"Of what is drawn at random; 0 unless given"`
	IfNoneMatch string   `header:"If-None-Match"`
}

type workflowInput struct {
	WindowQuery
	Explain string `query:"explain" doc:"1 or true: list what each metric counted"`
	Metric  string `query:"metric" maxLength:"100" doc:"With explain: only of this metric"`
	Offset  string `query:"offset" doc:"With explain: leave out so many rows of each metric"`
	Limit   string `query:"limit" doc:"With explain: list so many rows of each metric, 100 unless given, 1000 at most"`
}

// The rows of a metric on a page.
const (
	defaultRows = 100
	maxRows     = 1000
)

// faults collects what is wrong with a request.
type faults []rampforge.FieldIssue

func (f *faults) addf(field, format string, args ...any) {
	*f = append(*f, rampforge.FieldIssue{Field: field, Issue: fmt.Sprintf(format, args...)})
}

// details are the faults as huma collects them.
func (f *faults) details() (list []error) {
	for _, issue := range *f {
		list = append(list, &huma.ErrorDetail{Location: issue.Field, Message: issue.Issue})
	}
	return list
}

// moment reads a moment, or a day of a zone.
func (f *faults) moment(field, text string, zone *time.Location) time.Time {
	if text == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		at, err := time.ParseInLocation(layout, text, zone)
		if err != nil || at.UTC().IsZero() || at.Year() < 1 || at.Year() > 9999 {
			continue
		}
		if layout == time.DateOnly {
			at, _ = time.Parse(layout, text)
			at = calendar.Midnight(at.Year(), at.Month(), at.Day(), zone)
		}
		return at.UTC()
	}
	f.addf(field, "is no moment: write 2026-01-31T15:04:05Z (in a URL, + is %%2B), or a day as 2026-01-31")
	return time.Time{}
}

func (f *faults) number(field, text string, least, most, unless int) int {
	if text == "" {
		return unless
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		f.addf(field, "must be a whole number from %d to %d", least, most)
		return unless
	}
	return n
}

// asked reads what a report is asked for, by somebody who knows of nothing after
// a moment.
func (q *WindowQuery) asked(f *faults, zone *time.Location, latest time.Time) measure.Query {
	out := measure.Query{
		From: f.moment("query.from", q.From, zone), To: f.moment("query.to", q.To, zone), AsOf: f.moment("query.as_of", q.AsOf, zone),
		Granularity: workflow.Granularity(q.Granularity),
	}
	if !out.From.IsZero() && !out.To.IsZero() && !out.From.Before(out.To) {
		f.addf("query.from", "must be before to")
	}
	if out.AsOf.After(latest) {
		f.addf("query.as_of", "is in the future: nothing is known of it yet")
	}
	limit := latest
	if !out.AsOf.IsZero() && !out.AsOf.After(latest) {
		limit = out.AsOf
	}
	// Of a project whose as_of is a last event of long ago, measure knows more.
	if !out.From.IsZero() && !out.From.Before(limit) && (out.To.IsZero() || out.From.Before(out.To)) {
		f.addf("query.from", "must be before as_of: nothing that happened later is known")
	}
	switch out.Granularity {
	case "", workflow.ByDay, workflow.ByWeek, workflow.ByMonth:
	default:
		f.addf("query.granularity", "must be day, week or month")
	}
	for _, t := range q.Type {
		if t != "" {
			out.Types = append(out.Types, t)
		}
	}
	if q.Seed != "" {
		seed, err := strconv.ParseUint(q.Seed, 10, 64)
		if err != nil {
			f.addf("query.seed", "must be a whole number from 0 to 18446744073709551615")
		}
		out.Seed = seed
	}
	return out
}

func (in *workflowInput) explained(f *faults) *workflow.ExplainQuery {
	switch in.Explain {
	case "", "0", "false":
		return nil
	case "1", "true":
		if names := workflow.Explained(); in.Metric != "" && !slices.Contains(names, in.Metric) {
			f.addf("query.metric", "lists nothing; there are %s", strings.Join(names, ", "))
		}
		return &workflow.ExplainQuery{Metric: in.Metric, Offset: f.number("query.offset", in.Offset, 0, 1<<31-1, 0), Limit: f.number("query.limit", in.Limit, 1, maxRows, defaultRows)}
	}
	f.addf("query.explain", "must be 1 or true, or be left out")
	return nil
}

// workflow answers with a report of a project's workflow.
func (a *API) workflow(ctx context.Context, in *workflowInput) (*streamAnswer, error) {
	text, tag, err := a.workflowText(ctx, &in.WindowQuery, in.explained)
	if err != nil {
		return nil, err
	}
	return jsonText(text, tag, in.IfNoneMatch), nil
}

// firstWait is how long a request waits for the first report of a project.
const firstWait = 20 * time.Second

func (a *API) firstWait() time.Duration { return cmp.Or(a.options.ReportWait, firstWait) }

// latest is the last moment that may be asked about: now, or as_of of the report
// that is kept, which is later where an imported log has events of the future.
// Whatever moment a report tells, it can be asked for.
func (a *API) latest(ctx context.Context, q *WindowQuery) (time.Time, error) {
	now := a.options.Now()
	if q.From == "" && q.AsOf == "" {
		return now, nil
	}
	var kept measure.Summary
	_, err := a.options.Store.WorkflowSummary(ctx, q.ID, &kept)
	if kept.Overview.AsOf.After(now) {
		return kept.Overview.AsOf, err
	}
	return now, err
}

// workflowText returns the report that is asked for, and its tag.
func (a *API) workflowText(ctx context.Context, q *WindowQuery, explained func(*faults) *workflow.ExplainQuery) (text []byte, tag string, err error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), q.ID)
	if err != nil {
		return nil, "", err
	}
	settings, err := a.options.Store.WorkflowSettings(ctx, p.ID)
	if err != nil {
		return nil, "", err
	}
	zone := settings.Settings.Location()
	var f faults
	latest, err := a.latest(ctx, q)
	if err != nil {
		return nil, "", err
	}
	asked := q.asked(&f, zone, latest)
	if asked.Explain = explained(&f); len(f) > 0 {
		return nil, "", rampforge.Invalid(f...)
	}
	kept, err := a.options.Measurer.Kept(ctx, p.ID, a.firstWait())
	if err == nil {
		requestOf(ctx).writer.Header().Set(refreshHeader, string(kept.Status))
	}
	if err != nil || asked.Default() {
		return kept.JSON, `"` + kept.ETag + `"`, err
	}
	asked.Asker = requestOf(ctx).identity.User.ID
	if text, err = a.options.Measurer.Report(ctx, p.ID, asked); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(text)
	return text, `"` + hex.EncodeToString(sum[:]) + `"`, nil
}

func noExplain(*faults) *workflow.ExplainQuery { return nil }

// jsonText answers with JSON that is there already, or with 304 to who has it.
func jsonText(text []byte, tag, ifNoneMatch string) *streamAnswer {
	return fileText(text, tag, ifNoneMatch, jsonType, "")
}

// fileText answers with a text; a name makes it a file.
func fileText(text []byte, tag, ifNoneMatch, mediaType, disposition string) *streamAnswer {
	return &streamAnswer{func(c huma.Context) {
		r, w := humago.Unwrap(c)
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "private, no-cache") // may be kept, and asked about each time
		if matches(ifNoneMatch, tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", mediaType)
		if disposition != "" {
			w.Header().Set("Content-Disposition", disposition)
		}
		if r.Method != http.MethodHead {
			_, _ = w.Write(text) // a client that went away is no fault
		}
	}}
}
