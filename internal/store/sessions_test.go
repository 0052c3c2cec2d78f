package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

func (b *bundle) session(u rampforge.User, refresh string) string {
	b.t.Helper()
	id, err := b.CreateSession(b.ctx(), store.NewSession{UserID: u.ID, PasswordHash: "hash of " + u.Name, RefreshHash: refresh, Device: "browser", Address: "192.0.2.1", At: b.now, ExpiresAt: b.now.Add(time.Hour)})
	b.must(err)
	return id
}

func TestSessionEndsInEveryWay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		id := b.session(ada, "r1")
		u, err := b.SessionUser(b.ctx(), id, b.now)
		b.must(err)
		if u.ID != ada.ID {
			t.Errorf("the session is of %s", u.ID)
		}
		_, err = b.SessionUser(b.ctx(), id, b.now.Add(time.Hour))
		b.code(err, rampforge.CodeNotFound)
		b.code(b.RevokeSession(b.ctx(), id, "usr_other", "x", b.now), rampforge.CodeNotFound)
		b.must(b.RevokeSession(b.ctx(), id, ada.ID, "signed out", b.now))
		_, err = b.SessionUser(b.ctx(), id, b.now)
		b.code(err, rampforge.CodeNotFound)
		b.code(b.RevokeSession(b.ctx(), id, ada.ID, "again", b.now), rampforge.CodeNotFound)
	})
}

func TestRotationRefusesWhatWasUsed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		id := b.session(ada, "r1")
		const idle = 2 * time.Hour
		for n := 1; n < 4; n++ {
			r, err := b.RotateSession(b.ctx(), fmt.Sprint("r", n), fmt.Sprint("r", n+1), "192.0.2.2", b.now, idle, 0)
			b.must(err)
			if r.SessionID != id || r.User.ID != ada.ID || r.Reused {
				t.Errorf("rotated to %+v", r)
			}
		}
		_, err := b.RotateSession(b.ctx(), "never", "x", "", b.now, idle, 0)
		b.code(err, rampforge.CodeNotFound)
		if _, err := b.SessionUser(b.ctx(), id, b.now); err != nil {
			t.Errorf("an unknown token ended the session: %v", err)
		}
		r, err := b.RotateSession(b.ctx(), "r1", "x", "", b.now, idle, 0) // the oldest of all
		b.must(err)
		if !r.Reused {
			t.Error("an old token was taken")
		}
		_, err = b.SessionUser(b.ctx(), id, b.now)
		b.code(err, rampforge.CodeNotFound)
		_, err = b.RotateSession(b.ctx(), "r4", "x", "", b.now, idle, 0) // the newest is dead with its family
		b.code(err, rampforge.CodeNotFound)
	})
}

// TestRenewedSessionsHaveAnEnd: each renewal moves it on, and none beyond what a
// session may last.
func TestRenewedSessionsHaveAnEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		id := b.session(ada, "r0") // of one hour
		const idle, longest = 50 * time.Minute, 2 * time.Hour
		at := b.now
		for n, lives := range []time.Duration{50 * time.Minute, 50 * time.Minute, 30 * time.Minute} {
			at = b.now.Add(time.Duration(n+1) * 30 * time.Minute)
			r, err := b.RotateSession(b.ctx(), fmt.Sprint("r", n), fmt.Sprint("r", n+1), "", at, idle, longest)
			b.must(err)
			if list, err := b.Sessions(b.ctx(), ada.ID, at); err != nil || r.SessionID != id || len(list) != 1 || !list[0].ExpiresAt.Equal(at.Add(lives)) {
				t.Errorf("renewal %d: %+v, %v, want %s more", n, list, err, lives)
			}
		}
		if _, err := b.SessionUser(b.ctx(), id, at.Add(29*time.Minute)); err != nil {
			t.Errorf("before its end: %v", err)
		}
		_, err := b.SessionUser(b.ctx(), id, at.Add(30*time.Minute))
		b.code(err, rampforge.CodeNotFound)
		_, err = b.RotateSession(b.ctx(), "r3", "r4", "", at.Add(30*time.Minute), idle, longest)
		b.code(err, rampforge.CodeNotFound)
		// One that began before there was a bound, and is far beyond it.
		old := b.session(ada, "o1")
		if _, err := b.RotateSession(b.ctx(), "o1", "o2", "", b.now, 1000*time.Hour, 0); err != nil {
			t.Errorf("without a bound: %v", err)
		}
		_, err = b.RotateSession(b.ctx(), "o2", "o3", "", b.now.Add(999*time.Hour), idle, longest)
		b.code(err, rampforge.CodeNotFound)
		if _, err := b.SessionUser(b.ctx(), old, b.now.Add(time.Minute)); err != nil {
			t.Errorf("it was ended by being asked for: %v", err)
		}
	})
}

func TestRotationAtOnceHasOneWinner(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		id := b.session(b.user("ada", rampforge.RoleAdmin), "r1")
		const clients = 6
		results := make([]store.Rotation, clients)
		errs := make([]error, clients)
		var group sync.WaitGroup
		for n := range clients {
			group.Go(func() {
				results[n], errs[n] = b.RotateSession(b.ctx(), "r1", fmt.Sprint("next", n), "", b.now, time.Hour, 0)
			})
		}
		group.Wait()
		winners := 0
		for n := range clients {
			b.must(errs[n])
			if !results[n].Reused {
				winners++
			}
		}
		if winners != 1 {
			t.Errorf("%d clients rotated one token", winners)
		}
		_, err := b.SessionUser(b.ctx(), id, b.now)
		b.code(err, rampforge.CodeNotFound)
	})
}

