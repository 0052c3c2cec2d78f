package git

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

const (
	maxSpan  = 100_000          // commits of a span that are listed, merges included
	spanTime = 20 * time.Second // that the reading of one may take: somebody waits for it
)

// Span is what one commit leads back to and another does not, as
// git rev-list from..to has it.
type Span struct {
	Commits []rampforge.Commit // those that are no merges, the newest first; some at most
	All     int                // that are no merges
	Behind  int                // that are no merges, the other way round: 0 where from leads to to
	Hashes  map[string]bool    // all of it, merges too, unless it is very long
	Base    Resolved           // the newest commit that both lead back to; empty where there is none
	Shallow bool               // the clone lacks a part of the history, so that the span may be longer
}

// Span reads what leads to one commit and not to another, both given by their
// whole ids, and what as many of its commits as most changed. It fails after 20
// seconds.
func (r *Repository) Span(ctx context.Context, from, to string, most int) (Span, error) {
	ctx, cancel := context.WithTimeout(ctx, spanTime)
	defer cancel()
	s := Span{Hashes: map[string]bool{}, Shallow: len(r.shallow) > 0}
	for _, hash := range []string{from, to} {
		if !r.validHash(hash) {
			return s, fault(ReasonRefNotFound, nil, "%q is no id of a commit.", hash)
		}
	}
	out, err := r.objects.output(ctx, maxHashesBytes, "rev-list", "--parents", "--max-count="+strconv.Itoa(maxSpan), to, "^"+from)
	if err != nil {
		return s, err
	}
	var plain []string
	for line := range strings.Lines(string(out)) {
		hashes := strings.Fields(line)
		if len(hashes) == 0 || !r.validHash(hashes[0]) {
			return s, fmt.Errorf("git listed %.80q among the commits", line)
		}
		s.Hashes[hashes[0]] = true
		if len(hashes) <= 2 {
			plain = append(plain, hashes[0])
		}
	}
	if s.All = len(plain); len(s.Hashes) == maxSpan {
		if s.All, err = r.count(ctx, from, to); err != nil {
			return s, err
		}
	}
	if s.Behind, err = r.count(ctx, to, from); err != nil {
		return s, err
	}
	base, err := quiet(r.objects.output(ctx, 1<<10, "merge-base", from, to))
	if err != nil {
		return s, err
	}
	if base != "" {
		if s.Base.Hash, s.Base.CommittedAt, err = r.peel(ctx, base); err != nil {
			return s, err
		}
	}
	s.Commits, err = r.History(to, nil).read(ctx, plain[:min(len(plain), most)])
	return s, err
}

// count is how many commits that are no merges lead to one and not to another.
func (r *Repository) count(ctx context.Context, from, to string) (int, error) {
	out, err := r.objects.output(ctx, 1<<10, "rev-list", "--count", "--no-merges", to, "^"+from)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		return 0, fmt.Errorf("git counted %.80q commits", out)
	}
	return n, nil
}
