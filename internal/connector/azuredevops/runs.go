package azuredevops

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/microsoft/azure-devops-go-api/azuredevops/v7"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

const (
	runsSize = 100
	// overlap is how far a reading starts before the end of the last one: a
	// change that was being saved then carries a time that had passed already.
	overlap = time.Minute
)

// runCursor is where the reading of pipeline runs stands: the newest time of
// finish, what was delivered around it, and what had not finished.
type runCursor struct {
	At   time.Time         `json:"at"`
	Seen map[string]int64  `json:"seen,omitempty"` // id → time of finish in milliseconds
	Open map[string]string `json:"open,omitempty"` // id → digest
}

type runHead struct {
	ID         int              `json:"id"`
	FinishTime azuredevops.Time `json:"finishTime"`
}

// readRuns reads first the runs that have not finished, then those that have,
// by the time when they did. In this order a run that finishes meanwhile comes
// twice rather than not at all.
func (c *azure) readRuns(ctx context.Context, project string, at connector.Cursor, out emit) error {
	cur := decodeCursor[runCursor](at)
	if cur.Seen == nil {
		cur.Seen = map[string]int64{}
	}
	address := c.base + "/" + project + "/_apis/build/builds"
	if err := c.readOpenRuns(ctx, address, project, &cur, out); err != nil {
		return err
	}
	query := url.Values{"statusFilter": {"completed"}, "queryOrder": {"finishTimeAscending"}, "$top": {strconv.Itoa(runsSize)}}
	if !cur.At.IsZero() {
		query.Set("minTime", stamp(cur.At.Add(-overlap)))
	}
	return c.follow(ctx, address, query, func(items []json.RawMessage) error {
		var raws [][]byte
		for _, raw := range items {
			var head runHead
			if json.Unmarshal(raw, &head) != nil || head.ID == 0 {
				return malformed()
			}
			key, finished := strconv.Itoa(head.ID), head.FinishTime.Time.UnixMilli()
			if cur.Seen[key] == finished {
				continue
			}
			cur.Seen[key] = finished
			if head.FinishTime.Time.After(cur.At) {
				cur.At = head.FinishTime.Time.UTC()
			}
			raws = append(raws, raw)
		}
		forget(cur.Seen, cur.At.Add(-overlap))
		return deliver(rampforge.StreamPipelineRuns, project, raws, func() connector.Cursor { return encode(cur) }, out)
	})
}

func (c *azure) readOpenRuns(ctx context.Context, address, project string, cur *runCursor, out emit) error {
	open := map[string]string{}
	query := url.Values{"statusFilter": {"inProgress,notStarted,postponed,cancelling"}, "queryOrder": {"queueTimeAscending"}, "$top": {strconv.Itoa(runsSize)}}
	var fresh [][]byte
	err := c.follow(ctx, address, query, func(items []json.RawMessage) error {
		for _, raw := range items {
			var head runHead
			if json.Unmarshal(raw, &head) != nil || head.ID == 0 {
				return malformed()
			}
			key := strconv.Itoa(head.ID)
			if open[key] != "" {
				continue // the list shifted
			}
			open[key] = digest(raw)
			if cur.Open[key] != open[key] {
				fresh = append(fresh, raw)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	cur.Open = open
	return deliver(rampforge.StreamPipelineRuns, project, fresh, func() connector.Cursor { return encode(cur) }, out)
}

func deliver(stream rampforge.Stream, resource string, raws [][]byte, next func() connector.Cursor, out emit) error {
	if len(raws) == 0 {
		return nil
	}
	all, err := records(stream, resource, raws)
	if err != nil {
		return err
	}
	return out(connector.Page{Records: all, Next: next()})
}

// forget drops what no later page can bring again.
func forget[K comparable](seen map[K]int64, bound time.Time) {
	for id, at := range seen {
		if at < bound.UnixMilli() {
			delete(seen, id)
		}
	}
}

// deployCursor is where the reading of deployments stands. They can be
// filtered by the time of modification and are ordered by number, so a reading
// is a pass over all that changed, and the next pass starts at the time when
// this one began.
type deployCursor struct {
	From    time.Time        `json:"from"`
	Started time.Time        `json:"started"`
	Token   string           `json:"token,omitempty"`
	Seen    map[string]int64 `json:"seen,omitempty"` // id → time of modification in milliseconds
}

func (c *azure) readDeployments(ctx context.Context, project string, at connector.Cursor, out emit) error {
	cur := decodeCursor[deployCursor](at)
	if cur.Seen == nil {
		cur.Seen = map[string]int64{}
	}
	for range maxPages {
		query := url.Values{"queryOrder": {"ascending"}, "$top": {strconv.Itoa(runsSize)}}
		if !cur.From.IsZero() {
			query.Set("minModifiedTime", stamp(cur.From))
		}
		if cur.Token != "" {
			query.Set("continuationToken", cur.Token)
		}
		items, header, err := c.list(ctx, c.release+"/"+project+"/_apis/release/deployments", query)
		if err != nil {
			return err
		}
		if cur.Started.IsZero() {
			cur.Started = c.vendorTime(header)
		}
		raws, err := cur.take(items)
		if err != nil {
			return err
		}
		token := next(header)
		if token != "" && token == cur.Token {
			return endless()
		}
		cur.Token = token
		if token == "" { // even a pass that brought nothing moves the cursor: a token must not be kept
			cur = deployCursor{From: cur.Started.Add(-overlap), Seen: cur.Seen}
		}
		all, err := records(rampforge.StreamDeployments, project, raws)
		if err != nil {
			return err
		}
		if err := out(connector.Page{Records: all, Next: encode(cur)}); err != nil || token == "" {
			return err
		}
	}
	return endless()
}

// take returns what was not delivered and notes what the next pass may bring
// again.
func (cur *deployCursor) take(items []json.RawMessage) ([][]byte, error) {
	var raws [][]byte
	for _, raw := range items {
		var head struct {
			ID       int              `json:"id"`
			Modified azuredevops.Time `json:"lastModifiedOn"`
		}
		if json.Unmarshal(raw, &head) != nil || head.ID == 0 {
			return nil, malformed()
		}
		key, modified := strconv.Itoa(head.ID), head.Modified.Time.UnixMilli()
		if cur.Seen[key] == modified {
			continue
		}
		cur.Seen[key] = modified
		raws = append(raws, raw)
	}
	forget(cur.Seen, cur.Started.Add(-overlap))
	return raws, nil
}

// vendorTime is the vendor's clock, or ours with room for the difference.
func (c *azure) vendorTime(h http.Header) time.Time {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		return at.UTC()
	}
	return c.now().UTC().Add(-time.Hour)
}
