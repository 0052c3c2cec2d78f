package azuredevops

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/microsoft/azure-devops-go-api/azuredevops/v7"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

const (
	cutSize     = 100 // of lists that the server cuts itself
	whoProjects = 5   // projects in which one's own work items are looked for
)

func asked(r *http.Request, name string, otherwise int) int {
	if n, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// projects pages by place: the tool tells no continuation token. An empty page
// is the end.
func (t *toolbox) projects(r *http.Request) (mcpclient.Answer, error) {
	skip := asked(r, "continuationToken", 0)
	items, err := t.list(r.Context(), map[string]any{"stateFilter": "wellFormed", "top": asked(r, "$top", cutSize), "skip": skip}, listProjects)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	a, err := values(items, projectShape)
	if len(items) > 0 {
		a.Header = http.Header{"X-Ms-Continuationtoken": {strconv.Itoa(skip + len(items))}}
	}
	return a, err
}

func (t *toolbox) teams(r *http.Request) (mcpclient.Answer, error) {
	items, err := t.list(r.Context(), map[string]any{"project": r.PathValue("project"), "top": asked(r, "$top", cutSize), "skip": asked(r, "$skip", 0)}, listTeams)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	return values(items, nil)
}

func (t *toolbox) repositories(r *http.Request) (mcpclient.Answer, error) {
	items, err := t.cut(r.Context(), map[string]any{"project": r.PathValue("project")}, 10*cutSize, listRepositories)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	return values(items, repositoryShape)
}

func (t *toolbox) teamIterations(r *http.Request) (mcpclient.Answer, error) {
	items, err := t.list(r.Context(), map[string]any{"project": r.PathValue("project"), "team": r.PathValue("team")}, listTeamIterations)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	return values(items, iterationShape)
}

func (t *toolbox) pulls(r *http.Request) (mcpclient.Answer, error) {
	status := r.URL.Query().Get("searchCriteria.status")
	items, err := t.list(r.Context(), map[string]any{
		"repositoryId": r.PathValue("repository"), "status": strings.ToUpper(status[:min(1, len(status))]) + status[min(1, len(status)):],
		"top": asked(r, "$top", cutSize), "skip": asked(r, "$skip", 0),
	}, listPulls)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	return values(items, pullShape)
}

func (t *toolbox) pull(r *http.Request) (mcpclient.Answer, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return mcpclient.Answer{}, malformed()
	}
	raw, err := t.call(r.Context(), map[string]any{"repositoryId": r.PathValue("repository"), "pullRequestId": id}, getPull)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	if raw, err = worded(raw, pullShape); err != nil {
		return mcpclient.Answer{}, err
	}
	if string(raw) == "{}" { // what the tool makes of null
		return mcpclient.Answer{}, refusal(http.StatusNotFound)
	}
	return mcpclient.Answer{JSON: raw}, nil
}

func (t *toolbox) threads(r *http.Request) (mcpclient.Answer, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return mcpclient.Answer{}, malformed()
	}
	items, err := t.cut(r.Context(), map[string]any{"repositoryId": r.PathValue("repository"), "pullRequestId": id, "fullResponse": true}, cutSize, listThreads)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	return values(items, threadShape)
}

// buildPlace is a place in a list of builds. The tool takes a continuation
// token and tells none, so the next page is asked for by the time of the last
// build, and as much longer as builds of that second were taken. The vendor's
// client rounds times down to seconds.
type buildPlace struct {
	From time.Time `json:"from"`
	Seen []int     `json:"seen"`
}

var buildStates = map[string]int{"inProgress": 1, "completed": 2, "cancelling": 4, "postponed": 8, "notStarted": 32}

func (t *toolbox) builds(r *http.Request) (mcpclient.Answer, error) {
	q := r.URL.Query()
	var place buildPlace
	if token := q.Get("continuationToken"); token != "" && json.Unmarshal([]byte(token), &place) != nil {
		return mcpclient.Answer{}, malformed()
	}
	states := 0
	for state := range strings.SplitSeq(q.Get("statusFilter"), ",") {
		states |= buildStates[state]
	}
	order := q.Get("queryOrder")
	args := map[string]any{
		"project": r.PathValue("project"), "statusFilter": states, "queryOrder": strings.ToUpper(order[:min(1, len(order))]) + order[min(1, len(order)):],
		"top": asked(r, "$top", runsSize) + len(place.Seen),
	}
	if at := q.Get("minTime"); at != "" {
		args["minTime"] = at
	}
	if !place.From.IsZero() {
		args["minTime"] = place.From.Format(time.RFC3339)
	}
	items, err := t.list(r.Context(), args, listBuilds)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	least, _ := time.Parse(time.RFC3339, q.Get("minTime")) // what is no time bounds nothing
	fresh, more, next, err := place.after(items, order == "queueTimeAscending", least.Truncate(time.Millisecond))
	if err != nil {
		return mcpclient.Answer{}, err
	}
	a, err := values(fresh, buildShape)
	if more {
		a.Header = http.Header{"X-Ms-Continuationtoken": {string(encode(next))}}
	}
	return a, err
}

