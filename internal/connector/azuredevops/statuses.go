package azuredevops

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/workitemtracking"

	"github.com/rampforgeai/rampforge"
)

// kind is a type of work items and the states of its process, in their order.
type kind struct {
	Name   string                                `json:"name"`
	States []workitemtracking.WorkItemStateColor `json:"states"`
}

// kinds are the types of work items that were met, by project: a server of
// tools has no list of them.
type kinds struct {
	mu  sync.Mutex
	met map[string][]kind
}

func (k *kinds) add(project, name string, states []workitemtracking.WorkItemStateColor) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.met == nil {
		k.met = map[string][]kind{}
	}
	if !slices.ContainsFunc(k.met[project], func(v kind) bool { return v.Name == name }) {
		k.met[project] = append(k.met[project], kind{name, states})
	}
}

func (k *kinds) of(project string) []kind {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.SortedFunc(slices.Values(k.met[project]), func(a, b kind) int { return cmp.Compare(a.Name, b.Name) })
}

// Statuses lists the states of the project's types of work items; by tools those
// of the types that were met. States are told apart by their name.
func (c *azure) Statuses(ctx context.Context, resource rampforge.Resource) ([]rampforge.TrackerStatus, error) {
	if c.offers != nil {
		if met := c.kinds.of(resource.ID); len(met) > 0 {
			return statusesOf(met), nil
		}
		return nil, unsupported()
	}
	rows, _, err := c.list(ctx, c.base+"/"+resource.ID+"/_apis/wit/workitemtypes", nil)
	if err != nil {
		return nil, err
	}
	all := make([]kind, 0, len(rows))
	for _, raw := range rows {
		var v kind
		if json.Unmarshal(raw, &v) != nil {
			return nil, malformed()
		}
		all = append(all, v)
	}
	return statusesOf(all), nil
}

// statusesOf merges the states of types: each stands after all that stand
// before it in some type, as far as the types agree.
func statusesOf(all []kind) []rampforge.TrackerStatus {
	out := []rampforge.TrackerStatus{}
	for _, k := range all {
		at := 0 // where the next of this type goes that is new
		for _, s := range k.States {
			name := text(s.Name)
			if i := slices.IndexFunc(out, func(v rampforge.TrackerStatus) bool { return v.Name == name }); i >= 0 {
				at = i + 1
				continue
			}
			out = slices.Insert(out, at, rampforge.TrackerStatus{ID: name, Name: name, Category: statusCategory(text(s.Category))})
			at++
		}
	}
	for i := range out {
		out[i].Position = i + 1
	}
	return out
}

// statusCategory is what a category of Azure DevOps means here. Resolved is done
// work that somebody has yet to verify; what is removed is over.
func statusCategory(category string) rampforge.StatusCategory {
	switch category {
	case "Proposed":
		return rampforge.StatusToDo
	case "InProgress", "Resolved":
		return rampforge.StatusInProgress
	case "Completed", "Removed":
		return rampforge.StatusDone
	}
	return rampforge.StatusUnknown
}
