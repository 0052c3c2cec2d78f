package azuredevopstest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// ask calls the fake as the vendor's client for Node.js does: what is not
// found, or is no JSON, is nil, and other refusals are told by the message of
// the body.
func (m *MCP) ask(ctx context.Context, method, path string, query url.Values, body any) (any, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(m.life, cancel)() //nolint:contextcheck // the server's end ends its calls
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, m.fake.Endpoint()+path+"?"+query.Encode(), bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth("", Token)
	req.Header.Set("Accept", "application/json;api-version=7.2-preview.1")
	res, err := m.fake.Client().Do(req)
	if err != nil {
		return nil, errors.New("socket hang up")
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, errors.New("aborted")
	}
	var v any
	_ = json.Unmarshal(answer, &v) // what is no JSON is nil
	if res.StatusCode == http.StatusNotFound {
		return nil, nil
	}
	if res.StatusCode > 299 {
		if o, ok := v.(object); ok && textOf(o, "message") != "" {
			return nil, errors.New(textOf(o, "message"))
		}
		return nil, fmt.Errorf("Failed request: (%d)", res.StatusCode) //nolint:staticcheck // the words of the real one
	}
	return v, nil
}

// list is what the vendor's client makes of a list: its values alone.
func (m *MCP) list(ctx context.Context, path string, query url.Values) ([]object, error) {
	v, err := m.ask(ctx, http.MethodGet, path, query, nil)
	return valuesOf(v), err
}

func valuesOf(v any) []object {
	page, _ := v.(object)
	values, ok := page["value"].([]any)
	if !ok {
		return nil
	}
	out := []object{}
	for _, each := range values {
		o, _ := each.(object)
		out = append(out, o)
	}
	return out
}

// orNull is a list, or the nil that becomes null.
func orNull(list []object, err error) (any, error) {
	if list == nil {
		return nil, err
	}
	return list, err
}

func argument(args object, name, otherwise string) string {
	if v, ok := args[name]; ok {
		return fmt.Sprint(v)
	}
	return otherwise
}

func count(args object, name string, otherwise int) int {
	if n, ok := args[name].(float64); ok {
		return int(n)
	}
	return otherwise
}

// numbered makes the number of a word, as the client's enumerations have it:
// of a word that they do not know it is 0.
func numbered(o object, field string, enumeration map[string]int) {
	if word, ok := o[field].(string); ok {
		o[field] = enumeration[word]
	}
}

// dated cuts times to milliseconds, which is all that the client's dates hold.
func dated(o object, fields ...string) {
	for _, name := range fields {
		if at, err := time.Parse(time.RFC3339Nano, textOf(o, name)); err == nil {
			o[name] = at.UTC().Format("2006-01-02T15:04:05.000Z")
		}
	}
}

func (m *MCP) projects(ctx context.Context, args object) (any, error) {
	all, err := m.list(ctx, "/_apis/projects", url.Values{"stateFilter": {argument(args, "stateFilter", "wellFormed")}, "$top": {argument(args, "top", "100")}, "$skip": {argument(args, "skip", "0")}})
	if err == nil && all == nil {
		return nil, errors.New("No projects found") //nolint:staticcheck // the words of the real one
	}
	return all, err
}

func (m *MCP) teams(ctx context.Context, args object) (any, error) {
	return orNull(m.list(ctx, "/_apis/projects/"+argument(args, "project", "")+"/teams", url.Values{"$top": {argument(args, "top", "100")}, "$skip": {argument(args, "skip", "0")}}))
}

func (m *MCP) people(ctx context.Context, args object) (any, error) {
	all, err := m.list(ctx, "/_apis/identities", url.Values{"searchFilter": {"General"}, "filterValue": {argument(args, "searchFilter", "")}})
	if err == nil && len(all) == 0 {
		return nil, errors.New("No identities found") //nolint:staticcheck // the words of the real one
	}
	out := []object{}
	for _, o := range all {
		out = append(out, object{"id": o["id"], "displayName": o["providerDisplayName"], "descriptor": o["descriptor"]})
	}
	return out, err
}

func only(o object, fields ...string) object {
	out := object{}
	for _, name := range fields {
		if v, ok := o[name]; ok {
			out[name] = v
		}
	}
	return out
}

