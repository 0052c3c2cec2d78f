package azuredevops

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"slices"

	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/core"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

const sprintsSize = 20

// sprintParts is the raw record of a sprint: the iteration as a team sees it,
// and all teams that use it.
type sprintParts struct {
	Iteration json.RawMessage `json:"iteration"`
	Teams     []team          `json:"teams"`
}

type team struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// sprintsCursor holds what was delivered: iterations know no time of update.
type sprintsCursor struct {
	Seen map[string]string `json:"seen"` // id → digest
}

// readSprints reads the iterations of all teams and delivers those that are
// new or differ. Teams share iterations, and a work item belongs to an
// iteration rather than to a team's use of it: so an iteration is one sprint,
// on the board of the first of its teams.
func (c *azure) readSprints(ctx context.Context, project string, at connector.Cursor, out emit) error {
	cur := decodeCursor[sprintsCursor](at)
	all, err := c.iterations(ctx, project)
	if err != nil {
		return err
	}
	seen := map[string]string{}
	page := connector.Page{}
	for i, raw := range all {
		r, err := Normalise(rampforge.StreamSprints, project, raw)
		if err != nil {
			return err
		}
		seen[r.ID] = digest(raw)
		if cur.Seen[r.ID] != seen[r.ID] {
			page.Records = append(page.Records, r)
		}
		if len(page.Records) == sprintsSize || i == len(all)-1 && len(page.Records) > 0 {
			page.Next = encode(sprintsCursor{Seen: seen})
			if err := out(page); err != nil {
				return err
			}
			page = connector.Page{}
		}
	}
	return nil
}

func (c *azure) iterations(ctx context.Context, project string) ([][]byte, error) {
	items, err := c.skip(ctx, c.base+"/_apis/projects/"+project+"/teams", url.Values{"$top": {"100"}})
	if err != nil {
		return nil, err
	}
	var teams []team
	for _, raw := range items {
		var t core.WebApiTeam
		if json.Unmarshal(raw, &t) != nil || t.Id == nil {
			return nil, malformed()
		}
		teams = append(teams, team{ID: t.Id.String(), Name: text(t.Name)})
	}
	slices.SortFunc(teams, func(a, b team) int { return cmp.Compare(a.ID, b.ID) })
	teams = slices.Compact(teams) // the list may have shifted
	found := map[string]*sprintParts{}
	var order []string
	for _, t := range teams {
		items, _, err := c.list(ctx, c.base+"/"+project+"/"+t.ID+"/_apis/work/teamsettings/iterations", nil)
		if connector.Absent(err) {
			continue // a team that went away, or that the token may not see
		}
		if err != nil {
			return nil, err
		}
		for _, raw := range items {
			var head struct {
				ID string `json:"id"`
			}
			if json.Unmarshal(raw, &head) != nil || head.ID == "" {
				return nil, malformed()
			}
			if found[head.ID] == nil {
				found[head.ID] = &sprintParts{Iteration: bytes.Clone(raw)}
				order = append(order, head.ID)
			}
			found[head.ID].Teams = append(found[head.ID].Teams, t)
		}
	}
	all := make([][]byte, 0, len(order))
	for _, id := range order {
		all = append(all, encode(found[id]))
	}
	return all, nil
}
