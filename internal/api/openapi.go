package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// The tags group operations in the documentation pages.
const (
	tagHealth       = "Health"
	tagSignIn       = "Sign-in"
	tagAccount      = "Account"
	tagUsers        = "Users"
	tagRepositories = "Repositories"
	tagAnalyses     = "Analyses"
	tagProjects     = "Projects"
	tagAsk          = "Ask"
	tagKnowledge    = "Knowledge"
	tagServices     = "Services"
	tagPeople       = "People"
	tagEvents       = "Events"
)

var tags = []*huma.Tag{
	{Name: tagHealth, Description: "What load balancers and people on call ask."},
	{Name: tagSignIn, Description: "Registering, signing in, renewing and ending sessions."},
	{Name: tagAccount, Description: "One's own profile, password, sessions and API tokens."},
	{Name: tagUsers, Description: "Accounts, invitations, the audit log and what was sent to the model, for administrators."},
	{Name: tagRepositories, Description: "Git repositories. One that you may not see does not exist for you."},
	{Name: tagAnalyses, Description: "Runs of the analysis and their reports."},
	{Name: tagProjects, Description: "A repository, a tracker and the people who work on both."},
	{Name: tagAsk, Description: "Questions about a project, and one's own conversations."},
	{Name: tagKnowledge, Description: "What people of a project know of its code: interviews, and what came of them."},
	{Name: tagServices, Description: "Connections to the systems that the team works with: GitHub, GitLab, Jira, Azure DevOps, Confluence."},
	{Name: tagPeople, Description: "Who is who across accounts, addresses of commits and users."},
	{Name: tagEvents, Description: "What happens to long work, as it happens."},
}

const description = `Turns a team's repositories into what a new developer needs.

**Errors** all look the same: ` + "`{error, code, message, detail, details, timestamp, request_id}`" + `. A request with faults is answered with 422
and ` + "`details.fields`" + `, which lists every fault at once; JSON that cannot be read is 400. What you may not see does not exist: 404.

**Roles.** An observer reads. A developer also analyses and asks. A team lead also creates repositories, projects and services. An admin may do everything.

**API tokens** (` + "`rf_…`" + `) have scopes: *read* for GET, *write* for changes, *admin* for what needs the role admin; each includes the ones
before it. A token never does more than its owner's role allows, and cannot change the password, sessions or tokens.

**Paging** is by ` + "`limit`" + ` (1–100, default 50) and ` + "`offset`" + `. A bare list carries its total in ` + "`X-Total-Count`" + `.

**Tags.** ` + "`If-None-Match`" + ` takes an ` + "`ETag`" + ` as it came. One of an answer that was compressed on its way is weak (` + "`W/\"…\"`" + `).

**Long work** is answered with 202. Follow it with GET, by the event stream, or send ` + "`Prefer: wait=N`" + ` (seconds, at most 60) to be answered
when it ends.

A path may end in a slash: it means the path without it.`

// schemaName names the schema of a type. Team and workflow have types of one
// name, each for its own: those of their packages begin with the package's.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	_, path, _ := strings.Cut(t.PkgPath(), "/internal/")
	if of, _, _ := strings.Cut(path, "/"); of != "team" && of != "workflow" && of != "measure" {
		return name
	}
	prefix := path[strings.LastIndex(path, "/")+1:]
	prefix = strings.ToUpper(prefix[:1]) + prefix[1:]
	if strings.HasPrefix(name, prefix) {
		return name
	}
	return prefix + name
}

// document is the OpenAPI document as it is served.
func (a *API) document() ([]byte, error) {
	text, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the OpenAPI document: %w", err)
	}
	return append(text, '\n'), nil
}

// answers documents the answer of a GET whose body a handler writes by itself.
func (a *API) answers(path, mediaType string, body reflect.Type, text string) {
	schema := a.huma.OpenAPI().Components.Schemas.Schema(body, true, "")
	a.huma.OpenAPI().Paths[path].Get.Responses["200"] = &huma.Response{
		Description: text, Content: map[string]*huma.MediaType{mediaType: {Schema: schema}},
	}
}

