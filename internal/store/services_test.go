package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

var sealedOnce = store.SealedCredentials{KeyID: "key", Text: []byte{0, 1, 255}}

// service makes the nth service, a minute after the one before.
func (b *bundle) service(n int, change ...func(*rampforge.Service)) rampforge.Service {
	b.t.Helper()
	at := b.now.Add(time.Duration(n) * time.Minute)
	v := rampforge.Service{
		ID: store.NewID("svc"), Type: rampforge.ServiceGitHub, Name: fmt.Sprint("Service ", n), Endpoint: "https://api.example.com", Transport: rampforge.TransportREST,
		Enabled: true, Status: rampforge.ServiceDisconnected, Rates: rampforge.ServiceRates{PerMinute: 60, PerHour: 1000}, Timeout: 30, RetryAttempts: 3,
		Scope: []string{"1", "2"}, Credentials: map[string]string{"token": "••••abcd"}, CreatedBy: b.owner().ID, CreatedAt: at, UpdatedAt: at,
	}
	for _, f := range change {
		f(&v)
	}
	b.must(b.CreateService(b.ctx(), v, sealedOnce))
	return v
}

// owner is an account that things may belong to.
func (b *bundle) owner() rampforge.User {
	b.t.Helper()
	u, _, err := b.UserByEmail(b.ctx(), "owner@example.com")
	if err != nil {
		u = b.user("owner", rampforge.RoleTeamLead)
	}
	return u
}

func (b *bundle) connect(id string) store.ServiceSecret {
	b.t.Helper()
	v, err := b.ConnectingService(b.ctx(), id, b.now)
	b.must(err)
	won, err := b.ServiceConnected(b.ctx(), id, v.Revision, store.ServiceResult{At: b.now, Took: 7 * time.Millisecond, Next: &b.now})
	b.must(err)
	if !won {
		b.t.Fatal("the connection did not count")
	}
	return b.secret(id)
}

func (b *bundle) secret(id string) store.ServiceSecret {
	b.t.Helper()
	v, err := b.ServiceSecret(b.ctx(), id)
	b.must(err)
	return v
}

func TestServices(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		first := b.service(1)
		second := b.service(2, func(v *rampforge.Service) {
			v.Type, v.Enabled, v.Scope, v.Credentials = rampforge.ServiceJira, false, nil, nil
		})
		second.Scope, second.Credentials = []string{}, map[string]string{}
		got, err := b.Service(b.ctx(), first.ID)
		b.must(err)
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		want := store.ServiceSecret{Service: first, Sealed: sealedOnce, Revision: 1}
		if diff := cmp.Diff(want, b.secret(first.ID)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		taken := first
		taken.ID, taken.Name = store.NewID("svc"), "sERVICE 1"
		b.code(b.CreateService(b.ctx(), taken, sealedOnce), rampforge.CodeConflict)
		for _, tt := range []struct {
			filter store.ServiceFilter
			page   store.Page
			want   []rampforge.Service
			total  int
		}{
			{store.ServiceFilter{}, store.Page{Limit: 10}, []rampforge.Service{second, first}, 2},
			{store.ServiceFilter{}, store.Page{Limit: 1, Offset: 1}, []rampforge.Service{first}, 2},
			{store.ServiceFilter{Enabled: new(true)}, store.Page{Limit: 10}, []rampforge.Service{first}, 1},
			{store.ServiceFilter{Enabled: new(false)}, store.Page{Limit: 10}, []rampforge.Service{second}, 1},
			{store.ServiceFilter{Type: rampforge.ServiceJira}, store.Page{Limit: 10}, []rampforge.Service{second}, 1},
			{store.ServiceFilter{Type: rampforge.ServiceJira, Enabled: new(true)}, store.Page{Limit: 10}, []rampforge.Service{}, 0},
		} {
			list, total, err := b.Services(b.ctx(), tt.filter, tt.page)
			if diff := cmp.Diff(tt.want, list); err != nil || total != tt.total || diff != "" {
				t.Errorf("%+v: %d, %v (-want +got):\n%s", tt.filter, total, err, diff)
			}
		}
		remove := func(tx *sql.Tx) error { return b.DeleteServiceTx(b.ctx(), tx, first.ID) }
		b.must(b.InTx(b.ctx(), remove))
		b.code(b.InTx(b.ctx(), remove), rampforge.CodeNotFound)
		for _, err := range []error{second1(b.Service(b.ctx(), first.ID)), second1(b.ServiceSecret(b.ctx(), first.ID)), second1(b.ConnectingService(b.ctx(), first.ID, b.now)), b.DisconnectService(b.ctx(), first.ID)} {
			b.code(err, rampforge.CodeNotFound)
		}
	})
}

func second1[T any](_ T, err error) error { return err }

