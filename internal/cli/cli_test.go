package cli_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rampforgeai/rampforge/internal/cli"
	"github.com/rampforgeai/rampforge/internal/connector/github/githubtest"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"rampforge": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs the program as its users do, by the scripts beside this
// file. Those that use a database run on both.
func TestScripts(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, dir string, url func(testing.TB) string) {
		testscript.Run(t, testscript.Params{
			Dir:                 filepath.Join("testdata", dir),
			RequireExplicitExec: true,
			RequireUniqueNames:  true,
			Cmds:                commands(),
			Condition: func(name string) (bool, error) {
				if name == "redis" {
					return redisAnswers()
				}
				if name != "postgres" {
					return false, fmt.Errorf("the condition %q is not known", name)
				}
				return dir == "database" && url != nil && strings.HasSuffix(t.Name(), "postgres"), nil
			},
			Setup: func(env *testscript.Env) error {
				home := filepath.Join(env.WorkDir, "home")
				for k, v := range map[string]string{
					"HOME": home, "XDG_CACHE_HOME": filepath.Join(home, "cache"), "DATA_DIR": filepath.Join(env.WorkDir, "data"),
					"DEBUG": "true", "BCRYPT_COST": "4", "LOG_FORMAT": "json", "JOB_HEARTBEAT": "200ms", "API_PORT": freePort(t), "OTHER_PORT": freePort(t),
					"LOCAL_REPOSITORY_ROOTS": env.WorkDir, "NO_COLOR": "1",
				} {
					env.Setenv(k, v)
				}
				tb, ok := env.T().(testing.TB)
				if !ok {
					return fmt.Errorf("%T gives no databases", env.T())
				}
				forge := httptest.NewServer(gittest.Handler(tb, env.WorkDir, "made-up-forge-token"))
				tb.Cleanup(forge.Close)
				env.Setenv("FORGE", forge.Listener.Addr().String())
				env.Setenv("PACKAGE", packageDir)
				if url != nil {
					watch(tb, env)
					env.Setenv("METRICS_PORT", freePort(t))
					env.Setenv("REDIS", redisURL())
					env.Setenv("DATABASE_URL", url(tb))
					env.Setenv("GITHUB", github(tb))
					env.Setenv("GEMINI", gemini(tb))
					env.Setenv("EMBEDDINGS", llmtest.Embeddings(tb, func(int) llmtest.Reply { return llmtest.Reply{Turn: llmtest.Turn{Dimensions: 512}} }).URL)
				}
				return os.MkdirAll(home, 0o700)
			},
		})
	}
	t.Run("plain", func(t *testing.T) { t.Parallel(); run(t, "script", nil) })
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); run(t, "database", storetest.SQLiteURL) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); run(t, "database", storetest.PostgresURL) })
}

// github starts a fake GitHub and returns its address. PUT /outage makes it
// fail, DELETE /outage makes it work again.
func github(tb testing.TB) string {
	fake := githubtest.New(githubtest.Options{Issues: 12, Pulls: 4, Commits: 5, Runs: 2, Deploys: 2})
	var down atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/outage":
			down.Store(r.Method == http.MethodPut)
		case down.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			fake.ServeHTTP(w, r)
		}
	}))
	fake.URL = server.URL
	tb.Cleanup(server.Close)
	return server.URL
}

// gemini starts a server that speaks as Gemini does, and returns its address. It
// answers one question of ask.txtar, also with what the sources do not bear out,
// and is unavailable from then on.
func gemini(tb testing.TB) string {
	said := "A customer has a discount of ten percent from the third order on [1].\n\nOn Sundays everything is free [1].\n"
	away := llmtest.Reply{Fault: llmtest.Unavailable}
	return llmtest.Gemini(tb, llmtest.Reply{Turn: llmtest.Text(said)}, away, away, away).URL
}

// outage begins or ends an outage of the fake GitHub.
func outage(ts *testscript.TestScript, neg bool, _ []string) {
	method := http.MethodPut
	if neg {
		method = http.MethodDelete
	}
	r, err := http.NewRequest(method, ts.Getenv("GITHUB")+"/outage", http.NoBody)
	ts.Check(err)
	resp, err := http.DefaultClient.Do(r)
	ts.Check(err)
	ts.Check(resp.Body.Close())
}

// becomes PATH TEXT asks the server until its answer holds the text.
func becomes(ts *testscript.TestScript, neg bool, args []string) {
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		request(ts, neg, []string{"200", "GET", args[0]})
		said := ts.ReadFile("answer")
		if strings.Contains(said, args[1]) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s never says %s: %s", args[0], args[1], said)
		}
	}
}

// redisAnswers reports whether there is a Redis; in CI there must be.
func redisAnswers() (bool, error) {
	u, err := url.Parse(redisURL())
	if err != nil {
		return false, err
	}
	conn, err := net.DialTimeout("tcp", u.Host, 5*time.Second)
	if err != nil && os.Getenv("CI") == "" {
		return false, nil //nolint:nilerr // the script is skipped
	}
	if err != nil {
		return false, err
	}
	return true, conn.Close()
}

func redisURL() string { return cmp.Or(os.Getenv("RAMPFORGE_TEST_REDIS"), "redis://127.0.0.1:6379") }

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

func commands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"repo": repo, "exits": exits, "request": request, "ready": ready, "field": field, "backup": backup,
		"outage": outage, "becomes": becomes, "upload": upload, "halfway": halfway,
		"span": spanned, "told": complained, "untold": untold, "statement": statement, "scrape": scrape, "exported": exported, "native": native, "profile": profile,
	}
}

