package api

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// bearer is the one way to present a token, in headers and in the contract.
const bearer = "bearer"

// policy says who may use a route. What somebody may see is decided by the
// rows, not here.
type policy struct {
	role rampforge.Role // the least role; "" is everybody, signed in or not
	// session refuses API tokens: a token that leaks must not be able to make
	// others, change the password or end the sessions of its owner.
	session bool
}

var (
	public     = policy{}
	observers  = policy{role: rampforge.RoleObserver}
	developers = policy{role: rampforge.RoleDeveloper}
	teamLeads  = policy{role: rampforge.RoleTeamLead}
	admins     = policy{role: rampforge.RoleAdmin}
	personally = policy{role: rampforge.RoleObserver, session: true}
)

// route is one operation of the contract.
type route struct {
	id, method, path string
	summary          string
	description      string
	tag              string
	policy           policy
	status           int // of success; 0 is 200
	deprecated       bool
	errors           []int // besides those that the policy and the method bring
}

// handle registers an operation. Whoever may not use it is turned away before
// their request is read.
func handle[I, O any](a *API, r route, fn func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		OperationID: r.id, Method: r.method, Path: r.path, Summary: r.summary, Description: r.description, Tags: []string{r.tag},
		DefaultStatus: r.status, Deprecated: r.deprecated,
		// A query that cannot be read is a fault of any request.
		Errors: append([]int{http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusUnprocessableEntity}, r.errors...), Responses: map[string]*huma.Response{},
		// serve bounds bodies and body reads them: what huma would do here would
		// end a request that waits for a job after five seconds.
		MaxBodyBytes: -1, BodyReadTimeout: -1,
	}
	if r.policy.role != "" {
		op.Security = []map[string][]string{{bearer: {}}}
		op.Errors = append(op.Errors, http.StatusUnauthorized, http.StatusTooManyRequests)
		if r.policy.role != rampforge.RoleObserver || r.policy.session || r.method != http.MethodGet {
			op.Errors = append(op.Errors, http.StatusForbidden)
		}
		op.Middlewares = append(op.Middlewares, a.guard(r))
	}
	if takesBody[I]() {
		op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
		op.Middlewares = append(op.Middlewares, a.body)
		op.RequestBody = &huma.RequestBody{}
	}
	huma.Register(a.huma, op, fn)
	otherSuccess(op, reflect.TypeFor[I]())
	if op.RequestBody != nil {
		a.noBodyNeeded(op.RequestBody)
	}
}

// guard signs the caller in and checks the policy.
func (a *API) guard(r route) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		ctx := c.Context()
		req := requestOf(ctx)
		if err := a.signIn(ctx, req, c.Header("Authorization")); err != nil {
			a.fail(c, err)
			return
		}
		ctx = telemetry.With(ctx, slog.String("user_id", req.identity.User.ID))
		if err := a.limits.take(ctx, "api:"+req.identity.User.ID, a.options.Rates.API); err != nil {
			a.fail(c, err)
			return
		}
		if err := allowed(req.identity, r); err != nil {
			a.fail(c, err)
			return
		}
		next(huma.WithContext(c, ctx))
	}
}

func (a *API) signIn(ctx context.Context, req *request, header string) error {
	req.bearer = bearerOf(header)
	if req.bearer == "" {
		return rampforge.Errorf(rampforge.CodeUnauthenticated, "Sign in first: this call needs an Authorization header with a bearer token.")
	}
	identity, err := a.options.Auth.Authenticate(ctx, req.bearer)
	if err != nil {
		return err
	}
	req.identity, req.signedIn = identity, true
	return nil
}

// bearerOf returns the token of an Authorization header, "" when it holds none.
func bearerOf(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, bearer) {
		return ""
	}
	return strings.TrimSpace(token)
}

// allowed checks what an identity is allowed to use; nil is yes.
func allowed(i auth.Identity, r route) error {
	scope := auth.ScopeWrite
	switch {
	case r.policy.role == rampforge.RoleAdmin:
		scope = auth.ScopeAdmin
	case r.method == http.MethodGet:
		scope = auth.ScopeRead
	}
	switch {
	case i.TokenID != "" && r.policy.session:
		return rampforge.Errorf(rampforge.CodeForbidden, "An API token cannot do this: sign in with your password.")
	case !i.Allows(scope):
		return rampforge.Errorf(rampforge.CodeForbidden, "This API token lacks the scope %s.", scope)
	case !i.User.Role.AtLeast(r.policy.role):
		return rampforge.Errorf(rampforge.CodeForbidden, "This needs the role %s or more; yours is %s.", r.policy.role, i.User.Role)
	}
	return nil
}

// fail answers with an error from a middleware.
func (a *API) fail(c huma.Context, err error) {
	r, w := humago.Unwrap(c)
	writeError(w, r.WithContext(c.Context()), err)
}
