package gitlab

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// GitLab's own server answers in the words of GraphQL. What follows says the
// same in those of REST, which is what the reading code maps.

// globalID is an id such as gid://gitlab/WorkItem/101, or the number at its
// end. The number is that of REST: an issue is the work item of its number.
type globalID string

func (g *globalID) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	number := json.RawMessage(text[strings.LastIndexByte(text, '/')+1:])
	var i id
	if err := i.UnmarshalJSON(number); err != nil {
		return err
	}
	*g = globalID(i)
	return nil
}

type ownUser struct {
	ID       globalID `json:"id"`
	Username string   `json:"username"`
	Name     string   `json:"name"`
}

func (u *ownUser) rest() any {
	if u == nil {
		return nil
	}
	return map[string]any{"id": u.ID, "username": u.Username, "name": u.Name}
}

type pageInfo struct {
	Next bool   `json:"hasNextPage"`
	End  string `json:"endCursor"`
}

// onward says whether to read on, and refuses a server that says so and names
// no place, or the same.
func (p pageInfo) onward(from string) (bool, error) {
	if p.Next && (p.End == "" || p.End == from) {
		return false, endless()
	}
	return p.Next, nil
}

// ownProjects returns all projects. The list tells neither what is on in a
// project nor its default branch, and only its work items can be read anyway.
func (t *tools) ownProjects(ctx context.Context) ([]json.RawMessage, error) {
	type project struct {
		ID       globalID `json:"id"`
		Path     string   `json:"fullPath"`
		Name     string   `json:"name"`
		URL      string   `json:"webUrl"`
		Archived bool     `json:"archived"`
	}
	var all []project
	after := ""
	for range maxPages {
		var answer struct {
			Nodes []project `json:"nodes"`
			Page  pageInfo  `json:"pageInfo"`
		}
		in := map[string]any{"archived": "include", argFirst: 100}
		if after != "" {
			in[argAfter] = after
		}
		raw, err := t.call(ctx, in, ownProjects)
		if err != nil {
			return nil, err
		}
		if decode(raw, &answer) != nil || answer.Nodes == nil {
			return nil, malformed()
		}
		all = append(all, answer.Nodes...)
		more, err := answer.Page.onward(after)
		if err != nil {
			return nil, err
		}
		if !more {
			slices.SortFunc(all, func(a, b project) int { return compareIDs(string(a.ID), string(b.ID)) })
			out := make([]json.RawMessage, 0, len(all))
			for _, p := range all {
				raw, err := json.Marshal(map[string]any{"id": p.ID, "path_with_namespace": p.Path, "name": p.Name, "web_url": p.URL, "archived": p.Archived})
				if err != nil {
					return nil, malformed()
				}
				out = append(out, raw)
			}
			return out, nil
		}
		after = answer.Page.End
	}
	return nil, endless()
}

func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// settling is how old a second has to be before its records are read: GraphQL
// tells no less than seconds, so a change within the second of the last one
// could not be told from it.
const settling = 5 * time.Second

type ownHead struct {
	ID        globalID `json:"id"`
	IID       id       `json:"iid"`
	CreatedAt instant  `json:"createdAt"`
	UpdatedAt instant  `json:"updatedAt"`
}

// ownIssues answers a page of issues: the list names them, and each is asked
// for. A later page is reached by the cursors of those before it.
func (t *tools) ownIssues(r *http.Request) (mcpclient.Answer, error) {
	q, ctx := r.URL.Query(), r.Context()
	in := map[string]any{
		argProject: r.PathValue("id"), "types": []string{"ISSUE", "INCIDENT", "TEST_CASE", "TASK"},
		argSort: "CREATED_ASC", argFirst: min(number(q.Get(argPer), 20), 100),
	}
	for _, name := range []string{"updated_after", "created_after"} {
		if v := q.Get(name); v != "" {
			in[name] = v
		}
	}
	byTime := q.Get(argOrder) == "updated_at"
	if byTime {
		in[argSort], in["updated_before"] = "UPDATED_ASC", t.now().UTC().Add(-settling).Truncate(time.Second).Format(time.RFC3339)
	}
	wanted, after := number(q.Get(argPage), 1), ""
	for at := 1; ; at++ {
		var answer struct {
			Items []ownHead `json:"work_items"`
			Page  pageInfo  `json:"pageInfo"`
		}
		if after != "" {
			in[argAfter] = after
		}
		raw, err := t.call(ctx, in, ownItems)
		if err != nil {
			return mcpclient.Answer{}, err
		}
		if decode(raw, &answer) != nil || answer.Items == nil {
			return mcpclient.Answer{}, malformed()
		}
		more, err := answer.Page.onward(after)
		if err != nil {
			return mcpclient.Answer{}, err
		}
		switch {
		case at == wanted:
			all, err := t.ownPage(ctx, r.PathValue("id"), answer.Items, byTime)
			next := 0
			if more {
				next = wanted + 1
			}
			return page(all, next), err
		case !more:
			return page(nil, 0), nil
		}
		after = answer.Page.End
	}
}

