package main

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-enry/go-enry/v2"
)

// lines holds the languages and lines of all files against scc, which reads them
// from the disk and not from git's objects.
func (b *bench) lines(r *repository) error {
	if b.scc == "" {
		return nil
	}
	theirs, err := b.least(nil, b.scc, r.dir)
	if err != nil {
		return err
	}
	ours, err := b.least(nil, b.self, "pass", "lines", r.dir)
	if err != nil {
		return err
	}
	show("scc", theirs)
	show("rampforge, languages and lines", ours)
	target("lines beside scc", "times", ours.wall/theirs.wall, 2)
	return nil
}

// leastSymbols is the size in bytes below which starting a process is what would be measured.
const leastSymbols = 1_000_000

// symbols holds what files declare against universal-ctags.
func (b *bench) symbols(r *repository) error {
	all, err := r.list()
	if err != nil {
		return err
	}
	for _, l := range []struct {
		name       string
		extensions []string
		most       float64
	}{
		{"Go", []string{".go"}, 2}, {"C", []string{".c", ".h"}, 6},
	} {
		var files []string
		size := int64(0)
		for _, f := range all {
			info, err := os.Lstat(filepath.Join(r.dir, f))
			if err == nil && info.Mode().IsRegular() && info.Size() <= 1<<20 && slices.Contains(l.extensions, filepath.Ext(f)) && !strings.Contains(f, "\n") {
				files, size = append(files, filepath.Join(r.dir, f)), size+info.Size()
			}
		}
		if size < leastSymbols {
			continue
		}
		in := []byte(strings.Join(files, "\n") + "\n")
		theirs, err := b.least(in, b.ctags, "-L", "-", "--languages="+l.name, "--map-C=+.h", "-f", filepath.Join(b.dir, "tags"))
		if err != nil {
			return err
		}
		ours, err := b.least(in, b.self, "pass", "symbols", l.name)
		if err != nil {
			return err
		}
		show(fmt.Sprintf("universal-ctags, %.1f MB of %s", float64(size)/1e6, l.name), theirs)
		show("rampforge, the same files", ours)
		target("symbols of "+l.name+" beside ctags", "times", ours.wall/theirs.wall, l.most)
		fmt.Printf("    in processor time %.2f times\n", ours.cpu/theirs.cpu)
	}
	return nil
}

// complexity holds all facts of Go files, complexity among them, against gocyclo,
// in processor time: it reads one file after the other.
func (b *bench) complexity(r *repository) error {
	all, err := r.list()
	if err != nil || b.gocyclo == "" {
		return err
	}
	var files []string
	size := int64(0)
	for _, f := range all {
		name := filepath.Join(r.dir, f)
		info, err := os.Lstat(name)
		if err != nil || !info.Mode().IsRegular() || filepath.Ext(f) != ".go" || strings.Contains(f, "\n") || strings.Contains("/"+f, "/testdata/") || strings.Contains("/"+f, "/vendor/") {
			continue
		}
		if _, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution); err == nil { // else it would end gocyclo
			files, size = append(files, name), size+info.Size()
		}
	}
	if size < leastSymbols {
		return nil
	}
	theirs, err := b.least(nil, append([]string{b.gocyclo, "-over", "0"}, files...)...)
	if err != nil {
		return err
	}
	ours, err := b.least([]byte(strings.Join(files, "\n")+"\n"), b.self, "pass", "symbols", "Go")
	if err != nil {
		return err
	}
	// The tables of this program's languages take longer to set up than a small
	// repository to read, once for all of an analysis.
	start, err := b.least(nil, b.self, "pass", "symbols", "Go")
	if err != nil {
		return err
	}
	show(fmt.Sprintf("gocyclo, %.1f MB of Go", float64(size)/1e6), theirs)
	show("rampforge, all facts of the same files", ours)
	show("rampforge, no file", start)
	target("processor time of Go beside gocyclo", "times", (ours.cpu-start.cpu)/theirs.cpu, 1.3)
	return nil
}

// history holds the pass over the history against git's own.
func (b *bench) history(r *repository) error {
	if r.commits < 2 {
		return nil
	}
	theirs, err := b.least(nil, "git", "-C", r.dir, "log", "-M", "--name-status", "--format=%H %an %ae %ct")
	if err != nil {
		return err
	}
	ours, err := b.least(nil, b.self, "pass", "history", r.dir)
	if err != nil {
		return err
	}
	show("git log -M --name-status", theirs)
	show("rampforge, the history alone", ours)
	target("history, beyond 1.5 times git's", "s", ours.wall-1.5*theirs.wall, 1)
	return nil
}

