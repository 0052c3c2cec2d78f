package git

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Tag is a tag that leads to a commit.
type Tag struct {
	Name        string    // in short, such as v1.2
	Commit      string    // the whole id
	CommittedAt time.Time // its commit; UTC
}

// Tags lists the tags that lead to commits, those of the oldest commits first.
func (r *Repository) Tags(ctx context.Context) ([]Tag, error) {
	out, err := r.refs.output(ctx, maxRefsBytes, "for-each-ref", "--format=%(refname)%00%(committerdate:unix)%00%(*committerdate:unix)%00%(objectname)%00%(*objectname)", tagsPrefix)
	if err != nil {
		return nil, err
	}
	var tags []Tag
	for line := range bytes.Lines(out) {
		parts := strings.Split(strings.TrimSuffix(string(line), "\n"), "\x00")
		if len(parts) != 5 {
			continue
		}
		at, err := strconv.ParseInt(cmp.Or(parts[1], parts[2]), 10, 64)
		if err != nil {
			continue // of a tree or a file
		}
		tags = append(tags, Tag{Name: strings.TrimPrefix(parts[0], tagsPrefix), Commit: cmp.Or(parts[4], parts[3]), CommittedAt: time.Unix(at, 0).UTC()})
	}
	slices.SortStableFunc(tags, func(a, b Tag) int {
		return cmp.Or(a.CommittedAt.Compare(b.CommittedAt), cmp.Compare(a.Name, b.Name))
	})
	return tags, nil
}
