package github

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/google/go-github/v74/github"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

const (
	// near is how far every reading looks back for runs and deployments that
	// changed after they had been read: GitHub lists them by creation only.
	near = 3 * 24 * time.Hour
	// far is how far the first reading of a day looks back. GitHub lets a run
	// be repeated for 30 days, and no run lasts longer than 35.
	far = 36 * 24 * time.Hour
	// farEvery is how often it looks that far.
	farEvery = 24 * time.Hour
	// maxOpen bounds how many unfinished records a cursor remembers.
	maxOpen = 500
)

// newestCursor is where a reading of a list stands whose newest records come
// first and which cannot be asked for what changed.
type newestCursor struct {
	Since time.Time `json:"since,omitzero"` // what changed before has been read
	Far   time.Time `json:"far,omitzero"`   // when a reading last looked far back
	Open  []string  `json:"open,omitempty"` // unfinished when they were read
	Pass  *pass     `json:"pass,omitempty"` // the reading under way
}

type pass struct {
	Start time.Time `json:"start,omitzero"` // by the vendor's clock
	Floor time.Time `json:"floor,omitzero"` // created before it: not looked at
	Far   bool      `json:"far,omitempty"`
	Query string    `json:"query,omitempty"` // of the next page
	Prior string    `json:"prior,omitempty"` // of the page before it
	Known []string  `json:"known,omitempty"` // the ids of that one
	Part  []string  `json:"part,omitempty"`  // of the next page: what has been read of it
	Open  []string  `json:"open,omitempty"`
}

// newest reads pipeline runs or deployments. New records push the others to
// later pages, where they are met again and nothing is lost; for what deletion
// does, see list.
func (r *reading) newest() error {
	cur := newestCursor{}
	if err := r.restore(&cur); err != nil {
		return err
	}
	if cur.Pass == nil {
		cur.Pass = &pass{}
	}
	l := listing{path: r.place.path("deployments"), from: cur.Pass.Query, prior: cur.Pass.Prior, known: slices.Concat(cur.Pass.Known, cur.Pass.Part)}
	if r.stream == rampforge.StreamPipelineRuns {
		l.path, l.field = r.place.path("actions", "runs"), "workflow_runs"
	}
	for page, err := range r.list(r.ctx, l) {
		if code := status(err); r.stream == rampforge.StreamPipelineRuns && code == http.StatusNotFound {
			return unsupported(r.stream) // the repository is there: its GitHub has no Actions
		}
		if err != nil {
			return err
		}
		if cur.Pass.Start.IsZero() {
			cur.begin(r.vendorTime(page.header).Add(-lag))
		}
		if done, err := r.pass(&cur, page); err != nil || done {
			return err
		}
	}
	return nil
}

// pass hands over what is wanted of a page, and moves the cursor. It reports
// whether nothing is to come.
func (r *reading) pass(cur *newestCursor, page listed) (bool, error) {
	wanted, end, err := cur.wanted(page.items)
	if err != nil {
		return false, err
	}
	size := len(wanted)
	if r.stream == rampforge.StreamDeployments {
		size = min(size, batch)
	}
	before := slices.Clip(cur.Pass.Part)
	for {
		part := wanted[:min(size, len(wanted))]
		wanted = wanted[len(part):]
		records, err := r.records(len(part), func(r *reading, i int) (any, error) { return r.attempt(part[i]) })
		if err != nil {
			return false, err
		}
		cur.Pass.unfinished(records)
		if len(wanted) > 0 {
			cur.Pass.Query, cur.Pass.Prior = page.query, page.prior
			cur.Pass.Part = append(cur.Pass.Part, itemIDs(part)...)
			if !r.page(records, cur) {
				return true, nil
			}
			continue
		}
		if end || page.next == "" {
			r.page(records, cur.finished())
			return true, nil
		}
		cur.Pass.Query, cur.Pass.Prior, cur.Pass.Known, cur.Pass.Part = page.next, page.query, slices.Concat(before, itemIDs(page.items)), nil
		return !r.page(records, cur), nil
	}
}

