package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

const auditExport = "/api/v1/audit/export"

func (a *API) registerAudit() {
	handle(a, route{id: "audit-log", method: http.MethodGet, path: "/api/v1/audit", tag: tagUsers, policy: admins,
		summary: "The audit log, newest first", errors: []int{http.StatusUnprocessableEntity}}, a.audit)
	handle(a, route{id: "export-audit-log", method: http.MethodGet, path: auditExport, tag: tagUsers, policy: admins,
		summary: "The audit log as a file, oldest first",
		description: "As JSONL or CSV, by format, or else by Accept (application/x-ndjson or text/csv). Cells of CSV that a spreadsheet would take for a formula begin with an apostrophe. " +
			"The answer is written while it is read: one that breaks off is not whole. Each export is in the audit log itself.",
		errors: []int{http.StatusUnprocessableEntity}}, a.exportAudit)
	a.files(auditExport, eventlog.JSONL, eventlog.CSV)
}

// AuditQuery is what the audit log may be narrowed by.
type AuditQuery struct {
	Actor   string `query:"actor" maxLength:"254" doc:"The id of an account, or its e-mail address: who did it"`
	Action  string `query:"action" maxLength:"100" doc:"What was done, as auth.login; with a dot at the end all that begin so, as auth." example:"auth.login"`
	Target  string `query:"target" maxLength:"254" doc:"The id of what it was done to"`
	From    string `query:"from" doc:"Only from that moment on (RFC 3339), or from that day (UTC)"`
	To      string `query:"to" doc:"Only before that moment, or that day"`
	Success string `query:"success" enum:"true,false" doc:"Only what succeeded, or only what did not"`
}

// Resolve implements huma.Resolver.
func (q *AuditQuery) Resolve(huma.Context) []error {
	var f faults
	q.filter(&f)
	return f.details()
}

func (q *AuditQuery) filter(f *faults) store.AuditFilter {
	filter := store.AuditFilter{
		Actor: q.Actor, Action: q.Action, Target: q.Target,
		From: f.moment("query.from", q.From, time.UTC), Until: f.moment("query.to", q.To, time.UTC),
	}
	if q.Success != "" {
		filter.Success = new(q.Success == "true")
	}
	return filter
}

type auditInput struct {
	Page
	AuditQuery
}

type auditAnswer struct {
	Body struct {
		Entries []rampforge.AuditEntry `json:"entries"`
		Paged
	}
}

func (a *API) audit(ctx context.Context, in *auditInput) (*auditAnswer, error) {
	entries, total, err := a.options.Store.AuditLog(ctx, in.filter(&faults{}), in.stored())
	out := &auditAnswer{}
	out.Body.Entries, out.Body.Paged = entries, in.of(total, len(entries))
	return out, err
}

type auditExportInput struct {
	AuditQuery
	Format string `query:"format" enum:"jsonl,csv" doc:"Default: by Accept, else jsonl"`
	Accept string `header:"Accept"`
}

func (a *API) exportAudit(ctx context.Context, in *auditExportInput) (*streamAnswer, error) {
	format := in.Format
	if format == "" {
		format = auth.AuditJSONL
		if strings.Contains(strings.ToLower(in.Accept), "text/csv") {
			format = auth.AuditCSV
		}
	}
	filter := in.filter(&faults{})
	if now := a.options.Now(); filter.Until.IsZero() || filter.Until.After(now) {
		filter.Until = now // what is written meanwhile would never end
	}
	return &streamAnswer{func(c huma.Context) {
		r, w := humago.Unwrap(c)
		w.Header().Set("Content-Type", exportTypes[eventlog.Format(format)])
		w.Header().Set("Content-Disposition", "attachment; filename=audit-log."+format)
		w.Header().Add("Vary", "Accept")
		if r.Method == http.MethodHead {
			return
		}
		n, err := auth.ExportAudit(ctx, a.options.Store, w, format, filter)
		a.record(ctx, "audit.exported", "", err == nil, map[string]any{"format": format, "lines": n, "query": r.URL.Query()})
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			a.options.Logger.LogAttrs(ctx, slog.LevelError, "an export broke off", slog.Any("error", err))
		}
		panic(http.ErrAbortHandler)
	}}, nil
}