// after returns the builds that were not taken yet and are not older than was
// asked for, and the place after them. A page that brings nothing new is the
// last.
func (p buildPlace) after(items []json.RawMessage, byQueue bool, least time.Time) (fresh []json.RawMessage, more bool, next buildPlace, err error) {
	type head struct {
		ID     int              `json:"id"`
		Finish azuredevops.Time `json:"finishTime"`
		Queue  azuredevops.Time `json:"queueTime"`
	}
	heads := make([]head, len(items))
	next.From = p.From
	for i, raw := range items {
		if json.Unmarshal(raw, &heads[i]) != nil || heads[i].ID == 0 {
			return nil, false, next, malformed()
		}
		if byQueue {
			heads[i].Finish = heads[i].Queue
		}
		if at := heads[i].Finish.Time.UTC().Truncate(time.Second); at.After(next.From) {
			next.From = at
		}
		if slices.Contains(p.Seen, heads[i].ID) {
			continue
		}
		more = true
		if !heads[i].Finish.Time.Before(least) {
			fresh = append(fresh, raw)
		}
	}
	for _, h := range heads {
		if !h.Finish.Time.Before(next.From) {
			next.Seen = append(next.Seen, h.ID)
		}
	}
	return fresh, more, next, nil
}

// whoAmI finds out whose token it is: no tool tells it, but queries know who
// asks, and a work item tells its people whole. Who has none stays unknown.
func (t *toolbox) whoAmI(r *http.Request) (mcpclient.Answer, error) {
	t.mu.Lock()
	self := t.self
	t.mu.Unlock()
	if self == nil {
		projects, err := t.list(r.Context(), map[string]any{"stateFilter": "wellFormed", "top": whoProjects, "skip": 0}, listProjects)
		if err != nil {
			return mcpclient.Answer{}, err
		}
		for _, raw := range projects {
			var p struct {
				ID string `json:"id"`
			}
			if json.Unmarshal(raw, &p) != nil || p.ID == "" {
				return mcpclient.Answer{}, malformed()
			}
			if self, err = t.mine(r.Context(), p.ID); err != nil {
				return mcpclient.Answer{}, err
			}
			if self != nil {
				break
			}
		}
	}
	t.mu.Lock()
	t.self = self
	t.mu.Unlock()
	return answer(map[string]any{"authenticatedUser": self})
}

// mine returns whoever asks, as a connection tells it, out of a work item of a
// project; nil when there is none.
func (t *toolbox) mine(ctx context.Context, project string) (json.RawMessage, error) {
	for _, field := range []string{"System.AssignedTo", "System.CreatedBy", fieldChangedBy} {
		id, err := t.myItem(ctx, project, field)
		if connector.Absent(err) || connector.Reason(err) == connector.ReasonUnsupported {
			return nil, nil
		}
		if err != nil || id == 0 {
			if err != nil {
				return nil, err
			}
			continue
		}
		raw, err := t.call(ctx, map[string]any{"project": project, "id": id}, getItem)
		if err != nil {
			return nil, err
		}
		var item revision
		if json.Unmarshal(raw, &item) != nil {
			return nil, malformed()
		}
		var who struct {
			ID         string `json:"id"`
			Name       string `json:"displayName"`
			Unique     string `json:"uniqueName"`
			Descriptor string `json:"descriptor"`
		}
		if json.Unmarshal(item.Fields[field], &who) == nil && who.ID != "" {
			return encode(map[string]any{
				"id": who.ID, "providerDisplayName": who.Name, "subjectDescriptor": who.Descriptor,
				"properties": map[string]any{"Account": map[string]any{"$value": who.Unique}},
			}), nil
		}
	}
	return nil, nil
}

// myItem returns the number of a work item that has whoever asks in a field, 0
// when there is none. Servers without queries know those that are assigned.
func (t *toolbox) myItem(ctx context.Context, project, field string) (int, error) {
	wiql := "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND [" + field + "] = @Me"
	found, err := t.query(ctx, project, wiql, 1)
	if err == nil && len(found.IDs) > 0 {
		return found.IDs[0], nil
	}
	if connector.Reason(err) != connector.ReasonUnsupported || field != "System.AssignedTo" {
		return 0, err
	}
	raw, err := t.call(ctx, map[string]any{"project": project, "type": "assignedtome", "includeCompleted": true, "top": 1}, listMine)
	if err != nil {
		return 0, err
	}
	var results struct {
		Results []struct {
			ID int `json:"id"`
		} `json:"results"`
	}
	if json.Unmarshal(raw, &results) != nil {
		return 0, malformed()
	}
	if len(results.Results) == 0 {
		return 0, nil
	}
	return results.Results[0].ID, nil
}
