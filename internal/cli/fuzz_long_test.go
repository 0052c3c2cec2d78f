//go:build long

package cli_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
	"github.com/rampforgeai/rampforge/test/fuzz"
)

// unavailable are the answers of 500 and above that the fuzzer can bring about
// by what it asks, and that say what they mean.
var unavailable = map[string][]int{
	// A service that the fuzzer made leads to a vendor that is not there.
	"create-service": {502, 503, 504}, "connect-service": {502, 503, 504}, "list-service-resources": {502, 503, 504}, "list-service-tools": {502, 503, 504},
	// The report of a project was not ready while its request waited.
	"get-project-workflow": {503}, "get-project-workflow-metrics": {503}, "get-project-workflow-model": {503},
	"receive-webhook": {503}, // too many large messages at once
	"events":          {503}, // too many streams of one person
}

// neverWell are operations that have no success here, and why.
var neverWell = map[string]string{}

// wholeRun are so many requests that each operation is answered well at least
// once.
const wholeRun = 8_000

// fuzzSetting is what the environment says: FUZZ_REQUESTS for each database,
// FUZZ_SEED of a run that is to be repeated, FUZZ_ONLY the number of the one
// request to send again.
func fuzzSetting(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(cmp.Or(os.Getenv(name), fmt.Sprint(otherwise)), 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestLongFuzzAPI asks every operation of the program's own OpenAPI document,
// well, nearly well and badly, as people of each role, about their own things
// and about those of others, on both databases.
func TestLongFuzzAPI(t *testing.T) {
	t.Parallel()
	program := buildLike(t)
	seed := fuzzSetting(t, "FUZZ_SEED", 77) // the same for all, so that a fault is of a change; another finds more
	requests := int(fuzzSetting(t, "FUZZ_REQUESTS", 10_000))
	storetest.EachURL(t, func(t *testing.T, address string) {
		t.Logf("FUZZ_SEED=%d", seed)
		f := newArena(t, program, address, seed)
		if only, set := os.LookupEnv("FUZZ_ONLY"); set {
			n, err := strconv.Atoi(only)
			if err != nil {
				t.Fatal(err)
			}
			f.one(t, &fuzz.Client{Host: f.host}, n, true)
			return
		}
		before, running := f.untouched(t), f.held(t)
		began := time.Now()
		f.run(t, requests)
		t.Logf("%d requests in %s", requests, time.Since(began).Round(time.Second))
		f.alive(t, running)
		for path, was := range before {
			if is := f.untouched(t)[path]; is != was {
				t.Errorf("%s was changed by somebody who must not:\n%s\nis now\n%s", path, was, is)
			}
		}
		if requests >= wholeRun {
			f.count(t)
		}
		f.kill()
		for _, sign := range []string{"DATA RACE", "panic"} {
			if at := strings.Index(f.logs.String(), sign); at >= 0 {
				t.Errorf("the log has %q:\n%.6000s", sign, f.logs.String()[at:])
			}
		}
	})
}

// buildLike compiles the program, with the race detector if this test has it.
func buildLike(t *testing.T) string {
	t.Helper()
	args := []string{"build", "-o", filepath.Join(t.TempDir(), "rampforge")}
	info, _ := debug.ReadBuildInfo()
	if slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "-race" && s.Value == "true" }) {
		// As the Makefile does, which compiles the same once for both.
		args = append(args, "-race", "-gcflags=modernc.org/sqlite/lib=-race=false", "-gcflags=golang.org/x/crypto/blowfish=-race=false")
	}
	if out, err := exec.CommandContext(t.Context(), "go", append(args, "github.com/rampforgeai/rampforge/cmd/rampforge")...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return args[2]
}

// The people of the arena. Those of A are let alone: their things are what the
// others are after. inside is a member of A's project who may only read.
const (
	leadA, devA, inside           = "lead-a", "dev-a", "inside"
	leadB, devB, observerB, admin = "lead-b", "dev-b", "observer-b", "admin"
	reader, writer                = "reader", "writer" // API tokens of dev-b and lead-b
	nobody, stale                 = "nobody", "stale"  // without a token, and with one that is worth nothing
	mayfly                        = "mayfly"           // signs in for one request
)

const fuzzPassword = "correct horse battery"

// marker is a text that may be shown to some only.
type marker struct {
	text string
	to   []string
}

// arena is a server with people and their things.
type arena struct {
	*victim

	host    string
	doc     *fuzz.Document
	maker   *fuzz.Maker
	tokens  map[string]string
	users   map[string]string // ids
	markers []marker
	project map[string]string // of a and b
	private []string          // paths of A's things, by who may read them
	secret  string            // of a webhook
	values  map[string][]string

	fly     sync.Mutex // one mayfly at a time
	flown   int
	refresh string

	faults atomic.Int64
	mu     sync.Mutex
	well   map[string]int // answers of 2xx
	seen   map[string]map[int]int
	long   map[string]time.Duration // the longest that an operation took
}

func newArena(t *testing.T, program, address string, seed uint64) *arena {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	f := &arena{
		victim: &victim{t: t, program: program, address: "http://127.0.0.1:" + port}, host: "127.0.0.1:" + port,
		tokens: map[string]string{nobody: "", stale: "rf_" + strings.Repeat("A", 43)}, users: map[string]string{}, project: map[string]string{}, values: map[string][]string{},
		well: map[string]int{}, seen: map[string]map[int]int{}, long: map[string]time.Duration{}, secret: "a secret of a hook",
	}
	f.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "DATA_DIR=" + filepath.Join(dir, "data"), "DATABASE_URL=" + address, "API_PORT=" + port,
		"DEBUG=true", "BCRYPT_COST=4", "LOG_FORMAT=json", "LOG_LEVEL=WARN", "JOB_WORKERS=1", "LOCAL_REPOSITORY_ROOTS=" + dir, "METRICS_TOKEN=metrics",
		"RATE_LIMIT_API=off", "RATE_LIMIT_AUTH=off", "RATE_LIMIT_ANALYZE=off", "RATE_LIMIT_ASK=off", "RATE_LIMIT_BULK=off", "RATE_LIMIT_WEBHOOK=off", "ACCESS_TOKEN_EXPIRE_MINUTES=600",
		"OUTBOUND_ALLOW=127.0.0.1", "OUTBOUND_ALLOW_HTTP=true", "SYNC_INTERVAL=0",
	}
	t.Cleanup(f.kill)
	f.start()
	doc, err := fuzz.Load([]byte(f.text(t, "GET", "/openapi.json", "")))
	if err != nil {
		t.Fatal(err)
	}
	f.doc = doc
	f.maker = &fuzz.Maker{Pool: fuzz.NewPool(), Seed: seed, Values: f.value, Kind: kindOf, Spares: destroysIt, Finish: f.finish}
	f.people(t)
	f.as(leadA)
	f.thingsOf(t, "a", dir, leadA, devA, inside, "mk"+strconv.FormatUint(rand.Uint64(), 36))
	f.as(leadB)
	f.thingsOf(t, "b", dir, leadB, devB, observerB, "")
	f.services(t)
	f.spareRepositories(t, dir)
	for _, op := range f.doc.Operations { // what there is, as those of B see it
		if op.Method == "GET" && op.Path != "/api/v1/events" {
			for _, who := range []string{leadB, devB, admin} {
				for n := range 3 {
					q := f.maker.Make(rand.New(rand.NewPCG(seed, uint64(n))), -1, op, fuzz.Valid, "b", "a")
					f.send(&fuzz.Client{Host: f.host}, q, who, "b")
				}
			}
		}
	}
	return f
}

