// Package apart inspects repositories in a process of their own, so that a
// server answers while it analyses: the child has the least share of the
// processors, and its memory is free again when it ends. The child is the same
// program. It reads a request from its standard input and writes how far it is
// and what came of it to its standard output, as gob; the end of its input is
// the word to stop.
package apart

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// message is what a child says. The one without progress is the last.
type message struct {
	Progress *rampforge.Progress
	Finished *inspect.Finished
	Fault    *fault
}

// fault is an error on its way from one process to another. The cause is text
// from then on.
type fault struct {
	Told    bool // it is for a person, as rampforge.Error is
	Code    rampforge.Code
	Message string
	Fields  []rampforge.FieldIssue
	Details map[string]any
	Retry   time.Duration
	Cause   string
}

func faultOf(err error) *fault {
	e, ok := errors.AsType[*rampforge.Error](err)
	if !ok {
		return &fault{Cause: err.Error()}
	}
	f := &fault{Told: true, Code: e.Code, Message: e.Message, Fields: e.Fields, Details: e.Details, Retry: e.RetryAfter}
	if e.Err != nil {
		f.Cause = e.Err.Error()
	}
	return f
}

func (f *fault) err() error {
	var cause error
	if f.Cause != "" {
		cause = errors.New(f.Cause)
	}
	if !f.Told {
		return cause
	}
	return &rampforge.Error{Code: f.Code, Message: f.Message, Fields: f.Fields, Details: f.Details, RetryAfter: f.Retry, Err: cause}
}

// grace is how long a child that was told to stop may take to tidy up.
const grace = 10 * time.Second

// Inspector inspects in children. Command makes one that is not started yet and
// will call Serve.
type Inspector struct {
	Command func(ctx context.Context) (*exec.Cmd, error)
}

// Inspect reads a repository in a child and returns what came of it. Its
// errors are those of inspect.Inspector.
func (in *Inspector) Inspect(ctx context.Context, r inspect.Request) (*inspect.Finished, error) {
	cmd, err := in.Command(ctx)
	if err != nil {
		return nil, err
	}
	stderr := &tail{}
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting an analysis: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting an analysis: %w", err)
	}
	cmd.Cancel, cmd.WaitDelay = stdin.Close, grace
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting an analysis: %w", err)
	}
	last, errRead := converse(r, stdin, stdout)
	if errRead != nil {
		_ = cmd.Process.Kill() // nobody listens to it any more
	}
	_ = stdin.Close()
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("analysing: %w", context.Cause(ctx))
	case killed(errRead, err):
		return nil, fmt.Errorf("%w: %w: %s", inspect.ErrKilled, err, stderr)
	case errRead != nil || err != nil:
		return nil, fmt.Errorf("the process of the analysis ended without a result: %w: %s", errors.Join(errRead, err), stderr)
	case last.Fault != nil:
		return nil, last.Fault.err()
	}
	return last.Finished, nil
}

// killed reports whether a child was ended by somebody else, as the system does
// when memory is scarce. We end one ourselves that says what cannot be read; one
// that is gone has closed its output.
func killed(errRead, errWait error) bool {
	exit, ok := errors.AsType[*exec.ExitError](errWait)
	if !ok {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	gone := errRead == nil || errors.Is(errRead, io.EOF) || errors.Is(errRead, io.ErrUnexpectedEOF) || errors.Is(errRead, syscall.EPIPE)
	return ok && status.Signaled() && gone
}

// converse sends the request and hears the child to its last message.
func converse(r inspect.Request, to io.Writer, from io.Reader) (message, error) {
	progress := r.Progress
	r.Progress = nil
	if err := gob.NewEncoder(to).Encode(r); err != nil {
		return message{}, fmt.Errorf("sending the request: %w", err)
	}
	decoder := gob.NewDecoder(from)
	for {
		var m message
		if err := decoder.Decode(&m); err != nil {
			return message{}, fmt.Errorf("reading its answer: %w", err)
		}
		if m.Progress == nil {
			return m, nil
		}
		if progress != nil {
			progress(*m.Progress)
		}
	}
}

// tail keeps the end of what a child complains of: a panic is told there.
type tail struct{ kept []byte }

const tailBytes = 16 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.kept = append(t.kept, b...)
	if extra := len(t.kept) - tailBytes; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	return len(b), nil
}

func (t *tail) String() string { return strings.TrimSpace(string(t.kept)) }
