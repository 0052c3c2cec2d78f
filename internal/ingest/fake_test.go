package ingest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// vendor is a vendor in memory: work items of two projects, read in the order
// of their updates, three to a page.
type vendor struct {
	mu    sync.Mutex
	items map[string]item // by id
	clock int64
	reads int // pages that were handed out

	// before is called before each page and each list of ids; an error is the
	// vendor's answer.
	before func(what string) error
	// fails is the same for a page of one project; nil for none.
	fails func(project string) error
	notes []error // of every page
	gone  string  // the project that is not listed
}

type item struct {
	project string
	title   string
	at      int64
}

const pageSize = 3

func newVendor(n int) *vendor {
	v := &vendor{items: map[string]item{}, before: func(string) error { return nil }}
	for i := range n {
		v.put(strconv.Itoa(i), []string{"one", "two"}[i%2], fmt.Sprint("Item ", i))
	}
	return v
}

func (v *vendor) put(id, project, title string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.clock++
	v.items[id] = item{project, title, v.clock}
}

func (v *vendor) remove(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.items, id)
}

func (v *vendor) Check(context.Context) (connector.Check, error) {
	return connector.Check{Account: &rampforge.Account{ID: "me"}}, nil
}

func (v *vendor) Close() error { return nil }

func (v *vendor) Resources(context.Context) iter.Seq2[rampforge.Resource, error] {
	return func(yield func(rampforge.Resource, error) bool) {
		if err := v.before("resources"); err != nil {
			yield(rampforge.Resource{}, err)
			return
		}
		for _, id := range []string{"one", "two"} {
			if id != v.gone && !yield(rampforge.Resource{ID: id, Kind: "project", Key: "KEY-" + id, Name: id, Streams: []rampforge.Stream{rampforge.StreamWorkItems}}, nil) {
				return
			}
		}
	}
}

func (v *vendor) after(project string, at int64) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var ids []string
	for id, it := range v.items {
		if it.project == project && it.at > at {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return int(v.items[a].at - v.items[b].at) })
	return ids
}

func (v *vendor) Read(ctx context.Context, r rampforge.Resource, stream rampforge.Stream, cursor connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		var at int64
		if len(cursor) > 0 {
			if err := json.Unmarshal(cursor, &at); err != nil {
				panic(err)
			}
		}
		for {
			if ctx.Err() != nil {
				yield(connector.Page{}, ctx.Err())
				return
			}
			if err := v.before("page"); err != nil {
				yield(connector.Page{}, err)
				return
			}
			if v.fails != nil {
				if err := v.fails(r.ID); err != nil {
					yield(connector.Page{}, err)
					return
				}
			}
			ids := v.after(r.ID, at)
			ids = ids[:min(len(ids), pageSize)]
			page := connector.Page{Notes: v.notes}
			v.mu.Lock()
			v.reads++
			for _, id := range ids {
				at = v.items[id].at
				page.Records = append(page.Records, record(r.ID, id, v.items[id]))
			}
			v.mu.Unlock()
			page.Next = connector.Cursor(strconv.FormatInt(at, 10))
			if !yield(page, nil) || len(ids) < pageSize {
				return
			}
		}
	}
}

func record(project, id string, it item) rampforge.Record {
	author := rampforge.Account{ID: "acc" + id, Login: "login" + id, Name: "Person\x00" + id, Email: id + "@example.com", EmailVerified: true}
	return rampforge.Record{
		Stream: rampforge.StreamWorkItems, ID: id, ResourceID: project, UpdatedAt: time.Unix(it.at, 0).UTC(), Raw: []byte(`{"id":` + strconv.Quote(id) + `}`),
		WorkItem: &rampforge.WorkItem{
			Key: "KEY-" + id, Title: it.title, Body: "nul \x00, four bytes \U0001F642", Reporter: &author,
			CreatedAt: time.Unix(1, 0).UTC(), UpdatedAt: time.Unix(it.at, 0).UTC(), StatusCategory: rampforge.StatusToDo,
		},
	}
}

func (v *vendor) IDs(_ context.Context, r rampforge.Resource, _ rampforge.Stream) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for part := range slices.Chunk(v.after(r.ID, 0), 7) {
			if err := v.before("ids"); err != nil {
				yield(nil, err)
				return
			}
			if !yield(part, nil) {
				return
			}
		}
	}
}

// forgetful lists no ids the first times that it is asked.
type forgetful struct {
	*vendor

	times int
}

func (f *forgetful) IDs(ctx context.Context, r rampforge.Resource, s rampforge.Stream) iter.Seq2[[]string, error] {
	if f.times--; f.times >= 0 {
		return func(func([]string, error) bool) {}
	}
	return f.vendor.IDs(ctx, r, s)
}
