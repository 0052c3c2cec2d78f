package azuredevops

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/microsoft/azure-devops-go-api/azuredevops/v7/workitemtracking"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

const (
	feedSize   = 100   // work items of a page
	idsSize    = 10000 // of one query: Azure DevOps refuses results of more than 20,000
	partsSize  = 200   // revisions and comments of a page, the vendor's limit
	maxLookups = 200   // work items that one call may name, the vendor's limit
)

// itemParts is the raw record of a work item: what the vendor sent of it, in
// one piece. Revisions hold the fields only that events are made of, because
// each revision repeats the whole text of the work item.
type itemParts struct {
	Item       json.RawMessage                       `json:"item"`
	Revisions  []revision                            `json:"revisions"`
	Comments   []json.RawMessage                     `json:"comments"`
	States     []workitemtracking.WorkItemStateColor `json:"states"`     // of the work item's type
	Iterations map[string]string                     `json:"iterations"` // number → id, "" for the root
	// Incomplete says that an MCP server could not tell all of them.
	Incomplete bool `json:"incomplete,omitempty"`
}

type revision struct {
	Rev    int                        `json:"rev"`
	Fields map[string]json.RawMessage `json:"fields"`
}

type feedCursor struct {
	Token string `json:"token"`
}

// readWorkItems follows the reporting feed, which knows every change in its
// order and can be resumed forever by its token. It is asked for the newest
// revision of each work item that changed; the others come from the work item
// itself, so that a record is whole wherever the reading was interrupted.
func (c *azure) readWorkItems(ctx context.Context, project string, at connector.Cursor, out emit) error {
	cur := decodeCursor[feedCursor](at)
	if c.offers == nil && ours(cur.Token) {
		cur.Token = "" // the service was read by tools before
	}
	lookup := &itemLookup{c: c, project: project, states: map[string][]workitemtracking.WorkItemStateColor{}}
	for range maxPages {
		ids, token, last, err := c.feed(ctx, project, cur.Token)
		if err != nil {
			return err
		}
		all, err := lookup.items(ctx, ids)
		if err != nil {
			return err
		}
		moved := token != cur.Token
		cur.Token = token
		if len(all) > 0 || moved {
			if err := out(connector.Page{Records: all, Next: encode(cur)}); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
	return endless()
}

// feed reads one batch of the reporting feed: what changed after a token, the
// token to go on with, and whether there is no more for now.
func (c *azure) feed(ctx context.Context, project, after string) (ids []int, token string, last bool, err error) {
	query := url.Values{"includeLatestOnly": {"true"}, "fields": {"System.Id"}, "$maxPageSize": {strconv.Itoa(feedSize)}}
	if after != "" {
		query.Set("continuationToken", after)
	}
	raw, _, err := c.get(ctx, c.base+"/"+project+"/_apis/wit/reporting/workitemrevisions", query)
	if err != nil {
		return nil, "", false, err
	}
	var batch struct {
		Values []struct {
			ID int `json:"id"`
		} `json:"values"`
		Token *string `json:"continuationToken"`
		Last  *bool   `json:"isLastBatch"`
	}
	if json.Unmarshal(raw, &batch) != nil || batch.Values == nil || batch.Last == nil {
		return nil, "", false, malformed()
	}
	token = text(batch.Token)
	if !*batch.Last && (token == "" || token == after) {
		return nil, "", false, endless()
	}
	for _, v := range batch.Values {
		ids = append(ids, v.ID)
	}
	return ids, cmp.Or(token, after), *batch.Last, nil
}

// itemLookup reads work items with their parts and keeps, for one reading,
// what many of them share.
type itemLookup struct {
	c          *azure
	project    string
	states     map[string][]workitemtracking.WorkItemStateColor // by type
	iterations map[string]string
}

func (l *itemLookup) items(ctx context.Context, ids []int) ([]rampforge.Record, error) {
	var all []rampforge.Record
	seen := map[int]bool{}
	wanted := []string{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			wanted = append(wanted, strconv.Itoa(id))
		}
	}
	reloaded := false
	for size := maxLookups; len(wanted) > 0; {
		n := min(len(wanted), size)
		query := url.Values{"ids": {strings.Join(wanted[:n], ",")}, "$expand": {"all"}, "errorPolicy": {"omit"}}
		items, _, err := l.c.list(ctx, l.c.base+"/"+l.project+"/_apis/wit/workitems", query)
		if connector.Reason(err) == connector.ReasonTooLarge && n > 1 {
			size = n / 2
			continue
		}
		if err != nil {
			return nil, err
		}
		wanted = wanted[n:]
		items = slices.DeleteFunc(items, func(raw json.RawMessage) bool { return string(raw) == "null" }) // deleted or moved since the feed told of it
		found := make([]*itemParts, len(items))
		err = parallel(ctx, len(items), func(ctx context.Context, i int) error {
			p, err := l.parts(ctx, items[i])
			if connector.Reason(err) == connector.ReasonNotFound {
				return nil // deleted while its parts were read
			}
			found[i] = &p
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			if p == nil {
				continue
			}
			if err := l.complete(ctx, p, &reloaded); err != nil {
				return nil, err
			}
			r, err := Normalise(rampforge.StreamWorkItems, l.project, encode(p))
			if err != nil {
				return nil, err
			}
			all = append(all, r)
		}
	}
	return all, nil
}

// parts fetches what a work item does not hold itself. A work item in its
// first revision has no history, and one without comments says so: most calls
// are spared that way.
func (l *itemLookup) parts(ctx context.Context, raw json.RawMessage) (itemParts, error) {
	var head struct {
		ID     int `json:"id"`
		Rev    int `json:"rev"`
		Fields struct {
			Comments *int `json:"System.CommentCount"`
		} `json:"fields"`
	}
	if json.Unmarshal(raw, &head) != nil || head.ID == 0 {
		return itemParts{}, malformed()
	}
	p := itemParts{Item: raw, Revisions: []revision{}, Comments: []json.RawMessage{}, Iterations: map[string]string{}}
	address := l.c.base + "/" + l.project + "/_apis/wit/workItems/" + strconv.Itoa(head.ID)
	var err error
	if head.Rev > 1 {
		p.Revisions, err = l.revisions(ctx, address)
		if l.c.lacks(err) { // the record says itself that revisions are missing
			p.Revisions, err = []revision{}, nil
		}
		if err != nil {
			return itemParts{}, err
		}
	}
	if head.Fields.Comments == nil || *head.Fields.Comments > 0 {
		p.Comments, err = l.comments(ctx, address)
		if l.c.lacks(err) {
			p.Incomplete, err = true, nil
		}
	}
	return p, err
}

// complete adds what work items share: the states of their type and the ids of
// their iterations.
func (l *itemLookup) complete(ctx context.Context, p *itemParts, reloaded *bool) error {
	var item revision
	if json.Unmarshal(p.Item, &item) != nil {
		return malformed()
	}
	var err error
	if p.States, err = l.statesOf(ctx, fields(item.Fields).plain("System.WorkItemType")); err != nil {
		return err
	}
	return l.sprints(ctx, p, item, reloaded)
}

func (l *itemLookup) revisions(ctx context.Context, address string) ([]revision, error) {
	items, err := l.c.skip(ctx, address+"/revisions", url.Values{"$top": {strconv.Itoa(partsSize)}})
	if err != nil {
		return nil, err
	}
	all := make([]revision, 0, len(items))
	for _, raw := range items {
		var r revision
		if json.Unmarshal(raw, &r) != nil || r.Rev == 0 {
			return nil, malformed()
		}
		for name := range r.Fields {
			if !tracked[name] {
				delete(r.Fields, name)
			}
		}
		all = append(all, r)
	}
	return all, nil
}

func (l *itemLookup) comments(ctx context.Context, address string) ([]json.RawMessage, error) {
	all := []json.RawMessage{}
	query := url.Values{"$top": {strconv.Itoa(partsSize)}, "order": {"asc"}, "api-version": {l.c.comments}}
	for range maxPages {
		raw, _, err := l.c.get(ctx, address+"/comments", query)
		if smaller(query, err) {
			continue
		}
		if err != nil {
			return all, err
		}
		var page struct {
			Comments []json.RawMessage `json:"comments"`
			Token    string            `json:"continuationToken"`
		}
		if json.Unmarshal(raw, &page) != nil || page.Comments == nil {
			return nil, malformed()
		}
		all = append(all, page.Comments...)
		if page.Token == "" {
			return all, nil
		}
		if page.Token == query.Get("continuationToken") {
			return nil, endless()
		}
		query.Set("continuationToken", page.Token)
	}
	return nil, endless()
}

// statesOf returns what the states of a type mean. A type that is gone has
// none: its status is then not placed, rather than guessed.
func (l *itemLookup) statesOf(ctx context.Context, kind string) ([]workitemtracking.WorkItemStateColor, error) {
	if known, ok := l.states[kind]; ok {
		return known, nil
	}
	states := []workitemtracking.WorkItemStateColor{}
	items, _, err := l.c.list(ctx, l.c.base+"/"+l.project+"/_apis/wit/workitemtypes/"+url.PathEscape(kind)+"/states", nil)
	if err != nil && !connector.Absent(err) && !l.c.lacks(err) {
		return nil, err
	}
	for _, raw := range items {
		var s workitemtracking.WorkItemStateColor
		if json.Unmarshal(raw, &s) != nil {
			return nil, malformed()
		}
		states = append(states, s)
	}
	l.states[kind] = states
	l.c.kinds.add(l.project, kind, states)
	return states, nil
}

// sprints notes the ids of the iterations that a work item was ever in. Work
// items know iterations by number and teams know them by id; the project's
// tree knows both. It is read again, once for a page, for a number that is new.
func (l *itemLookup) sprints(ctx context.Context, p *itemParts, item revision, reloaded *bool) error {
	for _, r := range append([]revision{item}, p.Revisions...) {
		number := string(r.Fields[fieldIterationID])
		if number == "" {
			continue
		}
		_, known := l.iterations[number]
		if l.iterations == nil || !known && !*reloaded {
			*reloaded = l.iterations != nil
			if err := l.loadIterations(ctx); err != nil {
				return err
			}
		}
		if id, known := l.iterations[number]; known {
			p.Iterations[number] = id
		}
	}
	return nil
}

func (l *itemLookup) loadIterations(ctx context.Context) error {
	raw, _, err := l.c.get(ctx, l.c.base+"/"+l.project+"/_apis/wit/classificationnodes/iterations", url.Values{"$depth": {"20"}})
	if err != nil {
		return err
	}
	var root workitemtracking.WorkItemClassificationNode
	if json.Unmarshal(raw, &root) != nil || root.Id == nil || root.Identifier == nil {
		return malformed()
	}
	l.iterations = map[string]string{strconv.Itoa(*root.Id): ""}
	return l.addIterations(root.Children)
}

func (l *itemLookup) addIterations(nodes *[]workitemtracking.WorkItemClassificationNode) error {
	if nodes == nil {
		return nil
	}
	for _, n := range *nodes {
		if n.Id == nil || n.Identifier == nil {
			return malformed()
		}
		l.iterations[strconv.Itoa(*n.Id)] = n.Identifier.String()
		if err := l.addIterations(n.Children); err != nil {
			return err
		}
	}
	return nil
}

// workItemIDs asks for the ids in ranges, each from after the last id on.
func (c *azure) workItemIDs(ctx context.Context, project string, out emitter[[]string]) error {
	for last := 0; ; {
		wiql := "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.Id] > " + strconv.Itoa(last) + " ORDER BY [System.Id]"
		raw, _, err := c.call(ctx, http.MethodPost, c.base+"/"+project+"/_apis/wit/wiql", url.Values{"$top": {strconv.Itoa(idsSize)}}, encode(map[string]string{"query": wiql}))
		if err != nil {
			return err
		}
		var result workitemtracking.WorkItemQueryResult
		if json.Unmarshal(raw, &result) != nil || result.WorkItems == nil {
			return malformed()
		}
		ids := []string{}
		before := last
		for _, ref := range *result.WorkItems {
			if ref.Id == nil || *ref.Id <= before {
				return malformed()
			}
			ids = append(ids, strconv.Itoa(*ref.Id))
			last = max(last, *ref.Id)
		}
		if len(ids) == 0 {
			return nil
		}
		if err := out(ids); err != nil {
			return err
		}
	}
}
