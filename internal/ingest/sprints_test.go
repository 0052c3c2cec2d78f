package ingest_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/store"
)

// boards is a tracker with boards of two projects, by the sprints that they
// show. It hands a sprint over once, as those do whose sprints have no time.
type boards struct {
	*vendor

	show map[string][]string
}

func (v *boards) Resources(context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		for _, id := range []string{"one", "two"} {
			if id != v.gone && !yield(rampforge.Resource{ID: id, Kind: "project", Key: "KEY-" + id, Name: id, Streams: []rampforge.Stream{rampforge.StreamSprints}}, nil) {
				return
			}
		}
	}
}

func (v *boards) Read(_ context.Context, r rampforge.Resource, stream rampforge.Stream, cursor connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		var seen []string
		if len(cursor) > 0 {
			if err := json.Unmarshal(cursor, &seen); err != nil {
				panic(err)
			}
		}
		var page connector.Page
		for _, id := range v.show[r.ID] {
			if !slices.Contains(seen, id) {
				seen = append(seen, id)
				page.Records = append(page.Records, rampforge.Record{Stream: stream, ID: id, ResourceID: r.ID, UpdatedAt: time.Unix(1, 0).UTC(),
					Sprint: &rampforge.Sprint{Name: "Sprint " + id, State: "active"}})
			}
		}
		page.Next, _ = json.Marshal(seen)
		yield(page, nil)
	}
}

func (v *boards) IDs(_ context.Context, r rampforge.Resource, _ rampforge.Stream) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) { yield(v.show[r.ID], nil) }
}

// owner makes a user who keeps the service.
func (b *bench) owner() string {
	b.t.Helper()
	user, err := b.store.CreateUser(b.t.Context(), store.Registration{Email: "ada@example.com", Name: "Ada", PasswordHash: "x", Role: rampforge.RoleDeveloper, At: b.tick()})
	if err != nil {
		b.t.Fatal(err)
	}
	service := b.service
	service.CreatedBy, service.Enabled, service.Transport, service.CreatedAt, service.UpdatedAt = user.ID, true, rampforge.TransportREST, b.now, b.now
	if err := b.store.CreateService(b.t.Context(), service, store.SealedCredentials{KeyID: "none", Text: []byte("none")}); err != nil {
		b.t.Fatal(err)
	}
	return user.ID
}