// nullable documents which objects of answers may be null, which huma leaves
// out: those that Go has by a pointer. Objects of requests may not: those are
// left out.
func (a *API) nullable() {
	registry := a.huma.OpenAPI().Components.Schemas
	asked := a.asked()
	for name, schema := range registry.Map() {
		t := registry.TypeFromRef(schemaPrefix + name)
		if t == nil || t.Kind() != reflect.Struct || asked[name] {
			continue
		}
		for _, f := range reflect.VisibleFields(t) {
			property, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			of := schema.Properties[property]
			if f.Type.Kind() == reflect.Pointer && of != nil && of.Ref != "" && !strings.Contains(options, "omitempty") {
				// What stands beside a reference is said of the property.
				schema.Properties[property] = &huma.Schema{Description: of.Description, AnyOf: []*huma.Schema{{Ref: of.Ref}, {Type: "null"}}}
			}
		}
	}
	for name, lists := range nullLists {
		for _, list := range lists {
			registry.Map()[name].Properties[list].Nullable = true
		}
	}
}

// nullLists are the lists of answers that may be null, which says something else
// than an empty one; all others never are.
var nullLists = map[string][]string{"WorkflowSettings": {"withdrawn_resolutions", "production_environments"}, "TeamCollaboration": {"community_sizes"}}

const schemaPrefix = "#/components/schemas/"

// asked returns the names of the schemas that requests have.
func (a *API) asked() map[string]bool {
	registry, names := a.huma.OpenAPI().Components.Schemas, map[string]bool{}
	var walk func(s *huma.Schema)
	walk = func(s *huma.Schema) {
		if s == nil {
			return
		}
		if name := strings.TrimPrefix(s.Ref, schemaPrefix); s.Ref != "" && !names[name] {
			names[name] = true
			walk(registry.SchemaFromRef(s.Ref))
		}
		for _, of := range s.Properties {
			walk(of)
		}
		walk(s.Items)
		if of, ok := s.AdditionalProperties.(*huma.Schema); ok {
			walk(of)
		}
	}
	for _, item := range a.huma.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Put, item.Post, item.Patch, item.Delete} {
			if op != nil && op.RequestBody != nil {
				for _, content := range op.RequestBody.Content {
					walk(content.Schema)
				}
			}
		}
	}
	return names
}

// otherSuccess documents what an operation answers by what its request asks for
// in headers: that nothing changed, or long work that ended meanwhile.
func otherSuccess(op huma.Operation, request reflect.Type) {
	for _, f := range reflect.VisibleFields(request) {
		switch f.Tag.Get("header") {
		case "If-None-Match":
			op.Responses["304"] = &huma.Response{Description: "Not Modified: the tag is still the present one"}
		case "Prefer":
			ended := *op.Responses[strconv.Itoa(http.StatusAccepted)]
			ended.Description = "OK: it ended while the request waited"
			op.Responses["200"] = &ended
		}
	}
}

// noBodyNeeded documents that a body may be left out when none of its fields
// is required.
func (a *API) noBodyNeeded(body *huma.RequestBody) {
	schema := body.Content[jsonType].Schema
	if schema.Ref != "" {
		schema = a.huma.OpenAPI().Components.Schemas.SchemaFromRef(schema.Ref)
	}
	body.Required = len(schema.Required) > 0
}

// optional is a field of a request that may be left out, which leaves things
// as they are, or null, which clears them.
type optional[T any] struct {
	Given bool
	Value *T
}

// UnmarshalJSON implements json.Unmarshaler; it is called for a field that is
// there, null included.
func (o *optional[T]) UnmarshalJSON(text []byte) error {
	o.Given, o.Value = true, nil
	return json.Unmarshal(text, &o.Value)
}

// Schema implements huma.SchemaProvider.
func (optional[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), false, "")
	s.Nullable = true
	return &s
}

// Paged is where a list stands, in every answer that has pages.
type Paged struct {
	Total   int  `json:"total" doc:"How many there are on all pages"`
	Limit   int  `json:"limit"`
	Offset  int  `json:"offset"`
	HasMore bool `json:"has_more"`
}

// Page is what every list takes.
type Page struct {
	Limit  int `query:"limit" default:"50" minimum:"1" maximum:"100" doc:"How many at most"`
	Offset int `query:"offset" default:"0" minimum:"0" maximum:"1000000" doc:"How many to leave out first"`
}

func (p Page) of(total, shown int) Paged {
	return Paged{Total: total, Limit: p.Limit, Offset: p.Offset, HasMore: p.Offset+shown < total}
}

// done is the answer of a call that has nothing else to say.
type done struct {
	Body struct {
		Message string `json:"message"`
		Success bool   `json:"success"`
	}
}

func said(message string) *done {
	d := &done{}
	d.Body.Message, d.Body.Success = message, true
	return d
}

// nothing is an answer without a body.
type nothing struct{}
