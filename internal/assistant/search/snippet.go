package search

import (
	"strings"

	"github.com/rampforgeai/rampforge/internal/terms"
)

// The bounds of a snippet.
const (
	snippetLines = 7
	snippetBytes = 800
)

// Snippet is the part of a passage that says the most about a question.
type Snippet struct {
	Text string
	// StartLine and EndLine are lines of the file; 0 where the passage has none.
	StartLine, EndLine int
	// Highlights are ranges of Text that the question names: first and end, in
	// bytes.
	Highlights [][2]int
}

// SnippetOf returns the lines of a hit that have the most of a question's terms.
func SnippetOf(hit *Hit, found *Found) Snippet {
	rarity := make(map[string]float64, len(found.Terms))
	for _, t := range found.Terms {
		rarity[t.Term] = t.Rarity
	}
	splitter := terms.NewSplitter()
	lines := strings.Split(hit.Text, "\n")
	first := bestWindow(splitter, lines, rarity)
	end := min(first+snippetLines, len(lines))
	text := strings.Join(lines[first:end], "\n")
	if len(text) > snippetBytes {
		text = strings.ToValidUTF8(text[:snippetBytes], "")
		end = first + strings.Count(text, "\n") + 1
	}
	s := Snippet{Text: text, Highlights: [][2]int{}}
	if hit.StartLine > 0 {
		s.StartLine, s.EndLine = hit.StartLine+first, hit.StartLine+end-1
	}
	splitter.Scan(text, func(t terms.Term) bool {
		if _, asked := rarity[t.Text]; asked && !t.Whole {
			s.Highlights = append(s.Highlights, [2]int{t.Start, t.End})
		}
		return true
	})
	return s
}

// bestWindow returns the first line of the window whose different terms are the
// rarest, of equal ones the first.
func bestWindow(splitter *terms.Splitter, lines []string, rarity map[string]float64) int {
	found := make([][]string, len(lines))
	for i, line := range lines {
		splitter.Scan(line, func(t terms.Term) bool {
			if _, asked := rarity[t.Text]; asked {
				found[i] = append(found[i], t.Text)
			}
			return true
		})
	}
	best, most := 0, 0.0
	for first := range lines {
		if first > 0 && len(found[first]) == 0 {
			continue // a window begins where something is found
		}
		sum, seen := 0.0, map[string]bool{}
		for _, list := range found[first:min(first+snippetLines, len(lines))] {
			for _, term := range list {
				if !seen[term] {
					seen[term] = true
					sum += rarity[term]
				}
			}
		}
		if sum > most {
			best, most = first, sum
		}
	}
	return best
}
