package auth_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

const password = "correct horse battery"

// bundle is a service whose clock the test moves.
type bundle struct {
	*auth.Service

	t     *testing.T
	store *store.Store
	logs  *bytes.Buffer
	mu    sync.Mutex
	clock time.Time
}

func (b *bundle) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.clock
}

func (b *bundle) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock = b.clock.Add(d)
}

func setup(t *testing.T, registration string) *bundle {
	t.Helper()
	b := &bundle{t: t, store: store.New(storetest.SQLite(t)), logs: new(bytes.Buffer), clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	b.Service = b.service(registration, "0123456789abcdef0123456789abcdef", "HS256")
	return b
}

// service makes another service over the same records, as a replica is.
func (b *bundle) service(registration, key, algorithm string, others ...string) *auth.Service {
	b.t.Helper()
	var more [][]byte
	for _, o := range others {
		more = append(more, []byte(o))
	}
	s, err := auth.New(auth.Options{
		Store: b.store, Logger: slog.New(slog.NewTextHandler(b.logs, nil)), Key: []byte(key), OtherKeys: more, Algorithm: algorithm,
		AccessTTL: 30 * time.Minute, RefreshTTL: 24 * time.Hour, Registration: registration, BcryptCost: 4, Now: b.now,
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(s.Close)
	return s
}

var client = auth.Client{Address: "192.0.2.1", Device: "browser", RequestID: "req-1"}

func (b *bundle) register(name string) rampforge.User {
	b.t.Helper()
	u, err := b.Register(b.t.Context(), auth.NewAccount{Email: name + "@example.com", Password: password, Name: name}, client)
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

func (b *bundle) login(name string) *auth.Tokens {
	b.t.Helper()
	tokens, err := b.Login(b.t.Context(), name+"@example.com", password, client)
	if err != nil {
		b.t.Fatal(err)
	}
	return tokens
}

func (b *bundle) who(s *auth.Service, bearer string) (auth.Identity, error) {
	return s.Authenticate(b.t.Context(), bearer)
}

func wantCode(t *testing.T, err error, want rampforge.Code) {
	t.Helper()
	if got := rampforge.ErrorCode(err); got != want {
		t.Errorf("the error has the code %q (%v), want %q", got, err, want)
	}
}

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	ada := b.register("ada")
	tokens := b.login("ada")
	replica := b.service(auth.RegistrationOpen, "0123456789abcdef0123456789abcdef", "HS256")
	for _, s := range []*auth.Service{b.Service, replica} {
		i, err := b.who(s, tokens.Access)
		if err != nil || i.User.ID != ada.ID || i.SessionID == "" || !i.Allows(auth.ScopeAdmin) {
			t.Errorf("authenticated as %+v, %v", i, err)
		}
	}
	i, err := b.who(b.Service, tokens.Access)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // signing out twice is no fault
		if err := b.Logout(t.Context(), i, client); err != nil {
			t.Error(err)
		}
	}
	_, err = b.who(replica, tokens.Access)
	wantCode(t, err, rampforge.CodeUnauthenticated)
	_, err = b.Refresh(t.Context(), tokens.Refresh, client)
	wantCode(t, err, rampforge.CodeUnauthenticated)
}

func TestUnknownAndWrongAreAlike(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	b.register("ada")
	bea := b.register("bea")
	off := false
	if _, err := b.UpdateAccount(t.Context(), auth.Identity{}, bea.ID, store.AccountChange{IsActive: &off}, client); err != nil {
		t.Fatal(err)
	}
	_, unknown := b.Login(t.Context(), "nobody@example.com", password, client)
	_, wrong := b.Login(t.Context(), "ada@example.com", "not it at all", client)
	_, inactive := b.Login(t.Context(), "bea@example.com", password, client)
	_, long := b.Login(t.Context(), "ada@example.com", strings.Repeat("x", 1<<20), client)
	for _, err := range []error{unknown, wrong, inactive, long} {
		if err == nil || err.Error() != wrong.Error() {
			t.Errorf("%v differs from %v", err, wrong)
		}
	}
	entries, _, err := b.store.AuditLog(t.Context(), store.AuditFilter{From: b.now().Add(-time.Hour)}, store.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, e := range entries {
		if e.Action == "auth.login" && !e.Success && e.Address == client.Address && e.RequestID == client.RequestID {
			refused++
		}
	}
	if refused != 4 {
		t.Errorf("%d refused sign-ins are in the audit log, want 4", refused)
	}
}

func TestAccessTokenExpires(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	b.register("ada")
	tokens := b.login("ada")
	b.pass(29 * time.Minute)
	if _, err := b.who(b.Service, tokens.Access); err != nil {
		t.Errorf("after 29 minutes: %v", err)
	}
	b.pass(2 * time.Minute)
	_, err := b.who(b.Service, tokens.Access)
	wantCode(t, err, rampforge.CodeUnauthenticated)
	next, err := b.Refresh(t.Context(), tokens.Refresh, client)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.who(b.Service, next.Access); err != nil {
		t.Error(err)
	}
	b.pass(25 * time.Hour)
	_, err = b.Refresh(t.Context(), next.Refresh, client)
	wantCode(t, err, rampforge.CodeUnauthenticated)
}

func TestReusedRefreshTokenEndsTheFamily(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	b.register("ada")
	stolen, other := b.login("ada"), b.login("ada")
	owner, err := b.Refresh(t.Context(), stolen.Refresh, client)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Refresh(t.Context(), stolen.Refresh, client)
	wantCode(t, err, rampforge.CodeUnauthenticated)
	_, err = b.who(b.Service, owner.Access)
	wantCode(t, err, rampforge.CodeUnauthenticated)
	_, err = b.Refresh(t.Context(), owner.Refresh, client)
	wantCode(t, err, rampforge.CodeUnauthenticated)
	if _, err := b.who(b.Service, other.Access); err != nil {
		t.Errorf("a session on another device ended too: %v", err)
	}
}

func TestPasswordChange(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	b.register("ada")
	here, there := b.login("ada"), b.login("ada")
	i, err := b.who(b.Service, here.Access)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, b.ChangePassword(t.Context(), i, "wrong", "another long one", client), rampforge.CodeInvalid)
	wantCode(t, b.ChangePassword(t.Context(), i, password, "short", client), rampforge.CodeInvalid)
	if err := b.ChangePassword(t.Context(), i, password, "another long one", client); err != nil {
		t.Fatal(err)
	}
	if _, err := b.who(b.Service, here.Access); err != nil {
		t.Errorf("the own session ended: %v", err)
	}
	_, err = b.who(b.Service, there.Access)
	wantCode(t, err, rampforge.CodeUnauthenticated)
	_, err = b.Login(t.Context(), "ada@example.com", password, client)
	wantCode(t, err, rampforge.CodeUnauthenticated)
	if err := b.ResetPassword(t.Context(), i.User.ID, "a third long one"); err != nil {
		t.Fatal(err)
	}
	_, err = b.who(b.Service, here.Access)
	wantCode(t, err, rampforge.CodeUnauthenticated)
}

// TestNoByteOfAPasswordIsIgnored is about bcrypt, which reads 72 bytes.
func TestNoByteOfAPasswordIsIgnored(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	for n, length := range []int{71, 72, 73, 128} {
		long := strings.Repeat("abcdefgh", 16)[:length]
		email := string(rune('a'+n)) + "@example.com"
		if _, err := b.Register(t.Context(), auth.NewAccount{Email: email, Password: long, Name: "x"}, client); err != nil {
			t.Fatalf("%d bytes: %v", length, err)
		}
		if _, err := b.Login(t.Context(), email, long, client); err != nil {
			t.Errorf("%d bytes: %v", length, err)
		}
		if _, err := b.Login(t.Context(), email, long[:length-1]+"!", client); err == nil {
			t.Errorf("the last of %d bytes is ignored", length)
		}
		if _, err := b.Login(t.Context(), email, long+"x", client); err == nil {
			t.Errorf("a byte after %d is ignored", length)
		}
	}
	wide := strings.Repeat("üä", 64) // 128 characters, 256 bytes
	if _, err := b.Register(t.Context(), auth.NewAccount{Email: "wide@example.com", Password: wide, Name: "x"}, client); err != nil {
		t.Error(err)
	}
	_, err := b.Register(t.Context(), auth.NewAccount{Email: "wider@example.com", Password: wide + "ü", Name: "x"}, client)
	wantCode(t, err, rampforge.CodeInvalid)
}

func TestRegistrationModes(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]struct{ plain, invited rampforge.Code }{
		auth.RegistrationOpen:   {"", ""},
		auth.RegistrationInvite: {rampforge.CodeForbidden, ""},
		auth.RegistrationClosed: {rampforge.CodeForbidden, rampforge.CodeForbidden},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := setup(t, mode)
			ada := b.register("ada") // the first one may, in every mode
			if ada.Role != rampforge.RoleAdmin {
				t.Errorf("the first account is %s", ada.Role)
			}
			if _, err := b.Invite(t.Context(), auth.Identity{User: ada}, "Bea@example.com", rampforge.RoleTeamLead, client); err != nil {
				t.Fatal(err)
			}
			_, err := b.Register(t.Context(), auth.NewAccount{Email: "cid@example.com", Password: password, Name: "cid"}, client)
			wantCode(t, err, want.plain)
			bea, err := b.Register(t.Context(), auth.NewAccount{Email: "bea@example.com", Password: password, Name: "bea"}, client)
			wantCode(t, err, want.invited)
			if mode == auth.RegistrationInvite && bea.Role != rampforge.RoleTeamLead {
				t.Errorf("the invited account is %s", bea.Role)
			}
		})
	}
}