func (f *arena) as(who string) { f.token = f.tokens[who] }

func (s *victim) text(t *testing.T, method, path, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		t.Fatalf("%s %s: %d, %v: %s", method, path, res.StatusCode, err, content)
	}
	return string(content)
}

// list is an answer that is a bare list.
func (f *arena) list(t *testing.T, path string) (all []map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(f.text(t, "GET", path, "")), &all); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return all
}

// made asks for something and returns a field of the answer.
func (f *arena) made(path, body, field string) string {
	text, _ := f.ask("POST", path, body)[field].(string)
	if text == "" {
		f.t.Fatalf("POST %s made no %s", path, field)
	}
	return text
}

func (f *arena) register(who string) {
	body := fmt.Sprintf(`{"email":%q,"password":%q,"name":"Somebody"}`, who+"@example.com", fuzzPassword)
	f.ask("POST", "/api/v1/auth/register", body)
	in := f.ask("POST", "/api/v1/auth/login", body)
	f.tokens[who], _ = in["access_token"].(string)
	user, _ := in["user"].(map[string]any)
	f.users[who], _ = user["id"].(string)
}

func (f *arena) people(t *testing.T) {
	t.Helper()
	roles := map[string]rampforge.Role{
		admin: "", leadA: rampforge.RoleTeamLead, devA: rampforge.RoleDeveloper, inside: rampforge.RoleObserver,
		leadB: rampforge.RoleTeamLead, devB: rampforge.RoleDeveloper, observerB: rampforge.RoleObserver,
	}
	f.register(admin)
	for who, role := range roles {
		if role == "" {
			continue
		}
		f.register(who)
		f.as(admin)
		f.ask("PATCH", "/api/v1/users/"+f.users[who], fmt.Sprintf(`{"role":%q}`, role))
	}
	for _, id := range f.users { // nobody changes those whom the run needs
		f.maker.Pool.Never(id)
	}
	for who, of := range map[string]string{reader: devB, writer: leadB} {
		f.as(of)
		answer := f.ask("POST", "/api/v1/auth/tokens", fmt.Sprintf(`{"name":"kept","scopes":[%q]}`, map[string]string{reader: "read", writer: "write"}[who]))
		f.tokens[who], _ = answer["token"].(string)
		id, _ := answer["id"].(string)
		f.maker.Pool.Never(id)
	}
}