func (m *MCP) repositories(ctx context.Context, args object) (any, error) {
	all, err := m.list(ctx, "/"+argument(args, "project", "")+"/_apis/git/repositories", nil)
	if all == nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b object) int { return cmp.Compare(textOf(a, "name"), textOf(b, "name")) })
	out := []object{}
	for _, o := range cut(all, count(args, "skip", 0), count(args, "top", 100)) {
		out = append(out, only(o, "id", "name", "isDisabled", "isFork", "isInMaintenance", "webUrl", "size"))
	}
	return out, err
}

var pullStates = map[string]int{"active": 1, "abandoned": 2, "completed": 3}

func (m *MCP) pulls(ctx context.Context, args object) (any, error) {
	state := map[string]string{"Active": "1", "Abandoned": "2", "Completed": "3", "All": "4"}[argument(args, "status", "Active")]
	all, err := m.list(ctx, "/_apis/git/repositories/"+argument(args, "repositoryId", "")+"/pullrequests", url.Values{"searchCriteria.status": {state}, "$top": {argument(args, "top", "100")}, "$skip": {argument(args, "skip", "0")}})
	if all == nil {
		return nil, err
	}
	out := []object{}
	for _, o := range all {
		trimmed := only(o, "pullRequestId", "status", "creationDate", "closedDate", "title", "isDraft", "sourceRefName", "targetRefName")
		numbered(trimmed, "status", pullStates)
		dated(trimmed, "creationDate", "closedDate")
		out = append(out, trimmed)
	}
	return out, err
}

func (m *MCP) onePull(ctx context.Context, args object) (any, error) {
	v, err := m.ask(ctx, http.MethodGet, "/_apis/git/repositories/"+argument(args, "repositoryId", "")+"/pullrequests/"+argument(args, "pullRequestId", ""), nil, nil)
	o, ok := v.(object)
	if !ok {
		if m.generation == "2.2.2" || err != nil {
			return nil, err
		}
		return object{}, nil // what spreading null gives
	}
	numbered(o, "status", pullStates)
	dated(o, "creationDate", "closedDate")
	return o, err
}

func (m *MCP) threads(ctx context.Context, args object) (any, error) {
	all, err := m.list(ctx, "/_apis/git/repositories/"+argument(args, "repositoryId", "")+"/pullrequests/"+argument(args, "pullRequestId", "")+"/threads", nil)
	if args["fullResponse"] != true {
		return nil, errors.New("the stand-in gives whole threads only")
	}
	for _, o := range all {
		numbered(o, "status", map[string]int{"active": 1, "fixed": 2, "closed": 4})
		dated(o, "publishedDate", "lastUpdatedDate")
		comments, _ := o["comments"].([]any)
		for _, each := range comments {
			c, _ := each.(object)
			numbered(c, "commentType", map[string]int{"text": 1, "codeChange": 2, "system": 3})
			dated(c, "publishedDate", "lastContentUpdatedDate")
		}
	}
	slices.SortFunc(all, func(a, b object) int { return cmp.Compare(count(a, "id", 0), count(b, "id", 0)) })
	if all == nil && m.generation == "2.2.2" {
		return nil, err
	}
	return append([]object{}, cut(all, count(args, "skip", 0), count(args, "top", 100))...), err
}

func (m *MCP) teamIterations(ctx context.Context, args object) (any, error) {
	all, err := m.list(ctx, "/"+argument(args, "project", "")+"/"+argument(args, "team", "")+"/_apis/work/teamsettings/iterations", nil)
	if err == nil && all == nil {
		return nil, errors.New("No iterations found") //nolint:staticcheck // the words of the real one
	}
	for _, o := range all {
		attributes, _ := o["attributes"].(object)
		numbered(attributes, "timeFrame", map[string]int{"past": 0, "current": 1, "future": 2})
		dated(attributes, "startDate", "finishDate")
	}
	if m.generation == "2.2.2" {
		return all, err
	}
	return prose{"Project: " + argument(args, "project", "") + ", Team: " + argument(args, "team", ""), all}, err
}

func (m *MCP) tree(ctx context.Context, args object) (any, error) {
	all, err := m.list(ctx, "/"+argument(args, "project", "")+"/_apis/wit/classificationNodes", url.Values{"$depth": {argument(args, "depth", "2")}})
	out := []object{}
	for _, o := range all {
		if textOf(o, "structureType") == "iteration" {
			enumerateTree(o)
			out = append(out, o)
		}
	}
	if err == nil && len(out) == 0 {
		return nil, errors.New("No iterations were found") //nolint:staticcheck // the words of the real one
	}
	return out, err
}

func enumerateTree(o object) {
	numbered(o, "structureType", map[string]int{"area": 0, "iteration": 1})
	children, _ := o["children"].([]any)
	for _, each := range children {
		child, _ := each.(object)
		enumerateTree(child)
	}
}

