package mcpclient_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/connector/mcpclient"
)

// TestMain makes of the test's own binary the program that sessions start.
func TestMain(m *testing.M) {
	if act := os.Getenv("MCPCLIENT_TEST_ACT"); act != "" {
		os.Exit(play(act))
	}
	os.Exit(m.Run())
}

// play is what the program does.
func play(act string) int {
	s := lengthy(server())
	mcp.AddTool(s, &mcp.Tool{Name: "get_environment"}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
		text, err := json.Marshal(map[string]any{"env": os.Environ(), "pid": os.Getpid(), "group": syscall.Getpgrp(), "args": os.Args[1:]})
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: string(text)}}}, nil, err
	})
	mcp.AddTool(s, &mcp.Tool{Name: "get_exit"}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, any, error) {
		os.Exit(3)
		return nil, nil, nil
	})
	fmt.Fprintln(os.Stderr, "complaint about", os.Getenv("TOKEN"), strings.Repeat("x", 1<<20))
	switch act {
	case "prose":
		fmt.Println("\x1b[32mready\x1b[0m")
	case "exit":
		return 1
	case "hang":
		time.Sleep(time.Minute)
	case "child":
		child := exec.Command("sleep", "60")
		if err := child.Start(); err != nil {
			return 1
		}
		if err := os.WriteFile(os.Getenv("PID_FILE"), []byte(strconv.Itoa(child.Process.Pid)), 0o600); err != nil {
			return 1
		}
	}
	if err := s.Run(context.Background(), &mcp.StdioTransport{}); err != nil {
		return 1
	}
	return 0
}

func programs(t *testing.T, act string, more map[string]string) mcpclient.Programs {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"MCPCLIENT_TEST_ACT": act, "TOKEN": "{{.token}}", "BASIC": `{{base64 (printf "me:%s" .token)}}`}
	maps.Copy(env, more)
	return mcpclient.Programs{"own": {ServiceType: rampforge.ServiceGitHub, Command: self, Args: []string{"-quiet"}, Env: env}}
}

func stdio(p mcpclient.Programs) mcpclient.Options {
	return mcpclient.Options{
		Service:     rampforge.Service{Type: rampforge.ServiceGitHub, Endpoint: "stdio:own", Timeout: 5},
		Credentials: map[string]string{"token": "sesame-0123"}, Programs: p,
	}
}

func TestAProgram(t *testing.T) {
	t.Setenv("RAMPFORGE_TEST_SECRET", "for nobody else")
	c := session(t, stdio(programs(t, "serve", nil)))
	said(t, c, "by stdio")
	res, err := c.Call(t.Context(), nil, mcpclient.Signature{Name: "get_environment"})
	var told struct {
		Env        []string
		Args       []string
		PID, Group int
	}
	if err != nil || json.Unmarshal(res.JSON, &told) != nil {
		t.Fatal(err)
	}
	all := strings.Join(told.Env, "\n")
	if strings.Contains(all, "RAMPFORGE_TEST_SECRET") || !strings.Contains(all, "TOKEN=sesame-0123\n") && !strings.HasSuffix(all, "TOKEN=sesame-0123") || !strings.Contains(all, "BASIC=bWU6c2VzYW1lLTAxMjM=") || len(told.Env) != 7 {
		t.Errorf("the environment is\n%s", all)
	}
	if told.Group != told.PID || told.Group == syscall.Getpgrp() {
		t.Errorf("process %d is of the group %d", told.PID, told.Group)
	}
	if strings.Contains(strings.Join(told.Args, " "), "sesame") {
		t.Error("everybody on the machine can read arguments")
	}
	if _, err := c.Call(t.Context(), nil, mcpclient.Signature{Name: "get_exit"}); connector.Reason(err) != connector.ReasonUnreachable {
		t.Errorf("a program that ends in a call: %v", err)
	}
	said(t, c, "by a new one")
	var home string
	for _, v := range told.Env {
		if dir, ok := strings.CutPrefix(v, "HOME="); ok {
			home = dir
		}
	}
	if _, err := os.Stat(home); !os.IsNotExist(err) {
		t.Errorf("the folder of the program that ended is still there: %v", err)
	}
}

func TestProgramsThatDoNotServe(t *testing.T) {
	t.Parallel()
	for act, want := range map[string]string{"exit": connector.ReasonUnreachable, "prose": connector.ReasonUnreachable, "hang": connector.ReasonTimeout} {
		t.Run(act, func(t *testing.T) {
			t.Parallel()
			o := stdio(programs(t, act, nil))
			if o.Service.Timeout = 20; want == connector.ReasonTimeout {
				o.Service.Timeout = 2
			}
			_, err := session(t, o).Call(t.Context(), map[string]any{"text": "x"}, echo)
			if got := connector.Reason(err); got != want {
				t.Errorf("%q (%v), want %q", got, err, want)
			}
			if strings.Contains(fmt.Sprint(err), "sesame") {
				t.Errorf("the error holds a credential: %v", err)
			}
		})
	}
}

func TestNoProgramOfThatNameOrType(t *testing.T) {
	t.Parallel()
	p := programs(t, "serve", nil)
	for name, change := range map[string]func(*mcpclient.Options){
		"unknown":             func(o *mcpclient.Options) { o.Service.Endpoint = "stdio:other" },
		"a path":              func(o *mcpclient.Options) { o.Service.Endpoint = "stdio:" + p["own"].Command },
		"of another type":     func(o *mcpclient.Options) { o.Service.Type = rampforge.ServiceJira },
		"none is allowed":     func(o *mcpclient.Options) { o.Programs = nil },
		"without credentials": func(o *mcpclient.Options) { o.Credentials = nil },
	} {
		o := stdio(p)
		change(&o)
		if _, err := session(t, o).Call(t.Context(), map[string]any{"text": "x"}, echo); connector.Reason(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAProgramEndsWithAllThatItStarted looks for a process that it left.
func TestAProgramEndsWithAllThatItStarted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pid")
	c := session(t, stdio(programs(t, "child", map[string]string{"PID_FILE": file})))
	said(t, c, "x")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil || syscall.Kill(pid, 0) != nil {
		t.Fatalf("the child %q never ran: %v", text, err)
	}
	c.Close()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") { // gone, or only not collected by its new parent
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the child is still there")
		}
	}
}

func TestLoadPrograms(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string, mode os.FileMode) string {
		path := filepath.Join(t.TempDir(), "programs.json")
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := fmt.Sprintf(`{"programs":{"own":{"service_type":"github","command":%q,"args":["stdio"],"env":{"A":"{{.token}}"}}}}`, self)
	p, err := mcpclient.LoadPrograms(write(good, 0o600))
	if err != nil || p["own"].Command != self || p["own"].Args[0] != "stdio" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := mcpclient.LoadPrograms(write(good, 0o622)); err == nil {
		t.Error("a file that everybody may write")
	}
	_, err = mcpclient.LoadPrograms(write(`{"programs":{"a b":{"service_type":"svn","command":"npx","env":{"X=":"{{.token"}},"c":{"service_type":"jira","command":"/no/such/file"}}}`, 0o600))
	for _, want := range []string{"absolute", "service_type", "env", "slashes", "does not exist"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not speak of %s", err, want)
		}
	}
	for _, bad := range []string{`{"programmes":{}}`, `nothing`, ``} {
		if _, err := mcpclient.LoadPrograms(write(bad, 0o600)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, err := mcpclient.LoadPrograms(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there")
	}
}
