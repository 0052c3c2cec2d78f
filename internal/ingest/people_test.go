package ingest_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

var (
	adaGitHub = rampforge.Account{ID: "11", Login: "ada", Name: "Ada Byron"}
	adaGitLab = rampforge.Account{ID: "5", Login: "abyron", Name: "Ada Byron", Email: "ada@corp.test", EmailVerified: true}
	adaJira   = rampforge.Account{ID: "JU1", Login: "ada", Name: "Ada Byron", Email: "ada@corp.test"}
	robot     = rampforge.Account{ID: "77", Login: "dep[bot]", Bot: true}
)

func (o *office) fill() {
	o.t.Helper()
	o.sync("svc_gh", pages{}.commit("Ada Byron", "ada@corp.test", &adaGitHub).commit("ada", "ada@home.test", &adaGitHub).
		commit("Ada", "11+countess@users.noreply.github.com", nil).commit("Ghost", "old@corp.test", nil).commit("dep", "77+dep[bot]@users.noreply.github.com", &robot))
	o.sync("svc_gl", pages{}.item(adaGitLab))
	o.sync("svc_jira", pages{}.item(adaJira))
}

const (
	adasOne = "Ada Byron: 11+countess@users.noreply.github.com, ada@corp.test, ada@home.test, svc_gh/11, svc_gl/5"
	bots1   = "dep (bot): 77+dep[bot]@users.noreply.github.com, svc_gh/77"
	bots2   = "GitHub (bot): noreply@github.com"
	other   = "Ghost: old@corp.test"
	jiras   = "Ada Byron: svc_jira/JU1"
)

// TestSyncTellsWhoIsWho syncs three services and looks at the people.
func TestSyncTellsWhoIsWho(t *testing.T) {
	inOffice(t, func(o *office) {
		o.fill()
		o.want(adasOne, jiras, bots1, other, bots2)
		ada := o.everybody()[0]
		suggested, total, err := o.store.Suggestions(t.Context(), store.Page{Limit: 10})
		if err != nil || total != 1 || len(suggested) != 1 || suggested[0].Score < 0.8 || suggested[0].Reasons[0].Rule != rampforge.RuleSameAddress {
			t.Fatalf("%+v, %d, %v", suggested, total, err)
		}
		// A service that is removed leaves its people, by what was known of it.
		ctx := t.Context()
		o.remove("svc_gh", false)
		o.want(adasOne, jiras, bots1, other, bots2)
		o.remove("svc_jira", true)
		o.want(adasOne, bots1, other, bots2)
		if err := o.store.InTx(ctx, func(tx *sql.Tx) error { return o.store.PurgeServiceTx(ctx, tx, "svc_gh", time.Now()) }); err != nil {
			t.Fatal(err)
		}
		o.resolve()
		o.want("Ada Byron: svc_gl/5")
		if now := o.everybody()[0]; now.ID != ada.ID {
			t.Errorf("%s became %s", ada.ID, now.ID)
		}
		if _, total, err := o.store.Suggestions(ctx, store.Page{Limit: 10}); err != nil || total != 0 {
			t.Errorf("%d suggestions, %v", total, err)
		}
		o.remove("svc_gl", true)
		o.want()
		if _, err := o.store.Person(ctx, ada.ID); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("%v", err)
		}
	})
}

// remove removes a service, and what was synced of it when purge is true.
func (o *office) remove(serviceID string, purge bool) {
	o.t.Helper()
	ctx := o.t.Context()
	err := o.store.InTx(ctx, func(tx *sql.Tx) error {
		if err := o.store.DeleteServiceTx(ctx, tx, serviceID); err != nil || !purge {
			return err
		}
		return o.store.PurgeServiceTx(ctx, tx, serviceID, time.Now())
	})
	if err != nil {
		o.t.Fatal(err)
	}
	o.resolve()
}

// audited returns the actions of the audit log, the oldest first.
func (o *office) audited() []string {
	o.t.Helper()
	entries, _, err := o.store.AuditLog(o.t.Context(), store.AuditFilter{}, store.Page{Limit: 100})
	if err != nil {
		o.t.Fatal(err)
	}
	var actions []string
	for _, e := range slices.Backward(entries) {
		actions = append(actions, e.ActorID+" "+e.Action)
	}
	return actions
}

