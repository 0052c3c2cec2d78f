package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

// Envelope is how every error of the API looks.
//
//nolint:errname // the schema in the OpenAPI document has this name
type Envelope struct {
	IsError   bool           `json:"error" doc:"Always true"`
	Code      rampforge.Code `json:"code" doc:"The kind of fault, for programs" example:"VALIDATION_ERROR"`
	Message   string         `json:"message" doc:"One sentence that a person can act on"`
	Detail    string         `json:"detail" doc:"The message again, for clients that look for it here"`
	Details   map[string]any `json:"details" nullable:"true" doc:"Further facts, such as fields: [{field, issue}] with every fault of the request"`
	Timestamp time.Time      `json:"timestamp"`
	RequestID string         `json:"request_id"`

	status     int
	retryAfter time.Duration
}

// Error implements error.
func (e *Envelope) Error() string { return string(e.Code) + ": " + e.Message }

// GetStatus implements huma.StatusError.
func (e *Envelope) GetStatus() int { return e.status }

// statuses is the contract's table of codes. CodeInvalid is 400 for JSON that
// cannot be read; everything else that is invalid is 422.
var statuses = map[rampforge.Code]int{
	rampforge.CodeInvalid:          http.StatusUnprocessableEntity,
	rampforge.CodeUnauthenticated:  http.StatusUnauthorized,
	rampforge.CodeForbidden:        http.StatusForbidden,
	rampforge.CodeNotFound:         http.StatusNotFound,
	rampforge.CodeMethodNotAllowed: http.StatusMethodNotAllowed,
	rampforge.CodeConflict:         http.StatusConflict,
	rampforge.CodeTooLarge:         http.StatusRequestEntityTooLarge,
	rampforge.CodeUnsupportedMedia: http.StatusUnsupportedMediaType,
	rampforge.CodeRateLimited:      http.StatusTooManyRequests,
	rampforge.CodeInternal:         http.StatusInternalServerError,
	rampforge.CodeMCPService:       http.StatusBadGateway,
	rampforge.CodeExternal:         http.StatusBadGateway,
	rampforge.CodeUnavailable:      http.StatusServiceUnavailable,
	rampforge.CodeAnalysis:         http.StatusServiceUnavailable,
	rampforge.CodeAI:               http.StatusServiceUnavailable,
}

// useEnvelope makes huma write our envelope. Huma keeps these as variables of
// its package: they are set once, before the first API exists.
var useEnvelope = sync.OnceFunc(func() {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return humaError(context.Background(), status, message, errs)
	}
	huma.NewErrorWithContext = func(c huma.Context, status int, message string, errs ...error) huma.StatusError {
		if c == nil {
			return humaError(context.Background(), status, message, errs)
		}
		e := humaError(c.Context(), status, message, errs)
		e.headers(c.SetHeader)
		return e
	}
})

// headers sets what an error says in headers besides its body.
func (e *Envelope) headers(set func(name, value string)) {
	if e.status == http.StatusUnauthorized {
		set("WWW-Authenticate", `Bearer realm="rampforge"`)
	}
	if e.retryAfter > 0 {
		set("Retry-After", strconv.Itoa(int(math.Ceil(e.retryAfter.Seconds()))))
	}
}

// humaError turns what huma found, or what a handler returned, into an
// envelope.
func humaError(ctx context.Context, status int, message string, errs []error) *Envelope {
	if len(errs) == 1 && status == http.StatusInternalServerError {
		return newEnvelope(ctx, errs[0])
	}
	switch {
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		e := newEnvelope(ctx, invalidFields(errs))
		e.status = status
		return e
	case status >= http.StatusInternalServerError:
		return newEnvelope(ctx, fmt.Errorf("%s: %w", message, errors.Join(errs...)))
	default:
		e := newEnvelope(ctx, &rampforge.Error{Code: codeOf(status), Message: sentence(message)})
		e.status = status
		return e
	}
}

func codeOf(status int) rampforge.Code {
	for code, s := range statuses {
		if s == status && code != rampforge.CodeAnalysis && code != rampforge.CodeAI && code != rampforge.CodeMCPService {
			return code
		}
	}
	return rampforge.CodeInvalid
}

