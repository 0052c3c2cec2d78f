package documents

import (
	"context"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// The bounds of what is read of a history.
const (
	maxHistory = 20_000 // commits that are looked at, the newest
	maxKept    = 6_000  // that say what they fix or name a work item
	maxBody    = 4 << 10
	maxPaths   = 30
)

// OfRepository is what of a repository documents are made of.
func OfRepository(ctx context.Context, r *inspect.Reading, v codeindex.Version) (Inputs, error) {
	in := Inputs{Report: v.Report, Index: v.Index, Files: r}
	read := 0
	err := r.Commits(ctx, func(c *rampforge.Commit) bool {
		read++
		if fixSubject.MatchString(c.Subject) || len(closedKeys(c.Subject, c.Body)) > 0 {
			in.Commits = append(in.Commits, commitOf(c))
		}
		return read < maxHistory && len(in.Commits) < maxKept
	})
	return in, err
}

func commitOf(c *rampforge.Commit) Commit {
	out := Commit{Hash: c.Hash, When: c.CommittedAt, Subject: c.Subject, Body: c.Body}
	if len(out.Body) > maxBody {
		out.Body = strings.ToValidUTF8(out.Body[:maxBody], "")
	}
	for _, change := range c.Changes[:min(len(c.Changes), maxPaths)] {
		out.Paths = append(out.Paths, change.Path)
	}
	return out
}
