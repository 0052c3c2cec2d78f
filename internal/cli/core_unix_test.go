//go:build unix

package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

// TestNoCoreDumps runs the program where cores are wanted, with a git that tells
// the limits that it runs under.
func TestNoCoreDumps(t *testing.T) {
	t.Parallel()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &limit); err != nil || limit.Max == 0 {
		t.Skipf("cores are forbidden here already: %v", err)
	}
	program, err := exec.LookPath("rampforge") // this test itself, see TestMain
	if err != nil {
		t.Fatal(err)
	}
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	repo := gittest.Build(t, "-- main.go --\npackage main\n\nfunc main() {}\n-- commit: First --\n")
	for allowed, want := range map[string]string{"": "0 0", "false": "0 0", "no number": "0 0", "true": "1 1", "1": "1 1"} {
		dir := t.TempDir()
		told := filepath.Join(dir, "told")
		script := fmt.Sprintf("#!/bin/sh\necho $(ulimit -S -c) $(ulimit -H -c) >>'%s'\nexec '%s' \"$@\"\n", told, git)
		if err := os.WriteFile(filepath.Join(dir, "git"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		// The limit is one block, whatever it is here.
		cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -c 1 && exec "$0" analyze "$1" --no-cache`, program, repo.Dir)
		cmd.Env = append(os.Environ(), "HOME="+dir, "DATA_DIR="+dir, "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
		if allowed != "" {
			cmd.Env = append(cmd.Env, "CORE_DUMPS="+allowed)
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("CORE_DUMPS=%s: %v\n%s", allowed, err, out)
		}
		limits, err := os.ReadFile(told)
		if err != nil {
			t.Fatalf("CORE_DUMPS=%s: git was not run: %v", allowed, err)
		}
		for got := range strings.Lines(string(limits)) {
			if strings.TrimSpace(got) != want {
				t.Errorf("CORE_DUMPS=%s: git runs under %q, want %q", allowed, strings.TrimSpace(got), want)
				break
			}
		}
	}
}
