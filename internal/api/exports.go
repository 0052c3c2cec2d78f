package api

import (
	"context"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest/exchange"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

const (
	workItemsExport = oneProject + "/export/work-items"
	eventLogExport  = oneProject + "/export/event-log"
)

func (a *API) registerExports() {
	const more = " The answer is written while it is read: one that breaks off is not whole. Addresses of people are left out."
	handle(a, route{id: "export-work-items", method: http.MethodGet, path: workItemsExport, tag: tagProjects, policy: observers,
		summary:     "The work items of a project's sources as a file",
		description: "As CSV, a row for each, or as JSONL with their histories, which can be imported. Texts and comments stay with the vendor." + more, errors: notThere}, a.exportWorkItems)
	handle(a, route{id: "export-event-log", method: http.MethodGet, path: eventLogExport, tag: tagProjects, policy: observers,
		summary:     "The histories of a project's work items as an event log",
		description: "As XES (IEEE 1849-2016) or CSV, for process-mining tools: a case for each work item, an event for each status that it came into." + more, errors: notThere}, a.exportEventLog)
	a.files(workItemsExport, eventlog.CSV, eventlog.JSONL)
	a.files(eventLogExport, eventlog.XES, eventlog.CSV)
}

// exportTypes are the media types of files, and what their names end in.
var exportTypes = map[eventlog.Format]string{eventlog.XES: "application/xml", eventlog.CSV: "text/csv; charset=utf-8; header=present", eventlog.JSONL: "application/x-ndjson"}

// files documents an answer that is a file.
func (a *API) files(path string, formats ...eventlog.Format) {
	content := map[string]*huma.MediaType{}
	for _, f := range formats {
		kind, _, _ := strings.Cut(exportTypes[f], ";")
		content[kind] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	}
	a.huma.OpenAPI().Paths[path].Get.Responses["200"] = &huma.Response{Description: "The file", Content: content}
}

// ExportQuery is what exports may be narrowed by.
type ExportQuery struct {
	ByID
	From string `query:"from" doc:"Only work items that changed at that moment (RFC 3339) or later, or since that day of the project's zone, with their whole histories"`
	To   string `query:"to" doc:"Only work items that were created before that moment, or that day"`
	Type string `query:"type" maxLength:"500" doc:"Only work items of this type, as the tracker calls it"`
}

// filter reads what an export is narrowed by.
func (q *ExportQuery) filter(f *faults, zone *time.Location) exchange.Filter {
	return exchange.Filter{From: f.moment("query.from", q.From, zone), To: f.moment("query.to", q.To, zone), Type: q.Type}
}

// check says what is wrong with a query, whatever the zone is.
func (q *ExportQuery) check() []error {
	var f faults
	q.filter(&f, time.UTC)
	return f.details()
}

// filterOf reads what an export of a project is narrowed by, days as days of the
// project's zone, and the settings that say it.
func (a *API) filterOf(ctx context.Context, q *ExportQuery) (exchange.Filter, rampforge.WorkflowSettings, error) {
	kept, err := a.options.Store.WorkflowSettings(ctx, q.ID)
	if err != nil {
		return exchange.Filter{}, kept.Settings, err
	}
	return q.filter(&faults{}, kept.Settings.Location()), kept.Settings, nil // check looked
}

type exportWorkItemsInput struct {
	ExportQuery
	Format string `query:"format" enum:"csv,jsonl" default:"csv"`
}

// Resolve implements huma.Resolver: every fault of the query is told at once.
func (in *exportWorkItemsInput) Resolve(huma.Context) []error { return in.check() }

func (a *API) exportWorkItems(ctx context.Context, in *exportWorkItemsInput) (*streamAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	filter, kept, err := a.filterOf(ctx, &in.ExportQuery)
	if err != nil {
		return nil, err
	}
	states, err := a.options.Measurer.States(ctx, p.ID, kept)
	if err != nil {
		return nil, err
	}
	format := eventlog.Format(in.Format)
	return a.export(ctx, p.ID, p.Name+" work items", format, func(w io.Writer) (int, error) {
		return (&exchange.Exporter{Store: a.options.Store, State: states.Of}).WorkItems(ctx, w, p.ID, format, filter)
	}), nil
}

type exportEventLogInput struct {
	ExportQuery
	Format string `query:"format" enum:"xes,csv" default:"xes"`
}

// Resolve implements huma.Resolver.
func (in *exportEventLogInput) Resolve(huma.Context) []error { return in.check() }

func (a *API) exportEventLog(ctx context.Context, in *exportEventLogInput) (*streamAnswer, error) {
	p, err := a.options.Store.Project(ctx, requestOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	filter, _, err := a.filterOf(ctx, &in.ExportQuery)
	if err != nil {
		return nil, err
	}
	format := eventlog.Format(in.Format)
	return a.export(ctx, p.ID, p.Name+" event log", format, func(w io.Writer) (int, error) {
		return (&exchange.Exporter{Store: a.options.Store}).EventLog(ctx, w, p, format, filter)
	}), nil
}

// export answers with a file that write writes. A fault in the middle breaks the
// answer off: what ends as it should must be whole.
func (a *API) export(ctx context.Context, projectID, name string, format eventlog.Format, write func(io.Writer) (int, error)) *streamAnswer {
	return &streamAnswer{func(c huma.Context) {
		r, w := humago.Unwrap(c)
		media := exportTypes[format]
		if format == eventlog.XES {
			media += "; charset=utf-8"
		}
		w.Header().Set("Content-Type", media)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(name) + "." + string(format)}))
		if r.Method == http.MethodHead {
			return
		}
		n, err := write(w)
		a.record(ctx, "project.exported", projectID, err == nil, map[string]any{"what": name, "format": string(format), "records": n})
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			a.options.Logger.LogAttrs(ctx, slog.LevelError, "an export broke off", slog.Any("error", err))
		}
		panic(http.ErrAbortHandler)
	}}
}

// fileName is a name that every system takes for a file: letters and digits of
// ASCII, with a - for everything else.
func fileName(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}
