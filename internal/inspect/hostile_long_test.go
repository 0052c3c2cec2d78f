//go:build long

package inspect_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
)

// TestHugeRepositories are those that take long to make. They run without the
// race detector, which would take most of the time and find what it finds in
// smaller ones.
func TestHugeRepositories(t *testing.T) {
	for _, h := range []hostile{
		{name: "100,000 files in one folder", build: func(t *testing.T) *gittest.Repo { return crowd(t, 100_000, 1) }, check: counts(100_000, 100_000), within: 5 * time.Minute, bytes: 2 << 30},
		{name: "a commit of a million files", build: func(t *testing.T) *gittest.Repo { return crowd(t, 1_000_000, 5000) }, check: func(t *testing.T, r *report.CodeReport) {
			counts(1_000_000, 400_000)(t, r)
			skips(report.SkipBudget, 600_000)(t, r)
		}, within: 15 * time.Minute, bytes: 6 << 30},
		// Ten trees of ten entries each that are the same tree: ten billion files
		// in less than 3 KB.
		{name: "a tree that multiplies", build: rooted(func(r *gittest.Repo) string {
			entries := func(mode, id string) string {
				var all strings.Builder
				for i := range 10 {
					all.WriteString(gittest.Entry(mode, fmt.Sprintf("f%d", i), id))
				}
				return all.String()
			}
			tree := r.Object("tree", entries("100644", r.Object("blob", goFile)))
			for range 8 {
				tree = r.Object("tree", entries("40000", tree))
			}
			return entries("40000", tree)
		}), reason: git.ReasonTooLarge, within: 5 * time.Minute, bytes: 2 << 30},
		{name: "a blob of a gibibyte of zeros", build: func(t *testing.T) *gittest.Repo {
			r := gittest.Init(t)
			r.CommitTree(r.Object("tree", gittest.Entry("100644", "a.go", r.Object("blob", string(make([]byte, 1<<30))))))
			return r
		}, check: skips(report.SkipTooLarge, 1), within: 5 * time.Minute},
	} {
		t.Run(h.name, h.run)
	}
}

// TestHugeHistory is of 500,000 commits: a line of one parent each, with a
// branch and a merge every hundred.
func TestHugeHistory(t *testing.T) {
	const n = 500_000
	hostile{name: "500,000 commits", build: func(t *testing.T) *gittest.Repo {
		t.Helper()
		r := gittest.Init(t)
		var stream bytes.Buffer
		for i := 1; i <= n; i++ {
			fmt.Fprintf(&stream, "commit refs/heads/main\nmark :%d\ncommitter P%d Person <p%d@example.com> %d +0000\ndata <<.\nChange %d\n.\n", i, i%97, i%97, 1_000_000_000+i*600, i)
			if i > 100 && i%100 == 0 {
				fmt.Fprintf(&stream, "merge :%d\n", i-50)
			} else {
				fmt.Fprintf(&stream, "M 644 inline d%d/f%d.go\ndata <<.\npackage d\nvar V = %d\n.\n", i%40, i%2000, i)
			}
			stream.WriteByte('\n')
		}
		r.Import(stream.String())
		return r
	}, check: func(t *testing.T, r *report.CodeReport) {
		t.Helper()
		w := r.Window
		if w.Commits != n || !w.Complete || w.Contributors != 97 || r.Knowledge.TruckFactor == nil || len(r.Activity.Months) == 0 {
			t.Errorf("%+v, truck factor %v", w, r.Knowledge.TruckFactor)
		}
	}, within: 12 * time.Minute, bytes: 2 << 30}.run(t)
}
