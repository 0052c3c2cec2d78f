package store_test

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func TestFirstUserIsAdministrator(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		if installed, err := b.Installed(b.ctx()); err != nil || installed {
			t.Fatalf("installed %t, %v", installed, err)
		}
		const people = 8
		users := make([]rampforge.User, people)
		var group sync.WaitGroup
		for n := range people {
			group.Go(func() { users[n] = b.user(string(rune('a'+n)), rampforge.RoleObserver) })
		}
		group.Wait()
		admins := 0
		for _, u := range users {
			if u.Role == rampforge.RoleAdmin {
				admins++
			}
		}
		if admins != 1 {
			t.Errorf("%d administrators after %d registrations at once, want 1", admins, people)
		}
		if installed, err := b.Installed(b.ctx()); err != nil || !installed {
			t.Errorf("installed %t, %v", installed, err)
		}
	})
}

func TestUserIsKeptAsGiven(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		made := b.user("ada", rampforge.RoleObserver)
		want := rampforge.User{
			ID: made.ID, Email: "ada@example.com", Name: "ada", Role: rampforge.RoleAdmin, IsActive: true,
			Skills: []string{}, LearningProgress: map[string]any{}, Timezone: "UTC", NamedAsExpert: true, CreatedAt: b.now,
		}
		got, err := b.User(b.ctx(), made.ID)
		b.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		found, hash, err := b.UserByEmail(b.ctx(), "  ADA@Example.COM ")
		b.must(err)
		if found.ID != made.ID || hash != "hash of ada" {
			t.Errorf("found %s with %q", found.ID, hash)
		}
		_, err = b.CreateUser(b.ctx(), store.Registration{Email: "Ada@example.com", Name: "x", PasswordHash: "x", Role: rampforge.RoleObserver, At: b.now})
		b.code(err, rampforge.CodeConflict)
		_, err = b.User(b.ctx(), "usr_none")
		b.code(err, rampforge.CodeNotFound)
		_, _, err = b.UserByEmail(b.ctx(), "nobody@example.com")
		b.code(err, rampforge.CodeNotFound)
	})
}

func TestUsersArePaged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		for _, name := range []string{"ada", "bea", "cid", "dan", "eve"} {
			b.user(name, rampforge.RoleDeveloper)
		}
		seen := map[string]int{}
		for offset := 0; offset < 6; offset += 2 {
			users, total, err := b.Users(b.ctx(), store.Page{Limit: 2, Offset: offset})
			b.must(err)
			if total != 5 {
				t.Errorf("the total is %d", total)
			}
			for _, u := range users {
				seen[u.Name]++
			}
		}
		want := map[string]int{"ada": 1, "bea": 1, "cid": 1, "dan": 1, "eve": 1}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestUpdateProfile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleDeveloper)
		changed, err := b.UpdateProfile(b.ctx(), ada.ID, store.ProfileChange{
			Name: new("Ada B."), Skills: []string{"Go", "SQL"}, LearningProgress: map[string]any{"week": 2.0}, Timezone: new("Europe/Vienna"),
		}, b.now)
		b.must(err)
		if changed.Name != "Ada B." || strings.Join(changed.Skills, " ") != "Go SQL" || changed.LearningProgress["week"] != 2.0 || changed.Timezone != "Europe/Vienna" {
			t.Errorf("changed to %+v", changed)
		}
		again, err := b.UpdateProfile(b.ctx(), ada.ID, store.ProfileChange{Timezone: new("UTC")}, b.now)
		b.must(err)
		if again.Name != "Ada B." || len(again.Skills) != 2 || again.Timezone != "UTC" {
			t.Errorf("what was left out changed: %+v", again)
		}
	})
}

func TestLastAdministratorStays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada, bea := b.user("ada", rampforge.RoleAdmin), b.user("bea", rampforge.RoleObserver)
		observer, off, admin := rampforge.RoleObserver, false, rampforge.RoleAdmin
		_, err := b.UpdateAccount(b.ctx(), ada.ID, store.AccountChange{Role: &observer}, b.now)
		b.code(err, rampforge.CodeConflict)
		_, err = b.UpdateAccount(b.ctx(), ada.ID, store.AccountChange{IsActive: &off}, b.now)
		b.code(err, rampforge.CodeConflict)
		if u, err := b.User(b.ctx(), ada.ID); err != nil || u.Role != admin || !u.IsActive {
			t.Errorf("the refused change was made: %+v, %v", u, err)
		}
		_, err = b.UpdateAccount(b.ctx(), bea.ID, store.AccountChange{Role: &admin}, b.now)
		b.must(err)
		// Two administrators demote each other at the same moment: one stays.
		var group sync.WaitGroup
		errs := make([]error, 2)
		for n, id := range []string{ada.ID, bea.ID} {
			group.Go(func() { _, errs[n] = b.UpdateAccount(b.ctx(), id, store.AccountChange{Role: &observer}, b.now) })
		}
		group.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("both or neither were demoted: %v, %v", errs[0], errs[1])
		}
		_, err = b.UpdateAccount(b.ctx(), "usr_none", store.AccountChange{Role: &admin}, b.now)
		b.code(err, rampforge.CodeNotFound)
	})
}

