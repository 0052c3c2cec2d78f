package auth

import (
	"cmp"
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	_ "time/tzdata" // names of time zones are checked on machines without them

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// The registration modes.
const (
	RegistrationOpen   = "open"
	RegistrationInvite = "invite"
	RegistrationClosed = "closed"
)

// NewAccount is what somebody gives to get an account.
type NewAccount struct {
	Email    string
	Password string
	Name     string
	Role     rampforge.Role // "" is developer
}

// Register makes an account for whoever asks, as far as the registration mode
// allows. The first account of an installation is an administrator; after
// that, developer is the most that one gets without an invitation.
func (s *Service) Register(ctx context.Context, n NewAccount, c Client) (rampforge.User, error) {
	admit := func(invitation *store.Invitation) (rampforge.Role, error) {
		return admitted(s.registration, n.Role, invitation)
	}
	if err := s.mayRegister(ctx, n.Email, admit); err != nil {
		return rampforge.User{}, err
	}
	return s.create(ctx, n, c, admit)
}

// CreateUser makes an account with any role, for the command line.
func (s *Service) CreateUser(ctx context.Context, n NewAccount) (rampforge.User, error) {
	return s.create(ctx, n, Client{Address: "command line"}, nil)
}

// mayRegister turns away, before a password is hashed, who would be turned
// away after. What counts is what admit says when the account is made: until
// then somebody else may have become the first, or withdrawn the invitation.
func (s *Service) mayRegister(ctx context.Context, email string, admit func(*store.Invitation) (rampforge.Role, error)) error {
	installed, err := s.store.Installed(ctx)
	if err != nil || !installed {
		return err
	}
	invitation, err := s.store.Invitation(ctx, email)
	switch {
	case isNotFound(err):
		_, err = admit(nil)
	case err == nil:
		_, err = admit(&invitation)
	}
	return err
}

// admitted returns the role that somebody gets who is not the first, and asks
// for one, "" for any.
func admitted(mode string, asked rampforge.Role, invitation *store.Invitation) (rampforge.Role, error) {
	most, role := rampforge.RoleDeveloper, cmp.Or(asked, rampforge.RoleDeveloper)
	if mode != RegistrationOpen {
		if mode == RegistrationClosed || invitation == nil {
			return "", rampforge.Errorf(rampforge.CodeForbidden, "Registration is %s here: ask an administrator for an account.", mode)
		}
		most = invitation.Role
		role = cmp.Or(asked, most)
	}
	if role.Valid() && !most.AtLeast(role) {
		return "", rampforge.Errorf(rampforge.CodeForbidden, "Registering gives the role %s at most: leave role out, and ask an administrator for more.", most)
	}
	return role, nil
}

func (s *Service) create(ctx context.Context, n NewAccount, c Client, admit func(*store.Invitation) (rampforge.Role, error)) (rampforge.User, error) {
	n.Role = cmp.Or(n.Role, rampforge.RoleDeveloper)
	n.Email, n.Name = strings.TrimSpace(n.Email), strings.TrimSpace(n.Name)
	if issues := accountIssues(n); len(issues) > 0 {
		return rampforge.User{}, rampforge.Invalid(issues...)
	}
	if _, _, err := s.store.UserByEmail(ctx, n.Email); err == nil {
		// Asked before hashing: a known address must not cost 0.2 s of a core.
		return rampforge.User{}, rampforge.Errorf(rampforge.CodeConflict, "An account with this e-mail address exists: sign in, or use another address.")
	}
	hash, err := s.passwords.hash(ctx, n.Password)
	if err != nil {
		return rampforge.User{}, err
	}
	user, err := s.store.CreateUser(ctx, store.Registration{Email: n.Email, Name: n.Name, PasswordHash: hash, Role: n.Role, At: s.now(), Admit: admit})
	if err != nil {
		return rampforge.User{}, err
	}
	s.audit(ctx, c, rampforge.AuditEntry{ActorID: user.ID, Action: "auth.register", TargetID: user.ID, Success: true, Details: map[string]any{roleField: user.Role}})
	return user, nil
}

func accountIssues(n NewAccount) []rampforge.FieldIssue {
	var issues []rampforge.FieldIssue
	add := func(field, issue string) {
		if issue != "" {
			issues = append(issues, rampforge.FieldIssue{Field: field, Issue: issue})
		}
	}
	add("email", EmailIssue(n.Email))
	add("password", passwordIssue(n.Password, n.Email, n.Name))
	add("name", nameIssue(n.Name))
	if !n.Role.Valid() {
		add(roleField, "must be admin, team_lead, developer or observer")
	}
	return issues
}

// maxEmail is the longest address that mail can be sent to (RFC 5321).
const maxEmail = 254

// EmailIssue says what is wrong with an e-mail address, or "".
func EmailIssue(email string) string {
	addr, err := mail.ParseAddress(email)
	if err != nil || addr.Address != email || len(email) > maxEmail || strings.ContainsAny(email, "\"<> ") {
		return "must be an e-mail address such as name@example.com"
	}
	return ""
}

const maxName = 200

// roleField is what the API calls a role.
const roleField = "role"

func nameIssue(name string) string {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return "must not be empty"
	case n > maxName:
		return fmt.Sprintf("must have at most %d characters", maxName)
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "must not hold control characters"
	}
	return ""
}

