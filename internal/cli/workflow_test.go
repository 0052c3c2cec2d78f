package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// server is the program, as it serves a test.
type server struct {
	t       *testing.T
	address string
	token   string
	logs    *shared
}

// shared is what a program said, to be read while it still says more.
type shared struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shared) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// serve starts the program on a database, until the test ends, and signs the
// first user in, who is its administrator.
func serve(t *testing.T, url string) *server {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "rampforge") // the name by which a test binary is the program
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, address: "http://127.0.0.1:" + port, logs: &shared{}}
	cmd := exec.Command(program, "serve")
	cmd.Stderr = s.logs
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "DATA_DIR=" + filepath.Join(dir, "data"), "DATABASE_URL=" + url, "API_PORT=" + port, "DEBUG=true", "BCRYPT_COST=4",
		"LOG_FORMAT=json", "LOG_LEVEL=WARN", "JOB_HEARTBEAT=200ms", "RATE_LIMIT_API=off", "RATE_LIMIT_AUTH=off", "RATE_LIMIT_BULK=off",
		"OUTBOUND_ALLOW=127.0.0.1", "OUTBOUND_ALLOW_HTTP=true", "SYNC_INTERVAL=0", "ACCESS_TOKEN_EXPIRE_MINUTES=600",
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(s.address + "/api/health/ready")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server did not come up: %v\n%s", err, s.logs)
		}
	}
	s.ask("POST", "/api/v1/auth/register", `{"email":"ada@example.com","password":"correct horse battery","name":"Ada"}`)
	s.token, _ = s.ask("POST", "/api/v1/auth/login", `{"email":"ada@example.com","password":"correct horse battery"}`)["access_token"].(string)
	return s
}

// send asks the server; headers are pairs of a name and a value.
func (s *server) send(method, path, body string, headers ...string) answered {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.address+path, bytes.NewReader([]byte(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, s.logs)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answered{resp.StatusCode, resp.Header, content}
}

func (s *server) get(path string) answered {
	s.t.Helper()
	a := s.send("GET", path, "")
	if a.status != http.StatusOK {
		s.t.Fatalf("GET %s: %d %s\n%s", path, a.status, a.body, s.logs)
	}
	return a
}

func (s *server) ask(method, path, body string, headers ...string) map[string]any {
	s.t.Helper()
	a := s.send(method, path, body, headers...)
	var whole any
	err := json.Unmarshal(a.body, &whole)
	v, _ := whole.(map[string]any)
	if a.status >= 300 || err != nil && len(a.body) > 0 {
		s.t.Fatalf("%s %s: %d %.2000s %v\n%s", method, path, a.status, a.body, err, s.logs)
	}
	return v
}

// bound makes a project that is fed by a resource of a service.
func (s *server) bound(name, kind, endpoint, resource string, credentials map[string]string) (project, service string) {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"service_type": kind, "name": name, "endpoint": endpoint, "credentials": credentials})
	if err != nil {
		s.t.Fatal(err)
	}
	service, _ = s.ask("POST", "/api/v1/mcp/services", string(body))["id"].(string)
	if a := s.ask("POST", "/api/v1/mcp/services/"+service+"/connect", ""); a["status"] != "connected" {
		s.t.Fatalf("%s: %v\n%s", name, a, s.logs)
	}
	s.get("/api/v1/mcp/services/" + service + "/resources")
	project = s.project(name)
	s.ask("PUT", "/api/v1/projects/"+project+"/sources", fmt.Sprintf(`{"sources":[{"service_id":%q,"resource_id":%q}]}`, service, resource))
	s.sync(project)
	return project, service
}

func (s *server) project(name string) string {
	s.t.Helper()
	id, _ := s.ask("POST", "/api/v1/projects", fmt.Sprintf(`{"name":%q}`, name))["id"].(string)
	return id
}

// sync reads what is new of a project's sources, and waits for its report.
func (s *server) sync(project string) {
	s.t.Helper()
	run := s.ask("POST", "/api/v1/projects/"+project+"/sync", `{}`, "Prefer", "wait=60")
	for deadline := time.Now().Add(2 * time.Minute); run["status"] == "running"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("a sync never ends: %v\n%s", run, s.logs)
		}
		run = s.ask("GET", fmt.Sprint("/api/v1/mcp/sync/", run["sync_id"]), "")
	}
	if run["status"] != "completed" {
		s.t.Fatalf("%v\n%s", run, s.logs)
	}
	end, err := time.Parse(time.RFC3339Nano, fmt.Sprint(run["completed_at"]))
	if err != nil {
		s.t.Fatal(err)
	}
	s.fresh(project, end)
}

// fresh waits until a project's report shows all that was kept at a moment.
func (s *server) fresh(project string, since time.Time) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(30 * time.Millisecond) {
		report := s.ask("GET", "/api/v1/projects/"+project+"/workflow", "")
		at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(report["generated_at"]))
		if err != nil {
			s.t.Fatal(err)
		}
		if !at.Before(since) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the report stays as of %v, and not %v\n%s", at, since, s.logs)
		}
	}
}

// settle sets what a project says of its workflow.
func (s *server) settle(project, settings string) {
	s.t.Helper()
	s.another(project, func() { s.ask("PUT", "/api/v1/projects/"+project+"/workflow/settings", settings) })
}

// another does something that makes another report of a project, and waits for
// that.
func (s *server) another(project string, do func()) {
	s.t.Helper()
	path := "/api/v1/projects/" + project + "/workflow"
	tag := s.get(path).header.Get("ETag")
	do()
	for deadline := time.Now().Add(time.Minute); s.send("GET", path, "", "If-None-Match", tag).status == http.StatusNotModified; time.Sleep(30 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("the report stays as it was\n%s", s.logs)
		}
	}
}