func TestPasswordChangeKeepsOneSession(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		keep, other := b.session(ada, "r1"), b.session(ada, "r2")
		b.must(b.SetPassword(b.ctx(), ada.ID, "hash of ada", "new", keep, b.now))
		if _, err := b.SessionUser(b.ctx(), keep, b.now); err != nil {
			t.Errorf("the own session: %v", err)
		}
		_, err := b.SessionUser(b.ctx(), other, b.now)
		b.code(err, rampforge.CodeNotFound)
		if list, err := b.Sessions(b.ctx(), ada.ID, b.now); err != nil || len(list) != 1 || list[0].ID != keep || list[0].Device != "browser" {
			t.Errorf("the live sessions are %+v, %v", list, err)
		}
	})
}

func TestOldSessionsAreRemoved(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada := b.user("ada", rampforge.RoleAdmin)
		live, ended := b.session(ada, "r1"), b.session(ada, "r2")
		_, err := b.RotateSession(b.ctx(), "r2", "r3", "", b.now, time.Hour, 0)
		b.must(err)
		b.must(b.RevokeSession(b.ctx(), ended, ada.ID, "signed out", b.now.Add(-48*time.Hour)))
		n, err := b.DeleteOldSessions(b.ctx(), b.now.Add(-24*time.Hour))
		b.must(err)
		if n != 1 {
			t.Errorf("%d sessions were removed, want 1", n)
		}
		if _, err := b.SessionUser(b.ctx(), live, b.now); err != nil {
			t.Errorf("a live session went: %v", err)
		}
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		ada, bea := b.user("ada", rampforge.RoleAdmin), b.user("bea", rampforge.RoleDeveloper)
		expires := b.now.Add(time.Hour)
		made, err := b.CreateToken(b.ctx(), rampforge.APIToken{UserID: ada.ID, Name: "ci", Scopes: []string{"read", "write"}, Prefix: "rf_abcdef", ExpiresAt: &expires, CreatedAt: b.now}, "h1")
		b.must(err)
		u, id, scopes, err := b.TokenUser(b.ctx(), "h1", b.now)
		b.must(err)
		if u.ID != ada.ID || id != made.ID || len(scopes) != 2 {
			t.Errorf("the token is of %s, %s with %v", u.ID, id, scopes)
		}
		_, _, _, err = b.TokenUser(b.ctx(), "h1", expires)
		b.code(err, rampforge.CodeNotFound)
		_, _, _, err = b.TokenUser(b.ctx(), "h2", b.now)
		b.code(err, rampforge.CodeNotFound)
		if list, err := b.Tokens(b.ctx(), bea.ID); err != nil || len(list) != 0 {
			t.Errorf("another's tokens are listed: %v, %v", list, err)
		}
		b.code(b.RevokeToken(b.ctx(), made.ID, bea.ID, b.now), rampforge.CodeNotFound)
		b.must(b.RevokeToken(b.ctx(), made.ID, ada.ID, b.now))
		_, _, _, err = b.TokenUser(b.ctx(), "h1", b.now)
		b.code(err, rampforge.CodeNotFound)
	})
}

// TestNoSessionOutlivesItsPassword begins sessions with a password while it is
// changed, and on an account while it is deactivated.
func TestNoSessionOutlivesItsPassword(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		b.user("ada", rampforge.RoleAdmin)
		bea := b.user("bea", rampforge.RoleDeveloper)
		for name, end := range map[string]func() error{
			"password": func() error { return b.SetPassword(b.ctx(), bea.ID, "hash of bea", "newer", "", b.now) },
			"activity": func() error {
				if err := b.SetPassword(b.ctx(), bea.ID, "", "hash of bea", "", b.now); err != nil {
					return err
				}
				_, err := b.UpdateAccount(b.ctx(), bea.ID, store.AccountChange{IsActive: new(false)}, b.now)
				return err
			},
		} {
			b.must(b.SetPassword(b.ctx(), bea.ID, "", "hash of bea", "", b.now))
			_, err := b.UpdateAccount(b.ctx(), bea.ID, store.AccountChange{IsActive: new(true)}, b.now)
			b.must(err)
			const clients = 12
			ids := make([]string, clients)
			var group sync.WaitGroup
			for n := range clients {
				group.Go(func() {
					var err error
					ids[n], err = b.CreateSession(b.ctx(), store.NewSession{
						UserID: bea.ID, PasswordHash: "hash of bea", RefreshHash: fmt.Sprint(name, n), At: b.now, ExpiresAt: b.now.Add(time.Hour)})
					if err != nil {
						ids[n] = ""
						b.code(err, rampforge.CodeNotFound)
					}
				})
				if n == clients/2 {
					group.Go(func() {
						if err := end(); err != nil {
							t.Error(err)
						}
					})
				}
			}
			group.Wait()
			_, err = b.UpdateAccount(b.ctx(), bea.ID, store.AccountChange{IsActive: new(true)}, b.now)
			b.must(err)
			for _, id := range ids {
				if _, err := b.SessionUser(b.ctx(), id, b.now); id != "" && err == nil {
					t.Errorf("%s: a session of before lives", name)
				}
			}
		}
		b.code(b.SetPassword(b.ctx(), bea.ID, "another hash", "x", "", b.now), rampforge.CodeNotFound)
	})
}
