package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/auth"
)

// wantStatus fails the test unless a call failed with a status.
func wantStatus(t *testing.T, what string, err error, status int) {
	t.Helper()
	if got := client.StatusOf(err); got != status {
		t.Errorf("%s: %v, want %d", what, err, status)
	}
}

func TestRegister(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		user, err := w.client.Register(ctx, client.Account{Email: "New@Example.com", Password: password, Name: " New Comer "})
		if err != nil {
			t.Fatal(err)
		}
		want := rampforge.User{Email: "New@Example.com", Name: "New Comer", Role: rampforge.RoleDeveloper, IsActive: true, Skills: []string{}, LearningProgress: map[string]any{}, Timezone: "UTC", NamedAsExpert: true}
		if diff := cmp.Diff(want, user, cmpopts.IgnoreFields(rampforge.User{}, "ID", "CreatedAt")); diff != "" || !strings.HasPrefix(user.ID, "usr_") {
			t.Errorf("user %s (-want +got):\n%s", user.ID, diff)
		}
		_, err = w.client.Register(ctx, client.Account{Email: "new@example.com", Password: password, Name: "Other"})
		wantStatus(t, "known address", err, http.StatusConflict)
		_, err = w.client.Register(ctx, client.Account{Email: "more@example.com", Password: password, Name: "More", Role: rampforge.RoleTeamLead})
		wantStatus(t, "too much of a role", err, http.StatusForbidden)
		_, err = w.client.Register(ctx, client.Account{Email: "odd@example.com", Password: password, Name: "Odd", Role: "king"})
		wantStatus(t, "unknown role", err, http.StatusUnprocessableEntity)
		observer, err := w.client.Register(ctx, client.Account{Email: "less@example.com", Password: password, Name: "Less", Role: rampforge.RoleObserver})
		if err != nil || observer.Role != rampforge.RoleObserver {
			t.Errorf("%+v, %v", observer, err)
		}
	})
}

func TestRegistrationByInvitation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		account := client.Account{Email: "guest@example.com", Password: password, Name: "Guest"}
		_, err := w.client.Register(ctx, account)
		wantStatus(t, "not invited", err, http.StatusForbidden)
		for _, email := range []string{"guest@example.com", "other@example.com"} {
			if _, err := w.admin().Invite(ctx, email, rampforge.RoleTeamLead); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.admin().DeleteInvitation(ctx, "Other@example.com"); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, "withdrawn twice", w.admin().DeleteInvitation(ctx, "other@example.com"), http.StatusNotFound)
		list, err := w.admin().Invitations(ctx)
		if err != nil || len(list) != 1 || list[0].Email != "guest@example.com" || list[0].Role != rampforge.RoleTeamLead {
			t.Errorf("%+v, %v", list, err)
		}
		guest, err := w.client.Register(ctx, account)
		if err != nil || guest.Role != rampforge.RoleTeamLead {
			t.Errorf("%+v, %v", guest, err)
		}
		_, err = w.admin().Invite(ctx, "boss@example.com", rampforge.RoleAdmin)
		wantStatus(t, "inviting an admin", err, http.StatusUnprocessableEntity)
	}, func(s *setting) { s.registration = auth.RegistrationInvite })
}