// thingsOf makes a project with all that belongs to one. What is private of it
// holds the mark, unless that is empty.
func (f *arena) thingsOf(t *testing.T, owner, dir, lead, developer, observer, mark string) {
	t.Helper()
	markOf := func(what string, to ...string) string {
		if mark == "" {
			return ""
		}
		f.markers = append(f.markers, marker{mark + what, to})
		return " " + mark + what
	}
	members := []string{lead, developer, observer, admin}
	path := filepath.Join(dir, "repository-"+owner)
	sampleRepository(t, path, 12)
	code := markOf("code", members...)
	script := fmt.Sprintf("mkdir -p 'sec%s'\nprintf 'package sec\\n\\n// Key%s opens it.\\nfunc Open() {}\\n' > 'sec%s/open.go'\nprintf '# Harbour%s\\n\\nThe harbour%s holds ships.\\n' > README.md\ngit add -A\ngit commit -q -m 'The key%s'\n",
		strings.TrimSpace(code), strings.ReplaceAll(code, " ", ""), strings.TrimSpace(code), code, code, code)
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", script)
	cmd.Dir = path
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL="+developer+"@example.com", "GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL="+developer+"@example.com")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	keep := func(kind, id string, in map[string]string) {
		f.maker.Pool.Add(owner, kind, fuzz.Thing{ID: id, In: in, Keep: true})
	}
	f.as(lead)
	project := f.ask("POST", "/api/v1/projects", fmt.Sprintf(`{"name":%q,"description":%q,"repository_url":%q,"team_members":[%q,%q]}`,
		"Project"+markOf("name", members...), "About"+markOf("description", members...), path, developer+"@example.com", observer+"@example.com"))
	id, _ := project["id"].(string)
	repository, _ := project["repository_id"].(string)
	f.project[owner] = id
	of := "/api/v1/projects/" + id
	keep("prj", id, nil)
	keep("repo", repository, nil)
	f.as(developer)
	run := f.made(of+"/analyze", `{}`, "analysis_id")
	f.end(run, time.Now().Add(3*time.Minute))
	keep("ana", run, nil)
	in := map[string]string{"prj": id}
	f.until(of+"/documents", `{"kinds":["readme","glossary"]}`, func(answer map[string]any) bool { return true })
	f.documents(of)
	item := f.made(of+"/knowledge", fmt.Sprintf(`{"title":%q,"text":%q,"links":[{"path":"p0/f0.go"}]}`, "Known"+markOf("title", members...), "It is so"+markOf("text", members...)), "id")
	f.ask("POST", of+"/knowledge/"+item+"/approve", "")
	keep("kno", item, in)
	asked := f.ask("POST", of+"/ask", fmt.Sprintf(`{"question":%q}`, "Where is F3?"+markOf("question", developer)))
	conversation, _ := asked["conversation_id"].(string)
	answer, _ := asked["answer_id"].(string)
	if conversation == "" {
		t.Fatalf("no conversation: %v", asked)
	}
	keep("conv", conversation, in)
	keep("ans", answer, map[string]string{"prj": id, "conv": conversation})
	f.as(lead)
	kit := f.ask("POST", of+"/interviews", fmt.Sprintf(`{"person":%q,"reason":"leaving","limit":3}`, developer+"@example.com"))
	interview, _ := kit["id"].(string)
	keep("int", interview, in)
	f.ask("PUT", "/api/v1/auth/me", fmt.Sprintf(`{"learning_progress":{"x":%q}}`, markOf("progress", lead, admin)))
	f.ask("POST", "/api/v1/auth/tokens", fmt.Sprintf(`{"name":%q}`, "T"+markOf("token", lead, admin)))
	for _, p := range []string{"", "/members", "/knowledge/" + item, "/interviews/" + interview, "/documents", "/workflow/settings", "/sources"} {
		f.private = append(f.private, lead+" "+of+p)
	}
	f.private = append(f.private, lead+" /api/v1/repositories/"+repository, developer+" "+of+"/conversations/"+conversation, developer+" "+of+"/conversations", lead+" /api/v1/auth/tokens", lead+" /api/v1/auth/me")
	if owner != "a" {
		f.private = slices.DeleteFunc(f.private, func(p string) bool {
			return strings.Contains(p, id) || strings.HasPrefix(p, lead+" ") || strings.HasPrefix(p, developer+" ")
		})
	}
}