// analyze runs the program as a person would.
func (b *bench) analyze(r *repository, output string) (cost, error) {
	return measure(nil, []string{"XDG_CACHE_HOME=" + r.cache}, b.rampforge, "analyze", r.dir, "--quiet", "--format", "json", "--output", output)
}

// typicalBytes is the size in bytes of the parsed source that the time and
// memory of a whole analysis are promised for.
const typicalBytes = 20_000_000

// full is the first analysis, with nothing known, then one of the same commit.
func (b *bench) full(r *repository) error {
	if err := os.RemoveAll(r.cache); err != nil {
		return err
	}
	first, second := filepath.Join(b.dir, "first.json"), filepath.Join(b.dir, "second.json")
	c, err := b.analyze(r, first)
	if err != nil {
		return err
	}
	show("rampforge analyze, first", c)
	if r.parsed <= typicalBytes {
		target("a whole analysis", "s", c.wall, 10)
		target("its memory", "MiB", c.memory, 400)
	} else {
		target("its memory", "MiB", c.memory, 2048)
	}
	again, err := b.analyze(r, second)
	if err != nil {
		return err
	}
	show("rampforge analyze, the same commit again", again)
	target("of the first", "%", 100*again.wall/c.wall, 10)
	one, err := os.ReadFile(first)
	if err != nil {
		return err
	}
	two, err := os.ReadFile(second)
	if err != nil {
		return err
	}
	if !bytes.Equal(one, two) {
		return fmt.Errorf("the two reports are not the same bytes")
	}
	return nil
}

// commitsBetween is how many commits there are until the next analysis.
const commitsBetween = 10

// again is the analysis after ten commits, each of which changes one file.
func (b *bench) again(r *repository) error {
	if _, err := os.Stat(r.cache); err != nil { // full was not asked for
		if _, err := b.analyze(r, filepath.Join(b.dir, "first.json")); err != nil {
			return err
		}
	}
	all, err := r.list()
	if err != nil {
		return err
	}
	source := slices.DeleteFunc(all, func(f string) bool {
		info, err := os.Lstat(filepath.Join(r.dir, f))
		return err != nil || !info.Mode().IsRegular() || !parsedExtensions[filepath.Ext(f)]
	})
	if len(source) == 0 {
		return nil
	}
	for n := range commitsBetween {
		name := filepath.Join(r.dir, source[n*(len(source)-1)/commitsBetween])
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(name, append(content, '\n'), 0o600); err != nil {
			return err
		}
		if _, err := r.git("commit", "-qam", fmt.Sprint("One more line ", n)); err != nil {
			return err
		}
	}
	c, err := b.analyze(r, filepath.Join(b.dir, "later.json"))
	if err != nil {
		return err
	}
	show("rampforge analyze, ten commits later", c)
	target("again after ten commits", "s", c.wall, 1)
	return nil
}

// rename moves the folder with the most own source to another name and counts
// what is parsed again.
func (b *bench) rename(r *repository) error {
	before, err := r.git("rev-parse", "HEAD")
	if err != nil {
		return err
	}
	all, err := r.list()
	if err != nil {
		return err
	}
	in := map[string]int{}
	for _, f := range all {
		if top, _, deeper := strings.Cut(f, "/"); deeper && parsedExtensions[filepath.Ext(f)] && !enry.IsVendor(f) {
			in[top]++
		}
	}
	folder := ""
	for name, n := range in {
		if n > in[folder] || n == in[folder] && name < folder {
			folder = name
		}
	}
	if folder == "" {
		return nil
	}
	if _, err := r.git("mv", folder, folder+"-renamed"); err != nil {
		return err
	}
	if _, err := r.git("commit", "-qam", "Rename a folder"); err != nil {
		return err
	}
	after, err := r.git("rev-parse", "HEAD")
	if err != nil {
		return err
	}
	c, err := measure(nil, nil, b.self, "pass", "parses", r.dir, filepath.Join(b.dir, "facts"), before, after)
	if err != nil {
		return err
	}
	_ = os.Remove(filepath.Join(b.dir, "facts"))
	counts := strings.Fields(string(c.out))
	if len(counts) != 2 {
		return fmt.Errorf("the counts are %q", c.out)
	}
	fmt.Printf("  %s files parsed; after the folder %s (%d files) got another name %s\n", counts[0], folder, in[folder], counts[1])
	var again float64
	if _, err := fmt.Sscan(counts[1], &again); err != nil {
		return err
	}
	target("parsed again", "files", again, 0)
	return nil
}