// repo DIR commits everything in DIR as a git repository with one author and
// fixed dates; a second call commits what changed since.
func repo(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	git := func(args ...string) {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
			"GIT_AUTHOR_NAME=Ada Example", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_AUTHOR_DATE=2026-01-05T10:00:00Z",
			"GIT_COMMITTER_NAME=Ada Example", "GIT_COMMITTER_EMAIL=ada@example.com", "GIT_COMMITTER_DATE=2026-01-05T10:00:00Z")
		if out, err := cmd.CombinedOutput(); err != nil {
			ts.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	ts.Check(os.MkdirAll(dir, 0o755))
	if _, err := os.Stat(filepath.Join(dir, ".git")); err != nil {
		git("init", "-q", "-b", "main")
	}
	git("add", "-A")
	git("commit", "-q", "--allow-empty", "-m", "Everything")
}

// exits CODE PROGRAM ARGS… runs a program and compares its exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("%s ended with %d, want %s", strings.Join(args[1:], " "), code, args[0])
	}
}

func base(ts *testscript.TestScript) string { return "http://127.0.0.1:" + ts.Getenv("API_PORT") }

// ready waits until the server answers.
func ready(ts *testscript.TestScript, _ bool, _ []string) {
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); {
		resp, err := http.Get(base(ts) + "/api/health/ready")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
	}
	ts.Fatalf("the server was not ready within a minute")
}

// request STATUS METHOD PATH [BODY [HEADER…]] asks the server and keeps the
// answer in the file answer. $TOKEN goes along when it is set.
func request(ts *testscript.TestScript, _ bool, args []string) {
	var body io.Reader
	if len(args) > 3 && args[3] != "" {
		body = strings.NewReader(args[3])
	}
	r, err := http.NewRequest(args[1], base(ts)+args[2], body)
	ts.Check(err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token := ts.Getenv("TOKEN"); token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, header := range args[min(4, len(args)):] {
		k, v, _ := strings.Cut(header, ": ")
		r.Header.Set(k, v)
	}
	client := http.Client{Timeout: 70 * time.Second}
	resp, err := client.Do(r)
	ts.Check(err)
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), content, 0o600))
	if fmt.Sprint(resp.StatusCode) != args[0] {
		ts.Fatalf("%s %s: %d, want %s: %.500s", args[1], args[2], resp.StatusCode, args[0], content)
	}
}

// upload STATUS PATH FILE sends a file as its body and keeps the answer in the
// file answer.
func upload(ts *testscript.TestScript, neg bool, args []string) {
	request(ts, neg, []string{args[0], http.MethodPost, args[1], ts.ReadFile(args[2]), "Content-Type: application/octet-stream", `Content-Disposition: attachment; filename="` + args[2] + `"`})
}

// halfway PATH CASES begins to send an event log of so many cases, and never
// ends. It returns when most of it was taken.
func halfway(ts *testscript.TestScript, _ bool, args []string) {
	cases, err := strconv.Atoi(args[1])
	ts.Check(err)
	body, to := io.Pipe()
	r, err := http.NewRequest(http.MethodPost, base(ts)+args[0], body)
	ts.Check(err)
	r.Header.Set("Authorization", "Bearer "+ts.Getenv("TOKEN"))
	go func() {
		if resp, err := http.DefaultClient.Do(r); err == nil { // the server dies before it answers
			_ = resp.Body.Close()
		}
	}()
	_, err = io.WriteString(to, "<log>")
	for i := 0; i < cases && err == nil; i++ {
		_, err = fmt.Fprintf(to, `<trace><string key="concept:name" value="case %d"/><event><string key="concept:name" value="Open"/><date key="time:timestamp" value="2024-01-01T10:00:00Z"/></event></trace>`, i)
	}
	ts.Check(err)
}

// field NAME VARIABLE puts a field of the last answer into a variable.
func field(ts *testscript.TestScript, _ bool, args []string) {
	content, err := os.ReadFile(ts.MkAbs("answer"))
	ts.Check(err)
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.UseNumber()
	var v any
	ts.Check(dec.Decode(&v))
	for name := range strings.SplitSeq(args[0], ".") {
		object, ok := v.(map[string]any)
		if !ok {
			ts.Fatalf("the answer has no field %s: %.500s", args[0], content)
		}
		v = object[name]
	}
	ts.Setenv(args[1], fmt.Sprint(v))
}

// backup makes a backup and, where the program itself makes one, opens it in
// the database's place.
func backup(ts *testscript.TestScript, _ bool, _ []string) {
	if strings.HasPrefix(ts.Getenv("DATABASE_URL"), "postgres") {
		exits(ts, false, []string{"1", "rampforge", "backup", "copy.db"})
		if said := ts.ReadFile("stderr"); !strings.Contains(said, "pg_dump") {
			ts.Fatalf("backup says %q", said)
		}
		return
	}
	ts.Check(ts.Exec("rampforge", "backup", "copy.db"))
	exits(ts, false, []string{"1", "rampforge", "backup", "copy.db"})
	if said := ts.ReadFile("stderr"); !strings.Contains(said, "copy.db") {
		ts.Fatalf("a backup over a backup says %q", said)
	}
	ts.Setenv("DATABASE_URL", "sqlite:///"+ts.MkAbs("copy.db"))
	ts.Check(ts.Exec("rampforge", "user", "list"))
	if said := ts.ReadFile("stdout"); !strings.Contains(said, "ada@example.com") {
		ts.Fatalf("the copy holds %q", said)
	}
}
