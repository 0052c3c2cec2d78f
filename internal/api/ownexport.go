package api

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge/internal/auth"
)

const ownExport = "/api/v1/auth/me/export"

func (a *API) registerOwnExport() {
	handle(a, route{id: "export-me", method: http.MethodGet, path: ownExport, tag: tagAccount, policy: personally,
		summary: "What is kept of you, as a ZIP of JSON, for nobody else",
		description: "Your account, sessions, API tokens (no secrets), conversations, interviews, knowledge, memberships and lines of the audit log, and the records of services that name you " +
			"by an account or an address that is proven to be yours. person.json says what is not there. " +
			"The answer is written while it is read: one that breaks off is not whole. It counts as a bulk operation, an API token cannot ask for it, and each export is in the audit log."}, a.exportOwn)
	a.huma.OpenAPI().Paths[ownExport].Get.Responses["200"] = &huma.Response{Description: "The ZIP", Content: map[string]*huma.MediaType{
		zipType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
}

// exportOwn asks whose data it is before the first byte, so that what fails then
// is an error like any other.
func (a *API) exportOwn(ctx context.Context, _ *nothing) (*streamAnswer, error) {
	user := requestOf(ctx).identity.User
	if err := a.takeBulk(ctx); err != nil {
		return nil, err
	}
	subject, err := a.options.Store.Subject(ctx, user.Email)
	if err != nil {
		return nil, err
	}
	proven, err := a.people.Proven(ctx, user)
	if err != nil {
		return nil, err
	}
	return &streamAnswer{func(c huma.Context) {
		r, w := humago.Unwrap(c)
		w.Header().Set("Content-Type", zipType)
		w.Header().Set("Content-Disposition", "attachment; filename=my-data.zip")
		w.Header().Set("Cache-Control", "private, no-store")
		if r.Method == http.MethodHead {
			return
		}
		err := auth.ExportOwn(ctx, a.options.Store, subject, proven, w, a.options.Now())
		a.record(ctx, "user.exported", user.ID, err == nil, nil)
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			a.options.Logger.LogAttrs(ctx, slog.LevelError, "an export broke off", slog.Any("error", err))
		}
		panic(http.ErrAbortHandler)
	}}, nil
}