func TestNobodyRegistersAboveDeveloper(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	b.register("ada")
	for role, want := range map[rampforge.Role]rampforge.Code{
		rampforge.RoleAdmin: rampforge.CodeForbidden, rampforge.RoleTeamLead: rampforge.CodeForbidden, "king": rampforge.CodeInvalid,
		rampforge.RoleDeveloper: "", rampforge.RoleObserver: "",
	} {
		_, err := b.Register(t.Context(), auth.NewAccount{Email: string(role) + "@example.com", Password: password, Name: "x", Role: role}, client)
		wantCode(t, err, want)
	}
}

func TestEveryFaultOfAnAccountAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	_, err := b.Register(t.Context(), auth.NewAccount{Email: "Ada <ada@example.com>", Password: "aaaaaaaaaa", Name: "a\nb", Role: "king"}, client)
	e, ok := errors.AsType[*rampforge.Error](err)
	if !ok || len(e.Fields) != 4 {
		t.Fatalf("the faults are %+v", err)
	}
	for _, bad := range []string{"", "1234567", "password123", strings.Repeat("x", 129), "bad\xff\xfe\xfdutf8"} {
		_, err := b.Register(t.Context(), auth.NewAccount{Email: "ada@example.com", Password: bad, Name: "a"}, client)
		wantCode(t, err, rampforge.CodeInvalid)
	}
}