func TestDeactivationEndsSessionsAndTokens(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		b.user("ada", rampforge.RoleAdmin)
		bea := b.user("bea", rampforge.RoleDeveloper)
		session, err := b.CreateSession(b.ctx(), store.NewSession{UserID: bea.ID, PasswordHash: "hash of bea", RefreshHash: "r1", At: b.now, ExpiresAt: b.now.Add(time.Hour)})
		b.must(err)
		_, err = b.CreateToken(b.ctx(), rampforge.APIToken{UserID: bea.ID, Name: "ci", Scopes: []string{"read"}, Prefix: "rf_abc", CreatedAt: b.now}, "h1")
		b.must(err)
		off, on := false, true
		_, err = b.UpdateAccount(b.ctx(), bea.ID, store.AccountChange{IsActive: &off}, b.now)
		b.must(err)
		_, err = b.UpdateAccount(b.ctx(), bea.ID, store.AccountChange{IsActive: &on}, b.now)
		b.must(err)
		// Activation brings nothing back that the deactivation ended.
		_, err = b.SessionUser(b.ctx(), session, b.now)
		b.code(err, rampforge.CodeNotFound)
		_, _, _, err = b.TokenUser(b.ctx(), "h1", b.now)
		b.code(err, rampforge.CodeNotFound)
	})
}

func TestRehashLeavesANewerPasswordAlone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		b.must(b.SetPassword(b.ctx(), ada.ID, "", "newer", "", b.now))
		b.must(b.RehashPassword(b.ctx(), ada.ID, "hash of ada", "stale"))
		if _, hash, err := b.UserByEmail(b.ctx(), ada.Email); err != nil || hash != "newer" {
			t.Errorf("the hash is %q, %v", hash, err)
		}
		b.must(b.RehashPassword(b.ctx(), ada.ID, "newer", "newest"))
		if _, hash, err := b.UserByEmail(b.ctx(), ada.Email); err != nil || hash != "newest" {
			t.Errorf("the hash is %q, %v", hash, err)
		}
		b.code(b.SetPassword(b.ctx(), "usr_none", "", "x", "", b.now), rampforge.CodeNotFound)
	})
}

func TestActivityNeverGoesBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		for _, minutes := range []int{5, 3, 9, 1} {
			at := b.now.Add(time.Duration(minutes) * time.Minute)
			b.must(b.RecordActivity(b.ctx(), store.Activity{Users: map[string]time.Time{ada.ID: at}}))
		}
		u, err := b.User(b.ctx(), ada.ID)
		b.must(err)
		if u.LastActive == nil || !u.LastActive.Equal(b.now.Add(9*time.Minute)) {
			t.Errorf("last active %v", u.LastActive)
		}
	})
}

func TestInvitations(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		b.must(b.Invite(b.ctx(), store.Invitation{Email: "Bea@example.com", Role: rampforge.RoleObserver, InvitedBy: ada.ID, CreatedAt: b.now}))
		b.must(b.Invite(b.ctx(), store.Invitation{Email: "bea@example.com", Role: rampforge.RoleTeamLead, InvitedBy: ada.ID, CreatedAt: b.now}))
		i, err := b.Invitation(b.ctx(), "BEA@example.com")
		b.must(err)
		if i.Role != rampforge.RoleTeamLead {
			t.Errorf("the newer invitation gives %s", i.Role)
		}
		if list, err := b.Invitations(b.ctx()); err != nil || len(list) != 1 {
			t.Errorf("%d invitations, %v", len(list), err)
		}
		b.user("bea", rampforge.RoleTeamLead) // registering uses the invitation up
		_, err = b.Invitation(b.ctx(), "bea@example.com")
		b.code(err, rampforge.CodeNotFound)
		b.code(b.DeleteInvitation(b.ctx(), "bea@example.com"), rampforge.CodeNotFound)
	})
}

