package auth

import (
	"crypto/rand"
	"crypto/rsa"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var (
	testKey = []byte("0123456789abcdef0123456789abcdef")
	testNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func good() claims {
	return claims{SessionID: "ses_1", RegisteredClaims: jwt.RegisteredClaims{
		Issuer: issuer, Subject: "usr_1", Audience: jwt.ClaimStrings{audience},
		IssuedAt: jwt.NewNumericDate(testNow), ExpiresAt: jwt.NewNumericDate(testNow.Add(time.Minute)),
	}}
}

func TestVerifyTakesItsOwn(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"HS256", "HS384", "HS512"} {
		s, err := newSigner(testKey, algorithm)
		if err != nil {
			t.Fatal(err)
		}
		token, err := s.sign("usr_1", "ses_1", testNow, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.verify(token, testNow)
		if err != nil || c.Subject != "usr_1" || c.SessionID != "ses_1" {
			t.Errorf("%s: %+v, %v", algorithm, c, err)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSigner(testKey, "HS256")
	if err != nil {
		t.Fatal(err)
	}
	signed := func(method jwt.SigningMethod, key any, change func(*claims)) string {
		c := good()
		if change != nil {
			change(&c)
		}
		token, err := jwt.NewWithClaims(method, c).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	hs := func(change func(*claims)) string { return signed(jwt.SigningMethodHS256, testKey, change) }
	if _, err := s.verify(hs(nil), testNow); err != nil {
		t.Fatalf("the good one is refused: %v", err)
	}
	own := hs(nil)
	parts := strings.Split(own, ".")
	for name, token := range map[string]string{
		"none":             signed(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"HS512":            signed(jwt.SigningMethodHS512, testKey, nil),
		"RS256":            signed(jwt.SigningMethodRS256, private, nil),
		"another key":      signed(jwt.SigningMethodHS256, []byte(strings.Repeat("k", 32)), nil),
		"no signature":     parts[0] + "." + parts[1] + ".",
		"no expiry":        hs(func(c *claims) { c.ExpiresAt = nil }),
		"expired":          hs(func(c *claims) { c.ExpiresAt = jwt.NewNumericDate(testNow.Add(-time.Minute)) }),
		"not yet":          hs(func(c *claims) { c.NotBefore = jwt.NewNumericDate(testNow.Add(time.Minute)) }),
		"from the future":  hs(func(c *claims) { c.IssuedAt = jwt.NewNumericDate(testNow.Add(time.Hour)) }),
		"another issuer":   hs(func(c *claims) { c.Issuer = "somebody" }),
		"another audience": hs(func(c *claims) { c.Audience = jwt.ClaimStrings{"somewhere"} }),
		"no session":       hs(func(c *claims) { c.SessionID = "" }),
		"no person":        hs(func(c *claims) { c.Subject = "" }),
		"garbage":          "a.b.c",
		"empty":            "",
		"a line break":     own[:20] + "\n" + own[20:],
	} {
		if c, err := s.verify(token, testNow); err == nil {
			t.Errorf("%s is taken: %+v", name, c)
		}
	}
}

func TestSignerRefusesWeakSettings(t *testing.T) {
	t.Parallel()
	if _, err := newSigner(testKey[:31], "HS256"); err == nil {
		t.Error("a short key is taken")
	}
	for _, algorithm := range []string{"", "none", "RS256", "hs256"} {
		if _, err := newSigner(testKey, algorithm); err == nil {
			t.Errorf("the algorithm %q is taken", algorithm)
		}
	}
}

// replica is a signer that signs under one key and takes another's tokens too.
func replica(t *testing.T, key []byte, others ...[]byte) *signer {
	t.Helper()
	s, err := newSigner(key, "HS256", others...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReplicasTakeEachOthersTokensWhileTheKeyChanges(t *testing.T) {
	t.Parallel()
	before, after := testKey, []byte("fedcba9876543210fedcba9876543210")
	takes := func(by, of *signer) bool {
		token, err := of.sign("usr_1", "ses_1", testNow, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		_, err = by.verify(token, testNow)
		return err == nil
	}
	steps := []*signer{replica(t, before), replica(t, before, after), replica(t, after, before), replica(t, after)}
	for n := 1; n < len(steps); n++ {
		if !takes(steps[n-1], steps[n]) || !takes(steps[n], steps[n-1]) {
			t.Errorf("at step %d a replica refuses a token of one that is a step away", n)
		}
	}
	if takes(steps[3], steps[0]) || takes(steps[0], steps[3]) {
		t.Error("a token is taken whose key is not at hand")
	}
}

func TestTheHeaderChoosesTheKey(t *testing.T) {
	t.Parallel()
	other := []byte("fedcba9876543210fedcba9876543210")
	s := replica(t, testKey, other)
	token := func(key []byte, kid any) string {
		made := jwt.NewWithClaims(jwt.SigningMethodHS256, good())
		if kid != nil {
			made.Header["kid"] = kid
		}
		text, err := made.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for name, text := range map[string]string{
		"the present key":              token(testKey, keyName(testKey)),
		"another key":                  token(other, keyName(other)),
		"of a version without names":   token(testKey, nil),
		"of such a version, other key": token(other, nil),
	} {
		if _, err := s.verify(text, testNow); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"an unknown name":       token(testKey, "0000000000000000"),
		"the name of the other": token(testKey, keyName(other)),
		"a name that is a path": token(testKey, "../../dev/null"),
		"an empty name":         token(testKey, ""),
		"a name that is a list": token(testKey, []string{keyName(testKey)}),
		"a key nobody knows":    token([]byte(strings.Repeat("k", 32)), nil),
	} {
		if _, err := s.verify(text, testNow); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestNoTokenBringsItsKey: headers that name a key elsewhere, or hold one, do not
// make it one of ours.
func TestNoTokenBringsItsKey(t *testing.T) {
	t.Parallel()
	s := replica(t, testKey)
	own := []byte(strings.Repeat("k", 32))
	for name, value := range map[string]any{
		"jwk": map[string]any{"kty": "oct", "k": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s"}, "jku": "https://evil.example/keys", "x5u": "https://evil.example/chain",
		"x5c": []string{"MIIB"}, "crit": []string{"kid"},
	} {
		for _, kid := range []any{nil, keyName(own), keyName(testKey)} {
			made := jwt.NewWithClaims(jwt.SigningMethodHS256, good())
			made.Header[name] = value
			if kid != nil {
				made.Header["kid"] = kid
			}
			text, err := made.SignedString(own)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.verify(text, testNow); err == nil {
				t.Errorf("a token with the header %s is taken that somebody else signed", name)
			}
		}
	}
}