func itemIDs(items []item) []string {
	ids := make([]string, 0, len(items))
	for _, it := range items {
		ids = append(ids, it.id)
	}
	return ids
}

// begin decides how far back a pass looks.
func (cur *newestCursor) begin(start time.Time) {
	p := cur.Pass
	p.Start = start
	p.Far = start.Sub(cur.Far) >= farEvery
	switch {
	case cur.Since.IsZero():
	case p.Far:
		p.Floor = cur.Since.Add(-far)
	default:
		p.Floor = cur.Since.Add(-near)
	}
}

// wanted returns what changed since the last reading, and whether the page
// reaches what need not be looked at.
func (cur *newestCursor) wanted(items []item) ([]item, bool, error) {
	var out []item
	end := false
	for _, it := range items {
		var stamps struct {
			CreatedAt *github.Timestamp `json:"created_at"`
			UpdatedAt *github.Timestamp `json:"updated_at"`
		}
		if err := decode(it.raw, &stamps); err != nil {
			return nil, false, err
		}
		created, since := timeOf(stamps.CreatedAt), cur.Since
		end = end || created.Before(cur.Pass.Floor)
		if created.Before(cur.Since.Add(-near)) && cur.Far.Before(since) {
			since = cur.Far // the readings since then did not look at it
		}
		if !timeOf(stamps.UpdatedAt).Before(since) || slices.Contains(cur.Open, it.id) {
			out = append(out, it)
		}
	}
	return out, end, nil
}

// unfinished remembers which records have not ended.
func (p *pass) unfinished(records []rampforge.Record) {
	for _, record := range records {
		state := ""
		if record.PipelineRun != nil {
			state = record.PipelineRun.State
		}
		if record.Deployment != nil {
			state = record.Deployment.State
		}
		if (state == stateQueued || state == stateRunning) && len(p.Open) < maxOpen {
			p.Open = append(p.Open, record.ID)
		}
	}
}

// finished is the cursor behind the last page of a pass.
func (cur *newestCursor) finished() newestCursor {
	out := newestCursor{Since: cur.Pass.Start, Far: cur.Far, Open: cur.Pass.Open}
	if cur.Pass.Far {
		out.Far = cur.Pass.Start
	}
	return out
}

// attempt returns the parts of a run, which is whole, or of a deployment with
// its statuses.
func (r *reading) attempt(it item) (any, error) {
	if r.stream == rampforge.StreamPipelineRuns {
		return runParts{Run: it.raw}, nil
	}
	path := r.place.path("deployments", it.id)
	statuses, _, err := r.all(r.ctx, path+"/statuses")
	if connector.Reason(err) == connector.ReasonNotFound {
		return r.orGone(nil, path, err)
	}
	return deploymentParts{Deployment: it.raw, Statuses: statuses}, err
}

// The parts that Raw holds, as the vendor sent each.
type (
	issueParts struct {
		Issue      json.RawMessage   `json:"issue"`
		Events     []json.RawMessage `json:"events"`
		Comments   []json.RawMessage `json:"comments"`
		Incomplete bool              `json:"history_incomplete,omitempty"`
	}
	pullParts struct {
		Pull           json.RawMessage   `json:"pull_request"`
		Reviews        []json.RawMessage `json:"reviews"`
		ReviewComments []json.RawMessage `json:"review_comments"`
		Comments       []json.RawMessage `json:"comments"`
		Commits        []json.RawMessage `json:"commits"`
		Events         []json.RawMessage `json:"events"`
	}
	commitParts struct {
		Commit json.RawMessage `json:"commit"`
	}
	runParts struct {
		Run json.RawMessage `json:"workflow_run"`
	}
	deploymentParts struct {
		Deployment json.RawMessage   `json:"deployment"`
		Statuses   []json.RawMessage `json:"statuses"`
	}
)
