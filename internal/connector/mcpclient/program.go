package mcpclient

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"text/template"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
)

// ProgramSpec is an MCP server that the operator lets this program start. Who
// may add services may use it and cannot change anything about it.
type ProgramSpec struct {
	ServiceType rampforge.ServiceType `json:"service_type"` // whose services may use it
	Command     string                `json:"command"`      // absolute path; no shell
	Args        []string              `json:"args"`
	// Env is all that the program finds in its environment, besides PATH, HOME,
	// TMPDIR and LANG. Values are templates of text/template over the service's
	// credentials: {{.token}}, {{base64 (printf "%s:%s" .username .api_token)}}.
	Env map[string]string `json:"env"`
}

// Programs are the programs that may be started, by the name that endpoints
// call them (stdio:NAME).
type Programs map[string]ProgramSpec

const (
	maxProgramsFile = 1 << 20
	// terminate is how long a program may take to end after its input has.
	terminate = 2 * time.Second
)

// LoadPrograms reads the file in which the operator lists programs:
//
//	{"programs": {"github": {"service_type": "github", "command": "/usr/local/bin/github-mcp-server",
//	  "args": ["stdio", "--read-only"], "env": {"GITHUB_PERSONAL_ACCESS_TOKEN": "{{.token}}"}}}}
//
// All faults of the file are told at once.
func LoadPrograms(path string) (Programs, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Mode().IsRegular() && info.Mode().Perm()&0o022 != 0 {
		return nil, errors.Join(err, errors.New("others than its owner may write it: chmod go-w"))
	}
	text, err := io.ReadAll(io.LimitReader(f, maxProgramsFile+1))
	if err != nil || len(text) > maxProgramsFile {
		return nil, errors.Join(err, fmt.Errorf("it must have at most %d bytes", maxProgramsFile))
	}
	var file struct {
		Programs Programs `json:"programs"`
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("it is not JSON of the form that is documented: %w", err)
	}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(file.Programs)) {
		for _, err := range file.Programs[name].faults() {
			faults = append(faults, fmt.Errorf("program %q: %w", name, err))
		}
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '/' }) {
			faults = append(faults, fmt.Errorf("program %q: the name must be visible ASCII without spaces and slashes", name))
		}
	}
	return file.Programs, errors.Join(faults...)
}

func (p ProgramSpec) faults() []error {
	var faults []error
	if !p.ServiceType.Valid() {
		faults = append(faults, errors.New("service_type must be one of the service types"))
	}
	info, err := os.Stat(p.Command)
	switch {
	case !filepath.IsAbs(p.Command):
		faults = append(faults, errors.New("command must be an absolute path"))
	case errors.Is(err, fs.ErrNotExist):
		faults = append(faults, errors.New("command does not exist"))
	case err != nil, !info.Mode().IsRegular(), info.Mode().Perm()&0o111 == 0:
		faults = append(faults, errors.New("command must be a file that may be run"))
	case info.Mode().Perm()&0o002 != 0:
		faults = append(faults, errors.New("command may be written by everybody: chmod o-w"))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Env)) {
		if _, err := envTemplate(p.Env[name]); err != nil || name == "" || strings.ContainsAny(name, "=\x00") {
			faults = append(faults, fmt.Errorf("env %q: it is no name, or its value no template over the credentials", name))
		}
	}
	return faults
}

func envTemplate(text string) (*template.Template, error) {
	return template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	}).Parse(text)
}

// environment is what a program finds, and nothing of what this process has:
// the operator's own secrets are not for it.
func (p ProgramSpec) environment(credentials map[string]string, home string) ([]string, error) {
	env := []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=" + home, "TMPDIR=" + home}
	for _, name := range slices.Sorted(maps.Keys(p.Env)) {
		t, err := envTemplate(p.Env[name])
		if err != nil {
			return nil, err
		}
		var value strings.Builder
		if err := t.Execute(&value, credentials); err != nil {
			return nil, errors.New("a value needs a credential that the service does not have")
		}
		if strings.ContainsRune(value.String(), 0) {
			return nil, errors.New("a value holds a null byte")
		}
		env = append(env, name+"="+value.String())
	}
	return env, nil
}

// start starts a program for the life of ctx.
func (s *Session) start(ctx context.Context, name string) (mcp.Transport, func(), error) {
	spec, known := s.options.Programs[name]
	if !known || spec.ServiceType != s.options.Service.Type {
		return nil, nil, connector.Errorf(connector.ReasonUnsupported, "The operator of this server allows no program of that name for services of this type.",
			"Ask them to list it in the file of MCP_PROGRAMS_FILE, or use a server that is reached by https.", nil)
	}
	home, err := os.MkdirTemp("", "rampforge-mcp-")
	if err != nil {
		return nil, nil, unstarted(err)
	}
	env, err := spec.environment(s.options.Credentials, home)
	if err != nil {
		_ = os.RemoveAll(home)
		return nil, nil, unstarted(err)
	}
	cmd := exec.CommandContext(ctx, spec.Command, spec.Args...) //nolint:gosec // from the operator's file, without a shell
	cmd.Env, cmd.Dir = env, home
	log := &complaints{limit: maxComplaints}
	cmd.Stderr = log
	cmd.WaitDelay = terminate
	ownGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd) }
	var once sync.Once
	end := func() {
		once.Do(func() {
			_ = killGroup(cmd) // and what it has started: the program itself has mostly ended
			_ = os.RemoveAll(home)
			if text := s.redacted(log.String()); text != "" {
				s.options.Logger.DebugContext(ctx, "an MCP server ended", slog.String("service_id", s.options.Service.ID), slog.String("program", name), slog.String("stderr", text))
			}
		})
	}
	return startOnly{&mcp.CommandTransport{Command: cmd, TerminateDuration: terminate}}, end, nil
}

// startOnly tells a program that does not start from one that says nonsense.
type startOnly struct{ transport *mcp.CommandTransport }

// Connect implements mcp.Transport.
func (t startOnly) Connect(ctx context.Context) (mcp.Connection, error) {
	conn, err := t.transport.Connect(ctx)
	if err != nil {
		return nil, unstarted(err)
	}
	return conn, nil
}

func unstarted(err error) error {
	return connector.Errorf(connector.ReasonUnreachable, "The MCP server's program could not be started.",
		"Ask the operator of this server to look at the file of MCP_PROGRAMS_FILE.", err)
}

// redacted is what a program complained of, without credentials.
func (s *Session) redacted(text string) string {
	for _, v := range s.options.Credentials {
		if len(v) >= 4 {
			text = strings.ReplaceAll(text, v, "••••")
			text = strings.ReplaceAll(text, base64.StdEncoding.EncodeToString([]byte(v)), "••••")
		}
	}
	return Visible(text)
}

// maxComplaints is how much of a program's error output is kept, in bytes.
const maxComplaints = 4 << 10

// complaints keeps the beginning of what is written to it.
type complaints struct {
	mu    sync.Mutex
	text  []byte
	limit int
}

func (c *complaints) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text = append(c.text, p[:min(len(p), c.limit-len(c.text))]...)
	return len(p), nil
}

func (c *complaints) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.text)
}
