package rampforge

import (
	"slices"
	"time"
)

// Role says what a person may do. See docs/glossary.md.
type Role string

// The roles, from most to least.
const (
	RoleAdmin     Role = "admin"
	RoleTeamLead  Role = "team_lead"
	RoleDeveloper Role = "developer"
	RoleObserver  Role = "observer"
)

// Roles returns every role, from most to least.
func Roles() []Role { return []Role{RoleAdmin, RoleTeamLead, RoleDeveloper, RoleObserver} }

// Valid reports whether r is a known role.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// AtLeast reports whether r includes everything that other may do.
func (r Role) AtLeast(other Role) bool {
	all := Roles()
	mine, theirs := slices.Index(all, r), slices.Index(all, other)
	return mine >= 0 && theirs >= 0 && mine <= theirs
}

// User is an account.
type User struct {
	ID               string         `json:"id"`
	Email            string         `json:"email"`
	Name             string         `json:"name"`
	Role             Role           `json:"role"`
	IsActive         bool           `json:"is_active"`
	Skills           []string       `json:"skills"`
	LearningProgress map[string]any `json:"learning_progress"`
	Timezone         string         `json:"timezone"` // IANA name
	// NamedAsExpert says that others may be told that this person knows an area.
	NamedAsExpert bool       `json:"named_as_expert"`
	CreatedAt     time.Time  `json:"created_at"`
	LastActive    *time.Time `json:"last_active"`
}

// Session is one sign-in of one person on one device. Its family lives until
// it is revoked or its refresh token runs out.
type Session struct {
	ID        string     `json:"id"`
	UserID    string     `json:"-"`
	Device    string     `json:"device"`  // from the User-Agent header
	Address   string     `json:"address"` // the client's IP address
	CreatedAt time.Time  `json:"created_at"`
	LastUsed  time.Time  `json:"last_used"`
	ExpiresAt time.Time  `json:"expires_at"`
	RevokedAt *time.Time `json:"-"`
	Current   bool       `json:"current"`
}

// APIToken is a personal token for programs. The secret is shown once, when it
// is made; only its hash is kept.
type APIToken struct {
	ID        string     `json:"id"`
	UserID    string     `json:"-"`
	Name      string     `json:"name"`
	Scopes    []string   `json:"scopes"`
	Prefix    string     `json:"prefix"` // the first characters, to tell tokens apart
	ExpiresAt *time.Time `json:"expires_at"`
	LastUsed  *time.Time `json:"last_used"`
	CreatedAt time.Time  `json:"created_at"`
}

// AuditEntry is one line of the audit log: who did what to what, from where.
type AuditEntry struct {
	ID        string         `json:"id"`
	At        time.Time      `json:"at"`
	ActorID   string         `json:"actor_id"` // "" when nobody is signed in
	Action    string         `json:"action"`   // e.g. "auth.login", "user.role_changed"
	TargetID  string         `json:"target_id"`
	Address   string         `json:"address"`
	RequestID string         `json:"request_id"`
	Success   bool           `json:"success"`
	Details   map[string]any `json:"details"`
}
