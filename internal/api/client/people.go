package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/rampforgeai/rampforge"
)

// Account is what somebody registers with. A Role of "" is left out.
type Account struct {
	Email    string         `json:"email"`
	Password string         `json:"password"`
	Name     string         `json:"name"`
	Role     rampforge.Role `json:"role,omitempty"`
}

// Tokens is what signing in or renewing gives.
type Tokens struct {
	AccessToken  string         `json:"access_token"`
	TokenType    string         `json:"token_type"`
	ExpiresIn    int            `json:"expires_in"` // seconds
	RefreshToken string         `json:"refresh_token"`
	User         rampforge.User `json:"user"`
}

// Register makes an account.
func (c *Client) Register(ctx context.Context, a Account) (rampforge.User, error) {
	return send[rampforge.User](ctx, c, http.MethodPost, "/api/v1/auth/register", a)
}

// Login begins a session.
func (c *Client) Login(ctx context.Context, email, password string) (Tokens, error) {
	return send[Tokens](ctx, c, http.MethodPost, "/api/v1/auth/login", map[string]string{"email": email, "password": password})
}

// Refresh renews a session by its refresh token.
func (c *Client) Refresh(ctx context.Context, refresh string) (Tokens, error) {
	return send[Tokens](ctx, c, http.MethodPost, "/api/v1/auth/refresh", map[string]string{"refresh_token": refresh})
}

// Logout ends the client's session.
func (c *Client) Logout(ctx context.Context) error {
	_, err := c.Call(ctx, http.MethodPost, "/api/v1/auth/logout", nil, nil)
	return err
}

// Verify fails when the client's token is not valid.
func (c *Client) Verify(ctx context.Context) error {
	_, err := c.Call(ctx, http.MethodGet, "/api/v1/auth/verify", nil, nil)
	return err
}

// Me returns the account that the client acts for.
func (c *Client) Me(ctx context.Context) (rampforge.User, error) {
	return get[rampforge.User](ctx, c, "/api/v1/auth/me")
}

// Profile is what somebody changes of their account; nil leaves a field as it
// is.
type Profile struct {
	Name             *string        `json:"name,omitempty"`
	Skills           []string       `json:"skills,omitempty"`
	LearningProgress map[string]any `json:"learning_progress,omitempty"`
	Timezone         *string        `json:"timezone,omitempty"`
	NamedAsExpert    *bool          `json:"named_as_expert,omitempty"`
}

// UpdateProfile changes one's own account.
func (c *Client) UpdateProfile(ctx context.Context, p Profile) (rampforge.User, error) {
	return send[rampforge.User](ctx, c, http.MethodPut, "/api/v1/auth/profile", p)
}

// ChangePassword replaces one's own password and ends all other sessions.
func (c *Client) ChangePassword(ctx context.Context, current, next string) error {
	_, err := c.Call(ctx, http.MethodPut, "/api/v1/auth/password", map[string]string{"current_password": current, "new_password": next}, nil)
	return err
}

// Sessions lists one's own sessions, newest first.
func (c *Client) Sessions(ctx context.Context) ([]rampforge.Session, error) {
	return get[[]rampforge.Session](ctx, c, "/api/v1/auth/sessions")
}

// EndSession ends one of one's own sessions.
func (c *Client) EndSession(ctx context.Context, id string) error {
	_, err := c.Call(ctx, http.MethodDelete, "/api/v1/auth/sessions/"+url.PathEscape(id), nil, nil)
	return err
}

// NewToken is an API token with its secret.
type NewToken struct {
	rampforge.APIToken
	Token string `json:"token"`
}

// CreateToken makes an API token. A nil expiry is none.
func (c *Client) CreateToken(ctx context.Context, name string, scopes []string, expires *time.Time) (NewToken, error) {
	return send[NewToken](ctx, c, http.MethodPost, "/api/v1/auth/tokens", map[string]any{"name": name, "scopes": scopes, "expires_at": expires})
}

// Tokens lists one's own API tokens, newest first.
func (c *Client) Tokens(ctx context.Context) ([]rampforge.APIToken, error) {
	return get[[]rampforge.APIToken](ctx, c, "/api/v1/auth/tokens")
}

// DeleteToken ends one of one's own API tokens.
func (c *Client) DeleteToken(ctx context.Context, id string) error {
	_, err := c.Call(ctx, http.MethodDelete, "/api/v1/auth/tokens/"+url.PathEscape(id), nil, nil)
	return err
}

// Users is a page of accounts.
type Users struct {
	Users []rampforge.User `json:"users"`
	Page
}

// Users lists the accounts.
func (c *Client) Users(ctx context.Context, q Query) (Users, error) {
	return get[Users](ctx, c, q.on("/api/v1/users"))
}

// UserChange is what an administrator changes of an account.
type UserChange struct {
	Role     *rampforge.Role `json:"role,omitempty"`
	IsActive *bool           `json:"is_active,omitempty"`
}

// UpdateUser changes an account.
func (c *Client) UpdateUser(ctx context.Context, id string, change UserChange) (rampforge.User, error) {
	return send[rampforge.User](ctx, c, http.MethodPatch, "/api/v1/users/"+url.PathEscape(id), change)
}

// Invitation lets an address register.
type Invitation struct {
	Email     string         `json:"email"`
	Role      rampforge.Role `json:"role"`
	InvitedBy string         `json:"invited_by"`
	CreatedAt time.Time      `json:"created_at"`
}

// Invite lets an address register with a role.
func (c *Client) Invite(ctx context.Context, email string, role rampforge.Role) (Invitation, error) {
	return send[Invitation](ctx, c, http.MethodPost, "/api/v1/users/invitations", map[string]any{"email": email, "role": role})
}

// Invitations lists the open invitations.
func (c *Client) Invitations(ctx context.Context) ([]Invitation, error) {
	return get[[]Invitation](ctx, c, "/api/v1/users/invitations")
}

// DeleteInvitation withdraws an invitation.
func (c *Client) DeleteInvitation(ctx context.Context, email string) error {
	_, err := c.Call(ctx, http.MethodDelete, "/api/v1/users/invitations/"+url.PathEscape(email), nil, nil)
	return err
}

// AuditLog is a page of the audit log.
type AuditLog struct {
	Entries []rampforge.AuditEntry `json:"entries"`
	Page
}

// AuditLog lists the audit log, newest first.
func (c *Client) AuditLog(ctx context.Context, q Query) (AuditLog, error) {
	return get[AuditLog](ctx, c, q.on("/api/v1/audit"))
}
