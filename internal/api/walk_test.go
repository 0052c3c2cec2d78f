package api_test

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/store"
)

// rule is what the walk expects of one route.
type rule struct {
	public  bool
	least   rampforge.Role // of a route that is not public
	session bool           // refuses API tokens
	body    string
	owned   bool // names a thing of the team lead: to a stranger it does not exist
}

var (
	open     = rule{public: true}
	anybody  = rule{least: rampforge.RoleObserver}
	signedIn = rule{least: rampforge.RoleObserver, session: true}
	adminish = rule{least: rampforge.RoleAdmin}
)

func (r rule) with(body string) rule { r.body = body; return r }

func owned(least rampforge.Role) rule { return rule{least: least, owned: true} }

// rules has every route of the API. TestWalk fails when one is missing.
var rules = map[string]rule{
	"GET /api/health":       open,
	"GET /api/health/live":  open,
	"GET /api/health/ready": open,
	"GET /api/v1/status":    open,

	"POST /api/v1/auth/register": open.with(`{"email":"walk@example.com","password":"` + password + `","name":"Walk"}`),
	"POST /api/v1/auth/login":    open.with(`{"email":"developer@example.com","password":"` + password + `"}`),
	"POST /api/v1/auth/refresh":  open, // with no body: 422
	"POST /api/v1/auth/logout":   signedIn,
	"GET /api/v1/auth/verify":    anybody,

	"GET /api/v1/auth/me":               anybody,
	"GET /api/v1/auth/me/insights":      signedIn,
	"GET /api/v1/auth/me/export":        signedIn,
	"PUT /api/v1/auth/me":               anybody.with(`{"timezone":"UTC"}`),
	"PUT /api/v1/auth/profile":          anybody.with(`{"skills":["Go"]}`),
	"PUT /api/v1/auth/password":         signedIn.with(`{"current_password":"not this one","new_password":"another long one"}`),
	"GET /api/v1/auth/sessions":         signedIn,
	"DELETE /api/v1/auth/sessions/{id}": signedIn,
	"GET /api/v1/auth/tokens":           signedIn,
	"POST /api/v1/auth/tokens":          signedIn.with(`{"name":"walk"}`),
	"DELETE /api/v1/auth/tokens/{id}":   signedIn,

	"GET /api/v1/users":                        adminish,
	"PATCH /api/v1/users/{id}":                 adminish,
	"GET /api/v1/users/invitations":            adminish,
	"POST /api/v1/users/invitations":           adminish.with(`{"email":"invited@example.com"}`),
	"DELETE /api/v1/users/invitations/{email}": adminish,
	"GET /api/v1/model-requests":               adminish,
	"GET /api/v1/audit":                        adminish,
	"GET /api/v1/audit/export":                 adminish,

	"GET /api/v1/repositories":                            anybody,
	"POST /api/v1/repositories":                           {least: rampforge.RoleTeamLead, body: `{"url":"https://example.com/walk"}`},
	"GET /api/v1/repositories/{id}":                       owned(rampforge.RoleObserver),
	"DELETE /api/v1/repositories/{id}":                    owned(rampforge.RoleTeamLead),
	"POST /api/v1/repositories/{id}/analyze":              owned(rampforge.RoleDeveloper),
	"GET /api/v1/repositories/{id}/analysis":              owned(rampforge.RoleObserver),
	"GET /api/v1/repositories/{id}/analyses":              owned(rampforge.RoleObserver),
	"GET /api/v1/repositories/{id}/impact":                owned(rampforge.RoleObserver), // without a path: 422
	"GET /api/v1/repositories/{id}/graph":                 owned(rampforge.RoleObserver),
	"GET /api/v1/repositories/{id}/files":                 owned(rampforge.RoleObserver),
	"GET /api/v1/repositories/{id}/compare":               owned(rampforge.RoleObserver),
	"POST /api/v1/repositories/{id}/simulate/offboarding": owned(rampforge.RoleTeamLead).with(`{"people":["Nobody Known"]}`),
	"GET /api/v1/analyses/{id}":                           owned(rampforge.RoleObserver),
	"POST /api/v1/analyses/{id}/cancel":                   owned(rampforge.RoleDeveloper),
	"GET /api/v1/events":                                  anybody,
	"GET /api/v1/projects":                                anybody,
	"POST /api/v1/projects":                               {least: rampforge.RoleTeamLead, body: `{"name":"walk"}`},
	"GET /api/v1/projects/{id}":                           owned(rampforge.RoleObserver),
	"PUT /api/v1/projects/{id}":                           owned(rampforge.RoleTeamLead).with(`{"description":"walked"}`),
	"DELETE /api/v1/projects/{id}":                        owned(rampforge.RoleTeamLead),
	"GET /api/v1/projects/{id}/members":                   owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/analysis":                  owned(rampforge.RoleObserver),
	"POST /api/v1/projects/{id}/analyze":                  owned(rampforge.RoleDeveloper),

	"GET /api/v1/projects/{id}/team":              owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/workflow":          owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/workflow/metrics":  owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/workflow/model":    owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/workflow/settings": owned(rampforge.RoleObserver),
	"PUT /api/v1/projects/{id}/workflow/settings": owned(rampforge.RoleTeamLead).with(`{"zone":"UTC"}`),
	"GET /api/v1/projects/{id}/sources":           owned(rampforge.RoleObserver),
	"PUT /api/v1/projects/{id}/sources":           owned(rampforge.RoleTeamLead).with(`{"sources":[]}`),
	"POST /api/v1/projects/{id}/sync":             owned(rampforge.RoleDeveloper),
	"GET /api/v1/projects/{id}/work-items":        owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/pull-requests":     owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/sprints":           owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/search":            owned(rampforge.RoleObserver),
	"POST /api/v1/projects/{id}/ask":              owned(rampforge.RoleDeveloper).with(`{"question":"Where is it?"}`),
	"GET /api/v1/projects/{id}/conversations":     owned(rampforge.RoleObserver),

	"GET /api/v1/projects/{id}/conversations/{conversation_id}":                              owned(rampforge.RoleObserver),
	"PATCH /api/v1/projects/{id}/conversations/{conversation_id}":                            owned(rampforge.RoleObserver).with(`{"title":"walked"}`),
	"DELETE /api/v1/projects/{id}/conversations/{conversation_id}":                           owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/conversations/{conversation_id}/export":                       owned(rampforge.RoleObserver),
	"PUT /api/v1/projects/{id}/conversations/{conversation_id}/answers/{answer_id}/feedback": owned(rampforge.RoleObserver).with(`{"feedback":"helpful"}`),

	"POST /api/v1/projects/{id}/documents":                                               owned(rampforge.RoleDeveloper).with(`{"kinds":["readme"]}`),
	"GET /api/v1/projects/{id}/documents":                                                owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/documents/export":                                         owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/documents/{kind}":                                         owned(rampforge.RoleObserver),
	"DELETE /api/v1/projects/{id}/documents/{kind}":                                      owned(rampforge.RoleDeveloper),
	"GET /api/v1/projects/{id}/documents/runs/{run_id}":                                  owned(rampforge.RoleObserver),
	"POST /api/v1/projects/{id}/documents/runs/{run_id}/cancel":                          owned(rampforge.RoleDeveloper),
	"POST /api/v1/projects/{id}/interviews":                                              owned(rampforge.RoleDeveloper).with(`{"person":"developer@example.com","reason":"leaving"}`),
	"GET /api/v1/projects/{id}/interviews":                                               owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/interviews/{interview_id}":                                owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/interviews/{interview_id}/export":                         owned(rampforge.RoleObserver),
	"PUT /api/v1/projects/{id}/interviews/{interview_id}/questions/{question_id}/answer": owned(rampforge.RoleObserver).with(`{"text":"Because of the walk."}`),
	"POST /api/v1/projects/{id}/interviews/{interview_id}/questions/{question_id}/skip":  owned(rampforge.RoleObserver),
	"POST /api/v1/projects/{id}/interviews/{interview_id}/finish":                        owned(rampforge.RoleObserver),
	"DELETE /api/v1/projects/{id}/interviews/{interview_id}":                             owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/knowledge":                                                owned(rampforge.RoleObserver),
	"POST /api/v1/projects/{id}/knowledge":                                               owned(rampforge.RoleDeveloper).with(`{"title":"Walk","text":"It is walked."}`),
	"GET /api/v1/projects/{id}/knowledge/{item_id}":                                      owned(rampforge.RoleObserver),
	"PUT /api/v1/projects/{id}/knowledge/{item_id}":                                      owned(rampforge.RoleObserver).with(`{"title":"Walked"}`),
	"DELETE /api/v1/projects/{id}/knowledge/{item_id}":                                   owned(rampforge.RoleObserver),
	"POST /api/v1/projects/{id}/knowledge/{item_id}/approve":                             owned(rampforge.RoleObserver),
	"POST /api/v1/projects/{id}/knowledge/{item_id}/confirm":                             owned(rampforge.RoleObserver),

	"POST /api/v1/projects/{id}/import":                         owned(rampforge.RoleDeveloper).with("case,activity,time\n1,A,2024-01-01\n"),
	"GET /api/v1/projects/{id}/imports":                         owned(rampforge.RoleObserver),
	"DELETE /api/v1/projects/{id}/imports/{import_id}":          owned(rampforge.RoleDeveloper),
	"GET /api/v1/projects/{id}/export/work-items":               owned(rampforge.RoleObserver),
	"GET /api/v1/projects/{id}/export/event-log":                owned(rampforge.RoleObserver),
	"POST /api/v1/project-management/sync":                      {least: rampforge.RoleTeamLead, body: `{"service_id":"svc_none","project_identifier":"none"}`},
	"POST /api/v1/project-management/sync-all":                  {least: rampforge.RoleDeveloper},
	"GET /api/v1/project-management/dashboard":                  anybody,
	"GET /api/v1/project-management/projects":                   anybody,
	"GET /api/v1/project-management/projects/{id}":              owned(rampforge.RoleObserver),
	"GET /api/v1/project-management/projects/{id}/analytics":    owned(rampforge.RoleObserver),
	"GET /api/v1/project-management/insights/workflow-analysis": anybody,
	"GET /api/v1/project-management/work-items":                 anybody,
	"GET /api/v1/project-management/team-members":               anybody,

	"GET /api/v1/people":                           anybody,
	"GET /api/v1/people/{id}":                      anybody,
	"GET /api/v1/people/suggestions":               {least: rampforge.RoleTeamLead},
	"POST /api/v1/people/{id}/merge":               {least: rampforge.RoleTeamLead, body: `{"person_id":"per_none"}`},
	"POST /api/v1/people/{id}/split":               {least: rampforge.RoleTeamLead, body: `{"identity_ids":["idn_none"]}`},
	"POST /api/v1/people/suggestions/{id}/accept":  {least: rampforge.RoleTeamLead},
	"POST /api/v1/people/suggestions/{id}/dismiss": {least: rampforge.RoleTeamLead},

	"GET /api/v1/mcp/services":                            anybody,
	"POST /api/v1/mcp/services":                           {least: rampforge.RoleTeamLead, body: `{"service_type":"github","name":"walk","endpoint":"https://api.github.com","credentials":{"token":"a token to walk with"}}`},
	"GET /api/v1/mcp/services/{id}":                       anybody,
	"PUT /api/v1/mcp/services/{id}":                       {least: rampforge.RoleTeamLead, body: `{"name":"walked on"}`},
	"DELETE /api/v1/mcp/services/{id}":                    {least: rampforge.RoleTeamLead},
	"POST /api/v1/mcp/services/{id}/connect":              {least: rampforge.RoleTeamLead},
	"POST /api/v1/mcp/services/{id}/disconnect":           {least: rampforge.RoleTeamLead},
	"GET /api/v1/mcp/services/{id}/health":                anybody,
	"GET /api/v1/mcp/services/{id}/resources":             anybody,
	"GET /api/v1/mcp/services/{id}/tools":                 anybody,
	"GET /api/v1/mcp/services/{id}/tools/{name}":          anybody,
	"POST /api/v1/mcp/services/{id}/tools/{name}/approve": {least: rampforge.RoleTeamLead},
	"POST /api/v1/mcp/services/{id}/remap":                adminish.with(`{"dry_run":true}`),
	"GET /api/v1/mcp/services/{id}/remap":                 adminish,
	"GET /api/v1/mcp/health":                              anybody,
	"POST /api/v1/mcp/sync":                               {least: rampforge.RoleTeamLead},
	"GET /api/v1/mcp/sync/{id}":                           anybody,
	"POST /api/v1/webhooks/{service_id}":                  open, // of a service without a secret: 404

	"GET /":                              open,
	"GET /openapi.json":                  open,
	"GET /api/docs":                      open,
	"GET /api/docs/swagger-ui.css":       open,
	"GET /api/docs/swagger-ui-bundle.js": open,
	"GET /api/docs/swagger-ui-standalone-preset.js": open,
	"GET /api/docs/favicon-32x32.png":               open,
	"GET /api/docs/favicon-16x16.png":               open,
	"GET /api/redoc":                                open,
	"GET /assets/index-1a2b3c.js":                   open,
	"GET /favicon.svg":                              open,
	"GET /redoc/redoc.standalone.js":                open,
	"GET /redoc/LICENSE.txt":                        open,
}