// until asks until the answer is one that was waited for.
func (f *arena) until(path, body string, good func(map[string]any) bool) map[string]any {
	method := "GET"
	if body != "" {
		method = "POST"
	}
	for deadline := time.Now().Add(2 * time.Minute); ; {
		status, answer, err := f.do(method, path, body)
		if err == nil && status < 300 && good(answer) {
			return answer
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("%s %s: %d, %v, %v", method, path, status, answer, err)
		}
		<-time.After(100 * time.Millisecond)
	}
}

// documents waits for the run of documents.
func (f *arena) documents(of string) {
	f.until(of+"/documents", "", func(answer map[string]any) bool {
		run, _ := answer["run"].(map[string]any)
		return run != nil && run["status"] != "running" && run["status"] != "queued" && run["status"] != "pending"
	})
}

// services are what everybody shares: a vendor by REST and one by MCP.
func (f *arena) services(t *testing.T) {
	t.Helper()
	hub := vendorFakes(t)["github"]
	f.as(leadB)
	service := func(endpoint, transport string) string {
		id := f.made("/api/v1/mcp/services", fmt.Sprintf(`{"service_type":"github","name":%q,"endpoint":%q,"transport":%q,"retry_attempts":1,"timeout":5,"credentials":{"token":%q,"webhook_secret":%q}}`,
			"Code by "+transport, endpoint, transport, hub.credentials["token"], f.secret), "id")
		f.ask("POST", "/api/v1/mcp/services/"+id+"/connect", "")
		f.maker.Pool.Add("b", "svc", fuzz.Thing{ID: id, Keep: true})
		return id
	}
	rest, tools := service(hub.endpoint, "rest"), service(hub.mcp, "mcp")
	f.markers = append(f.markers, marker{hub.credentials["token"], nil}, marker{f.secret, nil}, marker{fuzzPassword, nil})
	resources, offered := f.list(t, "/api/v1/mcp/services/"+rest+"/resources"), f.list(t, "/api/v1/mcp/services/"+tools+"/tools?refresh=true")
	for _, resource := range resources {
		f.values["resource"] = append(f.values["resource"], fmt.Sprint(resource["id"]))
		f.values["key"] = append(f.values["key"], fmt.Sprint(resource["key"]))
	}
	for _, tool := range offered {
		f.values["tool"] = append(f.values["tool"], fmt.Sprint(tool["name"]))
	}
	if len(resources) == 0 || len(offered) == 0 {
		t.Fatalf("%d resources and %d tools", len(resources), len(offered))
	}
	f.values["rest"], f.values["mcp"], f.values["endpoint"], f.values["credential"] = []string{rest}, []string{tools}, []string{hub.endpoint}, []string{hub.credentials["token"]}
	of := "/api/v1/projects/" + f.project["b"]
	f.text(t, "PUT", of+"/sources", fmt.Sprintf(`{"sources":[{"service_id":%q,"resource_id":%q}]}`, rest, f.values["resource"][0]))
	sync := f.made(of+"/sync", "{}", "sync_id")
	f.until("/api/v1/mcp/sync/"+sync, "", func(answer map[string]any) bool { return answer["status"] != "running" && answer["status"] != "queued" })
	f.maker.Pool.Add("b", "sync", fuzz.Thing{ID: sync, Keep: true})
}

// spareRepositories are there to be added.
func (f *arena) spareRepositories(t *testing.T, dir string) {
	t.Helper()
	for n := range 4 {
		path := filepath.Join(dir, fmt.Sprint("spare", n))
		sampleRepository(t, path, 2)
		f.values["repository"] = append(f.values["repository"], path)
	}
}

