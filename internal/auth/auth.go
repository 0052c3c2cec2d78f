// Package auth decides who somebody is and what they may do: passwords,
// sessions, access and refresh tokens, personal API tokens, registration. It
// reads and writes through store and knows nothing of HTTP.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"log/slog"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Options configures a Service. Every field must be set, but for the ones that
// say otherwise.
type Options struct {
	Store  *store.Store
	Logger *slog.Logger
	Key    []byte // signs access tokens; 32 bytes or more
	// OtherKeys are those before and after Key: access tokens that were signed under
	// one of them are taken until they end. May be empty.
	OtherKeys    [][]byte
	Algorithm    string // HS256, HS384 or HS512
	AccessTTL    time.Duration
	RefreshTTL   time.Duration
	SessionTTL   time.Duration // however often it is renewed; 0 is for ever
	Registration string        // open, invite or closed
	BcryptCost   int
	BcryptPool   int // hashes computed at the same time; 0 is one per core
	Now          func() time.Time
}

// Service signs people in and checks who they are. It is safe for concurrent
// use. Close stops its workers.
type Service struct {
	store        *store.Store
	logger       *slog.Logger
	signer       *signer
	passwords    *passwords
	activity     *activity
	accessTTL    time.Duration
	refreshTTL   time.Duration
	sessionTTL   time.Duration
	registration string
	now          func() time.Time
}

// New returns a service and starts its workers.
func New(o Options) (*Service, error) {
	sign, err := newSigner(o.Key, o.Algorithm, o.OtherKeys...)
	if err != nil {
		return nil, err
	}
	guessed() // now, so that what it lets go does not stay until somebody chooses a password
	hashing, err := newPasswords(o.BcryptCost, o.BcryptPool)
	if err != nil {
		return nil, err
	}
	return &Service{
		store: o.Store, logger: o.Logger, signer: sign, passwords: hashing,
		activity: newActivity(o.Store, o.Logger), accessTTL: o.AccessTTL, refreshTTL: o.RefreshTTL, sessionTTL: o.SessionTTL,
		registration: o.Registration, now: o.Now,
	}, nil
}

// Close writes what is still to be written and stops the workers.
func (s *Service) Close() {
	s.passwords.close()
	s.activity.close()
}

// Client is where a request comes from.
type Client struct {
	Address   string // IP address
	Device    string // User-Agent
	RequestID string
}

// Identity is who makes a request, and by what.
type Identity struct {
	User      rampforge.User
	SessionID string   // of an access token, else ""
	TokenID   string   // of a personal API token, else ""
	Scopes    []string // of a personal API token
}

// The scopes of personal API tokens. Each includes the ones before it.
const (
	ScopeRead  = "read"
	ScopeWrite = "write"
	ScopeAdmin = "admin"
)

// Allows reports whether the identity may do what needs the given scope.
// Whoever is signed in by password has every scope; the role decides then.
func (i Identity) Allows(scope string) bool {
	if i.TokenID == "" {
		return true
	}
	rank := map[string]int{ScopeRead: 1, ScopeWrite: 2, ScopeAdmin: 3}
	for _, s := range i.Scopes {
		if rank[s] >= rank[scope] {
			return true
		}
	}
	return false
}

var errUnauthenticated = &rampforge.Error{
	Code: rampforge.CodeUnauthenticated, Message: "The token is missing, wrong, or no longer valid: sign in again.",
}

// Authenticate returns who presents a bearer token: an access token or a
// personal API token. The row behind it is read each time, so that an ended
// session, token or account is refused at once, on every replica.
func (s *Service) Authenticate(ctx context.Context, bearer string) (Identity, error) {
	if isAPIToken(bearer) {
		return s.authenticateToken(ctx, bearer)
	}
	claims, err := s.signer.verify(bearer, s.now())
	if err != nil {
		return Identity{}, errUnauthenticated
	}
	user, err := s.store.SessionUser(ctx, claims.SessionID, s.now())
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound || err == nil && user.ID != claims.Subject {
		return Identity{}, errUnauthenticated
	}
	if err != nil {
		return Identity{}, err
	}
	s.activity.session(user.ID, claims.SessionID, s.now())
	return Identity{User: user, SessionID: claims.SessionID}, nil
}

// audit writes a line to the audit log. What it is about has happened already,
// so a failure to write is logged and not answered.
func (s *Service) audit(ctx context.Context, c Client, e rampforge.AuditEntry) {
	e.At, e.Address, e.RequestID = s.now(), c.Address, c.RequestID
	if err := s.store.Audit(context.WithoutCancel(ctx), e); err != nil {
		s.logger.ErrorContext(ctx, "the audit log was not written", "action", e.Action, "error", err)
	}
}

// randomToken returns prefix and 256 random bits.
func randomToken(prefix string) string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the program instead
	return prefix + base64.RawURLEncoding.EncodeToString(raw)
}

// hashToken is how a random token is kept: it has 256 bits, so that a plain
// hash cannot be searched.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func isNotFound(err error) bool {
	e, ok := errors.AsType[*rampforge.Error](err)
	return ok && e.Code == rampforge.CodeNotFound
}
