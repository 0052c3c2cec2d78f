package azuredevops

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

const commitsSize = 100

// commitCursor is where the reading of a history stands.
type commitCursor struct {
	Base string `json:"base,omitempty"` // all that can be reached from it was delivered
	Tip  string `json:"tip,omitempty"`  // what is being read from, "" between readings
	Skip int    `json:"skip,omitempty"`
	Full bool   `json:"full,omitempty"` // what was delivered before is not left out
}

// widen takes the whole history instead of what is new: where the old tip is
// gone because the branch was rewritten, or set back, or where a server
// compares in another way. It says whether that was not the case already.
func (cur *commitCursor) widen() bool {
	if cur.Base == "" || cur.Full {
		return false
	}
	cur.Full, cur.Skip = true, 0
	return true
}

// readCommits reads the default branch from one pinned commit, whose history
// never changes, so no page shifts; the next reading takes what the new tip
// has and the old one has not. A reading by date would lose commits that are
// older than the last reading and were merged after it.
func (c *azure) readCommits(ctx context.Context, repository string, at connector.Cursor, out emit) error {
	cur := decodeCursor[commitCursor](at)
	resumed := cur.Tip != ""
	if !resumed {
		tip, err := c.tip(ctx, repository)
		if err != nil {
			return err
		}
		if tip == "" || tip == cur.Base {
			return nil
		}
		cur.Tip = tip
	}
	before := ""
	for range maxPages {
		raws, first, err := c.history(ctx, repository, cur)
		reason := connector.Reason(err)
		gone := reason == connector.ReasonNotFound || reason == connector.ReasonUnsupported
		odd := err == nil && cur.Skip == 0 && first != cur.Tip
		switch {
		case (gone || odd) && cur.widen():
			continue
		case gone && resumed: // the commit that was being read from is gone too
			return c.readCommits(ctx, repository, nil, out)
		case err != nil:
			return err
		case odd:
			return malformed()
		case len(raws) == 0:
			return out(connector.Page{Next: encode(commitCursor{Base: cur.Tip})})
		case first == before:
			return endless()
		}
		before = first
		all, err := records(rampforge.StreamCommits, repository, raws)
		if err != nil {
			return err
		}
		cur.Skip += len(raws)
		if err := out(connector.Page{Records: all, Next: encode(cur)}); err != nil {
			return err
		}
	}
	return endless()
}

// tip is the newest commit of the default branch, "" where there is none.
func (c *azure) tip(ctx context.Context, repository string) (string, error) {
	items, _, err := c.list(ctx, c.base+"/_apis/git/repositories/"+repository+"/commits", url.Values{"searchCriteria.$top": {"1"}})
	if err != nil || len(items) == 0 {
		return "", err
	}
	return commitID(items[0])
}

func commitID(raw []byte) (string, error) {
	var head struct {
		ID string `json:"commitId"`
	}
	if json.Unmarshal(raw, &head) != nil || head.ID == "" {
		return "", malformed()
	}
	return head.ID, nil
}

// history reads one page. Lists cut long messages: such commits are fetched
// one by one.
func (c *azure) history(ctx context.Context, repository string, cur commitCursor) (raws [][]byte, first string, err error) {
	address := c.base + "/_apis/git/repositories/" + repository + "/commits"
	query := url.Values{
		"searchCriteria.itemVersion.version": {cur.Tip}, "searchCriteria.itemVersion.versionType": {"commit"},
		"searchCriteria.$top": {strconv.Itoa(commitsSize)}, "searchCriteria.$skip": {strconv.Itoa(cur.Skip)},
	}
	if cur.Base != "" && !cur.Full {
		query.Set("searchCriteria.compareVersion.version", cur.Base)
		query.Set("searchCriteria.compareVersion.versionType", "commit")
	}
	items, _, err := c.list(ctx, address, query)
	if err != nil {
		return nil, "", err
	}
	for i, raw := range items {
		id, err := commitID(raw)
		if err != nil {
			return nil, "", err
		}
		if i == 0 {
			first = id
		}
		var head struct {
			Truncated bool `json:"commentTruncated"`
		}
		if json.Unmarshal(raw, &head) != nil {
			return nil, "", malformed()
		}
		if head.Truncated {
			if raw, _, err = c.get(ctx, address+"/"+id, nil); err != nil {
				return nil, "", err
			}
		}
		raws = append(raws, raw)
	}
	return raws, first, nil
}