// kindOf is what a parameter of a path names.
func kindOf(op *fuzz.Operation, parameter string) string {
	if parameter != "id" {
		return map[string]string{
			"conversation_id": "conv", "answer_id": "ans", "run_id": "docs", "interview_id": "int", "question_id": "inq", "item_id": "kno", "import_id": "imp", "service_id": "svc", "name": "tool",
		}[parameter]
	}
	for _, of := range []struct{ prefix, kind string }{
		{"/api/v1/repositories/", "repo"}, {"/api/v1/projects/", "prj"}, {"/api/v1/project-management/projects/", "prj"}, {"/api/v1/analyses/", "ana"}, {"/api/v1/auth/sessions/", "ses"}, {"/api/v1/auth/tokens/", "tok"},
		{"/api/v1/users/", "usr"}, {"/api/v1/mcp/services/", "svc"}, {"/api/v1/mcp/sync/", "sync"}, {"/api/v1/people/suggestions/", "sug"}, {"/api/v1/people/", "per"},
	} {
		if strings.HasPrefix(op.Path, of.prefix) {
			return of.kind
		}
	}
	return "none"
}

// destroysIt are the operations after which what they name is another.
func destroysIt(op *fuzz.Operation) bool {
	return op.Method == "DELETE" && op.ID != "delete-document" || slices.Contains([]string{"update-project", "update-service", "disconnect-service", "update-user", "set-project-sources", "finish-interview", "approve-service-tool"}, op.ID)
}

// value is what a field of a name holds when it is meant well.
func (f *arena) value(r *rand.Rand, op *fuzz.Operation, owner, name string) (string, bool) {
	pick := func(of ...string) (string, bool) {
		if len(of) == 0 {
			return "", false
		}
		return of[r.IntN(len(of))], true
	}
	thing := func(kind string) (string, bool) {
		t, ok := f.maker.Pool.Pick(r, owner, kind, false)
		return t.ID, ok
	}
	switch op.ID + " " + name {
	case "login email":
		return pick(mayfly + strconv.Itoa(f.flown) + "@example.com")
	case "invite email", "delete-invitation email":
		return pick("invited"+strconv.Itoa(r.IntN(9))+"@example.com", "invited@example.com")
	case "get-service-tool name", "approve-service-tool name":
		return pick(f.values["tool"]...)
	case "get-service-tool id", "approve-service-tool id", "list-service-tools id":
		return pick(f.values["mcp"]...)
	case "receive-webhook service_id", "list-service-resources id":
		return pick(f.values["rest"]...)
	case "create-service name", "update-service name":
		return pick(fmt.Sprint("service ", r.IntN(1_000_000)))
	case "compare-analyses from", "compare-analyses to", "get-analysis id":
		return thing("ana")
	case "get-sync id":
		return thing("sync")
	case "update-user id":
		return thing("usr")
	case "ask-project conversation_id":
		if r.IntN(3) > 0 {
			return pick("json:\"\"")
		}
		return thing("conv")
	case "split-person id":
		id, ok := f.maker.Pool.Parent(owner, "idn", "per", 2)
		return id, ok
	case "register role":
		return pick("developer")
	case "update-me role", "update-profile role", "get-project-workflow metric", "approve-service-tool hash", "create-repository service_id", "create-repository type":
		return pick("json:null")
	case "import-work body text/csv", "import-work body application/octet-stream":
		return pick("case,activity,timestamp\n1,A,2024-01-01T00:00:00Z\n1,B,2024-01-02T00:00:00Z\n2,A,2024-01-03T00:00:00Z\n")
	case "import-work body application/x-ndjson":
		return pick(`{"key":"A-1","title":"A","type":"Story","created_at":"2024-01-01T00:00:00Z","status":"Done","status_category":"done"}` + "\n")
	case "import-work body application/xml":
		return pick(`<log xmlns="http://www.xes-standard.org/"><trace><string key="concept:name" value="1"/><event><string key="concept:name" value="A"/><date key="time:timestamp" value="2024-01-01T00:00:00Z"/></event></trace></log>`)
	case "import-work body multipart/form-data":
		return pick("--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\ncase,activity,timestamp\n1,A,2024-01-01T00:00:00Z\n\r\n--frontier--\r\n")
	case "import-work format", "import-work resource", "import-work lifecycle", "import-work timestamp_format":
		return pick("")
	}
	switch name {
	case "email":
		return pick(fmt.Sprintf("somebody%d@example.com", r.IntN(1_000_000_000)))
	case "new_password":
		return pick("another long password")
	case "password", "current_password":
		return pick(fuzzPassword)
	case "refresh_token":
		return pick(f.refresh)
	case "url", "repository_url":
		return pick(f.values["repository"]...)
	case "team_members":
		return pick(devB+"@example.com", observerB+"@example.com")
	case "person":
		return pick(devB+"@example.com", leadB+"@example.com", f.users[devB], f.users[observerB])
	case "people":
		return pick("Ada", "Nobody")
	case "person_id":
		return thing("per")
	case "identity_ids":
		return thing("idn")
	case "service_id", "service_ids":
		return pick(f.values["rest"]...)
	case "service_types", "service_type":
		return pick("github")
	case "resource_id":
		return pick(f.values["resource"]...)
	case "project_identifier":
		return pick(f.values["key"]...)
	case "endpoint":
		return pick(f.values["endpoint"]...)
	case "credentials":
		return pick(fmt.Sprintf(`{"token":%q}`, f.values["credential"][0]))
	case "transport":
		return pick("rest")
	case "scopes":
		return pick("read", "write")
	case "scope", "states", "blackout_days":
		return pick("json:[]")
	case "sync_interval", "timeout":
		return pick("60")
	case "retry_attempts":
		return pick("1")
	case "expires_at":
		return pick("2200-01-01T00:00:00Z")
	case "kind":
		if op.ID == "search-project" {
			return pick("code", "file", "commit", "knowledge", "work_item")
		}
		return pick("readme", "architecture", "setup", "api_reference", "troubleshooting", "glossary")
	case "path", "paths":
		return pick("p0/f0.go", "p3", "README.md", "p1/f1.go", "/")
	case "symbol":
		return pick("F", "Open")
	case "around":
		return pick("p0", "p0/f0.go", "p0/f0.go#F")
	case "start_line":
		return pick("1", "3")
	case "end_line":
		return pick("3", "5")
	case "question", "q":
		return pick("Where is F?", "What does p3 do?", "Who knows the harbour?", "harbour", "F", "ship OR \"a b\" -c", "Warum ist das so?", "海 がある")
	case "from", "to", "since", "updated_since", "as_of":
		return pick("2024-01-01", "2025-06-30", "2025-02-01T10:00:00Z", "2026-01-01T00:00:00+02:00")
	case "zone", "timezone":
		return pick("UTC", "Europe/Vienna", "Asia/Kathmandu")
	case "ref":
		return pick("main", "HEAD")
	case "seed", "offset":
		return pick("0", "1", "7")
	case "limit":
		return pick("1", "10", "40")
	case "granularity":
		return pick("day", "week", "month")
	case "algorithm":
		return pick("inductive", "heuristics", "dfg")
	case "explain":
		return pick("1", "true")
	case "case", "activity", "timestamp":
		return pick(name)
	case "order":
		return pick("1")
	case "category":
		return pick("todo", "in_progress", "done")
	case "format":
		return pick("json", "csv", "mermaid")
	}
	return "", false
}

