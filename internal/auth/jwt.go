package auth

import (
	"errors"
	"fmt"
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
}

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

func (s *signer) verify(token string, at time.Time) (*claims, error) {
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