func sentence(s string) string {
	if s == "" {
		return "The request cannot be carried out."
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

// invalidFields names every fault by its field, without the rejected value:
// that may be a password.
func invalidFields(errs []error) *rampforge.Error {
	issues := []rampforge.FieldIssue{}
	for _, err := range errs {
		d, ok := errors.AsType[*huma.ErrorDetail](err)
		if !ok {
			issues = append(issues, rampforge.FieldIssue{Field: wholeBody, Issue: "is not valid"})
			continue
		}
		issues = append(issues, fieldIssue(d))
	}
	return rampforge.Invalid(issues...)
}

func fieldIssue(d *huma.ErrorDetail) rampforge.FieldIssue {
	field := d.Location
	for _, in := range []string{"body.", "query.", "path.", "header."} {
		field = strings.TrimPrefix(field, in)
	}
	if name, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
		name = strings.TrimSuffix(name, " to be present")
		if field == wholeBody {
			return rampforge.FieldIssue{Field: name, Issue: "is required"}
		}
		return rampforge.FieldIssue{Field: field + "." + name, Issue: "is required"}
	}
	// What a JSON decoder says repeats Go's types; the validator said it better.
	if strings.HasPrefix(d.Message, "json: ") {
		return rampforge.FieldIssue{Field: field, Issue: "has the wrong type"}
	}
	return rampforge.FieldIssue{Field: field, Issue: d.Message}
}

// newEnvelope tells the outside what a person can do about err, and the log
// everything. The context carries the request.
func newEnvelope(ctx context.Context, err error) *Envelope {
	req := requestOf(ctx)
	if e, ok := errors.AsType[*Envelope](err); ok {
		return e
	}
	known, ok := errors.AsType[*rampforge.Error](err)
	if !ok {
		known = translate(ctx, err)
	}
	status, listed := statuses[known.Code]
	if !listed {
		status = http.StatusInternalServerError
	}
	if of := vendorStatus(known); of != 0 {
		status = of
	}
	if _, ok := errors.AsType[unreadable](err); ok {
		status = http.StatusBadRequest
	}
	if status >= http.StatusInternalServerError {
		method, route := req.where()
		req.logger.LogAttrs(ctx, slog.LevelError, "request failed", slog.String("method", method), slog.String("route", route), slog.Int("status", status),
			slog.String("code", string(known.Code)), slog.Any("error", err))
	}
	e := &Envelope{
		IsError: true, Code: known.Code, Message: known.Message, Detail: known.Message, Details: known.Details,
		Timestamp: req.now().UTC(), RequestID: req.id, status: status, retryAfter: known.RetryAfter,
	}
	if len(known.Fields) > 0 {
		details := map[string]any{"fields": known.Fields}
		maps.Copy(details, known.Details)
		e.Details = details
	}
	return e
}

// translate finds words for errors of the floors below.
func translate(ctx context.Context, err error) *rampforge.Error {
	switch {
	case database.IsFull(err):
		return rampforge.Wrap(rampforge.CodeUnavailable, err, "The server's disk is full: ask its administrator to make room.")
	case database.IsBusy(err):
		return &rampforge.Error{Code: rampforge.CodeUnavailable, Message: "The database is busy: try again in a moment.", RetryAfter: time.Second, Err: err}
	case database.IsOrphan(err):
		return rampforge.Wrap(rampforge.CodeNotFound, err, "What this belongs to was removed meanwhile.")
	case database.IsAway(err):
		return &rampforge.Error{
			Code: rampforge.CodeUnavailable, RetryAfter: 2 * time.Second, Err: err,
			Message: "The database does not answer at this moment: try again soon. If this was a change, look first whether it was made.",
		}
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded):
		return &rampforge.Error{Code: rampforge.CodeUnavailable, Message: "The request was not finished in time: try again.", RetryAfter: time.Second, Err: err}
	}
	return rampforge.Wrap(rampforge.CodeInternal, err, "Internal server error")
}

// writeError answers with an envelope outside huma.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	e := newEnvelope(r.Context(), err)
	e.headers(w.Header().Set)
	writeJSON(w, r, e.status, e)
}

func writeJSON(w http.ResponseWriter, r *http.Request, status int, body any) {
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	// A client that went away is nobody's fault.
	_ = json.NewEncoder(w).Encode(body) //nolint:errchkjson // see above
}
