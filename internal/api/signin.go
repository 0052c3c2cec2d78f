package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (a *API) registerSignIn() {
	handle(a, route{id: "register", method: http.MethodPost, path: "/api/v1/auth/register", tag: tagSignIn, policy: public, status: http.StatusCreated,
		summary:     "Make an account",
		description: "The first account of an installation is an admin. After that, developer is the most that one gets; asking for more is 403. Where registration is by invitation, an invited address gets the role of its invitation.",
		errors:      []int{http.StatusForbidden, http.StatusConflict, http.StatusTooManyRequests}}, a.register)
	handle(a, route{id: "login", method: http.MethodPost, path: "/api/v1/auth/login", tag: tagSignIn, policy: public,
		summary:     "Begin a session",
		description: "An unknown address and a wrong password get the same answer in the same time.",
		errors:      []int{http.StatusUnauthorized, http.StatusTooManyRequests}}, a.login)
	handle(a, route{id: "refresh", method: http.MethodPost, path: "/api/v1/auth/refresh", tag: tagSignIn, policy: public,
		summary:     "Renew a session",
		description: "The refresh token is replaced by the one in the answer. Using a replaced one again ends the session.",
		errors:      []int{http.StatusUnauthorized, http.StatusTooManyRequests}}, a.refresh)
	handle(a, route{id: "logout", method: http.MethodPost, path: "/api/v1/auth/logout", tag: tagSignIn, policy: personally,
		summary: "End this session, at once and everywhere"}, a.logout)
	handle(a, route{id: "verify", method: http.MethodGet, path: "/api/v1/auth/verify", tag: tagSignIn, policy: observers,
		summary: "Whether the token is valid"}, a.verify)
}

type userAnswer struct{ Body rampforge.User }

type registerInput struct {
	Body struct {
		Email    string          `json:"email" maxLength:"254" example:"name@example.com"`
		Password string          `json:"password" maxLength:"1024" doc:"8 to 128 characters"`
		Name     string          `json:"name" maxLength:"200"`
		Role     *rampforge.Role `json:"role" required:"false" enum:"admin,team_lead,developer,observer" doc:"Default: developer, or what the invitation says"`
	}
}

func (a *API) register(ctx context.Context, in *registerInput) (*userAnswer, error) {
	if err := a.limits.account(ctx, "register", store.EmailKey(in.Body.Email), a.options.Rates.Auth); err != nil {
		return nil, err
	}
	account := auth.NewAccount{Email: in.Body.Email, Password: in.Body.Password, Name: in.Body.Name, Role: value(in.Body.Role)}
	user, err := a.options.Auth.Register(ctx, account, requestOf(ctx).client())
	return &userAnswer{user}, err
}

type loginInput struct {
	Body struct {
		Email    string `json:"email" maxLength:"1024"`
		Password string `json:"password" maxLength:"1024"`
	}
}

type tokensAnswer struct {
	Body struct {
		AccessToken  string         `json:"access_token"`
		TokenType    string         `json:"token_type" enum:"bearer"`
		ExpiresIn    int            `json:"expires_in" doc:"Life of the access token in seconds"`
		RefreshToken string         `json:"refresh_token"`
		User         rampforge.User `json:"user"`
	}
}

func tokensOf(t *auth.Tokens) *tokensAnswer {
	out := &tokensAnswer{}
	out.Body.AccessToken, out.Body.TokenType, out.Body.ExpiresIn = t.Access, bearer, int(t.ExpiresIn.Seconds())
	out.Body.RefreshToken, out.Body.User = t.Refresh, t.User
	return out
}

func (a *API) login(ctx context.Context, in *loginInput) (*tokensAnswer, error) {
	if err := a.limits.account(ctx, "login", store.EmailKey(in.Body.Email), a.options.Rates.Auth); err != nil {
		return nil, err
	}
	tokens, err := a.options.Auth.Login(ctx, in.Body.Email, in.Body.Password, requestOf(ctx).client())
	if err != nil {
		return nil, err
	}
	return tokensOf(tokens), nil
}

type refreshInput struct {
	Body struct {
		RefreshToken string `json:"refresh_token" maxLength:"1024"`
	}
}

// refresh counts by token, because whose it is is known only once it was
// replaced: refusing then would leave the caller without either.
func (a *API) refresh(ctx context.Context, in *refreshInput) (*tokensAnswer, error) {
	sum := sha256.Sum256([]byte(in.Body.RefreshToken))
	if err := a.limits.account(ctx, "refresh", hex.EncodeToString(sum[:]), a.options.Rates.Auth); err != nil {
		return nil, err
	}
	tokens, err := a.options.Auth.Refresh(ctx, in.Body.RefreshToken, requestOf(ctx).client())
	if err != nil {
		return nil, err
	}
	return tokensOf(tokens), nil
}

func (a *API) logout(ctx context.Context, _ *nothing) (*done, error) {
	req := requestOf(ctx)
	if err := a.options.Auth.Logout(ctx, req.identity, req.client()); err != nil {
		return nil, err
	}
	return said("Successfully logged out"), nil
}

func (*API) verify(context.Context, *nothing) (*done, error) {
	return said("Token is valid"), nil
}

// value is what p points at, or the zero value.
func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
