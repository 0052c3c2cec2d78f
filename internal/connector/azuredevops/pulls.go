package azuredevops

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/microsoft/azure-devops-go-api/azuredevops/v7"
	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/git"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

const (
	pullsSize = 25
	// settle is how long a closed pull request is looked at again: people
	// still comment on it, or open it once more, and no list tells of that.
	settle = 14 * 24 * time.Hour
)

// pullParts is the raw record of a pull request.
type pullParts struct {
	PullRequest json.RawMessage   `json:"pull_request"`
	Threads     []json.RawMessage `json:"threads"`
	Commits     []json.RawMessage `json:"commits"`
}

// pullCursor is where the reading of pull requests stands. Azure DevOps keeps
// no time of update of them, so a reading is two steps: those that can still
// change are looked at again, then those that are new are read.
type pullCursor struct {
	Phase   string            `json:"phase,omitempty"`   // "", watch or new
	Pending []int             `json:"pending,omitempty"` // to be looked at again in this reading
	Watch   map[string]string `json:"watch,omitempty"`   // id → digest of those that can still change
	Floor   int               `json:"floor"`             // every pull request up to it was delivered
	Top     int               `json:"top,omitempty"`     // the newest of this pass
	Place   pullPlace         `json:"place"`
}

// pullPlace is a place in a list by number, newest first. Pull requests are
// never deleted and new ones come in at the front: what was read only moves
// back. Should the list shrink all the same, the overlap of one tells, and the
// place is looked for nearer to the front.
type pullPlace struct {
	Skip int `json:"skip,omitempty"`
	Last int `json:"last,omitempty"` // the number of the last one taken, 0 at the front
}

type pullHead struct {
	ID         int              `json:"pullRequestId"`
	Status     string           `json:"status"`
	ClosedDate azuredevops.Time `json:"closedDate"`
}

func (c *azure) readPullRequests(ctx context.Context, repository string, at connector.Cursor, out emit) error {
	cur := decodeCursor[pullCursor](at)
	if cur.Watch == nil {
		cur.Watch = map[string]string{}
	}
	if cur.Phase == "" {
		if err := c.beginPulls(ctx, repository, &cur); err != nil {
			return err
		}
	}
	for len(cur.Pending) > 0 {
		n := min(len(cur.Pending), pullsSize)
		all, err := c.pulls(ctx, repository, cur.Pending[:n], &cur)
		if err != nil {
			return err
		}
		cur.Pending = cur.Pending[n:]
		if len(all) > 0 {
			if err := out(connector.Page{Records: all, Next: encode(cur)}); err != nil {
				return err
			}
		}
	}
	cur.Phase = "new"
	err := c.walkPulls(ctx, repository, "all", cur.Floor, &cur.Place, func(ids []int) error {
		all, err := c.pulls(ctx, repository, ids, &cur)
		if err != nil {
			return err
		}
		cur.Top = max(cur.Top, slices.Max(ids))
		return out(connector.Page{Records: all, Next: encode(cur)})
	})
	if err != nil {
		return err
	}
	cur.Floor, cur.Top, cur.Place, cur.Phase = max(cur.Floor, cur.Top), 0, pullPlace{}, ""
	if next := encode(cur); string(next) != string(at) {
		return out(connector.Page{Next: next})
	}
	return nil
}

// beginPulls lists what has to be looked at again: what was open or closed of
// late when it was last read, and what is open now.
func (c *azure) beginPulls(ctx context.Context, repository string, cur *pullCursor) error {
	cur.Phase, cur.Pending = "watch", nil
	if cur.Floor == 0 {
		return nil
	}
	again := map[int]bool{}
	for id := range maps.Keys(cur.Watch) {
		if n, err := strconv.Atoi(id); err == nil {
			again[n] = true
		}
	}
	err := c.walkPulls(ctx, repository, "active", 0, &pullPlace{}, func(ids []int) error {
		for _, id := range ids {
			if id <= cur.Floor {
				again[id] = true
			}
		}
		return nil
	})
	cur.Pending = slices.Sorted(maps.Keys(again))
	return err
}

