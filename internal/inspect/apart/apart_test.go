package apart_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/inspect/apart"
)

// role is the variable that makes this test program a child.
const role = "APART_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "":
		os.Exit(m.Run())
	case "inspect":
		in, err := inspector()
		if err == nil {
			err = apart.Serve(context.Background(), in, os.Stdin, os.Stdout)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "panic":
		panic("the parser has eaten itself")
	case "killed":
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		panic(err)
	case "deaf": // hears nothing and says nothing until somebody ends it
		time.Sleep(time.Hour)
	}
}

func inspector() (*inspect.Inspector, error) {
	guard, err := httpclient.NewGuard(httpclient.Options{})
	if err != nil {
		return nil, err
	}
	return inspect.New(inspect.Options{Guard: guard, Parsers: builtin.Parsers()}), nil
}

func child(as string) *apart.Inspector {
	return &apart.Inspector{Command: func(ctx context.Context) (*exec.Cmd, error) {
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(os.Environ(), role+"="+as)
		return cmd, nil
	}}
}

const shop = `
-- go.mod --
module example.com/shop
-- main.go --
package main

import "example.com/shop/cart"

func main() { cart.Checkout(3) }
-- cart/cart.go --
package cart

// Checkout ends the purchase of n things.
func Checkout(n int) bool { return n > 0 }
-- commit: Everything --
`

func TestChildFindsTheSame(t *testing.T) {
	t.Parallel()
	repo := gittest.Build(t, shop)
	var told []string
	request := inspect.Request{Source: repo.Dir, Name: "Shop", AllowLocal: true, Type: rampforge.AnalysisFull}
	request.Progress = func(p rampforge.Progress) { told = append(told, p.Stage) }
	got, err := child("inspect").Inspect(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	in, err := inspector()
	if err != nil {
		t.Fatal(err)
	}
	request.Progress = nil
	result, err := in.Inspect(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	want, err := result.Finish()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("in the process (-) and in a child (+): %s", diff)
	}
	if len(got.Index) == 0 || len(got.Signed) == 0 || got.Files != 3 || got.Commit != repo.Hash("HEAD") {
		t.Errorf("an index of %d bytes, %d signatures, %d files, commit %s", len(got.Index), len(got.Signed), got.Files, got.Commit)
	}
	if !strings.Contains(strings.Join(told, ", "), "resolving imports") {
		t.Errorf("told of %q", told)
	}
}

// TestFaultCrosses keeps what a person is told, and the reason that programs see.
func TestFaultCrosses(t *testing.T) {
	t.Parallel()
	request := inspect.Request{Source: t.TempDir(), AllowLocal: true}
	_, err := child("inspect").Inspect(t.Context(), request)
	in, errNew := inspector()
	if errNew != nil {
		t.Fatal(errNew)
	}
	_, want := in.Inspect(t.Context(), request)
	if want == nil || err == nil || git.Reason(err) != git.ReasonNotARepository {
		t.Fatalf("%v and in a child %v", want, err)
	}
	if rampforge.ErrorMessage(err) != rampforge.ErrorMessage(want) || rampforge.ErrorCode(err) != rampforge.ErrorCode(want) || err.Error() != want.Error() {
		t.Errorf("%v became %v", want, err)
	}
}

// TestChildThatDies is no rampforge.Error: a person hears of a fault of ours, and
// the log has the child's last words.
func TestChildThatDies(t *testing.T) {
	t.Parallel()
	_, err := child("panic").Inspect(t.Context(), inspect.Request{Source: t.TempDir(), AllowLocal: true})
	if err == nil || !strings.Contains(err.Error(), "the parser has eaten itself") {
		t.Errorf("it came to %v", err)
	}
	if _, told := errors.AsType[*rampforge.Error](err); told {
		t.Errorf("a person would be told %v", err)
	}
	if errors.Is(err, inspect.ErrKilled) {
		t.Errorf("it ended by itself: %v", err)
	}
	if _, err := child("killed").Inspect(t.Context(), inspect.Request{Source: t.TempDir(), AllowLocal: true}); !errors.Is(err, inspect.ErrKilled) {
		t.Errorf("one that was killed came to %v", err)
	}
}

var errStopped = errors.New("nobody wants it any more")

func TestStopping(t *testing.T) {
	t.Parallel()
	t.Run("while it works", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		request := inspect.Request{Source: gittest.Build(t, shop).Dir, AllowLocal: true}
		request.Progress = func(rampforge.Progress) { cancel(errStopped) }
		if _, err := child("inspect").Inspect(ctx, request); !errors.Is(err, errStopped) {
			t.Errorf("it came to %v", err)
		}
	})
	t.Run("a child that does not hear", func(t *testing.T) {
		t.Parallel()
		if testing.Short() {
			t.Skip("waits for the time that a child is given")
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(100*time.Millisecond, func() { cancel(errStopped) })
		begin := time.Now()
		if _, err := child("deaf").Inspect(ctx, inspect.Request{Source: t.TempDir(), AllowLocal: true}); !errors.Is(err, errStopped) {
			t.Errorf("it came to %v", err)
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("it was ended after %v", took)
		}
	})
}
