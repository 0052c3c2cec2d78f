//go:build long

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// kills is how often the server is killed on each database.
const kills = 60

// TestLongKillLoop kills the real program at random moments, again and again,
// while it works analyses, and checks that every analysis whose request was
// acknowledged ends: completed, or failed with a reason. Nothing may be lost
// and nothing may stay running.
func TestLongKillLoop(t *testing.T) {
	t.Parallel()
	program := build(t)
	storetest.EachURL(t, func(t *testing.T, url string) {
		s := newVictim(t, program, url)
		var acknowledged []string
		for n := range kills {
			s.start()
			for _, id := range s.repositories {
				if a := s.analyze(id); a != "" {
					acknowledged = append(acknowledged, a)
				}
			}
			// Some kills come before a worker has begun, some in the middle, and some
			// when everything is done.
			timer := time.NewTimer(time.Duration(rand.IntN(1500)) * time.Millisecond)
			<-timer.C
			s.kill()
			if t.Failed() {
				t.Fatalf("after %d kills", n+1)
			}
		}
		s.start()
		ended := map[string]int{}
		deadline := time.Now().Add(3 * time.Minute)
		for _, id := range acknowledged {
			ended[s.end(id, deadline)]++
		}
		if ended["completed"] == 0 || len(acknowledged) < kills {
			t.Errorf("%d analyses were acknowledged and ended so: %v", len(acknowledged), ended)
		}
		t.Logf("%d kills, %d acknowledged analyses, ended: %v", kills, len(acknowledged), ended)
		s.kill()
		s.intact(url)
	})
}

// build compiles the program as users get it.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "rampforge")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", program, "github.com/rampforgeai/rampforge/cmd/rampforge")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// victim is a server that is killed and started again.
type victim struct {
	t            *testing.T
	program      string
	env          []string
	address      string
	cmd          *exec.Cmd
	logs         bytes.Buffer
	token        string
	repositories []string
}

func newVictim(t *testing.T, program, url string) *victim {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	s := &victim{t: t, program: program, address: "http://127.0.0.1:" + port}
	s.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "DATA_DIR=" + filepath.Join(dir, "data"), "DATABASE_URL=" + url, "API_PORT=" + port,
		"DEBUG=true", "BCRYPT_COST=4", "LOG_FORMAT=json", "LOG_LEVEL=WARN", "JOB_HEARTBEAT=200ms", "JOB_WORKERS=2", "LOCAL_REPOSITORY_ROOTS=" + dir,
		"RATE_LIMIT_API=off", "RATE_LIMIT_AUTH=off", "RATE_LIMIT_ANALYZE=off", "ACCESS_TOKEN_EXPIRE_MINUTES=600",
	}
	t.Cleanup(s.kill)
	s.start()
	s.ask("POST", "/api/v1/auth/register", `{"email":"ada@example.com","password":"correct horse battery","name":"Ada"}`)
	s.token, _ = s.ask("POST", "/api/v1/auth/login", `{"email":"ada@example.com","password":"correct horse battery"}`)["access_token"].(string)
	for n := range 4 {
		path := filepath.Join(dir, fmt.Sprint("repository", n))
		sampleRepository(t, path, 40*(n+1))
		id, _ := s.ask("POST", "/api/v1/repositories", fmt.Sprintf(`{"url":%q}`, path))["id"].(string)
		if id == "" {
			t.Fatal("the repository was not made")
		}
		s.repositories = append(s.repositories, id)
	}
	s.kill()
	return s
}

// sampleRepository makes a repository with a file for each commit.
func sampleRepository(t *testing.T, path string, commits int) {
	t.Helper()
	var script strings.Builder
	script.WriteString("set -e\ngit init -q -b main .\n")
	for n := range commits {
		fmt.Fprintf(&script, "mkdir -p p%d\nprintf 'package p%d\\n\\nfunc F(n int) int {\\n\\tif n > %d {\\n\\t\\treturn n\\n\\t}\\n\\treturn -n\\n}\\n' > p%d/f%d.go\ngit add -A\ngit commit -q -m 'Commit %d'\n", n%7, n%7, n, n%7, n, n)
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script.String())
	cmd.Dir = path
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("making a repository: %v\n%s", err, out)
	}
}

func (s *victim) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.program, "serve")
	s.cmd.Env, s.cmd.Stderr = s.env, &s.logs
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for deadline := time.Now().Add(60 * time.Second); ; {
		resp, err := http.Get(s.address + "/api/health/ready")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the server did not come up: %v\n%s", err, s.logs.String())
		}
	}
}

// kill ends the process that this test started, as kill -9 does.
func (s *victim) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

func (s *victim) do(method, path, body string) (int, map[string]any, error) {
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, s.address+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, err
	}
	var answer map[string]any
	return resp.StatusCode, answer, json.Unmarshal(content, &answer)
}

func (s *victim) ask(method, path, body string) map[string]any {
	s.t.Helper()
	status, answer, err := s.do(method, path, body)
	if err != nil || status >= 300 {
		s.t.Fatalf("%s %s: %d, %v, %v\n%s", method, path, status, answer, err, s.logs.String())
	}
	return answer
}

// analyze asks for an analysis and returns its id once it is acknowledged.
func (s *victim) analyze(repositoryID string) string {
	s.t.Helper()
	id, _ := s.ask("POST", "/api/v1/repositories/"+repositoryID+"/analyze", "{}")["analysis_id"].(string)
	return id
}

// end waits for the end of an analysis and returns its status.
func (s *victim) end(id string, deadline time.Time) string {
	s.t.Helper()
	for {
		status, answer, err := s.do("GET", "/api/v1/analyses/"+id, "")
		if err != nil || status != http.StatusOK {
			s.t.Fatalf("an acknowledged analysis was lost: %d, %v, %v", status, answer, err)
		}
		switch state, _ := answer["status"].(string); state {
		case "completed":
			return state
		case "failed":
			if reason, _ := answer["error"].(string); reason == "" {
				s.t.Errorf("%s failed without a reason: %v", id, answer)
			}
			return state
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("an analysis never ended: %v\n%s", answer, s.logs.String())
		}
		<-time.After(50 * time.Millisecond)
	}
}

// intact asks SQLite whether its file is whole after all that.
func (s *victim) intact(url string) {
	s.t.Helper()
	db, err := database.Open(s.t.Context(), database.Options{URL: url, MustExist: true})
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if db.Engine() != database.SQLite {
		return
	}
	var verdict string
	if err := db.Read().QueryRowContext(s.t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		s.t.Errorf("the file is damaged: %s, %v", verdict, err)
	}
}