// walkPulls hands out the numbers of a list above floor, newest first, and
// moves the place with them.
func (c *azure) walkPulls(ctx context.Context, repository, status string, floor int, place *pullPlace, take func([]int) error) error {
	sure := place.Last == 0 // the page begins right after what was taken
	ask := max(place.Skip-1, 0)
	for range maxPages {
		items, _, err := c.list(ctx, c.base+"/_apis/git/repositories/"+repository+"/pullrequests", url.Values{
			"searchCriteria.status": {status}, "$top": {strconv.Itoa(pullsSize)}, "$skip": {strconv.Itoa(ask)},
		})
		if err != nil {
			return err
		}
		if len(items) == 0 && (sure || ask == 0) { // the end
			return nil
		}
		heads, err := pullIDs(items)
		if err != nil {
			return err
		}
		if !sure && ask > 0 && (len(heads) == 0 || heads[0] < place.Last) {
			ask = max(ask-pullsSize, 0)
			continue
		}
		ask += len(items)
		sure = true
		ids := slices.DeleteFunc(slices.Clone(heads), func(id int) bool { return id <= floor || place.Last > 0 && id >= place.Last })
		if len(ids) > 0 {
			place.Skip, place.Last = ask, slices.Min(ids)
			sure = false
			if err := take(ids); err != nil {
				return err
			}
			ask--
		}
		if heads[len(heads)-1] <= floor {
			return nil
		}
	}
	return endless()
}

func pullIDs(items []json.RawMessage) ([]int, error) {
	ids := make([]int, 0, len(items))
	for _, raw := range items {
		var head pullHead
		if json.Unmarshal(raw, &head) != nil || head.ID <= 0 {
			return nil, malformed()
		}
		ids = append(ids, head.ID)
	}
	return ids, nil
}

// pulls reads pull requests, notes those that can still change and returns
// those that were not delivered as they are now.
func (c *azure) pulls(ctx context.Context, repository string, ids []int, cur *pullCursor) ([]rampforge.Record, error) {
	all := []rampforge.Record{}
	raws, heads := make([][]byte, len(ids)), make([]pullHead, len(ids))
	err := parallel(ctx, len(ids), func(ctx context.Context, i int) error {
		var err error
		raws[i], heads[i], err = c.pull(ctx, repository, ids[i])
		if connector.Reason(err) == connector.ReasonNotFound {
			return nil // gone since it was listed; were it the whole repository, the list would fail
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, raw := range raws {
		key := strconv.Itoa(ids[i])
		if raw == nil {
			delete(cur.Watch, key)
			continue
		}
		now := digest(raw)
		if cur.Watch[key] != now {
			r, err := Normalise(rampforge.StreamPullRequests, repository, raw)
			if err != nil {
				return nil, err
			}
			all = append(all, r)
		}
		delete(cur.Watch, key)
		if head := heads[i]; head.Status == string(git.PullRequestStatusValues.Active) || c.now().Sub(head.ClosedDate.Time) < settle {
			cur.Watch[key] = now
		}
	}
	return all, nil
}

// pull reads one pull request whole: lists cut its description at 400
// characters.
func (c *azure) pull(ctx context.Context, repository string, id int) ([]byte, pullHead, error) {
	address := c.base + "/_apis/git/repositories/" + repository + "/pullrequests/" + strconv.Itoa(id)
	raw, _, err := c.get(ctx, address, nil)
	if err != nil {
		return nil, pullHead{}, err
	}
	var head pullHead
	if json.Unmarshal(raw, &head) != nil || head.ID != id {
		return nil, pullHead{}, malformed()
	}
	parts := pullParts{PullRequest: raw, Commits: []json.RawMessage{}}
	if parts.Threads, _, err = c.list(ctx, address+"/threads", nil); err != nil {
		return nil, pullHead{}, err
	}
	err = c.follow(ctx, address+"/commits", url.Values{"$top": {"100"}}, func(items []json.RawMessage) error {
		parts.Commits = append(parts.Commits, items...)
		return nil
	})
	switch {
	case c.lacks(err):
		parts.Commits = nil // which they are is not known, rather than that there are none
	case err != nil && !connector.Absent(err): // the source of an old one may be gone
		return nil, pullHead{}, err
	}
	return encode(parts), head, nil
}

func (c *azure) pullRequestIDs(ctx context.Context, repository string, out emitter[[]string]) error {
	return c.walkPulls(ctx, repository, "all", 0, &pullPlace{}, func(ids []int) error {
		texts := make([]string, 0, len(ids))
		for _, id := range ids {
			texts = append(texts, strconv.Itoa(id))
		}
		return out(texts)
	})
}