func TestAPITokens(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	ada := b.register("ada")
	i := auth.Identity{User: ada}
	expires := b.now().Add(time.Hour)
	token, secret, err := b.CreateToken(t.Context(), i, "ci", []string{auth.ScopeWrite}, &expires, client)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(secret, "rf_") || !strings.HasPrefix(secret, token.Prefix) || len(secret) < 40 {
		t.Errorf("the secret is %d characters, its prefix %q", len(secret), token.Prefix)
	}
	who, err := b.who(b.Service, secret)
	if err != nil || who.User.ID != ada.ID || who.TokenID != token.ID {
		t.Fatalf("authenticated as %+v, %v", who, err)
	}
	if !who.Allows(auth.ScopeRead) || !who.Allows(auth.ScopeWrite) || who.Allows(auth.ScopeAdmin) {
		t.Errorf("the scopes are %v", who.Scopes)
	}
	b.pass(time.Hour)
	_, err = b.who(b.Service, secret)
	wantCode(t, err, rampforge.CodeUnauthenticated)
	_, _, err = b.CreateToken(t.Context(), i, "", []string{"all"}, &expires, client)
	if e, ok := errors.AsType[*rampforge.Error](err); !ok || len(e.Fields) != 3 {
		t.Errorf("the faults are %+v", err)
	}
	_, forever, err := b.CreateToken(t.Context(), i, "forever", nil, nil, client)
	if err != nil {
		t.Fatal(err)
	}
	who, err = b.who(b.Service, forever)
	if err != nil || who.Allows(auth.ScopeWrite) {
		t.Errorf("without scopes a token may %v, %v", who.Scopes, err)
	}
	if err := b.DeleteToken(t.Context(), i, who.TokenID, client); err != nil {
		t.Fatal(err)
	}
	_, err = b.who(b.Service, forever)
	wantCode(t, err, rampforge.CodeUnauthenticated)
	if strings.Contains(b.logs.String(), secret) {
		t.Error("a token is in the log")
	}
}