func TestSessions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		unknown, wrong := errorOf(w.client.Login(ctx, "nobody@example.com", password)), errorOf(w.client.Login(ctx, "observer@example.com", "not the password"))
		wantStatus(t, "unknown address", unknown, http.StatusUnauthorized)
		if unknown.Error() != wrong.Error() {
			t.Errorf("the answers tell addresses apart: %v, %v", unknown, wrong)
		}
		one, err := w.client.Login(ctx, "observer@example.com", password)
		if err != nil || one.TokenType != "bearer" || one.ExpiresIn != 600 || one.User.Email != "observer@example.com" {
			t.Fatalf("%+v, %v", one, err)
		}
		me := w.client.As(one.AccessToken)
		if err := me.Verify(ctx); err != nil {
			t.Error(err)
		}
		two, err := w.client.Refresh(ctx, one.RefreshToken)
		if err != nil || two.RefreshToken == one.RefreshToken {
			t.Fatalf("%+v, %v", two, err)
		}
		_, err = w.client.Refresh(ctx, one.RefreshToken)
		wantStatus(t, "a refresh token used twice", err, http.StatusUnauthorized)
		_, err = w.client.Refresh(ctx, two.RefreshToken)
		wantStatus(t, "its successor", err, http.StatusUnauthorized)
		wantStatus(t, "the access token of that session", me.Verify(ctx), http.StatusUnauthorized)

		other, err := w.client.Login(ctx, "observer@example.com", password)
		if err != nil {
			t.Fatal(err)
		}
		sessions, err := w.observer().Sessions(ctx)
		if err != nil || len(sessions) != 2 || sessions[0].Current || !sessions[1].Current {
			t.Fatalf("%+v, %v", sessions, err)
		}
		wantStatus(t, "somebody else's session", w.developer().EndSession(ctx, sessions[0].ID), http.StatusNotFound)
		if err := w.observer().EndSession(ctx, sessions[0].ID); err != nil {
			t.Error(err)
		}
		wantStatus(t, "an ended session", w.client.As(other.AccessToken).Verify(ctx), http.StatusUnauthorized)
		if err := w.observer().Logout(ctx); err != nil {
			t.Error(err)
		}
		wantStatus(t, "after signing out", w.observer().Verify(ctx), http.StatusUnauthorized)
	})
}

func errorOf[T any](_ T, err error) error { return err }

func TestProfileAndPassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		me := w.developer()
		changed, err := me.UpdateProfile(ctx, client.Profile{Name: new("Dev Eloper"), Skills: []string{"Go", "SQL"}, LearningProgress: map[string]any{"go": 0.5}, Timezone: new("Europe/Vienna"), NamedAsExpert: new(false)})
		if err != nil {
			t.Fatal(err)
		}
		got, err := me.Me(ctx)
		if err != nil || got.Name != "Dev Eloper" || got.Timezone != "Europe/Vienna" || got.NamedAsExpert {
			t.Errorf("%+v, %v", got, err)
		}
		if diff := cmp.Diff(changed, got, cmpopts.IgnoreFields(rampforge.User{}, "LastActive")); diff != "" {
			t.Errorf("(-changed +read):\n%s", diff)
		}
		for role, status := range map[rampforge.Role]int{rampforge.RoleDeveloper: 0, rampforge.RoleAdmin: 403, "": 403} {
			_, err := me.Call(ctx, "PUT", "/api/v1/auth/me", map[string]any{"role": role, "skills": []string{}}, nil)
			wantStatus(t, "changing one's role to "+string(role), err, status)
		}
		if _, err := me.UpdateProfile(ctx, client.Profile{Timezone: new("Mars/Crater")}); client.StatusOf(err) != 422 {
			t.Errorf("time zone: %v", err)
		}

		elsewhere, err := w.client.Login(ctx, "developer@example.com", password)
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, "wrong password", me.ChangePassword(ctx, "no", "a new long password"), http.StatusUnprocessableEntity)
		wantStatus(t, "weak password", me.ChangePassword(ctx, password, "password"), http.StatusUnprocessableEntity)
		wantStatus(t, "the same password", me.ChangePassword(ctx, password, password), http.StatusUnprocessableEntity)
		if err := me.ChangePassword(ctx, password, "a new long password"); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, "another session", w.client.As(elsewhere.AccessToken).Verify(ctx), http.StatusUnauthorized)
		if err := me.Verify(ctx); err != nil {
			t.Errorf("this session: %v", err)
		}
		if _, err := w.client.Login(ctx, "developer@example.com", "a new long password"); err != nil {
			t.Error(err)
		}
	})
}

func TestAPITokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		made, err := w.lead().CreateToken(ctx, "CI", []string{auth.ScopeWrite}, new(time.Now().Add(time.Hour)))
		if err != nil || !strings.HasPrefix(made.Token, "rf_") || !strings.HasPrefix(made.Token, made.Prefix) {
			t.Fatalf("%+v, %v", made, err)
		}
		ci := w.client.As(made.Token)
		if me, err := ci.Me(ctx); err != nil || me.Email != "team_lead@example.com" {
			t.Errorf("%+v, %v", me, err)
		}
		if _, err := ci.CreateProject(ctx, client.NewProject{Name: "by a token"}); err != nil {
			t.Errorf("writing: %v", err)
		}
		reader, err := w.lead().CreateToken(ctx, "IDE", nil, nil)
		if err != nil || len(reader.Scopes) != 1 || reader.Scopes[0] != auth.ScopeRead {
			t.Fatalf("%+v, %v", reader, err)
		}
		_, err = w.client.As(reader.Token).CreateProject(ctx, client.NewProject{Name: "no"})
		wantStatus(t, "writing with a token that reads", err, http.StatusForbidden)
		_, err = w.lead().CreateToken(ctx, "bad", []string{"root"}, new(time.Now().Add(-time.Hour)))
		wantStatus(t, "bad scope and expiry", err, http.StatusUnprocessableEntity)
		for _, token := range w.must2(w.lead().Tokens(ctx)) {
			wantStatus(t, "somebody else's token", w.developer().DeleteToken(ctx, token.ID), http.StatusNotFound)
			if err := w.lead().DeleteToken(ctx, token.ID); err != nil {
				t.Error(err)
			}
		}
		wantStatus(t, "a deleted token", ci.Verify(ctx), http.StatusUnauthorized)
		if strings.Contains(w.logs.String(), made.Token) {
			t.Error("the log holds a token")
		}
	})
}

// must2 is for a list that the test goes on with.
func (w *world) must2(list []rampforge.APIToken, err error) []rampforge.APIToken {
	w.t.Helper()
	if err != nil || len(list) == 0 {
		w.t.Fatalf("%d tokens, %v", len(list), err)
	}
	return list
}

func TestUsers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		page, err := w.admin().Users(ctx, client.Paging(2, 1))
		want := client.Page{Total: 4, Limit: 2, Offset: 1, HasMore: true}
		if err != nil || len(page.Users) != 2 || page.Page != want || page.Users[0].Role != rampforge.RoleTeamLead {
			t.Errorf("%+v, %v", page, err)
		}
		last, err := w.admin().Users(ctx, client.Paging(2, 2))
		if err != nil || last.HasMore || len(last.Users) != 2 {
			t.Errorf("%+v, %v", last, err)
		}
		developer := w.people[rampforge.RoleDeveloper]
		promoted, err := w.admin().UpdateUser(ctx, developer.user.ID, client.UserChange{Role: new(rampforge.RoleTeamLead)})
		if err != nil || promoted.Role != rampforge.RoleTeamLead {
			t.Errorf("%+v, %v", promoted, err)
		}
		if _, err := developer.client.CreateProject(ctx, client.NewProject{Name: "at once"}); err != nil {
			t.Errorf("the new role needs a new token: %v", err)
		}
		if _, err := w.admin().UpdateUser(ctx, developer.user.ID, client.UserChange{IsActive: new(false)}); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, "a deactivated account", developer.client.Verify(ctx), http.StatusUnauthorized)
		_, err = w.client.Login(ctx, developer.user.Email, password)
		wantStatus(t, "signing in to it", err, http.StatusUnauthorized)
		_, err = w.admin().UpdateUser(ctx, w.people[rampforge.RoleAdmin].user.ID, client.UserChange{Role: new(rampforge.RoleObserver)})
		wantStatus(t, "the last admin", err, http.StatusConflict)
		_, err = w.admin().UpdateUser(ctx, "usr_unknown", client.UserChange{})
		wantStatus(t, "nobody", err, http.StatusNotFound)

		log, err := w.admin().AuditLog(ctx, client.Paging(100, 0))
		if err != nil || log.Total != len(log.Entries) {
			t.Fatalf("%+v, %v", log.Page, err)
		}
		actions := map[string]int{}
		for _, e := range log.Entries {
			actions[e.Action]++
		}
		if actions["user.role_changed"] != 1 || actions["user.activity_changed"] != 1 || actions["auth.login"] < 5 {
			t.Errorf("the audit log has %v", actions)
		}
		since, err := w.admin().AuditLog(ctx, client.Query{"from": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)})
		if err != nil || since.Total != 0 || since.Entries == nil {
			t.Errorf("since: %+v, %v", since, err)
		}
	})
}