// The bounds of a profile.
const (
	maxSkills        = 100
	maxSkill         = 100      // characters
	maxLearningBytes = 64 << 10 // as JSON
)

// UpdateProfile changes a person's own profile.
func (s *Service) UpdateProfile(ctx context.Context, i Identity, change store.ProfileChange) (rampforge.User, error) {
	if issues := profileIssues(&change); len(issues) > 0 {
		return rampforge.User{}, rampforge.Invalid(issues...)
	}
	return s.store.UpdateProfile(ctx, i.User.ID, change, s.now())
}

func profileIssues(c *store.ProfileChange) []rampforge.FieldIssue {
	var issues []rampforge.FieldIssue
	if c.Name != nil {
		*c.Name = strings.TrimSpace(*c.Name)
		if issue := nameIssue(*c.Name); issue != "" {
			issues = append(issues, rampforge.FieldIssue{Field: "name", Issue: issue})
		}
	}
	if len(c.Skills) > maxSkills {
		issues = append(issues, rampforge.FieldIssue{Field: "skills", Issue: fmt.Sprintf("must have at most %d entries", maxSkills)})
	}
	for n, skill := range c.Skills {
		if utf8.RuneCountInString(skill) > maxSkill || strings.TrimSpace(skill) == "" {
			issues = append(issues, rampforge.FieldIssue{Field: fmt.Sprintf("skills[%d]", n), Issue: fmt.Sprintf("must have 1 to %d characters", maxSkill)})
			break
		}
	}
	if jsonSize(c.LearningProgress) > maxLearningBytes {
		issues = append(issues, rampforge.FieldIssue{Field: "learning_progress", Issue: fmt.Sprintf("must be at most %d KiB of JSON", maxLearningBytes>>10)})
	}
	if c.Timezone != nil {
		if _, err := time.LoadLocation(*c.Timezone); err != nil || *c.Timezone == "" || *c.Timezone == "Local" {
			issues = append(issues, rampforge.FieldIssue{Field: "timezone", Issue: "must be an IANA time zone such as Europe/Vienna or UTC"})
		}
	}
	return issues
}

// UpdateAccount changes another account's role or activity. Deactivation ends
// its sessions and tokens at once.
func (s *Service) UpdateAccount(ctx context.Context, i Identity, userID string, change store.AccountChange, c Client) (rampforge.User, error) {
	if change.Role != nil && !change.Role.Valid() {
		return rampforge.User{}, rampforge.Invalid(rampforge.FieldIssue{Field: roleField, Issue: "must be admin, team_lead, developer or observer"})
	}
	before, err := s.store.User(ctx, userID)
	if err != nil {
		return rampforge.User{}, err
	}
	after, err := s.store.UpdateAccount(ctx, userID, change, s.now())
	if err != nil {
		return rampforge.User{}, err
	}
	if before.Role != after.Role {
		s.audit(ctx, c, rampforge.AuditEntry{ActorID: i.User.ID, Action: "user.role_changed", TargetID: userID, Success: true, Details: map[string]any{"from": before.Role, "to": after.Role}})
	}
	if before.IsActive != after.IsActive {
		s.audit(ctx, c, rampforge.AuditEntry{ActorID: i.User.ID, Action: "user.activity_changed", TargetID: userID, Success: true, Details: map[string]any{"is_active": after.IsActive}})
	}
	return after, nil
}

// Invite lets an address register where registration is by invitation.
func (s *Service) Invite(ctx context.Context, i Identity, email string, role rampforge.Role, c Client) (store.Invitation, error) {
	if role == "" {
		role = rampforge.RoleDeveloper
	}
	var issues []rampforge.FieldIssue
	if issue := EmailIssue(strings.TrimSpace(email)); issue != "" {
		issues = append(issues, rampforge.FieldIssue{Field: "email", Issue: issue})
	}
	if !role.Valid() || role == rampforge.RoleAdmin {
		issues = append(issues, rampforge.FieldIssue{Field: roleField, Issue: "must be team_lead, developer or observer"})
	}
	if len(issues) > 0 {
		return store.Invitation{}, rampforge.Invalid(issues...)
	}
	invitation := store.Invitation{Email: strings.TrimSpace(email), Role: role, InvitedBy: i.User.ID, CreatedAt: s.now()}
	if err := s.store.Invite(ctx, invitation); err != nil {
		return store.Invitation{}, err
	}
	s.audit(ctx, c, rampforge.AuditEntry{ActorID: i.User.ID, Action: "user.invited", TargetID: store.EmailKey(email), Success: true, Details: map[string]any{roleField: role}})
	return invitation, nil
}