func TestManySignInsAtOnceAllEnd(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	b.register("ada")
	var group sync.WaitGroup
	errs := make([]error, 64)
	for n := range errs {
		group.Go(func() { _, errs[n] = b.Login(t.Context(), "ada@example.com", password, client) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

func TestOlderHashIsMadeAnew(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	b.register("ada")
	_, before, err := b.store.UserByEmail(t.Context(), "ada@example.com")
	if err != nil {
		t.Fatal(err)
	}
	stronger, err := auth.New(auth.Options{
		Store: b.store, Logger: slog.New(slog.DiscardHandler), Key: []byte(strings.Repeat("k", 32)), Algorithm: "HS256",
		AccessTTL: time.Minute, RefreshTTL: time.Hour, Registration: auth.RegistrationOpen, BcryptCost: 5, Now: b.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stronger.Close()
	if _, err := stronger.Login(t.Context(), "ada@example.com", password, client); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		_, after, err := b.store.UserByEmail(t.Context(), "ada@example.com")
		if err != nil {
			t.Fatal(err)
		}
		if after != before {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the hash stayed as it was")
		}
	}
	if _, err := b.Login(t.Context(), "ada@example.com", password, client); err != nil {
		t.Errorf("the password no longer fits: %v", err)
	}
}

// TestOneOfManyAtOnceIsFirst has everybody ask before the first account
// exists: what the mode forbids it forbids them too, once one of them is first.
func TestOneOfManyAtOnceIsFirst(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{auth.RegistrationOpen, auth.RegistrationInvite, auth.RegistrationClosed} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			b := setup(t, mode)
			const clients = 8
			users, errs := make([]rampforge.User, clients), make([]error, clients)
			var ready, group sync.WaitGroup
			ready.Add(clients)
			for n := range clients {
				group.Go(func() {
					ready.Done()
					ready.Wait()
					users[n], errs[n] = b.Register(t.Context(), auth.NewAccount{
						Email: fmt.Sprint("thief", n, "@example.com"), Password: password, Name: "x", Role: rampforge.RoleAdmin}, client)
				})
			}
			group.Wait()
			admins := 0
			for n := range clients {
				if errs[n] == nil && users[n].Role == rampforge.RoleAdmin {
					admins++
					continue
				}
				wantCode(t, errs[n], rampforge.CodeForbidden)
			}
			if admins != 1 {
				t.Errorf("%d administrators", admins)
			}
		})
	}
}

func TestNobodySignsInAgainWhenTheKeyChanges(t *testing.T) {
	t.Parallel()
	const before, after = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
	b := setup(t, auth.RegistrationOpen)
	b.register("ada")
	rolled, waiting := b.service(auth.RegistrationOpen, after, "HS256", before), b.service(auth.RegistrationOpen, before, "HS256", after)
	old := b.login("ada") // of a replica that knows the old key alone
	for name, replica := range map[string]*auth.Service{"the old key with the new beside it": waiting, "the new key with the old beside it": rolled} {
		if _, err := replica.Authenticate(t.Context(), old.Access); err != nil {
			t.Errorf("%s: an access token of the old key is refused: %v", name, err)
		}
	}
	renewed, err := rolled.Refresh(t.Context(), old.Refresh, client)
	if err != nil {
		t.Fatalf("a refresh token did not outlive the key: %v", err)
	}
	if _, err := waiting.Authenticate(t.Context(), renewed.Access); err != nil {
		t.Errorf("a replica that waits for its turn refuses a token of the new key: %v", err)
	}
	done := b.service(auth.RegistrationOpen, after, "HS256")
	if _, err := done.Authenticate(t.Context(), old.Access); err == nil {
		t.Error("a token of a key that was taken away is accepted")
	}
	again, err := done.Refresh(t.Context(), renewed.Refresh, client)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := done.Authenticate(t.Context(), again.Access)
	if err != nil {
		t.Fatal(err)
	}
	_, secret, err := b.CreateToken(t.Context(), identity, "ci", nil, nil, client)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := done.Authenticate(t.Context(), secret); err != nil {
		t.Errorf("an API token did not outlive the key: %v", err)
	}
}

// TestGuessablePasswordsAreRefusedWhereverOneIsSet and nowhere else: who has one
// from before signs in with it.
func TestGuessablePasswordsAreRefusedWhereverOneIsSet(t *testing.T) {
	t.Parallel()
	b := setup(t, auth.RegistrationOpen)
	hash, err := bcrypt.GenerateFromPassword([]byte("password123"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	grace, err := b.store.CreateUser(t.Context(), store.Registration{
		Email: "grace@example.com", Name: "Grace Hopper", PasswordHash: string(hash), Role: rampforge.RoleDeveloper, At: b.now()})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := b.Login(t.Context(), "grace@example.com", "password123", client)
	if err != nil {
		t.Fatalf("a password from before is refused: %v", err)
	}
	i, err := b.who(b.Service, tokens.Access)
	if err != nil {
		t.Fatal(err)
	}
	for _, guessable := range []string{"iloveyou", "TrustNo1", "Grace Hopper 1906", "rampforge1"} {
		_, err := b.Register(t.Context(), auth.NewAccount{Email: "grace.hopper@example.com", Password: guessable, Name: "Grace Hopper"}, client)
		wantIssue(t, err, "password", "choose another")
		_, err = b.CreateUser(t.Context(), auth.NewAccount{Email: "grace.hopper@example.com", Password: guessable, Name: "Grace Hopper"})
		wantIssue(t, err, "password", "choose another")
		wantIssue(t, b.ChangePassword(t.Context(), i, "password123", guessable, client), "new_password", "choose another")
		wantIssue(t, b.ResetPassword(t.Context(), grace.ID, guessable), "password", "choose another")
	}
	if err := b.ChangePassword(t.Context(), i, "password123", password, client); err != nil {
		t.Error(err)
	}
}

// wantIssue looks for an issue of one field that has words in it.
func wantIssue(t *testing.T, err error, field, words string) {
	t.Helper()
	e, ok := errors.AsType[*rampforge.Error](err)
	if !ok || len(e.Fields) != 1 || e.Fields[0].Field != field || !strings.Contains(e.Fields[0].Issue, words) {
		t.Errorf("the fault is %+v, want one of %s with %q", err, field, words)
	}
}
