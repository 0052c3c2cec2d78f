package azuredevops

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/microsoft/azure-devops-go-api/azuredevops/v7"

	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// maxPeople bounds how many display names are remembered.
const maxPeople = 10000

func itemID(r *http.Request) (int, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return 0, malformed()
	}
	return id, nil
}

// items reads work items one by one: the tool for several knows no relations
// and makes texts of people. Those that are not there are null, as by REST.
func (t *toolbox) items(r *http.Request) (mcpclient.Answer, error) {
	ids := strings.Split(r.URL.Query().Get("ids"), ",")
	all := make([]json.RawMessage, len(ids))
	err := parallel(r.Context(), len(ids), func(ctx context.Context, i int) error {
		id, err := strconv.Atoi(ids[i])
		if err != nil {
			return malformed()
		}
		all[i], err = t.call(ctx, map[string]any{"project": r.PathValue("project"), "id": id}, getItem)
		if connector.Reason(err) == connector.ReasonNotFound {
			all[i], err = json.RawMessage("null"), nil
		}
		return err
	})
	if err != nil {
		return mcpclient.Answer{}, err
	}
	return values(all, nil)
}

// revisions puts people right: the tool leaves only their names.
func (t *toolbox) revisions(r *http.Request) (mcpclient.Answer, error) {
	id, err := itemID(r)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	items, err := t.list(r.Context(), map[string]any{
		"project": r.PathValue("project"), "workItemId": id, "top": asked(r, "$top", partsSize), "skip": asked(r, "$skip", 0),
	}, listRevisions)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	all := make([]revision, 0, len(items))
	for _, raw := range items {
		var rev revision
		if json.Unmarshal(raw, &rev) != nil {
			return mcpclient.Answer{}, malformed()
		}
		for _, name := range []string{fieldChangedBy, fieldAssignedTo} {
			if err := t.identify(r.Context(), rev.Fields, name); err != nil {
				return mcpclient.Answer{}, err
			}
		}
		all = append(all, rev)
	}
	return answer(map[string]any{"value": all})
}

// identify puts the id of a person whose name stands in a field beside it.
func (t *toolbox) identify(ctx context.Context, f fields, name string) error {
	var bare struct {
		ID     string `json:"id"`
		Unique string `json:"uniqueName"`
		Name   string `json:"displayName"`
	}
	_ = json.Unmarshal(f[name], &bare) // what is no identity has no name
	if bare.Name == "" || bare.ID != "" || bare.Unique != "" {
		return nil
	}
	known, err := t.person(ctx, bare.Name)
	if known != nil {
		f[name] = known
	}
	return err
}

// person returns the one identity of an organization that has a name, nil when
// there are several or none, or when nobody can be looked up.
func (t *toolbox) person(ctx context.Context, name string) (json.RawMessage, error) {
	t.mu.Lock()
	known, ok := t.people[name]
	t.mu.Unlock()
	if ok {
		return known, nil
	}
	found, err := t.list(ctx, map[string]any{"searchFilter": name}, findPeople)
	switch reason := connector.Reason(err); {
	case connector.Absent(err), reason == connector.ReasonUnsupported, reason == connector.ReasonVendor: // also how the tool says that it found nobody
		found = nil
	case err != nil:
		return nil, err
	}
	var one json.RawMessage
	same := map[string]bool{}
	for _, raw := range found {
		var p struct {
			ID         string `json:"id"`
			Name       string `json:"displayName"`
			Descriptor string `json:"descriptor"`
		}
		if json.Unmarshal(raw, &p) == nil && p.Name == name && p.ID != "" {
			same[p.ID] = true
			one = encode(map[string]string{"id": p.ID, "displayName": name, "descriptor": subject(p.Descriptor)})
		}
	}
	if len(same) != 1 {
		one = nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.people) >= maxPeople {
		clear(t.people)
	}
	t.people[name] = one
	return one, nil
}

// subject is what the descriptors of the graph begin with for those kinds of
// identity that nobody works under. People have other descriptors there, which
// cannot be made of these.
func subject(descriptor string) string {
	kind, _, _ := strings.Cut(descriptor, ";")
	return map[string]string{
		"Microsoft.TeamFoundation.ServiceIdentity": "svc.", "Microsoft.TeamFoundation.Identity": "vssgp.",
		"Microsoft.VisualStudio.Services.Claims.AadServicePrincipal": "aadsp.",
	}[kind]
}

// comments are the newest of a work item: the tool cannot be asked for others,
// so the token is told and no second page answered.
func (t *toolbox) comments(r *http.Request) (mcpclient.Answer, error) {
	id, err := itemID(r)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	if r.URL.Query().Get("continuationToken") != "" {
		return mcpclient.Answer{}, mcpclient.Unsupported()
	}
	raw, err := t.call(r.Context(), map[string]any{"project": r.PathValue("project"), "workItemId": id, "top": asked(r, "$top", partsSize)}, listComments)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	if raw, err = worded(raw, commentShape); err != nil {
		return mcpclient.Answer{}, err
	}
	var page struct {
		Total    int               `json:"totalCount"`
		Comments []json.RawMessage `json:"comments"`
		Token    string            `json:"continuationToken,omitempty"`
	}
	if json.Unmarshal(raw, &page) != nil || page.Comments == nil {
		return mcpclient.Answer{}, malformed()
	}
	if page.Total > len(page.Comments) {
		page.Token = cmp.Or(page.Token, "more")
	}
	return answer(page)
}

