// Command analysis measures the analysis of repositories side by side with the
// tools that do a part of it, one process after the other on the same files, and
// prints each ratio with its target. docs/benchmarks.md says how to read it.
//
//	analysis -rampforge PROGRAM [-scc PROGRAM] [-ctags PROGRAM] [-gocyclo PROGRAM] [-beside PROGRAM] [-rounds N] [-only PARTS] REPOSITORY…
//
// It starts itself for what the program has no command for:
//
//	analysis pass history|lines|symbols|parses …
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// part is what can be asked for with -only.
type part struct {
	name string
	run  func(*bench, *repository) error // nil for together, which takes them all
}

const together = "together"

var parts = []part{
	{"lines", (*bench).lines}, {"symbols", (*bench).symbols}, {"complexity", (*bench).complexity}, {"history", (*bench).history},
	{"full", (*bench).full}, {"again", (*bench).again}, {"rename", (*bench).rename}, {together, nil},
}

// bench is one run.
type bench struct {
	self, rampforge, scc, ctags, gocyclo string
	beside                               string // another version of the program
	only                                 []string
	dir                                  string // of everything that is written
	repeat, rounds                       int
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == "pass" {
		if err := pass(context.Background(), os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, "analysis:", err)
			os.Exit(1)
		}
		return
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "analysis:", err)
		os.Exit(1)
	}
}

func run() error {
	var names []string
	for _, p := range parts {
		names = append(names, p.name)
	}
	var b bench
	flag.StringVar(&b.rampforge, "rampforge", "bin/rampforge", "the program")
	flag.StringVar(&b.scc, "scc", "", "scc 3; none: lines are not compared")
	flag.StringVar(&b.ctags, "ctags", "ctags", "universal-ctags")
	flag.StringVar(&b.gocyclo, "gocyclo", "", "gocyclo 0.6; none: complexity is not compared")
	flag.IntVar(&b.repeat, "repeat", 3, "runs of what takes less than ten seconds; the least counts")
	flag.StringVar(&b.beside, "beside", "", "another version of the program, which takes turns with it in the part together")
	flag.IntVar(&b.rounds, "rounds", 1, "how often the part together is measured")
	only := flag.String("only", strings.Join(names, ","), "parts to measure")
	flag.Parse()
	b.only = strings.Split(*only, ",")
	for _, name := range b.only {
		if !slices.Contains(names, name) {
			return fmt.Errorf("there is no part %q, only %s", name, strings.Join(names, ", "))
		}
	}
	if flag.NArg() == 0 {
		return errors.New("name at least one repository")
	}
	var err error
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "bench-analysis-*"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	return b.all(flag.Args())
}

// all measures part by part, so that a fault of one costs that one only.
func (b *bench) all(paths []string) error {
	var failed []error
	var cloned []*repository
	for i, path := range paths {
		r, err := b.clone(i, path)
		if err != nil {
			return err
		}
		cloned = append(cloned, r)
		if r.files > 0 {
			fmt.Printf("%s: %d commits, %d files, %.1f MB, of it %.1f MB in languages that are parsed\n", r.name, r.commits, r.files, float64(r.bytes)/1e6, float64(r.parsed)/1e6)
		}
		for _, p := range parts {
			if p.run == nil || !slices.Contains(b.only, p.name) {
				continue
			}
			if err := p.run(b, r); err != nil {
				fmt.Printf("  %s: FAILED: %v\n", p.name, err)
				failed = append(failed, fmt.Errorf("%s of %s: %w", p.name, r.name, err))
			}
		}
	}
	if slices.Contains(b.only, together) {
		if err := b.together(cloned); err != nil {
			failed = append(failed, fmt.Errorf("together: %w", err))
		}
	}
	return errors.Join(failed...)
}

// repository is a clone with a work tree that may be changed.
type repository struct {
	name, dir      string
	origin         string // absolute
	commits, files int
	bytes, parsed  int64
	cache          string // XDG_CACHE_HOME of its analyses
}

func (b *bench) clone(n int, path string) (*repository, error) {
	origin, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(origin)
	if name == "repo" || name == ".git" {
		name = filepath.Base(filepath.Dir(origin))
	}
	r := &repository{name: name, origin: origin, dir: filepath.Join(b.dir, fmt.Sprint(n), name), cache: filepath.Join(b.dir, fmt.Sprint(n), "cache")}
	if len(b.only) == 1 && b.only[0] == together { // it needs no files to change
		r.dir = origin
		return r, nil
	}
	if out, err := exec.Command("git", "clone", "-q", "--no-hardlinks", origin, r.dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("git clone: %w: %s", err, out)
	}
	text, err := r.git("rev-list", "--count", "HEAD")
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Sscan(text, &r.commits); err != nil {
		return nil, err
	}
	files, err := r.list()
	if err != nil {
		return nil, err
	}
	r.files = len(files)
	for _, f := range files {
		info, err := os.Lstat(filepath.Join(r.dir, f))
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		r.bytes += info.Size()
		if parsedExtensions[filepath.Ext(f)] {
			r.parsed += info.Size()
		}
	}
	return r, nil
}

// parsedExtensions are for choosing files to change and to speak of sizes.
var parsedExtensions = map[string]bool{
	".go": true, ".py": true, ".js": true, ".jsx": true, ".ts": true, ".tsx": true, ".java": true, ".c": true, ".h": true, ".cc": true, ".cpp": true,
	".hpp": true, ".cs": true, ".rs": true, ".rb": true, ".php": true, ".kt": true,
}

func (r *repository) git(args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-C", r.dir, "-c", "user.name=Bench", "-c", "user.email=bench@example.com"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], err)
	}
	return strings.TrimRight(string(out), "\n\x00"), nil
}

// list returns the paths of all files.
func (r *repository) list() ([]string, error) {
	text, err := r.git("ls-files", "-z")
	if err != nil || text == "" {
		return nil, err
	}
	return strings.Split(text, "\x00"), nil
}
