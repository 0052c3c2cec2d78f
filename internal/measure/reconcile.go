package measure

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
	"github.com/rampforgeai/rampforge/internal/workflow/facts/builder"
)

// slack is how long the writing of a page of records may take: its time is the
// one at which that began.
const slack = 10 * time.Minute

// wanted is what of a place's records is to be read.
type wanted struct {
	at    store.Place
	ids   []string
	total int // how many the place has
}

// reconciliation is how the facts of a project differ from its records.
type reconciliation struct {
	m       *Measurer
	was     store.Workflow
	facts   *loaded
	symbols *facts.Symbols
	sources []store.SourceRef
	read    map[store.ReadRecord]facts.Time // without its time: when it was read
	wanted  []wanted

	items, pulls, deployments, runs, commits, sprints map[place]bool // that are gone
}

// reconcile compares the ids of the records that there are with those that
// there are facts of, and the times at which those of late were read. What was
// deleted, moved away or is of a source that was taken out is gone; what came,
// came back or was read again is wanted.
func (m *Measurer) reconcile(ctx context.Context, was store.Workflow, l *loaded, symbols *facts.Symbols) (*reconciliation, error) {
	r := &reconciliation{m: m, was: was, facts: l, symbols: symbols, read: map[store.ReadRecord]facts.Time{}}
	sources, err := m.Store.ProjectSources(ctx, was.ProjectID)
	if err != nil {
		return nil, err
	}
	for _, v := range sources {
		r.sources = append(r.sources, store.SourceRef{ServiceID: v.ServiceID, ResourceID: v.ResourceID})
	}
	slices.SortFunc(r.sources, func(a, b store.SourceRef) int {
		return cmp.Or(strings.Compare(a.ServiceID, b.ServiceID), strings.Compare(a.ResourceID, b.ResourceID))
	})
	if was.FactsAt != nil && len(sources) > 0 {
		read, err := m.Store.ReadSince(ctx, was.ProjectID, was.FactsAt.Add(-slack))
		if err != nil {
			return nil, err
		}
		for _, v := range read {
			at := facts.At(v.SyncedAt)
			v.SyncedAt = time.Time{}
			r.read[v] = at
		}
	}
	if r.items, err = follow(ctx, r, l.items); err != nil {
		return nil, err
	}
	if r.pulls, err = follow(ctx, r, l.pulls); err != nil {
		return nil, err
	}
	if r.deployments, err = follow(ctx, r, l.deployments); err != nil {
		return nil, err
	}
	if r.runs, err = follow(ctx, r, l.runs); err != nil {
		return nil, err
	}
	if r.commits, err = follow(ctx, r, l.commits); err != nil {
		return nil, err
	}
	r.sprints, err = r.followSprints(ctx)
	return r, err
}

// again reports whether a record was read since its facts were made, or was
// made anew.
func (r *reconciliation) again(serviceID string, stream rampforge.Stream, id string, synced facts.Time) bool {
	if slices.Contains(r.was.Remake, serviceID) {
		return true
	}
	at, lately := r.read[store.ReadRecord{ServiceID: serviceID, Stream: stream, ID: id}]
	return lately && at != synced
}

// follow finds what is gone of a kind, and what is wanted.
func follow[T any](ctx context.Context, r *reconciliation, s *shelf[T]) (map[place]bool, error) {
	gone := map[place]bool{}
	at := 0
	places := map[facts.Symbol][2]int{} // from, to in all: the facts of a source lie together
	for at < len(s.all) {
		from, source := at, s.place(&s.all[at]).source
		for at < len(s.all) && s.place(&s.all[at]).source == source {
			at++
		}
		places[source] = [2]int{from, at}
	}
	for _, ref := range r.sources {
		p := store.Place{ServiceID: ref.ServiceID, ResourceID: ref.ResourceID, Stream: s.stream}
		there, err := r.m.Store.PlaceIDs(ctx, p)
		if err != nil {
			return nil, err
		}
		w := wanted{at: p, total: len(there)}
		source, known := r.symbols.Find(facts.SourceKey(ref.ServiceID, ref.ResourceID))
		span := places[source]
		if known {
			delete(places, source)
			for i := span[0]; i < span[1]; i++ {
				v := s.place(&s.all[i])
				switch {
				case !there[v.id]:
					gone[v] = true
				case r.again(ref.ServiceID, s.stream, v.id, s.synced(&s.all[i])):
					w.ids = append(w.ids, v.id)
				}
				delete(there, v.id)
			}
		}
		for id := range there {
			w.ids = append(w.ids, id)
		}
		if len(w.ids) > 0 {
			slices.Sort(w.ids)
			r.wanted = append(r.wanted, w)
		}
	}
	for _, span := range places { // of sources that are none any more
		for i := span[0]; i < span[1]; i++ {
			gone[s.place(&s.all[i])] = true
		}
	}
	return gone, nil
}

// followSprints is follow of sprints, which are of no one source.
func (r *reconciliation) followSprints(ctx context.Context) (map[place]bool, error) {
	there := map[string]map[string]bool{} // ids by service
	for _, ref := range r.sources {
		ids, err := r.m.Store.PlaceIDs(ctx, store.Place{ServiceID: ref.ServiceID, ResourceID: ref.ResourceID, Stream: rampforge.StreamSprints})
		if err != nil {
			return nil, err
		}
		if there[ref.ServiceID] == nil {
			there[ref.ServiceID] = map[string]bool{}
		}
		for id := range ids {
			there[ref.ServiceID][id] = true
		}
	}
	gone := map[place]bool{}
	again := map[string][]string{}
	for i := range r.facts.sprints.all {
		v := &r.facts.sprints.all[i]
		service, id := sprintOf(r.symbols.Text(v.ID))
		switch {
		case !there[service][id]:
			gone[sprintKind.place(v)] = true
		case r.again(service, rampforge.StreamSprints, id, v.SyncedAt):
			again[service] = append(again[service], id)
		}
		delete(there[service], id)
	}
	for service, ids := range there {
		for id := range ids {
			again[service] = append(again[service], id)
		}
	}
	for _, service := range slices.Sorted(maps.Keys(again)) {
		ids := again[service]
		slices.Sort(ids)
		r.wanted = append(r.wanted, wanted{at: store.Place{ServiceID: service, Stream: rampforge.StreamSprints}, ids: ids})
	}
	return gone, nil
}

// lose takes a record's facts for gone.
func (r *reconciliation) lose(v builder.Record) {
	gone := map[rampforge.Stream]map[place]bool{
		rampforge.StreamWorkItems: r.items, rampforge.StreamPullRequests: r.pulls, rampforge.StreamDeployments: r.deployments,
		rampforge.StreamPipelineRuns: r.runs, rampforge.StreamCommits: r.commits, rampforge.StreamSprints: r.sprints,
	}[v.Stream]
	at := place{id: v.ID}
	key := facts.SourceKey(v.ServiceID, v.ResourceID)
	if v.Stream == rampforge.StreamSprints { // its place is its own key
		at.id, key = "", facts.SprintKey(v.ServiceID, v.ID)
	}
	var known bool
	if at.source, known = r.symbols.Find(key); known {
		gone[at] = true
	}
}

func sprintOf(key string) (service, id string) {
	parts := facts.Parts(key)
	if len(parts) < 2 {
		return "", ""
	}
	return parts[0], key[len(parts[0])+1:]
}