// finish adds what no document says.
func (f *arena) finish(q *fuzz.Request) {
	if q.Operation.ID == "split-person" {
		parts := strings.Split(q.Target, "/")
		if known := f.maker.Pool.Inside("b", "idn", "per", parts[len(parts)-2]); len(known) > 1 {
			q.Body = fmt.Appendf(nil, `{"identity_ids":[%q]}`, known[0])
		}
	}
	if q.Operation.ID != "receive-webhook" {
		return
	}
	q.Body = []byte(`{"zen":"x"}`)
	q.Headers = append(q.Headers, [2]string{"Content-Type", "application/json"}, [2]string{"X-GitHub-Event", "ping"}, [2]string{"X-GitHub-Delivery", fmt.Sprint("delivery-", q.Number)},
		[2]string{"X-Hub-Signature-256", connectortest.Signature(q.Body, f.secret)})
}

// run sends requests: a fifth one after the other, the others six at a time.
func (f *arena) run(t *testing.T, requests int) {
	var next atomic.Int64
	work := func(until int) {
		c := &fuzz.Client{Host: f.host}
		defer c.Close()
		for {
			n := int(next.Add(1)) - 1
			if n >= until || f.faults.Load() > 40 {
				next.Add(-1)
				return
			}
			f.one(t, c, n, false)
		}
	}
	work(requests / 5)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() { work(requests) })
	}
	all.Wait()
}

// heavy start work that goes on for long; they are asked half as often.
var heavy = []string{"analyze-repository", "analyze-project", "sync-services", "sync-project", "legacy-sync-project", "legacy-sync-projects", "make-documents", "remap-service", "events", "create-repository"}