func TestUpdateService(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		made, other := b.service(1), b.service(2)
		before := b.connect(made.ID)
		now := b.now.Add(time.Hour)
		refused := errors.New("no")
		_, err := b.UpdateService(b.ctx(), made.ID, now, func(*store.ServiceSecret) error { return refused })
		if !errors.Is(err, refused) {
			t.Error(err)
		}
		_, err = b.UpdateService(b.ctx(), made.ID, now, func(v *store.ServiceSecret) error { v.Service.Name = other.Name; return nil })
		b.code(err, rampforge.CodeConflict)
		_, err = b.UpdateService(b.ctx(), "svc_unknown", now, func(*store.ServiceSecret) error { return nil })
		b.code(err, rampforge.CodeNotFound)
		want := before
		want.Sealed = store.SealedCredentials{KeyID: "other", Text: []byte("text")}
		want.Revision++
		v := &want.Service
		v.Name, v.Endpoint, v.Enabled, v.Rates, v.Timeout, v.RetryAttempts = "New", "https://other.example.com", false, rampforge.ServiceRates{}, 5, 0
		v.Scope, v.Credentials, v.UpdatedAt = []string{}, map[string]string{"token": "••••"}, now
		got, err := b.UpdateService(b.ctx(), made.ID, now, func(row *store.ServiceSecret) error {
			row.Service, row.Sealed = want.Service, want.Sealed
			return nil
		})
		b.must(err)
		if diff := cmp.Diff(want.Service, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, b.secret(made.ID)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		// What was found of the service as it was before does not count.
		won, err := b.ServiceChecked(b.ctx(), made.ID, before.Revision, store.ServiceResult{At: now, Error: "Down.", Next: &now})
		if err != nil || won {
			t.Errorf("an old check counts: %v, %v", won, err)
		}
	})
}

func TestServiceChecks(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		id := b.service(1).ID
		begun, err := b.ConnectingService(b.ctx(), id, b.now)
		b.must(err)
		if begun.Service.Status != rampforge.ServiceConnecting || !begun.Watched {
			t.Errorf("%+v", begun)
		}
		down := store.ServiceResult{At: b.now, Took: time.Second, Error: "It is down.", AuthNeeded: true}
		won, err := b.ServiceConnected(b.ctx(), id, begun.Revision, down)
		b.must(err)
		state := b.secret(id)
		if v := state.Service; !won || v.Status != rampforge.ServiceError || !v.AuthNeeded || v.LastError == nil || *v.LastError != "It is down." || v.LastConnected != nil || state.Watched {
			t.Errorf("%v, %+v", won, state)
		}
		server := &rampforge.ServiceServer{Name: "GitHub", Version: "3"}
		up := store.ServiceResult{At: b.now, Took: 3 * time.Millisecond, Server: server, Next: &b.now}
		begun, err = b.ConnectingService(b.ctx(), id, b.now)
		b.must(err)
		_, err = b.ServiceConnected(b.ctx(), id, begun.Revision, up)
		b.must(err)
		state = b.secret(id)
		if v := state.Service; v.Status != rampforge.ServiceConnected || v.AuthNeeded || v.LastError != nil || v.LastConnected == nil || !v.LastConnected.Equal(b.now) || !cmp.Equal(v.Server, server) || !state.Watched {
			t.Errorf("%+v", state)
		}
		down.Next = &b.now
		// What says nothing of the service is never a strike; three others are.
		tolerated := down
		tolerated.Tolerated = true
		for n, r := range []store.ServiceResult{tolerated, down, tolerated, down, tolerated, tolerated} {
			_, err := b.ServiceChecked(b.ctx(), id, begun.Revision, r)
			b.must(err)
			if v := b.secret(id).Service; v.Status != rampforge.ServiceConnected || v.AuthNeeded || v.LastError != nil {
				t.Errorf("after %d: %+v", n, v)
			}
		}
		_, err = b.ServiceChecked(b.ctx(), id, begun.Revision, down)
		b.must(err)
		if v := b.secret(id); v.Service.Status != rampforge.ServiceError || !v.Service.AuthNeeded || v.Failures != 3 || !v.Watched {
			t.Errorf("%+v", v)
		}
		up.Server = nil
		_, err = b.ServiceChecked(b.ctx(), id, begun.Revision, up)
		b.must(err)
		if v := b.secret(id); v.Service.Status != rampforge.ServiceConnected || v.Service.AuthNeeded || v.Failures != 0 || v.Service.Server == nil {
			t.Errorf("%+v", v)
		}
		states, err := b.ServiceStates(b.ctx())
		if err != nil || len(states) != 1 || states[0].LastCheck == nil || !states[0].LastCheck.Equal(b.now) || *states[0].Took != 3*time.Millisecond {
			t.Errorf("%+v, %v", states, err)
		}
		b.must(b.DisconnectService(b.ctx(), id))
		won, err = b.ServiceChecked(b.ctx(), id, begun.Revision, up)
		if v := b.secret(id); err != nil || won || v.Service.Status != rampforge.ServiceDisconnected || v.Watched || v.Service.LastConnected == nil {
			t.Errorf("%v, %v, %+v", won, err, v)
		}
		won, err = b.ServiceLookedAt(b.ctx(), id, b.secret(id).Revision, b.now, time.Second)
		if err != nil || !won {
			t.Errorf("%v, %v", won, err)
		}
		for _, status := range []rampforge.SyncStatus{rampforge.SyncFailed, rampforge.SyncCancelled, rampforge.SyncPartial, rampforge.SyncCompleted} {
			before, at := b.secret(id).Service.LastSynced, b.now.Add(time.Duration(len(status))*time.Minute)
			b.must(b.FinishSync(b.ctx(), b.syncing(id), store.SyncEnd{Status: status, Message: "Done."}, at, b.enqueueSync))
			v := b.secret(id).Service
			if read := status == rampforge.SyncPartial || status == rampforge.SyncCompleted; read && (v.LastSynced == nil || !v.LastSynced.Equal(at)) || !read && v.LastSynced != before {
				t.Errorf("%s: synced %v, before %v", status, v.LastSynced, before)
			}
		}
		if v := b.secret(id).Service; v.Status != rampforge.ServiceDisconnected {
			t.Errorf("%+v", v)
		}
	})
}

