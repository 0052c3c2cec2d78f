package knowledge

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/store"
)

// MaxLinks is how many links one item has at most.
const MaxLinks = 20

// Wish is a link as somebody asks for it: a file, with lines or a symbol where it
// is of a part of it.
type Wish struct {
	Path, Symbol       string
	StartLine, EndLine *int
}

// Links makes links of wishes, at the commit of an index. All that is wrong with
// them is VALIDATION_ERROR.
func (m *Maker) Links(ctx context.Context, r rampforge.Repository, ix *codeindex.Index, wishes []Wish) ([]rampforge.KnowledgeLink, error) {
	links := make([]rampforge.KnowledgeLink, 0, len(wishes))
	var issues []rampforge.FieldIssue
	for i, w := range wishes {
		field := fmt.Sprintf("links[%d]", i)
		place, issue := resolve(ix, w)
		if issue != "" {
			issues = append(issues, rampforge.FieldIssue{Field: field, Issue: issue})
			continue
		}
		issue, err := m.hash(ctx, r, &place)
		if err != nil {
			return nil, err
		}
		if issue != "" {
			issues = append(issues, rampforge.FieldIssue{Field: field, Issue: issue})
			continue
		}
		if slices.ContainsFunc(links, func(l rampforge.KnowledgeLink) bool { return samePlace(&l.KnowledgePlace, &place) }) {
			continue
		}
		links = append(links, rampforge.KnowledgeLink{ID: store.NewID("lnk"), RepositoryID: r.ID, KnowledgePlace: place, State: rampforge.LinkCurrent})
	}
	if len(issues) > 0 {
		return nil, rampforge.Invalid(issues...)
	}
	return links, nil
}

// samePlace reports whether two places are the same lines of one file.
func samePlace(a, b *rampforge.KnowledgePlace) bool {
	whole := a.StartLine == nil || b.StartLine == nil
	return a.Path == b.Path && a.Symbol == b.Symbol && (a.StartLine == nil) == (b.StartLine == nil) && (whole || *a.StartLine == *b.StartLine && *a.EndLine == *b.EndLine)
}

// resolve finds the lines of a wish.
func resolve(ix *codeindex.Index, w Wish) (place rampforge.KnowledgePlace, issue string) {
	place = rampforge.KnowledgePlace{Path: path.Clean(strings.Trim(w.Path, "/")), Symbol: w.Symbol, StartLine: w.StartLine, EndLine: w.EndLine, Commit: ix.Commit}
	at, err := ix.Browse(place.Path, codeindex.Page{Limit: 1})
	if err != nil || at.File == nil {
		return place, fmt.Sprintf("the newest analysis knows no file %q", w.Path)
	}
	if w.Symbol != "" && w.StartLine == nil {
		found, err := ix.Impact(codeindex.ImpactQuery{Symbol: place.Path + "#" + w.Symbol})
		if err != nil {
			return place, fmt.Sprintf("%s declares no one symbol %q: name its lines too", place.Path, w.Symbol)
		}
		place.StartLine, place.EndLine = new(found.Symbol.Line), new(max(found.Symbol.EndLine, found.Symbol.Line))
	}
	if (place.StartLine == nil) != (place.EndLine == nil) {
		if place.StartLine == nil {
			return place, "end_line needs a start_line"
		}
		place.EndLine = place.StartLine
	}
	if place.StartLine != nil && (*place.StartLine < 1 || *place.EndLine < *place.StartLine || int64(*place.EndLine) > at.File.TotalLines) {
		return place, fmt.Sprintf("lines must be from 1 to %d, the first not after the last", at.File.TotalLines)
	}
	return place, ""
}

// hash notes what the lines of a place are. Without the repository at hand
// nobody can tell: the first look-up in the code does.
func (m *Maker) hash(ctx context.Context, r rampforge.Repository, place *rampforge.KnowledgePlace) (issue string, err error) {
	if m.Files == nil {
		return "", nil
	}
	content, err := m.Files.File(ctx, r, place.Commit, place.Path)
	if rampforge.ErrorCode(err) == rampforge.CodeUnavailable {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the lines of a link: %w", err)
	}
	lines := linesIn(content)
	if place.StartLine == nil {
		place.Hash = hashOf(lines)
		return "", nil
	}
	if *place.EndLine > len(lines) {
		return fmt.Sprintf("%s has %d lines", place.Path, len(lines)), nil
	}
	place.Hash = hashOf(lines[*place.StartLine-1 : *place.EndLine])
	return "", nil
}

// linksOfCase are the links of an item that answers a question: to the lines of
// its case, and to a second file that it is about.
func (m *Maker) linksOfCase(ctx context.Context, r rampforge.Repository, commit string, c *rampforge.InterviewCase) ([]rampforge.KnowledgeLink, error) {
	links := []rampforge.KnowledgeLink{}
	places := []rampforge.KnowledgePlace{{Path: c.Path, Symbol: c.Symbol, StartLine: c.StartLine, EndLine: c.EndLine, Commit: commit}}
	if c.What == "coupling" {
		places = append(places, rampforge.KnowledgePlace{Path: c.Related, Commit: commit})
	}
	for _, place := range places {
		if place.Path == "" {
			continue
		}
		if _, err := m.hash(ctx, r, &place); err != nil {
			return nil, err
		}
		links = append(links, rampforge.KnowledgeLink{ID: store.NewID("lnk"), RepositoryID: r.ID, KnowledgePlace: place, State: rampforge.LinkCurrent})
	}
	return links, nil
}