// TestWalkKnowsEveryRoute fails for a route that the walk would leave out.
func TestWalkKnowsEveryRoute(t *testing.T) {
	onSQLite(t, func(t *testing.T, w *world) {
		var routes []string
		for path, operations := range w.document().Paths {
			for method := range operations {
				routes = append(routes, strings.ToUpper(method)+" "+path)
			}
		}
		for _, pattern := range w.api.PlainRoutes() {
			routes = append(routes, strings.TrimSuffix(pattern, "{$}"))
		}
		for _, route := range routes {
			if _, ok := rules[route]; !ok {
				t.Errorf("%s is not in the table of the walk", route)
			}
		}
		for route := range rules {
			if !slices.Contains(routes, route) {
				t.Errorf("%s is in the table and does not exist", route)
			}
		}
	})
}

// walker asks routes as different people, with things of the team lead.
type walker struct {
	*world
	repository, project, analysis string
	service                       string
	refused                       map[string]string // tokens that nobody may use, by why
	stranger                      person            // a team lead without part in anything
	read, write                   string            // API tokens of an admin
}

func newWalker(w *world) *walker {
	w.t.Helper()
	ctx := w.t.Context()
	walk := &walker{world: w, stranger: w.person("stranger@example.com", rampforge.RoleTeamLead)}
	project, err := w.lead().CreateProject(ctx, client.NewProject{
		Name: "walked", RepositoryURL: "https://example.com/team/walked", TeamMembers: []string{"developer@example.com", "observer@example.com"},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	started, err := w.lead().AnalyzeProject(ctx, project.ID, client.AnalysisRequest{}, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	w.finish(started.AnalysisID, sampleReport)
	if err := w.store.StaleWorkflow(ctx, project.ID, time.Now()); err != nil {
		w.t.Fatal(err)
	}
	w.refreshed(project.ID)
	walk.project, walk.repository, walk.analysis = project.ID, *project.RepositoryID, started.AnalysisID
	service, err := w.lead().CreateService(ctx, client.NewService{
		Type: rampforge.ServiceGitHub, Name: "walked", Endpoint: "https://api.github.com", Credentials: map[string]string{"token": "a token to walk with"},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	walk.service = service.ID
	for scope, into := range map[string]*string{auth.ScopeRead: &walk.read, auth.ScopeWrite: &walk.write} {
		token, err := w.admin().CreateToken(ctx, scope, []string{scope}, nil)
		if err != nil {
			w.t.Fatal(err)
		}
		*into = token.Token
	}
	walk.refused = w.refusedTokens()
	return walk
}

// refusedTokens makes every kind of token that must not work.
func (w *world) refusedTokens() map[string]string {
	w.t.Helper()
	ctx := w.t.Context()
	session := func(p person) string {
		tokens, err := w.client.Login(ctx, p.user.Email, password)
		if err != nil {
			w.t.Fatal(err)
		}
		return tokens.AccessToken
	}
	admin := w.people[rampforge.RoleAdmin]
	revoked := session(admin)
	if err := w.client.As(revoked).Logout(ctx); err != nil {
		w.t.Fatal(err)
	}
	gone := w.person("gone@example.com", rampforge.RoleDeveloper)
	if _, err := w.admin().UpdateUser(ctx, gone.user.ID, client.UserChange{IsActive: new(false)}); err != nil {
		w.t.Fatal(err)
	}
	deleted, err := w.admin().CreateToken(ctx, "deleted", []string{auth.ScopeAdmin}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.admin().DeleteToken(ctx, deleted.ID); err != nil {
		w.t.Fatal(err)
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		w.t.Fatal(err)
	}
	live := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(session(admin), live); err != nil {
		w.t.Fatal(err)
	}
	sign := func(method jwt.SigningMethod, key any, change jwt.MapClaims) string {
		claims := maps.Clone(live)
		maps.Copy(claims, change)
		token, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			w.t.Fatal(err)
		}
		return token
	}
	if _, err := w.client.As(sign(jwt.SigningMethodHS256, signingKey, nil)).Me(ctx); err != nil {
		w.t.Fatalf("a token made like ours is refused, so that the others prove nothing: %v", err)
	}
	return map[string]string{
		"garbage": "garbage", "revoked session": revoked, "deactivated account": gone.session.AccessToken, "deleted API token": deleted.Token,
		"unknown API token": "rf_" + strings.Repeat("A", 43),
		"refresh token":     admin.session.RefreshToken,
		"expired":           sign(jwt.SigningMethodHS256, signingKey, jwt.MapClaims{"exp": time.Now().Add(-time.Hour).Unix()}),
		"no expiry":         sign(jwt.SigningMethodHS256, signingKey, jwt.MapClaims{"exp": nil}),
		"not yet valid":     sign(jwt.SigningMethodHS256, signingKey, jwt.MapClaims{"nbf": time.Now().Add(time.Hour).Unix()}),
		"other issuer":      sign(jwt.SigningMethodHS256, signingKey, jwt.MapClaims{"iss": "somebody"}),
		"other audience":    sign(jwt.SigningMethodHS256, signingKey, jwt.MapClaims{"aud": "something"}),
		"other person":      sign(jwt.SigningMethodHS256, signingKey, jwt.MapClaims{"sub": gone.user.ID}),
		"unknown session":   sign(jwt.SigningMethodHS256, signingKey, jwt.MapClaims{"sid": store.NewID("ses")}),
		"other key":         sign(jwt.SigningMethodHS256, []byte("another key with more than thirty-two bytes"), nil),
		"algorithm none":    sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"algorithm HS512":   sign(jwt.SigningMethodHS512, signingKey, nil),
		"algorithm RS256":   sign(jwt.SigningMethodRS256, private, nil),
	}
}

func (w *walker) path(route string) string {
	_, path, _ := strings.Cut(route, " ")
	id := "unknown"
	switch {
	case strings.HasPrefix(path, "/api/v1/repositories/"):
		id = w.repository
	case strings.HasPrefix(path, "/api/v1/projects/"):
		id = w.project
	case strings.HasPrefix(path, "/api/v1/mcp/services/"):
		id = w.service
	case strings.HasPrefix(path, "/api/v1/analyses/"):
		id = w.analysis
	}
	if strings.HasSuffix(path, "/search") {
		path += "?q=walk"
	}
	return strings.NewReplacer("{id}", id, "{import_id}", "imp_none", "{kind}", "readme", "{run_id}", "docs_none", "{conversation_id}", "conv_none", "{answer_id}", "ans_none", "{interview_id}", "int_none", "{question_id}", "inq_none", "{item_id}", "kno_none", "{email}", "nobody@example.com").Replace(path)
}

// ask returns the status of an answer and leaves its body alone: one of the
// routes is a stream.
func (w *walker) ask(route, token string) (int, http.Header) {
	w.t.Helper()
	method, _, _ := strings.Cut(route, " ")
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+w.path(route), strings.NewReader(rules[route].body))
	if err != nil {
		w.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := w.server.Client().Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode, response.Header
}

func refusal(status int) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}

// TestWalk asks every route as everybody.
func TestWalk(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		walk := newWalker(w)
		for _, route := range slices.Sorted(maps.Keys(rules)) {
			rule := rules[route]
			if rule.public {
				if status, _ := walk.ask(route, ""); refusal(status) || status >= 500 {
					t.Errorf("%s without a token: %d", route, status)
				}
				continue
			}
			walk.refuses(route)
			walk.strange(route, rule)
			walk.tokens(route, rule)
		}
		// By role comes last, and routes that destroy last of all: DELETE sorts
		// before everything else, and would leave nothing to ask for.
		for _, route := range destructiveLast() {
			if rule := rules[route]; !rule.public {
				walk.roles(route, rule)
			}
		}
	})
}

func destructiveLast() []string {
	routes := slices.Sorted(maps.Keys(rules))
	slices.SortStableFunc(routes, func(a, b string) int { return destroys(a) - destroys(b) })
	return routes
}

func destroys(route string) int {
	switch {
	case strings.HasSuffix(route, "/auth/logout"):
		return 2
	case strings.HasPrefix(route, http.MethodDelete):
		return 1
	}
	return 0
}

// refuses checks that nobody gets in without a good token.
func (w *walker) refuses(route string) {
	w.t.Helper()
	status, header := w.ask(route, "")
	if status != http.StatusUnauthorized || !strings.HasPrefix(header.Get("WWW-Authenticate"), "Bearer") {
		w.t.Errorf("%s without a token: %d, WWW-Authenticate %q", route, status, header.Get("WWW-Authenticate"))
	}
	for why, token := range w.refused {
		if status, _ := w.ask(route, token); status != http.StatusUnauthorized {
			w.t.Errorf("%s with a token that is bad (%s): %d", route, why, status)
		}
	}
}

// strange checks that what belongs to others does not exist.
func (w *walker) strange(route string, rule rule) {
	w.t.Helper()
	if !rule.owned {
		return
	}
	if status, _ := w.ask(route, w.stranger.session.AccessToken); status != http.StatusNotFound {
		w.t.Errorf("%s by a stranger: %d, want 404", route, status)
	}
}

// tokens checks what the scopes of API tokens stop.
func (w *walker) tokens(route string, rule rule) {
	w.t.Helper()
	read, write := rule.session, rule.session
	if rule.least == rampforge.RoleAdmin {
		read, write = true, true
	}
	if !strings.HasPrefix(route, http.MethodGet) {
		read = true
	}
	if status, _ := w.ask(route, w.read); (status == http.StatusForbidden) != read {
		w.t.Errorf("%s by a token that reads: %d, refused should be %v", route, status, read)
	}
	if destroys(route) > 0 && !write {
		return // it would leave nothing for the roles
	}
	if status, _ := w.ask(route, w.write); (status == http.StatusForbidden) != write {
		w.t.Errorf("%s by a token that writes: %d, refused should be %v", route, status, write)
	}
}

// roles checks whom a route serves.
func (w *walker) roles(route string, rule rule) {
	w.t.Helper()
	roles := rampforge.Roles()
	slices.Reverse(roles)
	for _, role := range roles {
		status, _ := w.ask(route, w.people[role].session.AccessToken)
		if want := !role.AtLeast(rule.least); (status == http.StatusForbidden) != want || status == http.StatusUnauthorized || status >= 500 {
			w.t.Errorf("%s as %s: %d, refused should be %v", route, role, status, want)
		}
	}
}