func (t *toolbox) states(r *http.Request) (mcpclient.Answer, error) {
	raw, err := t.call(r.Context(), map[string]any{"project": r.PathValue("project"), "workItemType": r.PathValue("type")}, getType)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	var kind struct {
		States []json.RawMessage `json:"states"`
	}
	if json.Unmarshal(raw, &kind) != nil {
		return mcpclient.Answer{}, malformed()
	}
	return values(kind.States, nil)
}

// iterations is the tree of a project, which the tool tells as a list of one.
func (t *toolbox) iterations(r *http.Request) (mcpclient.Answer, error) {
	trees, err := t.list(r.Context(), map[string]any{"project": r.PathValue("project"), "depth": asked(r, "$depth", 1)}, listIterations)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	if len(trees) != 1 {
		return mcpclient.Answer{}, malformed()
	}
	raw, err := worded(trees[0], treeShape)
	return mcpclient.Answer{JSON: raw}, err
}

func (t *toolbox) wiql(r *http.Request) (mcpclient.Answer, error) {
	var body struct {
		Query string `json:"query"`
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil {
		return mcpclient.Answer{}, malformed()
	}
	found, err := t.query(r.Context(), r.PathValue("project"), body.Query, asked(r, "$top", idsSize))
	if err != nil {
		return mcpclient.Answer{}, err
	}
	refs := make([]map[string]int, 0, len(found.IDs))
	for _, id := range found.IDs {
		refs = append(refs, map[string]int{"id": id})
	}
	return answer(map[string]any{"workItems": refs})
}

// found is what a query brought, and when the vendor ran it.
type found struct {
	IDs []int
	At  time.Time
}

func (t *toolbox) query(ctx context.Context, project, wiql string, top int) (found, error) {
	raw, err := t.call(ctx, map[string]any{"project": project, "wiql": wiql, "timePrecision": true, "top": top}, runQuery)
	if err != nil {
		return found{}, err
	}
	var result struct {
		At    azuredevops.Time `json:"asOf"`
		Items []struct {
			ID int `json:"id"`
		} `json:"workItems"`
	}
	if json.Unmarshal(raw, &result) != nil || result.Items == nil {
		return found{}, malformed()
	}
	out := found{At: result.At.Time.UTC()}
	for _, item := range result.Items {
		if item.ID <= 0 {
			return found{}, malformed()
		}
		out.IDs = append(out.IDs, item.ID)
	}
	return out, nil
}

// changedDates returns when work items were changed last. The tool fails for
// all of them when one is gone: they are then asked for one by one.
func (t *toolbox) changedDates(ctx context.Context, project string, ids []int) (map[int]time.Time, error) {
	dates := map[int]time.Time{}
	note := func(raw json.RawMessage) error {
		var item struct {
			ID     int    `json:"id"`
			Fields fields `json:"fields"`
		}
		if json.Unmarshal(raw, &item) != nil || item.ID == 0 || item.Fields.time(fieldChangedDate) == nil {
			return malformed()
		}
		dates[item.ID] = *item.Fields.time(fieldChangedDate)
		return nil
	}
	for len(ids) > 0 {
		n := min(len(ids), maxLookups)
		items, err := t.list(ctx, map[string]any{"project": project, "ids": ids[:n], "fields": []string{"System.Id", fieldChangedDate}}, getItems)
		switch reason := connector.Reason(err); {
		case reason == connector.ReasonNotFound:
			items = make([]json.RawMessage, n)
			err = parallel(ctx, n, func(ctx context.Context, i int) error {
				var err error
				items[i], err = t.call(ctx, map[string]any{"project": project, "id": ids[i]}, getItem)
				if connector.Reason(err) == connector.ReasonNotFound {
					return nil
				}
				return err
			})
			if err != nil {
				return nil, err
			}
		case err != nil:
			return nil, err
		}
		ids = ids[n:]
		for _, raw := range items {
			if raw == nil {
				continue
			}
			if err := note(raw); err != nil {
				return nil, err
			}
		}
	}
	return dates, nil
}

func (t *toolbox) feed(r *http.Request) (mcpclient.Answer, error) {
	q := r.URL.Query()
	place := decodeCursor[feedPlace](connector.Cursor(q.Get("continuationToken")))
	ids, last, err := t.changed(r.Context(), r.PathValue("project"), &place)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	refs := make([]map[string]int, 0, len(ids))
	for _, id := range ids {
		refs = append(refs, map[string]int{"id": id})
	}
	return answer(map[string]any{"values": refs, "continuationToken": string(encode(place)), "isLastBatch": last})
}

// ours reports whether a token of the feed is one that tools made: after a
// service has changed to the vendor's own API it says nothing there.
func ours(token string) bool { return strings.HasPrefix(token, "{") }

// webBase is the address of an organization for people, from that of one of
// its projects for programs.
func webBase(project, otherwise string) string {
	base, _, found := strings.Cut(project, "/_apis/")
	if u, err := url.Parse(base); !found || err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return otherwise
	}
	return base
}
