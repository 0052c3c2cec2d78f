package auth

import (
	"context"
	"errors"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Tokens is what signing in or refreshing gives.
type Tokens struct {
	Access    string
	ExpiresIn time.Duration // of the access token
	Refresh   string
	User      rampforge.User
}

// errWrongPassword has the same words for an unknown address, a wrong password
// and a deactivated account: the answer must not tell which addresses exist.
var errWrongPassword = &rampforge.Error{Code: rampforge.CodeUnauthenticated, Message: "The e-mail address or the password is wrong."}

// Login begins a session. The time it takes does not tell an unknown address
// from a wrong password.
func (s *Service) Login(ctx context.Context, email, password string, c Client) (*Tokens, error) {
	tokens, userID, err := s.login(ctx, email, password, c)
	if errors.Is(err, errChangedMeanwhile) {
		// The hash is another by now: of another password, or of this one.
		tokens, userID, err = s.login(ctx, email, password, c)
	}
	if errors.Is(err, errChangedMeanwhile) {
		err = errWrongPassword
	}
	if err == nil || errors.Is(err, errWrongPassword) {
		s.audit(ctx, c, rampforge.AuditEntry{ActorID: userID, Action: "auth.login", TargetID: userID, Success: err == nil})
	}
	return tokens, err
}

// errChangedMeanwhile says that a password was compared with a hash that is
// not the account's any more.
var errChangedMeanwhile = errors.New("the password was changed meanwhile")

func (s *Service) login(ctx context.Context, email, password string, c Client) (*Tokens, string, error) {
	user, hash, err := s.store.UserByEmail(ctx, email)
	if err != nil && !isNotFound(err) {
		return nil, "", err
	}
	if len(password) > 4*maxPassword {
		// No password is that long; the dummy keeps the time the same.
		hash, password = "", "x"
	}
	ok, err := s.passwords.matches(ctx, hash, password)
	if err != nil {
		return nil, user.ID, err
	}
	if !ok || !user.IsActive {
		return nil, user.ID, errWrongPassword
	}
	tokens, err := s.begin(ctx, user, hash, c)
	if isNotFound(err) {
		return nil, user.ID, errChangedMeanwhile
	}
	if err == nil && s.passwords.outdated(hash) {
		go s.rehash(context.WithoutCancel(ctx), user.ID, hash, password)
	}
	return tokens, user.ID, err
}

// rehash keeps the password with today's cost. It runs after the answer.
func (s *Service) rehash(ctx context.Context, userID, old, password string) {
	hash, err := s.passwords.hash(ctx, password)
	if err == nil {
		err = s.store.RehashPassword(ctx, userID, old, hash)
	}
	if err != nil {
		s.logger.WarnContext(ctx, "a password was not hashed anew", "error", err)
	}
}

// begin begins a session of an account whose password was held against hash.
func (s *Service) begin(ctx context.Context, user rampforge.User, hash string, c Client) (*Tokens, error) {
	now, refresh := s.now(), randomToken("rfr_")
	lives := s.refreshTTL
	if s.sessionTTL > 0 {
		lives = min(lives, s.sessionTTL)
	}
	session, err := s.store.CreateSession(ctx, store.NewSession{
		UserID: user.ID, PasswordHash: hash, RefreshHash: hashToken(refresh), Device: clip(c.Device, 200), Address: c.Address, At: now, ExpiresAt: now.Add(lives),
	})
	if err != nil {
		return nil, err
	}
	return s.tokens(user, session, refresh, now)
}

func (s *Service) tokens(user rampforge.User, session, refresh string, now time.Time) (*Tokens, error) {
	access, err := s.signer.sign(user.ID, session, now, s.accessTTL)
	if err != nil {
		return nil, err
	}
	return &Tokens{Access: access, ExpiresIn: s.accessTTL, Refresh: refresh, User: user}, nil
}

// Refresh renews a session and replaces its refresh token. The use of a token
// that was replaced before ends the session, whoever holds the new one.
func (s *Service) Refresh(ctx context.Context, refresh string, c Client) (*Tokens, error) {
	now, next := s.now(), randomToken("rfr_")
	rotation, err := s.store.RotateSession(ctx, hashToken(refresh), hashToken(next), c.Address, now, s.refreshTTL, s.sessionTTL)
	if isNotFound(err) {
		return nil, errUnauthenticated
	}
	if err != nil {
		return nil, err
	}
	if rotation.Reused {
		s.audit(ctx, c, rampforge.AuditEntry{ActorID: rotation.User.ID, Action: "auth.refresh_reused", TargetID: rotation.SessionID, Success: false})
		return nil, errUnauthenticated
	}
	return s.tokens(rotation.User, rotation.SessionID, next, now)
}

// Logout ends the session of an identity at once.
func (s *Service) Logout(ctx context.Context, i Identity, c Client) error {
	err := s.EndSession(ctx, i, i.SessionID, c)
	if isNotFound(err) {
		return nil // ended meanwhile: what was asked for is so
	}
	return err
}

// EndSession ends one of a person's own sessions at once.
func (s *Service) EndSession(ctx context.Context, i Identity, sessionID string, c Client) error {
	err := s.store.RevokeSession(ctx, sessionID, i.User.ID, "signed out", s.now())
	if err == nil {
		s.audit(ctx, c, rampforge.AuditEntry{ActorID: i.User.ID, Action: "auth.logout", TargetID: sessionID, Success: true})
	}
	return err
}

// Sessions lists a person's live sessions, newest first.
func (s *Service) Sessions(ctx context.Context, i Identity) ([]rampforge.Session, error) {
	sessions, err := s.store.Sessions(ctx, i.User.ID, s.now())
	for n := range sessions {
		sessions[n].Current = sessions[n].ID == i.SessionID
	}
	return sessions, err
}

// ChangePassword replaces a person's password and ends all their other
// sessions.
func (s *Service) ChangePassword(ctx context.Context, i Identity, current, next string, c Client) error {
	if issue := passwordIssue(next, i.User.Email, i.User.Name); issue != "" {
		return rampforge.Invalid(rampforge.FieldIssue{Field: "new_password", Issue: issue})
	}
	_, old, err := s.store.UserByEmail(ctx, i.User.Email)
	if err != nil {
		return err
	}
	ok, err := s.passwords.matches(ctx, old, current)
	if err != nil {
		return err
	}
	if !ok {
		s.audit(ctx, c, rampforge.AuditEntry{ActorID: i.User.ID, Action: "auth.password_changed", TargetID: i.User.ID, Success: false})
		return rampforge.Invalid(rampforge.FieldIssue{Field: "current_password", Issue: "is not the password of this account"})
	}
	if next == current {
		return rampforge.Invalid(rampforge.FieldIssue{Field: "new_password", Issue: "is the password that you have: choose another"})
	}
	hash, err := s.passwords.hash(ctx, next)
	if err != nil {
		return err
	}
	err = s.store.SetPassword(ctx, i.User.ID, old, hash, i.SessionID, s.now())
	if isNotFound(err) {
		return rampforge.Errorf(rampforge.CodeConflict, "The password was changed by somebody else at this moment: sign in again, and change it if that was not you.")
	}
	if err != nil {
		return err
	}
	s.audit(ctx, c, rampforge.AuditEntry{ActorID: i.User.ID, Action: "auth.password_changed", TargetID: i.User.ID, Success: true})
	return nil
}

// clip cuts text to at most n bytes, at a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

// ResetPassword sets a person's password without the current one and ends all
// their sessions, for whoever runs the server.
func (s *Service) ResetPassword(ctx context.Context, userID, next string) error {
	user, err := s.store.User(ctx, userID)
	if err != nil {
		return err
	}
	if issue := passwordIssue(next, user.Email, user.Name); issue != "" {
		return rampforge.Invalid(rampforge.FieldIssue{Field: "password", Issue: issue})
	}
	hash, err := s.passwords.hash(ctx, next)
	if err != nil {
		return err
	}
	if err := s.store.SetPassword(ctx, userID, "", hash, "", s.now()); err != nil {
		return err
	}
	s.audit(ctx, Client{Address: "command line"}, rampforge.AuditEntry{Action: "auth.password_reset", TargetID: userID, Success: true})
	return nil
}
