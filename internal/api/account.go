package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (a *API) registerAccount() {
	handle(a, route{id: "me", method: http.MethodGet, path: "/api/v1/auth/me", tag: tagAccount, policy: observers,
		summary: "Your account"}, a.me)
	handle(a, route{id: "update-profile", method: http.MethodPut, path: "/api/v1/auth/profile", tag: tagAccount, policy: observers,
		summary: "Change your profile", description: "What is left out stays as it is. A role that differs from yours is 403."}, a.updateProfile)
	handle(a, route{id: "update-me", method: http.MethodPut, path: "/api/v1/auth/me", tag: tagAccount, policy: observers,
		summary: "Change your profile (the same as /auth/profile)"}, a.updateProfile)
	handle(a, route{id: "change-password", method: http.MethodPut, path: "/api/v1/auth/password", tag: tagAccount, policy: personally,
		summary: "Change your password", description: "Ends all your other sessions."}, a.changePassword)
	handle(a, route{id: "list-sessions", method: http.MethodGet, path: "/api/v1/auth/sessions", tag: tagAccount, policy: personally,
		summary: "Your sessions, newest first"}, a.sessions)
	handle(a, route{id: "end-session", method: http.MethodDelete, path: "/api/v1/auth/sessions/{id}", tag: tagAccount, policy: personally,
		status: http.StatusNoContent, summary: "End one of your sessions", errors: notThere}, a.endSession)
	handle(a, route{id: "create-token", method: http.MethodPost, path: "/api/v1/auth/tokens", tag: tagAccount, policy: personally,
		status: http.StatusCreated, summary: "Make an API token",
		description: "The token itself is in this answer only. Without scopes it may read; without expires_at it lives until it is deleted."}, a.createToken)
	handle(a, route{id: "list-tokens", method: http.MethodGet, path: "/api/v1/auth/tokens", tag: tagAccount, policy: personally,
		summary: "Your API tokens, newest first"}, a.tokens)
	handle(a, route{id: "delete-token", method: http.MethodDelete, path: "/api/v1/auth/tokens/{id}", tag: tagAccount, policy: personally,
		status: http.StatusNoContent, summary: "End one of your API tokens", errors: notThere}, a.deleteToken)
}

// notThere is what a route with an id in its path can fail with.
var notThere = []int{http.StatusNotFound}

func (*API) me(ctx context.Context, _ *nothing) (*userAnswer, error) {
	return &userAnswer{requestOf(ctx).identity.User}, nil
}

type profileInput struct {
	Body struct {
		Name             *string        `json:"name" required:"false" maxLength:"200"`
		Skills           []string       `json:"skills" required:"false" nullable:"true"`
		LearningProgress map[string]any `json:"learning_progress" required:"false" nullable:"true"`
		Timezone         *string        `json:"timezone" required:"false" maxLength:"64" example:"Europe/Vienna"`
		NamedAsExpert    *bool          `json:"named_as_expert" required:"false" doc:"Whether you may be named as somebody to ask about the areas that you know. Default: true"`
		// Taken so that it can be refused: ignoring it would look like success.
		Role *string `json:"role" required:"false" doc:"Your role; it cannot be changed here"`
	}
}

func (a *API) updateProfile(ctx context.Context, in *profileInput) (*userAnswer, error) {
	identity := requestOf(ctx).identity
	if in.Body.Role != nil && *in.Body.Role != string(identity.User.Role) {
		return nil, rampforge.Errorf(rampforge.CodeForbidden, "Only an administrator changes roles: leave role out.")
	}
	user, err := a.options.Auth.UpdateProfile(ctx, identity, store.ProfileChange{
		Name: in.Body.Name, Skills: in.Body.Skills, LearningProgress: in.Body.LearningProgress, Timezone: in.Body.Timezone,
		NamedAsExpert: in.Body.NamedAsExpert,
	})
	return &userAnswer{user}, err
}

type passwordInput struct {
	Body struct {
		CurrentPassword string `json:"current_password" maxLength:"1024"`
		NewPassword     string `json:"new_password" maxLength:"1024" doc:"8 to 128 characters"`
	}
}

// changePassword counts like a sign-in: who holds a session must not be able
// to try passwords faster than at the door.
func (a *API) changePassword(ctx context.Context, in *passwordInput) (*done, error) {
	req := requestOf(ctx)
	if err := a.limits.account(ctx, "password", req.identity.User.ID, a.options.Rates.Auth); err != nil {
		return nil, err
	}
	if err := a.options.Auth.ChangePassword(ctx, req.identity, in.Body.CurrentPassword, in.Body.NewPassword, req.client()); err != nil {
		return nil, err
	}
	return said("Password changed; all other sessions were ended"), nil
}

// list is a bare array with its total in a header.
type list[T any] struct {
	Total string `header:"X-Total-Count" doc:"How many there are on all pages"`
	Body  []T
}

func listOf[T any](items []T, total int) *list[T] {
	return &list[T]{Total: strconv.Itoa(total), Body: items}
}

func (a *API) sessions(ctx context.Context, _ *nothing) (*list[rampforge.Session], error) {
	sessions, err := a.options.Auth.Sessions(ctx, requestOf(ctx).identity)
	return listOf(sessions, len(sessions)), err
}

// ByID is the input of a route that names one thing.
type ByID struct {
	ID string `path:"id" maxLength:"100"`
}

func (a *API) endSession(ctx context.Context, in *ByID) (*nothing, error) {
	req := requestOf(ctx)
	return nil, a.options.Auth.EndSession(ctx, req.identity, in.ID, req.client())
}

type tokenInput struct {
	Body struct {
		Name      string     `json:"name" minLength:"1" maxLength:"100"`
		Scopes    []string   `json:"scopes" required:"false" nullable:"true" doc:"read, write, admin; each includes the ones before it. Default: read"`
		ExpiresAt *time.Time `json:"expires_at" required:"false"`
	}
}

type tokenAnswer struct {
	Body struct {
		rampforge.APIToken
		Token string `json:"token" doc:"The token itself: it cannot be shown again"`
	}
}

func (a *API) createToken(ctx context.Context, in *tokenInput) (*tokenAnswer, error) {
	req := requestOf(ctx)
	token, secret, err := a.options.Auth.CreateToken(ctx, req.identity, in.Body.Name, in.Body.Scopes, in.Body.ExpiresAt, req.client())
	if err != nil {
		return nil, err
	}
	out := &tokenAnswer{}
	out.Body.APIToken, out.Body.Token = token, secret
	return out, nil
}

func (a *API) tokens(ctx context.Context, _ *nothing) (*list[rampforge.APIToken], error) {
	tokens, err := a.options.Auth.Tokens(ctx, requestOf(ctx).identity)
	return listOf(tokens, len(tokens)), err
}

func (a *API) deleteToken(ctx context.Context, in *ByID) (*nothing, error) {
	req := requestOf(ctx)
	return nil, a.options.Auth.DeleteToken(ctx, req.identity, in.ID, req.client())
}
