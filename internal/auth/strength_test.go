package auth_test

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// TestPasswordsAreTakenAsTheyAre: of any characters, to the last blank and
// capital, and long.
func TestPasswordsAreTakenAsTheyAre(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	for n, p := range []string{
		"onlysmallletters", "ONLY CAPITALS", "3141592653589", "  blanks around  ", "!!??!!??!!", "пароль из слов", "密码是四个词语啊", "🐎🔋📎🐎🔋📎🐎🔋", "e\u0301t\u00e9 apre\u0300s l'hiver", "tab\tand\nline",
		`quotes ' " and \ --`, "<b>bold</b> & so on", strings.Repeat("sixty-four ", 6)[:64], strings.Repeat("x1 ", 42) + "ab",
	} {
		email := string(rune('a'+n)) + "@example.com"
		if _, err := b.Register(t.Context(), auth.NewAccount{Email: email, Password: p, Name: "x"}, client); err != nil {
			t.Errorf("%q: %v", p, err)
			continue
		}
		if _, err := b.Login(t.Context(), email, p, client); err != nil {
			t.Errorf("%q does not sign in: %v", p, err)
		}
		for _, other := range []string{strings.ToUpper(p), strings.ToLower(p), strings.TrimSpace(p), p + " ", " " + p, strings.ReplaceAll(p, "\u00e9", "e\u0301"), strings.ReplaceAll(p, "e\u0301", "\u00e9"), p[:len(p)-1]} {
			if other == p {
				continue
			}
			if _, err := b.Login(t.Context(), email, other, client); err == nil {
				t.Errorf("%q signs in with %q", p, other)
			}
		}
	}
}

// TestPasswordsDoNotExpire, and nobody is made to change one.
func TestPasswordsDoNotExpire(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	b.register("ada")
	b.pass(20 * 365 * 24 * time.Hour)
	if _, err := b.Login(t.Context(), "ada@example.com", password, client); err != nil {
		t.Errorf("after twenty years: %v", err)
	}
}

// TestNoAccountIsThereFromTheBeginning, nor one that guesses open.
func TestNoAccountIsThereFromTheBeginning(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *database.DB) {
		b := &bundle{t: t, store: s, logs: new(bytes.Buffer), clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
		if users, total, err := s.Users(t.Context(), store.Page{Limit: 10}); err != nil || total != 0 || len(users) != 0 {
			t.Errorf("a new installation has %d accounts, %v", total, err)
		}
		service := b.service(auth.RegistrationOpen, "0123456789abcdef0123456789abcdef", "HS256")
		for _, name := range []string{"admin", "root", "admin@example.com", ""} {
			for _, p := range []string{"admin", "password", "changeme", ""} {
				if _, err := service.Login(t.Context(), name, p, client); err == nil {
					t.Errorf("%q signs in with %q", name, p)
				}
			}
		}
	})
}

// TestTokensAreRandomAndKeptAsHashes takes tokens of both kinds: each has 256
// bits, none comes twice, and the database knows none of them.
func TestTokensAreRandomAndKeptAsHashes(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	ada := b.register("ada")
	seen, ones := map[string]bool{}, 0
	const rounds = 16
	for n := range rounds {
		tokens := b.login("ada")
		_, secret, err := b.CreateToken(t.Context(), auth.Identity{User: ada}, "ci", nil, nil, client)
		if err != nil {
			t.Fatal(err)
		}
		for kind, token := range map[string]string{"rfr_": tokens.Refresh, "rf_": secret} {
			bits, ok := strings.CutPrefix(token, kind)
			raw, err := base64.RawURLEncoding.DecodeString(bits)
			if !ok || err != nil || len(raw) != 32 {
				t.Fatalf("a token is %s… with %d random bytes, %v", token[:5], len(raw), err)
			}
			for _, c := range raw {
				for ; c > 0; c &= c - 1 {
					ones++
				}
			}
			if seen[token] {
				t.Errorf("round %d: a token came before", n)
			}
			seen[token] = true
			for name, find := range map[string]func(string) error{
				"session": func(hash string) error {
					_, err := b.store.RotateSession(t.Context(), hash, "next", "", b.now(), time.Hour, 0)
					return err
				},
				"API token": func(hash string) error {
					_, _, _, err := b.store.TokenUser(t.Context(), hash, b.now())
					return err
				},
			} {
				if find(token) == nil {
					t.Errorf("the database keeps the token of a %s as it is", name)
				}
			}
		}
		if seen[tokens.Access] {
			t.Error("an access token came before")
		}
		seen[tokens.Access] = true
	}
	// Of 8,192 fair bits so many fewer or more come once in 10¹².
	if all := rounds * 2 * 256; ones < all/2-325 || ones > all/2+325 {
		t.Errorf("%d of %d bits are ones", ones, all)
	}
}

// TestATokenIsOfOneUse: what renews a session opens nothing, and what opens
// something renews none.
func TestATokenIsOfOneUse(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	ada := b.register("ada")
	tokens := b.login("ada")
	_, secret, err := b.CreateToken(t.Context(), auth.Identity{User: ada}, "ci", []string{auth.ScopeAdmin}, nil, client)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.who(b.Service, tokens.Refresh)
	wantCode(t, err, rampforge.CodeUnauthenticated)
	for _, token := range []string{tokens.Access, secret, "", "rfr_"} {
		_, err := b.Refresh(t.Context(), token, client)
		wantCode(t, err, rampforge.CodeUnauthenticated)
	}
	for _, token := range []string{tokens.Access, tokens.Refresh, secret} {
		_, err := b.Login(t.Context(), "ada@example.com", token, client)
		wantCode(t, err, rampforge.CodeUnauthenticated)
	}
	if _, err := b.who(b.Service, tokens.Access); err != nil {
		t.Errorf("the session ended by it: %v", err)
	}
}