// ownPage makes issues of what the list named. Each keeps the time that the
// list told, which is what the reading goes by: one that was changed since
// comes again under its new one.
func (t *tools) ownPage(ctx context.Context, projectID string, items []ownHead, whole bool) ([]json.RawMessage, error) {
	all := make([]json.RawMessage, len(items))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(together)
	for i, item := range items {
		group.Go(func() (err error) {
			issue := map[string]any{}
			if whole {
				issue, err = t.ownIssue(groupCtx, projectID, item.IID)
			}
			if err != nil && connector.Reason(err) != connector.ReasonNotFound {
				return err
			}
			// One that has gone meanwhile is told by the list's words alone:
			// its notes, which are asked for next, have gone too.
			issue["id"], issue["iid"], issue["created_at"], issue["updated_at"] = item.ID, item.IID, item.CreatedAt, item.UpdatedAt
			all[i], err = json.Marshal(issue)
			return err
		})
	}
	return all, group.Wait()
}

type ownWidget struct {
	Assignees *struct {
		Nodes []ownUser `json:"nodes"`
	} `json:"assignees"`
	Labels *struct {
		Nodes []struct {
			Title string `json:"title"`
		} `json:"nodes"`
	} `json:"labels"`
}

func (t *tools) ownIssue(ctx context.Context, projectID string, number id) (map[string]any, error) {
	var item struct {
		Title       string   `json:"title"`
		Description *string  `json:"description"`
		State       string   `json:"state"`
		ClosedAt    *string  `json:"closedAt"`
		URL         string   `json:"webUrl"`
		Author      *ownUser `json:"author"`
		Type        struct {
			Name string `json:"name"`
		} `json:"workItemType"`
		Widgets []ownWidget `json:"widgets"`
	}
	out := map[string]any{}
	raw, err := t.call(ctx, ownArgs(projectID, number), ownItem)
	if err != nil {
		return out, err
	}
	if decode(raw, &item) != nil || item.State == "" {
		return nil, malformed()
	}
	assignees, labels := []any{}, []string{}
	for _, w := range item.Widgets {
		if w.Assignees != nil {
			for i := range w.Assignees.Nodes {
				assignees = append(assignees, w.Assignees.Nodes[i].rest())
			}
		}
		if w.Labels != nil {
			for _, l := range w.Labels.Nodes {
				labels = append(labels, l.Title)
			}
		}
	}
	state := strings.ToLower(item.State)
	if state == "open" {
		state = "opened"
	}
	out["title"], out["description"], out["state"], out["closed_at"], out["web_url"] = item.Title, item.Description, state, item.ClosedAt, item.URL
	out["author"], out["assignees"], out["labels"] = item.Author.rest(), assignees, labels
	out["issue_type"] = strings.ReplaceAll(strings.ToLower(item.Type.Name), " ", "_")
	return out, nil
}

func ownArgs(projectID string, number id) map[string]any {
	iid, _ := strconv.Atoi(string(number)) // an id is digits; one too large finds nothing
	return map[string]any{argProject: projectID, argIID: iid}
}

// ownNotes returns the notes of an issue, by time.
func (t *tools) ownNotes(ctx context.Context, projectID, number string) ([]json.RawMessage, error) {
	type note struct {
		ID        string   `json:"id"`
		Body      string   `json:"body"`
		System    bool     `json:"system"`
		Author    *ownUser `json:"author"`
		CreatedAt instant  `json:"createdAt"`
		UpdatedAt instant  `json:"updatedAt"`
	}
	var all []note
	in := ownArgs(projectID, id(number))
	in[argFirst] = 100
	for after := ""; len(all) < maxPages*100; {
		var answer struct {
			Nodes []note   `json:"nodes"`
			Page  pageInfo `json:"pageInfo"`
		}
		if after != "" {
			in[argAfter] = after
		}
		raw, err := t.call(ctx, in, ownNotes, ownNotesName)
		if err != nil {
			return nil, err
		}
		if decode(raw, &answer) != nil || answer.Nodes == nil {
			return nil, malformed()
		}
		all = append(all, answer.Nodes...)
		more, err := answer.Page.onward(after)
		if err != nil {
			return nil, err
		}
		if after = answer.Page.End; more {
			continue
		}
		slices.SortStableFunc(all, func(a, b note) int { return a.CreatedAt.Compare(b.CreatedAt.Time) })
		out := make([]json.RawMessage, 0, len(all))
		for _, n := range all {
			number := n.ID[strings.LastIndexByte(n.ID, '/')+1:]
			if _, err := strconv.ParseUint(number, 10, 64); err != nil {
				continue // an event in the dress of a note: REST has none such
			}
			raw, err := json.Marshal(map[string]any{"id": number, "body": n.Body, "system": n.System, "author": n.Author.rest(), "created_at": n.CreatedAt, "updated_at": n.UpdatedAt})
			if err != nil {
				return nil, malformed()
			}
			out = append(out, raw)
		}
		return out, nil
	}
	return nil, endless()
}
