package jira

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// Two kinds of MCP servers speak for Jira: those for Data Center that hand
// through its REST API, tool by tool (jira_…), and Atlassian's own for Cloud.
// Which of them is there says which flavour is read. Every request that the
// connector makes is answered by their tools, in the shape of the REST API.

// MCP is what is known of the MCP servers that speak for Jira.
func MCP() mcpclient.Vendor {
	return mcpclient.Vendor{Profile: slices.Concat(centerTools, cloudTools), Headers: atlassian.Headers, Open: openMCP}
}

// nowhere is where requests go that a session answers. Nobody dials it.
const nowhere = "https://mcp.invalid"

func openMCP(o connector.Options, session *mcpclient.Session) (connector.Connector, error) {
	if o.Now == nil || session == nil {
		return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "options", Issue: "need a session and a clock"})
	}
	t := &tools{session: session}
	handlers := t.centerHandlers()
	maps.Copy(handlers, t.cloudHandlers())
	handlers["GET /rest/api/2/serverInfo"] = t.serverInfo // where both flavours are asked what they are
	return &jira{rest: rest{client: mcpclient.NewBridge(handlers), site: nowhere, credentials: o.Credentials, now: o.Now}, tools: t}, nil
}

// tools answers requests by the tools of one session.
type tools struct {
	session *mcpclient.Session

	mu   sync.Mutex
	site *atlassian.Site // of a server for Cloud
}

// call calls a tool and asks of its answer to be an object with some members.
func (t *tools) call(ctx context.Context, args map[string]any, members []string, signatures ...mcpclient.Signature) (json.RawMessage, error) {
	res, err := t.session.Call(ctx, args, signatures...)
	if err != nil {
		return nil, err
	}
	if len(res.JSON) == 0 || len(members) > 0 && !atlassian.Has(res.JSON, members...) {
		return nil, atlassian.ShapeFault()
	}
	return res.JSON, nil
}

// serverInfo says what kind of Jira it is. Atlassian's own server is for Cloud.
func (t *tools) serverInfo(r *http.Request) (mcpclient.Answer, error) {
	_, err := t.session.First(r.Context(), toolServerInfo)
	if connector.Reason(err) != connector.ReasonUnsupported {
		value, err := t.call(r.Context(), nil, nil, toolServerInfo)
		return mcpclient.Answer{JSON: value}, err
	}
	if _, err := t.session.First(r.Context(), cloudSearch...); err != nil {
		return mcpclient.Answer{}, err
	}
	site, err := t.cloud(r.Context())
	if err != nil {
		return mcpclient.Answer{}, err
	}
	return answer(serverInfo{BaseURL: site.URL, Deployment: "Cloud"})
}

// haveBoards reports whether sprints can be read. A tool that nobody has
// approved is there: the reading says what is to be done about it.
func (t *tools) haveBoards(ctx context.Context) (bool, error) {
	for _, either := range [][]mcpclient.Signature{{toolBoards, cloudBoards}, {toolSprints, cloudSprints}} {
		switch _, err := t.session.First(ctx, either...); {
		case connector.Reason(err) == connector.ReasonUnsupported:
			return false, nil
		case err != nil && connector.Reason(err) != mcpclient.ReasonQuarantined:
			return false, err
		}
	}
	return true, nil
}

// answer writes a value as the API would.
func answer(v any) (mcpclient.Answer, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return mcpclient.Answer{}, atlassian.ShapeFault()
	}
	return mcpclient.Answer{JSON: text}, nil
}

// asked are the arguments that a query of REST makes: those that are named,
// numbers as numbers and lists as lists.
func asked(q url.Values, numbers, lists []string) map[string]any {
	args := map[string]any{}
	for name := range q {
		switch value := q.Get(name); {
		case slices.Contains(numbers, name):
			if n, err := strconv.Atoi(value); err == nil {
				args[name] = n
			}
		case slices.Contains(lists, name):
			args[name] = strings.Split(value, ",")
		default:
			args[name] = value
		}
	}
	return args
}

// maxTypes bounds how many types of issues a project is believed to have.
const maxTypes = 100

// sampled are the fields that tell of all others: every one that an issue has,
// without those that may be long.
var sampled = []string{"*all", "-comment", "-description", "-environment", "-worklog", "-attachment", "-issuelinks", "-subtasks"}

// sample is an issue that tells of the fields of its type.
type sample struct {
	ID     string               `json:"id"`
	Names  map[string]string    `json:"names"`
	Schema map[string]schemaRow `json:"schema"`
	Fields struct {
		Type wireNamed `json:"issuetype"`
	} `json:"fields"`
}

type schemaRow struct {
	Type   string `json:"type"`
	Custom string `json:"custom"`
}

// fields finds the fields of a project. No tool lists those of the site to
// everybody; but an issue tells of all fields that issues of its project and
// type can have, with value or without. So one issue of each type is asked.
// next returns the sample of a question, nil where nothing answers it.
func fields(ctx context.Context, project string, next func(ctx context.Context, jql string) (*sample, error)) (mcpclient.Answer, error) {
	if _, err := strconv.ParseUint(project, 10, 64); err != nil {
		return mcpclient.Answer{}, mcpclient.Unsupported()
	}
	found, types := map[string]wireField{}, []string{}
	for range maxTypes {
		jql := "project = " + project
		if len(types) > 0 {
			jql += " AND issuetype not in (" + strings.Join(types, ",") + ")"
		}
		s, err := next(ctx, jql+" ORDER BY key DESC")
		if err != nil {
			return mcpclient.Answer{}, err
		}
		if s == nil {
			break
		}
		if _, err := strconv.ParseUint(s.Fields.Type.ID, 10, 64); err != nil || slices.Contains(types, s.Fields.Type.ID) {
			return mcpclient.Answer{}, atlassian.ShapeFault()
		}
		types = append(types, s.Fields.Type.ID)
		for id, row := range s.Schema {
			f := wireField{ID: id, Name: s.Names[id]}
			f.Schema.Type, f.Schema.Custom = row.Type, row.Custom
			found[id] = f
		}
	}
	return answer(slices.SortedFunc(maps.Values(found), func(a, b wireField) int {
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), strings.Compare(a.ID, b.ID))
	}))
}