// TestEachSignInIsASessionOfItsOwn, with tokens that were never there before;
// a renewed one keeps its session and loses the token before.
func TestEachSignInIsASessionOfItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	b.register("ada")
	first, second := b.login("ada"), b.login("ada")
	one, err := b.who(b.Service, first.Access)
	if err != nil {
		t.Fatal(err)
	}
	two, err := b.who(b.Service, second.Access)
	if err != nil {
		t.Fatal(err)
	}
	if one.SessionID == two.SessionID || first.Refresh == second.Refresh || first.Access == second.Access {
		t.Errorf("two sign-ins share %s", one.SessionID)
	}
	renewed, err := b.Refresh(t.Context(), first.Refresh, client)
	if err != nil {
		t.Fatal(err)
	}
	three, err := b.who(b.Service, renewed.Access)
	if err != nil || three.SessionID != one.SessionID || renewed.Refresh == first.Refresh || renewed.Access == first.Access {
		t.Errorf("renewing gives %+v, %v", three, err)
	}
	sessions, err := b.Sessions(t.Context(), two)
	if err != nil || len(sessions) != 2 {
		t.Errorf("%+v, %v", sessions, err)
	}
}

// TestSessionsEndHoweverOftenTheyAreRenewed, by signing in again.
func TestSessionsEndHoweverOftenTheyAreRenewed(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	b.register("ada")
	service, err := auth.New(auth.Options{
		Store: b.store, Logger: slog.New(slog.DiscardHandler), Key: []byte("0123456789abcdef0123456789abcdef"), Algorithm: "HS256",
		AccessTTL: 30 * time.Minute, RefreshTTL: 24 * time.Hour, SessionTTL: 60 * time.Hour, Registration: auth.RegistrationOpen, BcryptCost: 4, Now: b.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	tokens, err := service.Login(t.Context(), "ada@example.com", password, client)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 { // after 19, 38 and 57 hours
		b.pass(19 * time.Hour)
		if tokens, err = service.Refresh(t.Context(), tokens.Refresh, client); err != nil {
			t.Fatalf("renewal %d: %v", n, err)
		}
		if _, err := service.Authenticate(t.Context(), tokens.Access); err != nil {
			t.Errorf("after renewal %d: %v", n, err)
		}
	}
	b.pass(2*time.Hour + 45*time.Minute)
	if tokens, err = service.Refresh(t.Context(), tokens.Refresh, client); err != nil {
		t.Fatalf("a quarter of an hour before the end: %v", err)
	}
	b.pass(15 * time.Minute)
	_, err = service.Authenticate(t.Context(), tokens.Access) // its own time is not over
	wantCode(t, err, rampforge.CodeUnauthenticated)
	_, err = service.Refresh(t.Context(), tokens.Refresh, client)
	wantCode(t, err, rampforge.CodeUnauthenticated)
	if tokens, err = service.Login(t.Context(), "ada@example.com", password, client); err != nil {
		t.Fatal(err)
	}
	if _, err := service.Authenticate(t.Context(), tokens.Access); err != nil {
		t.Error(err)
	}
}

// TestAttemptsAreAudited: each attempt to sign in or to change a password leaves a line with
// who, from where, by which request and what came of it, and no password.
func TestAttemptsAreAudited(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	ada := b.register("ada")
	tokens := b.login("ada")
	i, err := b.who(b.Service, tokens.Access)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = b.Login(t.Context(), "ada@example.com", "a wrong password", client)
	_, _ = b.Login(t.Context(), "nobody@example.com", "a wrong password", client)
	_ = b.ChangePassword(t.Context(), i, "a wrong password", "another long one", client)
	if err := b.ChangePassword(t.Context(), i, password, "another long one", client); err != nil {
		t.Fatal(err)
	}
	next, err := b.Refresh(t.Context(), tokens.Refresh, client)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = b.Refresh(t.Context(), tokens.Refresh, client)
	_, _ = b.who(b.Service, next.Access)
	entries, _, err := b.store.AuditLog(t.Context(), store.AuditFilter{}, store.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, e := range entries {
		line := e.Action + " of " + map[bool]string{true: "ada", false: "nobody"}[e.ActorID == ada.ID] + map[bool]string{true: "", false: " failed"}[e.Success]
		got[line]++
		if e.Address != client.Address || e.RequestID != client.RequestID || e.At.IsZero() {
			t.Errorf("%s does not say from where and when: %+v", line, e)
		}
	}
	for _, want := range []string{
		"auth.register of ada", "auth.login of ada", "auth.login of ada failed", "auth.login of nobody failed",
		"auth.password_changed of ada", "auth.password_changed of ada failed", "auth.refresh_reused of ada failed",
	} {
		if got[want] != 1 {
			t.Errorf("%d lines of %q: %v", got[want], want, got)
		}
	}
}
