package httpclient

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/rampforgeai/rampforge"
)

// startSpan begins the span of one attempt to ask a service, within a trace only.
// The trace is not told to the service: its id is nobody else's business.
func startSpan(req *http.Request, vendor rampforge.ServiceType) trace.Span {
	parent := trace.SpanFromContext(req.Context())
	if !parent.IsRecording() {
		return nil
	}
	host, route := req.URL.Hostname(), routeOf(req.URL.Path)
	//nolint:spancheck // endSpan ends it
	_, span := parent.TracerProvider().Tracer("github.com/rampforgeai/rampforge/internal/httpclient").Start(req.Context(), req.Method+" "+route,
		trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attribute.String("http.request.method", req.Method),
			attribute.String("server.address", host), attribute.String("url.template", route), attribute.String("rampforge.service.type", string(vendor))))
	return span //nolint:spancheck // see above
}

func endSpan(span trace.Span, res *http.Response, err error) {
	if span == nil {
		return
	}
	if res != nil {
		span.SetAttributes(attribute.Int("http.response.status_code", res.StatusCode))
	}
	if err != nil {
		span.SetAttributes(attribute.String("error.type", classOf(nil, err)))
	}
	if err != nil && !errors.Is(err, context.Canceled) || res != nil && res.StatusCode >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// words are the parts of paths that are the same at every site of a vendor. All
// others name somebody's repository, page or issue, and are not told.
var words = func() map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(`
		_apis _links agile api approvals app attachment attachments audit_log blame blob blobs board boards branches build builds
		byoperation changelog changes child classificationnodes collections comment comments commits compare configuration confluence connectiondata content contents
		createmeta deployments diff discussions display environments events field fields files git graphql group groups history iid info issue
		issuelinktype issues iterations jobs jql labels latest login members merge_requests metadata milestones myself notes oauth orgs page pages permissions
		pipelines policy print project projects pull pullrequest pullrequests pulls rate_limit raw read refs release releases repos repositories repository reporting
		resource_state_events rest restriction reviews revisions runs search serverinfo space spaces sprint sprints state states status statuses tags
		teams teamsettings tests threads timeline tree trees user users v1 v2 v3 v4 version versions watchers webhooks wiki wikis wiql wit work work_items
		workflow workflows workitemrevisions workitems workitemtypes worklog blogposts mcp sse actions activity checks check-runs check-suites hooks`) {
		all[word] = true
	}
	return all
}()

// named are words after which so many parts are names, whatever they are.
var named = map[string]int{"repos": 2, "repositories": 1, "projects": 1, "orgs": 1, "users": 1, "groups": 1, "spaces": 1, "branches": 1, "teams": 1, "wikis": 1}

// routeOf is a path without what names anything: /repos/{}/{}/pulls/{}.
func routeOf(path string) string {
	segments := strings.Split(path, "/")
	if len(segments) > 16 {
		segments = append(segments[:16], "…")
	}
	names, before := 0, ""
	for i, s := range segments {
		word := strings.ToLower(s)
		known := names == 0 && (words[word] || before == "api" || before == "agile") // which a version follows
		switch {
		case s == "" || s == "…":
		case known:
			names = named[word]
		default:
			segments[i], names = "{}", max(names-1, 0)
		}
		before = word
	}
	return strings.Join(segments, "/")
}
