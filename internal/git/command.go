package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// memoryLimit bounds the private memory of one git process. The index of a
// pack with ten million objects needs about 1 GiB.
const memoryLimit = 4 << 30

// program is git with one environment. Every call is a process of its own.
type program struct {
	what   string // the repository as a person knows it
	env    []string
	config []setting
	secret []string // never to be seen in an error
}

// setting is one configuration value. Settings reach git by the environment:
// arguments can be read by every user of the machine.
type setting struct{ key, value string }

// passed are the variables of our own environment that git gets: where
// programs and temporary files are, and which authorities to trust.
var passed = []string{"PATH", "TMPDIR", "GIT_EXEC_PATH", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR"}

// environ is what git sees: built from nothing, so that no configuration,
// credential, proxy or prompt of the machine's user takes part.
func environ(extra ...string) []string {
	env := []string{
		"HOME=" + os.DevNull, // no .netrc, no .config
		"LC_ALL=C", "TZ=UTC",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_ATTR_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=", "GIT_PAGER=cat",
		"GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1",
		"GIT_FLUSH=0", // output in large pieces
	}
	for _, name := range passed {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return append(env, extra...)
}

// readConfig is the configuration of every call: what could run a program or
// leave the machine is off, and what would change a result has one value.
func readConfig() []setting {
	return []setting{
		{"protocol.allow", "never"},
		{"safe.directory", "*"},
		{"core.hooksPath", os.DevNull},
		{"core.fsmonitor", "false"},
		{"core.attributesFile", os.DevNull},
		{"core.sshCommand", "false"},
		{"credential.helper", ""},
		{"log.showSignature", "false"},
		{"diff.external", ""},
		{"gc.auto", "0"},
		{"maintenance.auto", "false"},
		{"submodule.recurse", "false"},
		// Larger blobs are streamed and never compared for renames.
		{"core.bigFileThreshold", "64m"},
		{"core.deltaBaseCacheLimit", "96m"},
		{"i18n.commitEncoding", "UTF-8"},
	}
}

// allow names the protocols that a call may use; none is the default. The
// variable overrides what a repository's own configuration allows.
func (p *program) allow(protocols string) *program {
	with := *p
	with.env = append(append([]string(nil), p.env...), "GIT_ALLOW_PROTOCOL="+protocols)
	return &with
}

func (p *program) environment() []string {
	env := append([]string(nil), p.env...)
	for i, s := range p.config {
		n := strconv.Itoa(i)
		env = append(env, "GIT_CONFIG_KEY_"+n+"="+s.key, "GIT_CONFIG_VALUE_"+n+"="+s.value)
	}
	return append(env, "GIT_CONFIG_COUNT="+strconv.Itoa(len(p.config)))
}

// process is one running git.
type process struct {
	program *program
	ctx     context.Context //nolint:containedctx // of this one call, to tell its end from git's
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	stdout  io.ReadCloser
	stderr  *tail
	name    string
}

// start runs git. Cancelling ctx kills it with everything it started. The
// caller reads stdout to its end and then calls wait, or calls kill.
func (p *program) start(ctx context.Context, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, "git", args...) //nolint:gosec // arguments are ours or checked
	cmd.Env = p.environment()
	cmd.Dir = os.TempDir() // no folder of a user is pinned or searched
	stderr := &tail{}
	cmd.Stderr = stderr
	setGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd) }
	cmd.WaitDelay = 5 * time.Second
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting git: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting git: %w", err)
	}
	if err := startProcess(cmd); err != nil {
		return nil, classify(err, p.what)
	}
	return &process{program: p, ctx: ctx, cmd: cmd, stdin: stdin, stdout: stdout, stderr: stderr, name: args[0]}, nil
}

// wait returns an error unless git ended by itself with status 0.
func (r *process) wait() error {
	err := r.cmd.Wait()
	processEnded(r.cmd)
	if r.ctx.Err() != nil {
		return classify(context.Cause(r.ctx), r.program.what)
	}
	if err == nil {
		return nil
	}
	failed := &exitError{command: r.name, code: -1, stderr: redact(r.stderr.String(), r.program.secret)}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		failed.code = exit.ExitCode()
		status, known := exit.Sys().(syscall.WaitStatus)
		failed.killed = known && status.Signaled()
	}
	return classify(failed, r.program.what)
}

// kill ends git when its output is of no use any more.
func (r *process) kill() {
	_ = killGroup(r.cmd) // it may have ended by itself
	_ = r.wait()
}

// output runs git and returns what it wrote, at most limit bytes of it.
func (p *program) output(ctx context.Context, limit int64, args ...string) ([]byte, error) {
	return p.feed(ctx, limit, nil, args...)
}

// feed is output with an input.
func (p *program) feed(ctx context.Context, limit int64, input []byte, args ...string) ([]byte, error) {
	run, err := p.start(ctx, args...)
	if err != nil {
		return nil, err
	}
	go func() {
		_, _ = run.stdin.Write(input) // git that ends early says why by itself
		_ = run.stdin.Close()
	}()
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(run.stdout, limit+1))
	if n > limit {
		run.kill()
		return nil, fault(ReasonTooLarge, nil, "The answer of git %s about %s is longer than %d bytes.", args[0], p.what, limit)
	}
	if errWait := run.wait(); errWait != nil {
		return nil, errWait
	}
	if err != nil {
		return nil, fmt.Errorf("reading git %s: %w", args[0], err)
	}
	return out.Bytes(), nil
}

// exitError is git's own word that it failed.
type exitError struct {
	command string
	code    int
	stderr  string // redacted
	refused bool   // see Refused
	killed  bool   // by a signal
}

func (e *exitError) Error() string {
	return fmt.Sprintf("git %s ended with status %d: %s", e.command, e.code, e.stderr)
}

// tail keeps the last bytes that were written to it, and shows each line to
// watch.
type tail struct {
	mu    sync.Mutex
	kept  []byte
	watch func(line string)
}

const tailBytes = 8 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.watch != nil {
		t.watch(string(b))
	}
	for _, c := range b {
		if c == '\r' { // a line of progress, which the next one overwrites
			t.kept = t.kept[:bytes.LastIndexByte(t.kept, '\n')+1]
			continue
		}
		t.kept = append(t.kept, c)
	}
	if extra := len(t.kept) - tailBytes; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(b), nil
}

func (t *tail) setWatch(watch func(string)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watch = watch
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.kept)
}