func (m *MCP) builds(ctx context.Context, args object) (any, error) {
	q := url.Values{"statusFilter": {argument(args, "statusFilter", "47")}, "$top": {argument(args, "top", "100")}, "queryOrder": {map[string]string{"FinishTimeAscending": "2", "QueueTimeAscending": "5"}[argument(args, "queryOrder", "")]}}
	if at, err := time.Parse(time.RFC3339, argument(args, "minTime", "")); err == nil {
		q.Set("minTime", at.UTC().Format(http.TimeFormat))
	}
	all, err := m.list(ctx, "/"+argument(args, "project", "")+"/_apis/build/builds", q)
	for _, o := range all {
		numbered(o, "status", map[string]int{"inProgress": 1, "completed": 2, "cancelling": 4, "postponed": 8, "notStarted": 32})
		numbered(o, "result", map[string]int{"succeeded": 2, "partiallySucceeded": 4, "failed": 8, "canceled": 32})
		numbered(o, "reason", map[string]int{"manual": 1, "individualCI": 2, "batchedCI": 4, "schedule": 8, "pullRequest": 256})
		dated(o, "queueTime", "startTime", "finishTime", "lastChangedDate")
	}
	return orNull(all, err)
}

func (m *MCP) wiql(ctx context.Context, args object) (any, error) {
	v, err := m.ask(ctx, http.MethodPost, "/"+argument(args, "project", "")+"/_apis/wit/wiql", url.Values{"timePrecision": {argument(args, "timePrecision", "false")}, "$top": {argument(args, "top", "50")}}, object{"query": args["wiql"]})
	if o, ok := v.(object); ok {
		numbered(o, "queryType", map[string]int{"flat": 1})
		numbered(o, "queryResultType", map[string]int{"workItem": 1})
		dated(o, "asOf")
	}
	return v, err
}

func (m *MCP) item(ctx context.Context, args object) (any, error) {
	return m.ask(ctx, http.MethodGet, "/"+argument(args, "project", "")+"/_apis/wit/workItems/"+argument(args, "id", ""), url.Values{"$expand": {argument(args, "expand", "")}}, nil)
}

func (m *MCP) items(ctx context.Context, args object) (any, error) {
	v, err := m.ask(ctx, http.MethodPost, "/"+argument(args, "project", "")+"/_apis/wit/workItemsBatch", nil, object{"ids": args["ids"], "fields": args["fields"]})
	return orNull(valuesOf(v), err)
}

// revisions leaves of people their names alone.
func (m *MCP) revisions(ctx context.Context, args object) (any, error) {
	all, err := m.list(ctx, "/"+argument(args, "project", "")+"/_apis/wit/workItems/"+argument(args, "workItemId", "")+"/revisions", url.Values{"$top": {argument(args, "top", "50")}, "$skip": {argument(args, "skip", "0")}})
	for _, o := range all {
		fields, _ := o["fields"].(object)
		for _, v := range fields {
			who, ok := v.(object)
			if !ok || textOf(who, "displayName") == "" {
				continue
			}
			for _, name := range []string{"url", "_links", "id", "uniqueName", "imageUrl", "descriptor"} {
				delete(who, name)
			}
		}
	}
	return orNull(all, err)
}

func (m *MCP) comments(ctx context.Context, args object) (any, error) {
	v, err := m.ask(ctx, http.MethodGet, "/"+argument(args, "project", "")+"/_apis/wit/workItems/"+argument(args, "workItemId", "")+"/comments", url.Values{"$top": {argument(args, "top", "50")}}, nil)
	o, _ := v.(object)
	comments, _ := o["comments"].([]any)
	for _, each := range comments {
		c, _ := each.(object)
		c["format"] = 1
		dated(c, "createdDate", "modifiedDate")
	}
	return v, err
}

func (m *MCP) itemType(ctx context.Context, args object) (any, error) {
	return m.ask(ctx, http.MethodGet, "/"+argument(args, "project", "")+"/_apis/wit/workItemTypes/"+strings.ReplaceAll(argument(args, "workItemType", ""), " ", "%20"), nil, nil)
}

func (m *MCP) assigned(ctx context.Context, args object) (any, error) {
	return m.ask(ctx, http.MethodGet, "/"+argument(args, "project", "")+"/_apis/work/predefinedqueries/"+argument(args, "type", "assignedtome"), url.Values{"$top": {argument(args, "top", "50")}}, nil)
}