func TestByHand(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := t.Context()
		o.fill()
		by := rampforge.AuditEntry{ActorID: "usr_lead", Address: "192.0.2.1", RequestID: "req_1"}
		all := o.everybody()
		ada, jira, ghost := all[0], all[1], o.named("Ghost")

		suggested, _, err := o.store.Suggestions(ctx, store.Page{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		one, err := o.people.Accept(ctx, by, suggested[0].ID)
		if err != nil || one.ID != ada.ID || len(one.Identities) != 6 {
			t.Fatalf("%+v, %v", one, err)
		}
		if _, err := o.people.Accept(ctx, by, suggested[0].ID); rampforge.ErrorCode(err) != rampforge.CodeNotFound {
			t.Errorf("accepted twice: %v", err)
		}
		o.resolve()
		if p, err := o.store.Person(ctx, jira.ID); err != nil || p.ID != ada.ID {
			t.Errorf("the old id leads to %s: %v", p.ID, err)
		}
		if p, err := o.people.Merge(ctx, by, ghost.ID, jira.ID); err != nil || p.ID != ada.ID || len(p.Identities) != 7 {
			t.Fatalf("by the old id: %+v, %v", p, err)
		}
		_, err = o.people.Merge(ctx, by, ghost.ID, ada.ID)
		wantCode(t, "one already", err, rampforge.CodeConflict)
		_, err = o.people.Merge(ctx, by, ada.ID, o.named("dep").ID)
		wantCode(t, "a bot", err, rampforge.CodeConflict)
		_, err = o.people.Merge(ctx, by, ada.ID, "per_none")
		wantCode(t, "nobody", err, rampforge.CodeNotFound)

		// The next sync brings nothing back and takes nothing away.
		o.sync("svc_jira", pages{}.item(adaJira))
		whole := o.named("Ada Byron")
		if len(whole.Identities) != 7 {
			t.Fatalf("%v", told(o.everybody()))
		}
		var off []string
		for _, i := range whole.Identities {
			if i.Kind == rampforge.IdentityAccount && *i.ServiceID == "svc_gl" || i.ServiceID != nil && *i.ServiceID == "svc_jira" {
				off = append(off, i.ID)
			}
		}
		rest, split, err := o.people.Split(ctx, by, whole.ID, off)
		if err != nil || rest.ID != ada.ID || len(rest.Identities) != 5 || len(split.Identities) != 2 || split.ID != jira.ID {
			t.Fatalf("%+v, %+v, %v", rest, split, err)
		}
		o.resolve()
		o.sync("svc_gl", pages{}.item(adaGitLab))
		if p, err := o.store.Person(ctx, split.ID); err != nil || len(p.Identities) != 2 {
			t.Errorf("%+v, %v", p, err)
		}
		if left, total, err := o.store.Suggestions(ctx, store.Page{Limit: 10}); err != nil || total != 0 {
			t.Errorf("what was decided is suggested: %+v, %v", left, err)
		}
		for name, ids := range map[string][]string{"of somebody else": off, "none": {}, "all": {rest.Identities[0].ID, rest.Identities[1].ID, rest.Identities[2].ID, rest.Identities[3].ID, rest.Identities[4].ID}} {
			_, _, err := o.people.Split(ctx, by, rest.ID, ids)
			wantCode(t, name, err, rampforge.CodeInvalid)
		}
		if again, err := o.people.Merge(ctx, by, split.ID, rest.ID); err != nil || len(again.Identities) != 7 || again.ID != ada.ID {
			t.Errorf("%+v, %v", again, err)
		}
		o.resolve()
		want := []string{"usr_lead person.suggestion_accepted", "usr_lead person.merged", "usr_lead person.split", "usr_lead person.merged"}
		if diff := cmp.Diff(want, o.audited()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func wantCode(t *testing.T, what string, err error, code rampforge.Code) {
	t.Helper()
	if got := rampforge.ErrorCode(err); got != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestDismiss(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := t.Context()
		o.fill()
		suggested, _, err := o.store.Suggestions(ctx, store.Page{Limit: 10})
		if err != nil || len(suggested) != 1 {
			t.Fatalf("%+v, %v", suggested, err)
		}
		if err := o.people.Dismiss(ctx, rampforge.AuditEntry{ActorID: "usr_lead"}, suggested[0].ID); err != nil {
			t.Fatal(err)
		}
		wantCode(t, "dismissed twice", o.people.Dismiss(ctx, rampforge.AuditEntry{}, suggested[0].ID), rampforge.CodeNotFound)
		verified := adaJira
		verified.EmailVerified = true // what the rules would join now stays apart
		o.sync("svc_jira", pages{}.item(verified))
		o.want(adasOne, jiras, bots1, other, bots2)
		if _, err := o.people.Merge(ctx, rampforge.AuditEntry{ActorID: "usr_lead"}, suggested[0].People[0].ID, suggested[0].People[1].ID); err != nil {
			t.Fatal(err)
		}
		o.want(strings.Replace(adasOne, "svc_gl/5", "svc_gl/5, svc_jira/JU1", 1), bots1, other, bots2)
	})
}

// TestUsersAreSuggested has a user whose address nobody verified.
func TestUsersAreSuggested(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := t.Context()
		user, err := o.store.CreateUser(ctx, store.Registration{Email: "ada@corp.test", Name: "Ada B.", PasswordHash: "x", Role: rampforge.RoleDeveloper, At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		o.sync("svc_gl", pages{}.item(adaGitLab))
		o.want("Ada B.: user", "Ada Byron: svc_gl/5")
		suggested, _, err := o.store.Suggestions(ctx, store.Page{Limit: 10})
		if err != nil || len(suggested) != 1 {
			t.Fatalf("%+v, %v", suggested, err)
		}
		p, err := o.people.Accept(ctx, rampforge.AuditEntry{ActorID: "usr_lead"}, suggested[0].ID)
		if err != nil || p.UserID == nil || *p.UserID != user.ID || p.Name != "Ada B." || len(p.Identities) != 2 {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

// TestPeopleAtOnce has several replicas find out who is who while others
// decide. In the end nothing is torn, and every decision holds.
func TestPeopleAtOnce(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := t.Context()
		v := pages{}
		for n := range 24 {
			v.commit(fmt.Sprintf("Somebody %02d", n), fmt.Sprintf("p%02d@corp.test", n), nil)
		}
		o.sync("svc_gh", v)
		before := o.everybody()[1:] // without the bot that GitHub commits by
		var together sync.WaitGroup
		for n := range 6 {
			together.Go(func() {
				replica := &ingest.People{Store: o.store, Now: time.Now}
				a, b := before[2*n], before[2*n+1]
				if _, err := replica.Merge(ctx, rampforge.AuditEntry{ActorID: "usr_lead"}, a.ID, b.ID); err != nil {
					t.Errorf("merging: %v", err)
				}
			})
			together.Go(func() {
				if _, err := (&ingest.People{Store: o.store, Now: time.Now}).Resolve(ctx); err != nil {
					t.Errorf("resolving: %v", err)
				}
			})
		}
		together.Wait()
		o.resolve()
		after := o.everybody()
		if len(after) != len(before)+1-6 {
			t.Errorf("%d people became %d: %v", len(before), len(after), told(after))
		}
		seen := map[string]bool{}
		for _, p := range after {
			for _, i := range p.Identities {
				if seen[i.ID] {
					t.Errorf("%s is two people's", i.ID)
				}
				seen[i.ID] = true
			}
		}
		if len(seen) != 26 || len(o.audited()) != 6 {
			t.Errorf("%d identities, %v", len(seen), o.audited())
		}
		for n := range 6 {
			a, errA := o.store.Person(ctx, before[2*n].ID)
			b, errB := o.store.Person(ctx, before[2*n+1].ID)
			if errors.Join(errA, errB) != nil || a.ID != b.ID || len(a.Identities) != 2 {
				t.Errorf("%v and %v: %v, %v", a, b, errA, errB)
			}
		}
	})
}

// TestAStaleChangeIsRefused writes by what was read before somebody else wrote.
func TestAStaleChangeIsRefused(t *testing.T) {
	inOffice(t, func(o *office) {
		ctx := t.Context()
		state, err := o.store.PeopleState(ctx)
		if err != nil {
			t.Fatal(err)
		}
		o.sync("svc_gl", pages{}.item(adaGitLab))
		err = o.store.ChangePeople(ctx, state.Version, store.PeopleChange{At: time.Now(), NewPeople: []store.KeptPerson{{ID: "per_x", Name: "X"}}})
		if !errors.Is(err, store.ErrPeopleChanged) {
			t.Errorf("%v", err)
		}
		o.want("Ada Byron: svc_gl/5")
	})
}

// crowd is a page of n commits, each with an account and two addresses.
func crowd(n int) pages {
	v := pages{}
	for i := range n {
		a := rampforge.Account{ID: fmt.Sprint(i), Login: fmt.Sprint("login", i), Name: fmt.Sprintf("Given%d Family%d", i, i%50)}
		v.commit(a.Name, fmt.Sprintf("w%d@corp.test", i), &a)
		v.commit(a.Name, fmt.Sprintf("h%d@home.test", i), &a)
	}
	return v
}

// BenchmarkPeople resolves ten thousand identities: at first, and again after
// one sync more.
func BenchmarkPeople(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		b.Run(name, func(b *testing.B) {
			var first, again time.Duration
			for n := 0; b.Loop(); n++ {
				b.StopTimer()
				db := storetest.Open(b, url(b))
				o := newOffice(b, store.New(db))
				v := crowd(3400)
				o.keep("svc_gh", v)
				b.StartTimer()
				start := time.Now()
				if _, err := o.people.Resolve(b.Context()); err != nil {
					b.Fatal(err)
				}
				first += time.Since(start)
				b.StopTimer()
				o.keep("svc_gl", pages{}.item(adaGitLab))
				b.StartTimer()
				start = time.Now()
				if _, err := o.people.Resolve(b.Context()); err != nil {
					b.Fatal(err)
				}
				again += time.Since(start)
			}
			b.ReportMetric(float64(first.Milliseconds())/float64(b.N), "ms-first")
			b.ReportMetric(float64(again.Milliseconds())/float64(b.N), "ms-again")
		})
	}
}
