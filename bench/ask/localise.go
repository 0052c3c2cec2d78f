package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// change is a commit that is asked for.
type change struct {
	commit, parent, message string
	files                   map[string]bool // that it changed, and that were there before
}

// maxChanged is how many files a commit may change that says what it is about.
const maxChanged = 10

func localise(ctx context.Context, o options, dir string) error {
	changes, err := changesOf(ctx, o)
	if err != nil {
		return err
	}
	w, err := newWorkbench(ctx, o, dir)
	if err != nil {
		return err
	}
	defer w.close()
	var ours, bm25, grep score
	started := time.Now()
	for i, c := range changes {
		if err := w.moveTo(ctx, c.parent); err != nil {
			return err
		}
		wanted := w.analysed(c.files)
		if len(wanted) == 0 {
			continue
		}
		list, err := w.find(ctx, c.message)
		if err != nil {
			return err
		}
		at := rank(list, wanted)
		ours.ranks = append(ours.ranks, at)
		plain := rank(w.files.bm25(c.message), wanted)
		bm25.ranks = append(bm25.ranks, plain)
		grep.ranks = append(grep.ranks, rank(w.files.grep(c.message), wanted))
		if o.verbose {
			fmt.Fprintf(os.Stderr, "%d/%d %.8s ours %d, BM25 %d: %s\n", i+1, len(changes), c.commit, at, plain, strings.SplitN(c.message, "\n", 2)[0])
			if at != 1 && len(list) > 0 {
				fmt.Fprintf(os.Stderr, "    wanted %v, first %v\n", wanted, list[:min(len(list), 3)])
			}
		}
	}
	name := filepath.Base(filepath.Dir(o.repository))
	for method, s := range map[string]*score{"rampforge": &ours, "BM25 of files": &bm25, "grep": &grep} {
		say(s.result(name, "localisation", method))
	}
	fmt.Fprintf(os.Stderr, "%s: %d cases in %s\n", name, len(ours.ranks), time.Since(started).Round(time.Second))
	return nil
}

// changesOf lists the newest commits that say what they change, oldest first.
func changesOf(ctx context.Context, o options) ([]change, error) {
	out, err := exec.CommandContext(ctx, "git", "-C", o.repository, "log", "--no-merges", "--first-parent", "-M", "--name-status", "--format=%x00%H %P%n%B%x01", o.at).Output()
	if err != nil {
		return nil, fmt.Errorf("reading the history: %w", err)
	}
	var changes []change
	for entry := range strings.SplitSeq(string(out), "\x00") {
		head, files, ok := strings.Cut(entry, "\x01")
		ids, message, _ := strings.Cut(head, "\n")
		commit, parent, _ := strings.Cut(ids, " ")
		if !ok || parent == "" || len(strings.Fields(message)) < 4 {
			continue
		}
		c := change{commit: commit, parent: parent, message: withoutTrailers(message), files: map[string]bool{}}
		changed := 0
		for line := range strings.SplitSeq(files, "\n") {
			parts := strings.Split(line, "\t")
			if len(parts) < 2 {
				continue
			}
			changed++
			if parts[0] != "A" {
				c.files[parts[1]] = true
			}
		}
		if changed <= maxChanged && len(c.files) > 0 {
			changes = append([]change{c}, changes...)
		}
		if len(changes) == o.cases {
			break
		}
	}
	return changes, nil
}

// withoutTrailers takes off who signed and reviewed.
func withoutTrailers(message string) string {
	var kept []string
	for line := range strings.SplitSeq(message, "\n") {
		key, _, ok := strings.Cut(line, ": ")
		if !ok || strings.ContainsAny(key, " \t") || !strings.Contains(key, "-") {
			kept = append(kept, line)
		}
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}
