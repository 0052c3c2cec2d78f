package auth

import (
	"crypto/sha256"
	"encoding/hex"
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
// another is refused whatever its signature. It signs under one key and takes
// what was signed under that or another that it was given: replicas that come
// from one key to the next at different moments take each other's tokens.
type signer struct {
	present string            // names the key that signs
	keys    map[string][]byte // by what a token's header calls them
	all     jwt.VerificationKeySet
	method  jwt.SigningMethod

	mu    sync.RWMutex
	known map[string]*claims // by token: whose signature and form were found good
}

// maxKnown bounds the memory of known tokens to a few MiB; they are checked
// anew after that.
const maxKnown = 8192

func newSigner(key []byte, algorithm string, others ...[]byte) (*signer, error) {
	method, ok := map[string]jwt.SigningMethod{"HS256": jwt.SigningMethodHS256, "HS384": jwt.SigningMethodHS384, "HS512": jwt.SigningMethodHS512}[algorithm]
	if !ok {
		return nil, fmt.Errorf("the signature algorithm %q is not known: use HS256, HS384 or HS512", algorithm)
	}
	s := &signer{present: keyName(key), keys: map[string][]byte{}, method: method}
	for _, k := range append([][]byte{key}, others...) {
		if len(k) < 32 {
			return nil, errors.New("a signing key has fewer than 32 bytes")
		}
		s.keys[keyName(k)] = k
		s.all.Keys = append(s.all.Keys, k)
	}
	return s, nil
}

// keyName is what the header of a token calls the key that signed it: a hash for
// this purpose alone, from which nobody gets the key.
func keyName(key []byte) string {
	sum := sha256.Sum256(append([]byte("rampforge/token key/"), key...))
	return hex.EncodeToString(sum[:8])
}

func (s *signer) sign(userID, sessionID string, at time.Time, ttl time.Duration) (string, error) {
	token := jwt.NewWithClaims(s.method, claims{sessionID, jwt.RegisteredClaims{
		Issuer: issuer, Subject: userID, Audience: jwt.ClaimStrings{audience}, ID: store.NewID("jti"),
		IssuedAt: jwt.NewNumericDate(at), NotBefore: jwt.NewNumericDate(at), ExpiresAt: jwt.NewNumericDate(at.Add(ttl)),
	}})
	token.Header["kid"] = s.present
	return token.SignedString(s.keys[s.present])
}

// keyOf chooses the key of a token by its header. Tokens of versions that named
// no key are held against each.
func (s *signer) keyOf(token *jwt.Token) (any, error) {
	named, given := token.Header["kid"]
	if !given {
		return s.all, nil
	}
	name, _ := named.(string)
	key, known := s.keys[name]
	if !known {
		return nil, errors.New("the token was signed under a key that is not at hand")
	}
	return key, nil
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
	_, err := jwt.ParseWithClaims(token, &c, s.keyOf,
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