// TestARefusedSignInMarksTheService ends syncs whose sign-in was refused: one
// of a service that is watched, one of a service that nobody connected, and one
// that began before somebody entered new credentials.
func TestARefusedSignInMarksTheService(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		refuse := func(id string, updated time.Time) rampforge.Service {
			b.must(b.FinishSync(b.ctx(), b.syncing(id), store.SyncEnd{Status: rampforge.SyncFailed, Refused: &store.SyncRefusal{Error: "The token is wrong.", Updated: updated}}, b.now, b.enqueueSync))
			return b.secret(id).Service
		}
		watched := b.service(1)
		b.connect(watched.ID)
		if v := refuse(watched.ID, watched.UpdatedAt.Add(-time.Second)); v.AuthNeeded || v.LastError != nil {
			t.Errorf("older credentials were refused, and these are marked: %+v", v)
		}
		v := refuse(watched.ID, b.secret(watched.ID).Service.UpdatedAt)
		if v.Status != rampforge.ServiceError || !v.AuthNeeded || v.LastError == nil || *v.LastError != "The token is wrong." {
			t.Errorf("%+v", v)
		}
		alone := b.service(2)
		if v := refuse(alone.ID, b.secret(alone.ID).Service.UpdatedAt); v.Status != rampforge.ServiceDisconnected || !v.AuthNeeded {
			t.Errorf("%+v", v)
		}
	})
}

// TestClaimServices lets many replicas ask for the checks that are due: each
// goes to one of them.
func TestClaimServices(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		b.service(1)                                                                 // never connected
		b.connect(b.service(2, func(v *rampforge.Service) { v.Enabled = false }).ID) // disabled
		b.must(b.DisconnectService(b.ctx(), b.connect(b.service(3).ID).Service.ID))
		const due = 10
		for n := range due {
			b.connect(b.service(10 + n).ID)
		}
		var claimed sync.Map
		var times atomic.Int64
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() {
				for range 5 {
					list, err := b.ClaimServices(b.ctx(), b.now, b.now.Add(time.Minute), 3)
					if err != nil {
						t.Error(err)
					}
					for _, v := range list {
						times.Add(1)
						claimed.Store(v.Service.ID, true)
					}
				}
			})
		}
		group.Wait()
		n := 0
		claimed.Range(func(any, any) bool { n++; return true })
		if n != due || times.Load() != due {
			t.Errorf("%d services were claimed %d times, want each of %d once", n, times.Load(), due)
		}
		if list, err := b.ClaimServices(b.ctx(), b.now.Add(time.Minute), b.now.Add(time.Hour), 100); err != nil || len(list) != due || len(list[0].Sealed.Text) != 3 {
			t.Errorf("a minute later %d are due, %v", len(list), err)
		}
	})
}

func TestResealService(t *testing.T) {
	each(t, func(t *testing.T, b *bundle) {
		one, two := b.service(1), b.service(2)
		next := store.SealedCredentials{KeyID: "next", Text: []byte("anew")}
		for n, want := range []bool{true, false} {
			won, err := b.ResealService(b.ctx(), one.ID, sealedOnce, next)
			if err != nil || won != want {
				t.Errorf("attempt %d: %v, %v", n, won, err)
			}
		}
		list, err := b.ServicesSealedOtherwise(b.ctx(), "next")
		if err != nil || len(list) != 1 || list[0].Service.ID != two.ID {
			t.Errorf("%+v, %v", list, err)
		}
		if got := b.secret(one.ID); !cmp.Equal(got.Sealed, next) || got.Revision != 1 {
			t.Errorf("%+v", got)
		}
	})
}