// bound makes a project of resources of the service.
func (b *bench) bound(owner, name string, resources ...string) string {
	b.t.Helper()
	ctx := b.t.Context()
	p := rampforge.Project{ID: store.NewID("prj"), Name: name, Status: rampforge.ProjectActive, CreatedBy: owner, CreatedAt: b.tick(), UpdatedAt: b.now}
	err := b.store.InTx(ctx, func(tx *sql.Tx) error {
		if err := b.store.CreateProjectTx(ctx, tx, p, nil); err != nil {
			return err
		}
		var refs []store.SourceRef
		for _, id := range resources {
			refs = append(refs, store.SourceRef{ServiceID: b.service.ID, ResourceID: id})
		}
		return b.store.SetProjectSourcesTx(ctx, tx, p.ID, refs, b.now)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return p.ID
}

// TestASprintOfSeveralBoards: a sprint that boards of two projects show belongs
// to both, whichever was read last, and is gone when neither shows it.
func TestASprintOfSeveralBoards(t *testing.T) {
	each(t, 0, func(b *bench) {
		v := &boards{vendor: b.vendor, show: map[string][]string{}}
		sync := func() {
			b.t.Helper()
			c, task := b.start(false)
			s := b.syncer()
			s.SweepEvery = 1
			result, err := s.Sync(b.t.Context(), c, task, b.service, v)
			if err == nil {
				err = b.store.FinishSync(b.t.Context(), c, store.SyncEnd{Status: result.Status, Message: "Done."}, b.tick(), b.enqueue)
			}
			if err != nil || result.Status != rampforge.SyncCompleted {
				b.t.Fatalf("%+v, %v", result, err)
			}
		}
		show := func(one, two string) { v.show["one"], v.show["two"] = strings.Fields(one), strings.Fields(two) }
		show("1 2", "1 3")
		sync()
		owner := b.owner()
		one, two, both := b.bound(owner, "one", "one"), b.bound(owner, "two", "two"), b.bound(owner, "both", "one", "two")
		listed := func(project string, f store.RecordFilter) string {
			b.t.Helper()
			list, total, err := b.store.ProjectRecords(b.t.Context(), project, rampforge.StreamSprints, f, store.Page{Limit: 10})
			if err != nil || total != len(list) {
				b.t.Fatalf("%d of %d, %v", len(list), total, err)
			}
			var ids []string
			for _, r := range list {
				ids = append(ids, r.ID+" of "+r.ResourceKey)
			}
			slices.Sort(ids)
			return strings.Join(ids, ", ")
		}
		want := func(when, ofOne, ofTwo, ofBoth string) {
			b.t.Helper()
			for project, want := range map[string]string{one: ofOne, two: ofTwo, both: ofBoth} {
				if got := listed(project, store.RecordFilter{}); got != want {
					b.t.Errorf("%s: %q, want %q", when, got, want)
				}
			}
		}
		want("shared", "1 of KEY-one, 2 of KEY-one", "1 of KEY-two, 3 of KEY-two", "1 of KEY-one, 2 of KEY-one, 3 of KEY-two")
		if got := listed(both, store.RecordFilter{State: "active", Search: "sprint 1"}); got != "1 of KEY-one" {
			b.t.Errorf("%q", got)
		}
		if got := listed(both, store.RecordFilter{State: "closed"}); got != "" {
			b.t.Errorf("%q", got)
		}
		show("1 2", "3") // the second project's board is gone, and the sprint was read there last
		sync()
		want("one board less", "1 of KEY-one, 2 of KEY-one", "3 of KEY-two", "1 of KEY-one, 2 of KEY-one, 3 of KEY-two")
		show("2", "3")
		sync()
		want("gone", "2 of KEY-one", "3 of KEY-two", "2 of KEY-one, 3 of KEY-two")
		if r, err := b.store.Record(b.t.Context(), b.service.ID, rampforge.StreamSprints, "1"); err != nil || r.DeletedAt == nil {
			b.t.Errorf("no board shows it: %+v, %v", r, err)
		}
		show("2", "1 3")
		sync()
		want("back on the other", "2 of KEY-one", "1 of KEY-two, 3 of KEY-two", "1 of KEY-two, 2 of KEY-one, 3 of KEY-two")
		show("2 3", "1 3")
		sync()
		want("on one more", "2 of KEY-one, 3 of KEY-one", "1 of KEY-two, 3 of KEY-two", "1 of KEY-two, 2 of KEY-one, 3 of KEY-one")
	})
}

// TestASprintThatIsShownOutsideOfTheScope: what a project that is synced no more
// once showed keeps no sprint.
func TestASprintThatIsShownOutsideOfTheScope(t *testing.T) {
	each(t, 0, func(b *bench) {
		v := &boards{vendor: b.vendor, show: map[string][]string{"one": {"1", "2", "3"}, "two": {"1", "2"}}}
		gone := func() string {
			b.t.Helper()
			c, task := b.start(true)
			result, err := b.syncer().Sync(b.t.Context(), c, task, b.service, v)
			if err != nil || result.Status != rampforge.SyncCompleted {
				b.t.Fatalf("%+v, %v", result, err)
			}
			b.end(c, result)
			var ids []string
			for _, id := range []string{"1", "2", "3"} {
				if r, err := b.store.Record(b.t.Context(), b.service.ID, rampforge.StreamSprints, id); err != nil || r.DeletedAt != nil {
					ids = append(ids, id)
				}
			}
			return strings.Join(ids, " ")
		}
		gone()
		v.show["one"] = []string{"2", "3"}
		if got := gone(); got != "" {
			b.t.Errorf("gone is %q: the other project shows it", got)
		}
		b.service.Scope = []string{"one"}
		v.show["one"] = []string{"3"}
		if got := gone(); got != "2" {
			b.t.Errorf("gone is %q: nobody knows what the other project shows", got)
		}
		b.service.Scope = []string{"one", "two"}
		if got := gone(); got != "" {
			b.t.Errorf("gone is %q: the other project shows it, and is in the scope again", got)
		}
	})
}

var _ connector.Connector = (*boards)(nil)
