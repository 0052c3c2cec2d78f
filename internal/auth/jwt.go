package auth

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/rampforgeai/rampforge/internal/store"
)

const (
	issuer   = "rampforge"
	audience = "rampforge-api"
	// leeway is how far the clocks of two replicas may be apart.
	leeway = 5 * time.Second
)

// claims are what an access token says. It holds no role: what somebody may do
// is read from the account each time.
type claims struct {
	SessionID string `json:"sid"`
	jwt.RegisteredClaims
}

// signer makes and checks access tokens with one algorithm; a token that names
// another is refused whatever its signature.
type signer struct {
	key    []byte
	method jwt.SigningMethod

	mu    sync.RWMutex
	known map[string]*claims // by token: whose signature and form were found good
}

// maxKnown bounds the memory of known tokens to a few MiB; they are checked
// anew after that.
const maxKnown = 8192

func newSigner(key []byte, algorithm string) (*signer, error) {
	method, ok := map[string]jwt.SigningMethod{"HS256": jwt.SigningMethodHS256, "HS384": jwt.SigningMethodHS384, "HS512": jwt.SigningMethodHS512}[algorithm]
	if !ok {
		return nil, fmt.Errorf("the signature algorithm %q is not known: use HS256, HS384 or HS512", algorithm)
	}
	if len(key) < 32 {
		return nil, errors.New("the signing key has fewer than 32 bytes")
	}
	return &signer{key: key, method: method}, nil
}

func (s *signer) sign(userID, sessionID string, at time.Time, ttl time.Duration) (string, error) {
	return jwt.NewWithClaims(s.method, claims{sessionID, jwt.RegisteredClaims{
		Issuer: issuer, Subject: userID, Audience: jwt.ClaimStrings{audience}, ID: store.NewID("jti"),
		IssuedAt: jwt.NewNumericDate(at), NotBefore: jwt.NewNumericDate(at), ExpiresAt: jwt.NewNumericDate(at.Add(ttl)),
	}}).SignedString(s.key)
}

// verify returns what a token says, when its signature is ours and its time is
// now. Checking a signature costs more than reading the session's row, so that
// each is checked once: what it covers does not change, and the time is looked
// at again. Whether the session lives is not known here.
func (s *signer) verify(token string, at time.Time) (*claims, error) {
	s.mu.RLock()
	c, ok := s.known[token]
	s.mu.RUnlock()
	if ok {
		return c, c.current(at)
	}
	c, err := s.check(token, at)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxKnown {
		s.known = make(map[string]*claims)
	}
	s.known[token] = c
	return c, nil
}

// current fails before and after the time of a token, as check does.
func (c *claims) current(at time.Time) error {
	if !at.Before(c.ExpiresAt.Add(leeway)) || early(c.NotBefore, at) || early(c.IssuedAt, at) {
		return errors.New("the token is not of this time")
	}
	return nil
}

func early(from *jwt.NumericDate, at time.Time) bool {
	return from != nil && at.Before(from.Add(-leeway))
}

func (s *signer) check(token string, at time.Time) (*claims, error) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return s.key, nil },
		jwt.WithValidMethods([]string{s.method.Alg()}), jwt.WithIssuer(issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return at }))
	if err != nil {
		return nil, err
	}
	if c.SessionID == "" || c.Subject == "" {
		return nil, errors.New("the token names no session or no person")
	}
	return &c, nil
}
