package gitlab

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// atOnce is how many records of a page are completed at the same time.
const atOnce = 6

// The names of the parts of a raw record.
const (
	partAccounts   = "accounts"
	partApprovals  = "approvals"
	partCommits    = "commits"
	partDiscussion = "discussions"
	partIterations = "iteration_events"
	partLabels     = "label_events"
	partMilestones = "milestone_events"
	partNotes      = "notes"
	partStates     = "state_events"
	partWeights    = "weight_events"
)

// place is where a stream lies below a project.
type place struct {
	path    string
	options listOptions
	name    string // of the record itself within the raw record
	parts   []part
}

// part is a further call for each record.
type part struct {
	name   string
	path   string // below the record; "" is the record itself
	one    bool   // a value, not a list
	sorted bool   // notes are listed from the newest on unless asked otherwise
	// optional parts may be missing: the feature is of a paid tier, of a newer
	// server or not for this token. Any other part that is missing means that
	// the record has gone since it was listed.
	optional bool
}

// Fifty records with six calls each are what is lost when a reading is killed.
var places = map[rampforge.Stream]place{
	rampforge.StreamWorkItems: {
		path: "issues", options: listOptions{Scope: "all", PerPage: 50}, name: "issue",
		parts: []part{
			{name: partStates, path: "resource_state_events"},
			{name: partNotes, path: "notes", sorted: true},
			{name: partLabels, path: "resource_label_events", optional: true},
			{name: partMilestones, path: "resource_milestone_events", optional: true},
			{name: partIterations, path: "resource_iteration_events", optional: true},
			{name: partWeights, path: "resource_weight_events", optional: true},
		},
	},
	rampforge.StreamPullRequests: {
		path: "merge_requests", options: listOptions{Scope: "all", State: "all", PerPage: 50}, name: "merge_request",
		parts: []part{
			{name: "merge_request", one: true}, // in place of the list's, which lacks how much was changed
			{name: partDiscussion, path: "discussions"},
			{name: partStates, path: "resource_state_events"},
			{name: partApprovals, path: "approvals", one: true, optional: true},
			{name: partCommits, path: "commits", optional: true},
		},
	},
	rampforge.StreamPipelineRuns: {
		path: "pipelines", options: listOptions{PerPage: 50}, name: "pipeline",
		parts: []part{{name: "pipeline", one: true}},
	},
	rampforge.StreamDeployments: {
		path: "deployments", options: listOptions{PerPage: 100}, name: "deployment",
	},
}

// readUpdated reads a stream that GitLab lists by time of update.
func (c *gitlab) readUpdated(ctx context.Context, resource rampforge.Resource, stream rampforge.Stream, from connector.Cursor) iter.Seq2[connector.Page, error] {
	return func(yield func(connector.Page, error) bool) {
		var at cursor
		if err := decodeCursor(from, &at); err != nil {
			yield(connector.Page{}, err)
			return
		}
		r := reading{gitlab: c, resource: resource, stream: stream, missing: map[string]int{}}
		for page, err := range c.walk(ctx, resource, stream, byUpdate, &at) {
			if err != nil {
				yield(connector.Page{}, err)
				return
			}
			records, err := r.complete(ctx, page)
			if err != nil {
				yield(connector.Page{}, err)
				return
			}
			if !yield(connector.Page{Records: records, Next: at.encode(), Total: page.total, Notes: page.notes}, nil) {
				return
			}
		}
	}
}

func decodeCursor(from connector.Cursor, to any) error {
	if len(from) == 0 {
		return nil
	}
	if err := json.Unmarshal(from, to); err != nil {
		return connector.Errorf(connector.ReasonMalformed, "The place to read on from cannot be read.", "Sync the service again from the beginning.", nil)
	}
	return nil
}

// reading completes the records of one Read.
type reading struct {
	*gitlab
	resource rampforge.Resource
	stream   rampforge.Stream

	mu      sync.Mutex
	missing map[string]int // optional part → records in a row that lack it
}

// complete fetches what belongs to the records of a page, and who the people
// in them are.
func (r *reading) complete(ctx context.Context, page walked) ([]rampforge.Record, error) {
	all := make([]map[string]json.RawMessage, len(page.items))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, item := range page.items {
		group.Go(func() (err error) {
			all[i], err = r.partsOf(groupCtx, item)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return r.records(ctx, r.stream, r.resource.ID, all)
}

// records makes records of raw parts; nil parts are of records that have gone.
func (c *gitlab) records(ctx context.Context, stream rampforge.Stream, resourceID string, all []map[string]json.RawMessage) ([]rampforge.Record, error) {
	people, err := c.accounts(ctx, all)
	if err != nil {
		return nil, err
	}
	records := make([]rampforge.Record, 0, len(all))
	for i, parts := range all {
		if parts == nil {
			continue
		}
		if raw := people[i]; raw != nil {
			parts[partAccounts] = raw
		}
		record, err := Normalise(stream, resourceID, object(parts))
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

// partsOf returns a record with its parts, nil when it has gone meanwhile.
func (r *reading) partsOf(ctx context.Context, item json.RawMessage) (map[string]json.RawMessage, error) {
	place := places[r.stream]
	var h struct {
		ID  id `json:"id"`
		IID id `json:"iid"`
	}
	if err := decode(item, &h); err != nil {
		return nil, malformed()
	}
	number := h.IID
	if r.stream == rampforge.StreamPipelineRuns {
		number = h.ID // pipelines are addressed by their id
	}
	out := map[string]json.RawMessage{place.name: item}
	for _, p := range place.parts {
		if number == "" {
			return nil, malformed()
		}
		raw, err := r.part(ctx, projectPath(r.resource.ID)+"/"+place.path+"/"+string(number), p)
		switch {
		case err != nil && !p.optional && connector.Reason(err) == connector.ReasonNotFound:
			return nil, nil
		case err != nil && r.tools != nil && connector.Reason(err) == connector.ReasonUnsupported:
			// No tool gives it: the record is kept without.
		case err != nil && (!p.optional || !connector.Absent(err)):
			return nil, err
		case raw != nil:
			out[p.name] = raw
		}
	}
	return out, nil
}

// part fetches one part. A part of a paid tier that several records lack, and
// none has, is not asked for again: it would be a call for each record. One
// record that lacks it may just have been deleted.
func (r *reading) part(ctx context.Context, record string, p part) (raw json.RawMessage, err error) {
	const enough = 3
	if p.optional {
		r.mu.Lock()
		never := r.missing[p.name] >= enough
		r.mu.Unlock()
		if never {
			return nil, nil
		}
		defer func() { r.note(p.name, err) }()
	}
	path := record
	if p.path != "" {
		path += "/" + p.path
	}
	if p.one {
		raw, _, err = r.get(ctx, path)
		return raw, err
	}
	var o listOptions
	if p.sorted {
		o.OrderBy, o.Sort = "created_at", "asc"
	}
	items, _, err := r.all(ctx, path, o)
	if err != nil {
		return nil, err
	}
	return array(items), nil
}

func (r *reading) note(part string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.missing[part] = -1 << 30 // some have it: always ask
	case connector.Absent(err):
		r.missing[part]++
	}
}

// object joins parts to one JSON object, in the order of their names so that
// the same parts are the same bytes.
func object(parts map[string]json.RawMessage) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(parts)) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + name + `":`)
		b.Write(bytes.TrimSpace(parts[name]))
	}
	b.WriteByte('}')
	return b.Bytes()
}