func TestAuditLog(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		for n, action := range []string{"auth.login", "user.role_changed", "auth.logout"} {
			b.must(b.Audit(b.ctx(), rampforge.AuditEntry{At: b.now.Add(time.Duration(n) * time.Minute), ActorID: "usr_1", Action: action, Success: n != 1, Details: map[string]any{"n": float64(n)}}))
		}
		list, total, err := b.AuditLog(b.ctx(), store.AuditFilter{From: b.now.Add(time.Minute)}, store.Page{Limit: 10})
		b.must(err)
		if total != 2 || len(list) != 2 || list[0].Action != "auth.logout" || list[1].Success || list[1].Details["n"] != 1.0 || !list[1].At.Equal(b.now.Add(time.Minute)) {
			t.Errorf("the log is %+v", list)
		}
	})
}

func TestAuditLogIsNarrowed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		for n, e := range []rampforge.AuditEntry{
			{ActorID: ada.ID, Action: "auth.login", TargetID: ada.ID, Success: true},
			{ActorID: "usr_2", Action: "auth.login", TargetID: "usr_2"},
			{ActorID: ada.ID, Action: "auth.logout", TargetID: "ses_1", Success: true},
			{ActorID: ada.ID, Action: "user.role_changed", TargetID: "usr_2", Success: true},
		} {
			e.At = b.now.Add(time.Duration(n) * time.Minute)
			b.must(b.Audit(b.ctx(), e))
		}
		for name, c := range map[string]struct {
			filter store.AuditFilter
			want   []string
		}{
			"nothing":         {store.AuditFilter{}, []string{"auth.login", "auth.login", "auth.logout", "user.role_changed"}},
			"actor":           {store.AuditFilter{Actor: "usr_2"}, []string{"auth.login"}},
			"actor by e-mail": {store.AuditFilter{Actor: "ADA@example.com"}, []string{"auth.login", "auth.logout", "user.role_changed"}},
			"nobody's":        {store.AuditFilter{Actor: "bea@example.com"}, nil},
			"action":          {store.AuditFilter{Action: "auth.logout"}, []string{"auth.logout"}},
			"part of one":     {store.AuditFilter{Action: "auth.log"}, nil},
			"actions":         {store.AuditFilter{Action: "auth."}, []string{"auth.login", "auth.login", "auth.logout"}},
			"wildcards":       {store.AuditFilter{Action: "a%."}, nil},
			"target":          {store.AuditFilter{Target: "usr_2"}, []string{"auth.login", "user.role_changed"}},
			"period":          {store.AuditFilter{From: b.now.Add(time.Minute), Until: b.now.Add(3 * time.Minute)}, []string{"auth.login", "auth.logout"}},
			"failures":        {store.AuditFilter{Success: new(false)}, []string{"auth.login"}},
			"together":        {store.AuditFilter{Success: new(true), Action: "auth.", Actor: "ada@example.com"}, []string{"auth.login", "auth.logout"}},
		} {
			var got []string
			b.must(b.EachAudit(b.ctx(), c.filter, func(e rampforge.AuditEntry) error { got = append(got, e.Action); return nil }))
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, not %v", name, got, c.want)
			}
			list, total, err := b.AuditLog(b.ctx(), c.filter, store.Page{Limit: 1})
			b.must(err)
			if total != len(c.want) || len(c.want) > 0 && list[0].Action != c.want[len(c.want)-1] {
				t.Errorf("%s: the list has %d, and begins with %+v", name, total, list)
			}
		}
	})
}

func TestEachAuditGoesThroughAllPages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		const lines = 2001 // more than two pages, many of the same moment
		b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error {
			for n := range lines {
				if err := b.AuditTx(b.ctx(), tx, rampforge.AuditEntry{At: b.now.Add(time.Duration(n/700) * time.Second), Action: "test", TargetID: strconv.Itoa(n)}); err != nil {
					return err
				}
			}
			return nil
		}))
		seen := map[string]bool{}
		b.must(b.EachAudit(b.ctx(), store.AuditFilter{}, func(e rampforge.AuditEntry) error { seen[e.TargetID] = true; return nil }))
		if len(seen) != lines {
			t.Errorf("%d of %d lines came", len(seen), lines)
		}
	})
}

func TestOldAuditLinesAreRemoved(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		for n := range 3 {
			b.must(b.Audit(b.ctx(), rampforge.AuditEntry{At: b.now.Add(time.Duration(n) * time.Hour), Action: "test", TargetID: strconv.Itoa(n)}))
		}
		n, err := b.DeleteOldAudit(b.ctx(), b.now.Add(2*time.Hour))
		b.must(err)
		list, total, err := b.AuditLog(b.ctx(), store.AuditFilter{}, store.Page{Limit: 10})
		b.must(err)
		if n != 2 || total != 1 || list[0].TargetID != "2" {
			t.Errorf("%d were removed, %+v is left", n, list)
		}
	})
}
