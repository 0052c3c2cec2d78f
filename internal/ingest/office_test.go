package ingest_test

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// office is a store with services whose records the test writes.
type office struct {
	t      testing.TB
	store  *store.Store
	people *ingest.People
	job    int64
}

func inOffice(t *testing.T, test func(o *office)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *database.DB) { test(newOffice(t, s)) })
}

func newOffice(t testing.TB, s *store.Store) *office {
	o := &office{t: t, store: s, people: &ingest.People{Store: s, Now: time.Now}}
	lead, err := s.CreateUser(t.Context(), store.Registration{Email: "zoe@lead.test", Name: "Zoe Lead", PasswordHash: "x", Role: rampforge.RoleTeamLead, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	for id, v := range map[string]rampforge.Service{
		"svc_gh": {Type: rampforge.ServiceGitHub, Endpoint: "https://api.github.com"}, "svc_gl": {Type: rampforge.ServiceGitLab, Endpoint: "https://gitlab.example.com"},
		"svc_jira": {Type: rampforge.ServiceJira, Endpoint: "https://jira.example.com"},
	} {
		v.ID, v.Name, v.Transport, v.CreatedBy, v.CreatedAt, v.Enabled = id, id, rampforge.TransportREST, lead.ID, time.Now(), true
		if err := s.CreateService(t.Context(), v, store.SealedCredentials{KeyID: "key", Text: []byte("sealed")}); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// pages is a vendor whose streams the test writes.
type pages map[rampforge.Stream][]rampforge.Record

func (pages) Check(context.Context) (connector.Check, error) { return connector.Check{}, nil }
func (pages) Close() error                                   { return nil }

func (v pages) Resources(context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		var streams []rampforge.Stream
		for s := range v {
			streams = append(streams, s)
		}
		slices.Sort(streams)
		yield(rampforge.Resource{ID: "r", Kind: "repository", Key: "a/r", Name: "r", Streams: streams}, nil)
	}
}

func (v pages) Read(_ context.Context, _ rampforge.Resource, stream rampforge.Stream, _ connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		yield(connector.Page{Next: connector.Cursor(`"end"`), Records: v[stream]}, nil)
	}
}

func (v pages) IDs(_ context.Context, _ rampforge.Resource, stream rampforge.Stream) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		var ids []string
		for _, r := range v[stream] {
			ids = append(ids, r.ID)
		}
		yield(ids, nil)
	}
}

func (v pages) add(stream rampforge.Stream, r rampforge.Record) {
	r.Stream, r.ID, r.ResourceID, r.UpdatedAt = stream, fmt.Sprint(len(v[stream])), "r", time.Unix(1, 0).UTC()
	v[stream] = append(v[stream], r)
}

// commit adds a commit, with the account that the vendor says is behind it.
func (v pages) commit(name, email string, account *rampforge.Account) pages {
	s := rampforge.Signature{Name: name, Email: email}
	v.add(rampforge.StreamCommits, rampforge.Record{Commit: &rampforge.VendorCommit{
		Hash: fmt.Sprint(len(v[rampforge.StreamCommits])), Author: s, AuthorAccount: account, Committer: rampforge.Signature{Name: "GitHub", Email: "noreply@github.com"},
	}})
	return v
}

// item adds a work item of somebody.
func (v pages) item(a rampforge.Account) pages {
	v.add(rampforge.StreamWorkItems, rampforge.Record{WorkItem: &rampforge.WorkItem{Reporter: &a}})
	return v
}

// sync syncs a service and finds out who is who, as a worker does.
func (o *office) sync(serviceID string, v pages) {
	o.t.Helper()
	o.keep(serviceID, v)
	o.resolve()
}

// keep syncs a service.
func (o *office) keep(serviceID string, v pages) {
	o.t.Helper()
	ctx := o.t.Context()
	service, err := o.store.Service(ctx, serviceID)
	if err != nil {
		o.t.Fatal(err)
	}
	var run rampforge.SyncRun
	err = o.store.InTx(ctx, func(tx *sql.Tx) (err error) {
		run, err = o.store.StartSyncTx(ctx, tx, store.SyncRequest{RunID: store.NewID("sync"), Services: []rampforge.Service{service}, RequestedBy: "usr_x", At: time.Now()},
			o.enqueue)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	c := store.SyncClaim{TaskID: run.Tasks[0].ID, JobID: o.job, Owner: "test"}
	task, claimed, err := o.store.ClaimSync(ctx, c, time.Now(), time.Now())
	if err != nil || !claimed {
		o.t.Fatalf("%v, %v", claimed, err)
	}
	syncer := &ingest.Syncer{Store: o.store, Logger: slog.New(slog.DiscardHandler), Now: time.Now}
	result, err := syncer.Sync(ctx, c, task, service, v)
	if err == nil {
		err = o.store.FinishSync(ctx, c, store.SyncEnd{Status: result.Status, Faults: result.Faults, Message: "Done."}, time.Now(), o.enqueue)
	}
	if err != nil || len(result.Faults) > 0 {
		o.t.Fatalf("%+v, %v", result, err)
	}
}

func (o *office) enqueue(context.Context, *sql.Tx, string) (int64, error) { o.job++; return o.job, nil }

// resolve finds out who is who, and that nothing is left to write then.
func (o *office) resolve() {
	o.t.Helper()
	if _, err := o.people.Resolve(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	if wrote, err := o.people.Resolve(o.t.Context()); err != nil || wrote {
		o.t.Fatalf("nothing changed, and something was written: %v, %v", wrote, err)
	}
}

// everybody returns the people by name.
func (o *office) everybody() []rampforge.Person {
	o.t.Helper()
	all, total, err := o.store.People(o.t.Context(), store.PeopleFilter{}, store.Page{Limit: 100_000})
	if err != nil || total != len(all) {
		o.t.Fatalf("%d of %d, %v", len(all), total, err)
	}
	return all
}

// told writes people as "name: identity, identity".
func told(people []rampforge.Person) []string {
	list := []string{}
	for _, p := range people {
		var ids []string
		for _, i := range p.Identities {
			switch {
			case i.Kind == rampforge.IdentityGit && i.Email != nil:
				ids = append(ids, *i.Email)
			case i.ServiceID != nil:
				ids = append(ids, *i.ServiceID+"/"+*i.AccountID)
			default:
				ids = append(ids, string(i.Kind))
			}
		}
		slices.Sort(ids)
		name := p.Name
		if p.Bot {
			name += " (bot)"
		}
		list = append(list, name+": "+strings.Join(ids, ", "))
	}
	return list
}

// want compares the people with those wanted, and the lead after them.
func (o *office) want(want ...string) {
	o.t.Helper()
	want = append(want, "Zoe Lead: user")
	if diff := cmp.Diff(want, told(o.everybody())); diff != "" {
		o.t.Errorf("(-want +got):\n%s", diff)
	}
}

func (o *office) named(name string) rampforge.Person {
	o.t.Helper()
	for _, p := range o.everybody() {
		if p.Name == name {
			return p
		}
	}
	o.t.Fatalf("nobody is called %s: %v", name, told(o.everybody()))
	return rampforge.Person{}
}
