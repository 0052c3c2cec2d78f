package confluence

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/atlassian"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// The tools of servers for Data Center, each of which is one request of REST.
var (
	toolMe          = mcpclient.Signature{Name: "confluence_get_current_user"}
	toolSpaces      = mcpclient.Signature{Name: "confluence_get_spaces", Args: []string{"start", "limit"}}
	toolList        = mcpclient.Signature{Name: "confluence_get_space_content", Args: []string{"spaceKey", "type", "expand", "start", "limit"}}
	toolSearch      = mcpclient.Signature{Name: "confluence_search_content", Args: []string{"cql", "expand", "start", "limit"}}
	toolContent     = mcpclient.Signature{Name: "confluence_get_content", Args: []string{"contentId", "expand"}}
	toolLabels      = mcpclient.Signature{Name: "confluence_get_content_labels", Args: []string{"contentId", "start", "limit"}}
	toolAttachments = mcpclient.Signature{Name: "confluence_get_attachments", Args: []string{"contentId", "start", "limit"}}
	toolRestriction = mcpclient.Signature{
		Name: "confluence_get_content_restrictions_by_operation", Args: []string{"contentId", "expand"}, With: map[string]string{"operationKey": "read"},
	}
)

// MCP is what is known of the MCP servers that speak for Confluence: those for
// Data Center that hand its REST API through, tool by tool, and Atlassian's own
// for Cloud. Every request that the connector makes is answered by their tools,
// in the shape of the REST API.
func MCP() mcpclient.Vendor {
	return mcpclient.Vendor{
		Profile: slices.Concat([]mcpclient.Signature{toolMe, toolSpaces, toolList, toolSearch, toolContent, toolLabels, toolAttachments, toolRestriction}, cloudTools),
		Headers: atlassian.Headers, Open: openMCP,
	}
}

// nowhere is where requests go that a session answers. Nobody dials it.
const nowhere = "https://mcp.invalid"

func openMCP(o connector.Options, session *mcpclient.Session) (connector.Connector, error) {
	if o.Now == nil || session == nil {
		return nil, rampforge.Invalid(rampforge.FieldIssue{Field: "options", Issue: "need a session and a clock"})
	}
	t := &tools{session: session}
	return &confluence{
		rest: rest{client: mcpclient.NewBridge(t.handlers()), credentials: o.Credentials, now: o.Now},
		site: site{bases: []string{nowhere}}, tools: t,
	}, nil
}

// tools answers requests by the tools of one session.
type tools struct {
	session *mcpclient.Session

	mu   sync.Mutex
	site *atlassian.Site // of a server for Cloud
}

func (t *tools) handlers() map[string]mcpclient.Handler {
	// through hands a request on to the one tool that makes it. id is the name
	// that the tool has for what the path names.
	through := func(sig mcpclient.Signature, id string) mcpclient.Handler {
		return func(r *http.Request) (mcpclient.Answer, error) {
			args := asked(r)
			if id != "" {
				args[id] = r.PathValue("id")
			}
			value, err := t.call(r.Context(), args, sig)
			return mcpclient.Answer{JSON: value}, err
		}
	}
	// either asks Atlassian's own server in its way, and others in theirs.
	either := func(cloud, center mcpclient.Handler) mcpclient.Handler {
		return func(r *http.Request) (mcpclient.Answer, error) {
			own, err := t.cloudy(r.Context())
			switch {
			case err != nil:
				return mcpclient.Answer{}, err
			case own:
				return cloud(r)
			}
			return center(r)
		}
	}
	handlers := map[string]mcpclient.Handler{
		"GET /rest/api/user/current":                              either(t.cloudMyself, through(toolMe, "")),
		"GET /rest/api/space":                                     through(toolSpaces, ""),
		"GET /rest/api/content":                                   through(toolList, ""), // of one space and type, what is current
		"GET /rest/api/content/search":                            t.search,
		"GET /rest/api/content/{id}":                              through(toolContent, "contentId"),
		"GET /rest/api/content/{id}/label":                        through(toolLabels, "contentId"),
		"GET /rest/api/content/{id}/child/attachment":             through(toolAttachments, "contentId"),
		"GET /rest/api/content/{id}/restriction/byOperation/read": either(t.cloudRestricted, through(toolRestriction, "contentId")),
	}
	maps.Copy(handlers, t.cloudHandlers())
	return handlers
}

func (t *tools) call(ctx context.Context, args map[string]any, signatures ...mcpclient.Signature) (json.RawMessage, error) {
	res, err := t.session.Call(ctx, args, signatures...)
	if err != nil {
		return nil, err
	}
	if len(res.JSON) == 0 {
		return nil, atlassian.ShapeFault()
	}
	return res.JSON, nil
}

// asked are the arguments that a query of REST makes.
func asked(r *http.Request) map[string]any {
	args := map[string]any{}
	for name := range r.URL.Query() {
		value := r.FormValue(name)
		if n, err := strconv.Atoi(value); err == nil && (name == "start" || name == "limit") {
			args[name] = n
		} else {
			args[name] = value
		}
	}
	return args
}

// search asks the search of the whole site, which is the one that there is a
// tool for: what it finds is within its rows, and so is what is to be expanded.
func (t *tools) search(r *http.Request) (mcpclient.Answer, error) {
	args := asked(r)
	var expand []string
	for part := range strings.SplitSeq(r.FormValue("expand"), ",") {
		expand = append(expand, "content."+part)
	}
	args["expand"] = strings.Join(expand, ",")
	own, err := t.cloudy(r.Context())
	if err != nil {
		return mcpclient.Answer{}, err
	}
	if own {
		value, err := t.ask(r.Context(), args, cloudSearch)
		if err != nil {
			return mcpclient.Answer{}, err
		}
		if r.FormValue("expand") == expandDocument { // a server may leave unsaid what it does not expand
			return found(value, "version", "body", "space")
		}
		return found(value, "restrictions")
	}
	value, err := t.call(r.Context(), args, toolSearch)
	if err != nil {
		return mcpclient.Answer{}, err
	}
	return found(value)
}

// browse is where people find the wiki, by what lists say of themselves; "" when
// they do not.
func (t *tools) browse(ctx context.Context) (string, error) {
	own, err := t.cloudy(ctx)
	if err != nil {
		return "", err
	}
	if own {
		site, err := t.cloud(ctx)
		if err != nil || site.URL == "" {
			return "", err
		}
		return site.URL + "/wiki", nil
	}
	value, err := t.call(ctx, map[string]any{"start": 0, "limit": 1}, toolSpaces)
	if err != nil {
		return "", err
	}
	var page struct {
		Links struct {
			Base string `json:"base"`
		} `json:"_links"`
	}
	if json.Unmarshal(value, &page) != nil {
		return "", atlassian.ShapeFault()
	}
	return atlassian.Address(page.Links.Base), nil
}