// short are the operations that end what they were asked with.
var short = []string{"logout", "change-password", "end-session", "refresh", "login"}

// one makes and sends the request of a number, and holds its answer against all
// that must hold.
func (f *arena) one(t *testing.T, c *fuzz.Client, n int, show bool) {
	r := f.maker.Random(n)
	op := f.doc.Operations[n%len(f.doc.Operations)]
	if slices.Contains(heavy, op.ID) && r.IntN(2) > 0 {
		op = f.doc.Operations[r.IntN(len(f.doc.Operations))]
	}
	mode := fuzz.Valid
	switch p := r.IntN(100); {
	case p >= 90:
		mode = fuzz.Random
	case p >= 75:
		mode = fuzz.Foreign
	case p >= 40:
		mode = fuzz.Near
	}
	who, owner := f.actor(r, op, mode)
	if who == mayfly {
		f.fly.Lock()
		defer f.fly.Unlock()
		f.hatch()
	}
	f.judge(t, c, f.maker.Make(r, n, op, mode, owner, "a"), who, owner, show)
}

// actor is who asks, and whose things they take for theirs.
func (f *arena) actor(r *rand.Rand, op *fuzz.Operation, mode fuzz.Mode) (who, owner string) {
	if slices.Contains(short, op.ID) {
		return mayfly, "mayfly"
	}
	if mode == fuzz.Foreign {
		return []string{leadB, leadB, devB, observerB, writer, reader, nobody}[r.IntN(7)], "b"
	}
	p := r.IntN(100)
	switch {
	case slices.ContainsFunc([]string{"/api/v1/users", "/api/v1/audit", "/api/v1/model-requests", "/api/v1/mcp/services/{id}/remap"}, func(s string) bool { return strings.HasPrefix(op.Path, s) }) && p < 70:
		return admin, "b"
	case op.ID == "update-me" || op.ID == "update-profile": // A's members keep their names
		return []string{admin, leadB, devB, observerB}[r.IntN(4)], "b"
	case !op.SignedIn && p < 60, p < 2:
		return nobody, "b"
	case p < 4:
		return stale, "b"
	case p < 24:
		return admin, "b"
	case p < 56:
		return leadB, "b"
	case p < 80:
		return devB, "b"
	case p < 87:
		return observerB, "b"
	case p < 94:
		return inside, "a"
	case p < 97:
		return reader, "b"
	}
	return writer, "b"
}

var session = regexp.MustCompile(`"id":"(ses_[^"]+)"`)

// hatch signs somebody in who may be signed out. A new one comes when nobody
// knows the password any more. The lock is held.
func (f *arena) hatch() {
	for {
		body := fmt.Sprintf(`{"email":%q,"password":%q,"name":"Mayfly"}`, mayfly+strconv.Itoa(f.flown)+"@example.com", fuzzPassword)
		v := &victim{t: f.t, address: f.address}
		if status, in, err := v.do("POST", "/api/v1/auth/login", body); err == nil && status == 200 {
			v.token, _ = in["access_token"].(string)
			f.refresh, _ = in["refresh_token"].(string)
			f.mu.Lock()
			f.tokens[mayfly] = v.token
			f.mu.Unlock()
			f.maker.Pool.Forget("mayfly", "ses")
			if m := session.FindStringSubmatch(v.raw(f.t, "GET", "/api/v1/auth/sessions", "", nil)); m != nil {
				f.maker.Pool.Add("mayfly", "ses", fuzz.Thing{ID: m[1]})
			}
			return
		}
		f.flown++
		if status, answer, err := v.do("POST", "/api/v1/auth/register", strings.Replace(body, mayfly+strconv.Itoa(f.flown-1), mayfly+strconv.Itoa(f.flown), 1)); err != nil || status >= 500 {
			f.t.Errorf("no mayfly: %d, %v, %v", status, answer, err)
			return
		}
	}
}

// send sends a request as somebody and learns from the answer.
func (f *arena) send(c *fuzz.Client, q *fuzz.Request, who, owner string) (fuzz.Answer, error) {
	f.mu.Lock()
	token := f.tokens[who]
	f.mu.Unlock()
	q.Actor = who
	if token != "" && !q.Has("Authorization") {
		q.Headers = append([][2]string{{"Authorization", "Bearer " + token}}, q.Headers...)
	}
	a, err := c.Send(q)
	if err != nil {
		return a, err
	}
	if a.Status < 300 {
		f.maker.Pool.Learn(owner, q, a.Body)
		if q.Method == "DELETE" {
			parts := strings.Split(strings.Split(q.Target, "?")[0], "/")
			f.maker.Pool.Gone(parts[len(parts)-1])
		}
	}
	return a, nil
}

