package narrative

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/passage"
	"github.com/rampforgeai/rampforge/internal/analysis/render"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/cite"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/llm/mask"
)

// excerptBytes bounds what of the cited lines is shown.
const excerptBytes = 1200

// written is a description with the lines that it cites, in the order of their
// numbers.
type written struct {
	text  string
	cites []Lines
}

// compose writes a draft.
func (d *Draft) compose() *written {
	w := &written{}
	var out []string
	for _, s := range d.chosen {
		text, rest := s.text, s.cites
		for strings.Contains(text, cited) && len(rest) > 1 {
			text = strings.Replace(text, cited, w.number(rest[0]), 1)
			rest = rest[1:]
		}
		var ends []string
		for _, l := range rest {
			if n := w.number(l); !slices.Contains(ends, n) {
				ends = append(ends, n)
			}
		}
		out = append(out, text+" "+strings.Join(ends, "")+".")
	}
	w.text = strings.Join(out, " ")
	return w
}

// number is the citation of some lines.
func (w *written) number(l Lines) string {
	at := slices.IndexFunc(w.cites, func(o Lines) bool { return o.Path == l.Path && o.First == l.First && o.Last == l.Last })
	if at < 0 {
		at = len(w.cites)
		w.cites = append(w.cites, l)
	}
	return fmt.Sprintf("[%d]", at+1)
}

// narrative is a description as it is shown.
func (w *written) narrative(r *report.CodeReport, s *Sources) rampforge.Narrative {
	n := rampforge.Narrative{Text: markdown.Safe(masked(w.text)), Citations: []rampforge.Citation{}, Model: rampforge.Extractive, Commit: r.Commit, Changed: []int{}}
	for i, l := range w.cites {
		n.Citations = append(n.Citations, s.citation(r, l, i+1))
	}
	return n
}

func (s *Sources) citation(r *report.CodeReport, l Lines, n int) rampforge.Citation {
	first, last := l.First, l.Last
	c := rampforge.Citation{
		N: n, Kind: rampforge.PassageCode, Title: markdown.Visible(l.Path), Path: l.Path, StartLine: &first, EndLine: &last, Commit: r.Commit,
		Excerpt: cite.Cut(markdown.Visible(masked(s.files[l.Path].text(first, last))), excerptBytes),
	}
	if passage.IsDocument(l.Path) {
		c.Kind = rampforge.PassageDocument
	}
	if l.Symbol != "" {
		c.Title = markdown.Visible(l.Path + "#" + l.Symbol)
	}
	if r.WebURL != nil {
		c.URL = render.LinesURL(*r.WebURL, r.Commit, l.Path, first, last)
	}
	return c
}

// Narratives are the drafts as they are composed without a model, by the keys of
// their subjects. Where nothing says anything there is none.
func Narratives(r *report.CodeReport, drafts []Draft, s *Sources) map[string]rampforge.Narrative {
	out := map[string]rampforge.Narrative{}
	for i := range drafts {
		if drafts[i].Says() {
			out[drafts[i].Subject.Key()] = drafts[i].compose().narrative(r, s)
		}
	}
	return out
}

// Attach puts descriptions into a report, by the keys of their subjects.
func Attach(r *report.CodeReport, all map[string]rampforge.Narrative) {
	of := func(s Subject) *rampforge.Narrative {
		if n, there := all[s.Key()]; there {
			return &n
		}
		return nil
	}
	r.Narrative = of(Subject{Kind: Repository})
	eachComponent(r.Architecture.Components, func(c *report.Component) bool {
		c.Narrative = of(ofComponent(c))
		return true
	})
	for i := range r.Features {
		r.Features[i].Narrative = of(ofFeature(&r.Features[i]))
	}
}

func masked(text string) string {
	text, _ = mask.Text(text)
	return text
}