// judge sends a request and holds its answer against all that must hold.
func (f *arena) judge(t *testing.T, c *fuzz.Client, q *fuzz.Request, who, owner string, show bool) {
	began := time.Now()
	a, err := f.send(c, q, who, owner)
	took := time.Since(began)
	if err != nil {
		f.faults.Add(1)
		t.Errorf("%v\n%s", err, q)
		return
	}
	if show {
		t.Logf("%s\n%d %v\n%.4000s", q, a.Status, a.Header, a.Body)
	}
	faults := f.doc.Judge(q, a, unavailable)
	answer := fmt.Sprint(a.Header) + string(a.Body)
	for _, m := range f.markers {
		if strings.Contains(answer, m.text) && !slices.Contains(m.to, who) && !strings.Contains(string(q.Bytes("")), m.text) {
			faults = append(faults, fmt.Sprintf("%s is shown what only %v may see: %s", who, m.to, m.text))
		}
	}
	f.mu.Lock()
	id := q.Operation.ID
	if f.seen[id] == nil {
		f.seen[id] = map[int]int{}
	}
	f.seen[id][a.Status]++
	f.long[id] = max(f.long[id], took)
	if a.Status < 300 && f.doc.Match(q.Method, q.Target) == q.Operation {
		f.well[q.Operation.ID]++
	}
	f.mu.Unlock()
	if len(faults) > 0 {
		f.faults.Add(1)
		t.Errorf("%s\nFUZZ_SEED=%d FUZZ_ONLY=%d\n%s", strings.Join(faults, "\n"), f.maker.Seed, q.Number, q)
	}
}

// untouched are A's things as those of A see them.
func (f *arena) untouched(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, p := range f.private {
		who, path, _ := strings.Cut(p, " ")
		f.as(who)
		all[p] = changing.ReplaceAllString(f.text(t, "GET", path, ""), "")
	}
	return all
}

// changing is what changes by itself.
var changing = regexp.MustCompile(`"(last_used_at|last_used|last_active|stale|updated_at)":("[^"]*"|null|true|false),?|"workflow_refresh":(null|\{[^}]*\})`)

// held is what a process may leak: its file descriptors, where the system
// tells, and its goroutines.
type held struct{ descriptors, goroutines int }

var gauge = regexp.MustCompile(`(?m)^go_goroutines (\S+)$`)

func (f *arena) held(t *testing.T) (h held) {
	t.Helper()
	if entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", f.cmd.Process.Pid)); err == nil {
		h.descriptors = len(entries)
	}
	f.token = "metrics"
	if m := gauge.FindStringSubmatch(f.text(t, "GET", "/metrics", "")); m != nil {
		n, _ := strconv.ParseFloat(m[1], 64)
		h.goroutines = int(n)
	}
	return h
}

// alive: the server works as before, and holds on to nothing.
func (f *arena) alive(t *testing.T, before held) {
	t.Helper()
	f.as(admin)
	f.until("/api/health/ready", "", func(map[string]any) bool { return true })
	const slack = 40 // connections that are kept, and jobs that still run
	var now held
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(time.Second) {
		if now = f.held(t); now.goroutines <= before.goroutines+slack && now.descriptors <= before.descriptors+slack {
			return
		}
	}
	t.Errorf("%+v before, %+v after", before, now)
}

// count fails for operations that were never answered well.
func (f *arena) count(t *testing.T) {
	t.Helper()
	for _, op := range f.doc.Operations {
		if f.well[op.ID] == 0 && neverWell[op.ID] == "" {
			t.Errorf("%s was never answered well: %v", op.ID, f.seen[op.ID])
		}
	}
	for id := range neverWell {
		if f.well[id] > 0 {
			t.Errorf("%s is answered well: take it out of the list", id)
		}
	}
	statuses, slow := map[int]int{}, slices.SortedFunc(maps.Keys(f.long), func(a, b string) int { return cmp.Compare(f.long[b], f.long[a]) })
	for _, seen := range f.seen {
		for status, n := range seen {
			statuses[status] += n
		}
	}
	text, _ := json.Marshal(f.well) // of numbers
	t.Logf("statuses %v\nanswered well: %s", statuses, text)
	for _, id := range slow[:min(8, len(slow))] {
		t.Logf("%s took up to %s", id, f.long[id].Round(time.Millisecond))
	}
}
