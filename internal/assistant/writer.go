package assistant

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/render"
	"github.com/rampforgeai/rampforge/internal/assistant/cite"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
)

// writer puts an answer together and hands on its parts.
type writer struct {
	*dossier

	emit  func(Event) error
	out   *rampforge.Answer
	shown map[int]int // sources by the number that the reader knows

	// silence says why nothing can be composed, where a model is asked all the same.
	silence string
}

// block hands on a part of the answer with what it cites. Sources are numbered
// anew in the order in which the reader meets them.
func (w *writer) block(text string) error {
	if w.shown == nil {
		w.shown = map[int]int{}
	}
	text = markdown.Safe(text)
	text = markdown.Outside(text, func(s string) string {
		return cite.Reference.ReplaceAllStringFunc(s, func(m string) string {
			var numbers []string
			for _, n := range cite.Numbers(m) {
				if n >= 1 && n <= len(w.sources) {
					numbers = append(numbers, fmt.Sprintf("[%d]", w.number(n)))
				}
			}
			return strings.Join(numbers, " ")
		})
	})
	if w.out.Text != "" {
		text = "\n\n" + text
	}
	w.out.Text += text
	for n := len(w.out.Citations) + 1; n <= len(w.shown); n++ {
		for place, shown := range w.shown {
			if shown == n {
				c := w.citation(w.sources[place-1], n)
				w.out.Citations = append(w.out.Citations, c)
				if err := w.emit(Event{Citation: &c}); err != nil {
					return err
				}
			}
		}
	}
	return w.emit(Event{Token: text})
}

func (w *writer) number(source int) int {
	if w.shown[source] == 0 {
		w.shown[source] = len(w.shown) + 1
	}
	return w.shown[source]
}

// citedSources are the sources that the answer cites so far.
func (w *writer) citedSources() []*source {
	var out []*source
	for _, s := range w.sources {
		if w.shown[s.n] > 0 {
			out = append(out, s)
		}
	}
	return out
}

// composed writes what was composed without a model.
func (w *writer) composed(ctx context.Context, c *composition) error {
	if w.silence != "" {
		return w.abstain(w.silence)
	}
	w.dropChanged(ctx)
	for _, block := range c.blocks {
		if err := w.block(block); err != nil {
			return err
		}
	}
	w.out.Confidence = w.confidence(c)
	return nil
}

// confidence says how far facts and passages carry an answer. What is quoted has
// the words of the question and need not answer it: that is never sure.
func (w *writer) confidence(c *composition) rampforge.Confidence {
	if c.unsure {
		return rampforge.ConfidenceLow
	}
	if c.fact && c.cautious {
		return rampforge.ConfidenceMedium
	}
	if c.fact {
		return rampforge.ConfidenceHigh
	}
	best := 0.0
	for i := range w.hits[:min(len(w.hits), together)] {
		best = max(best, w.covers(&w.hits[i].Passage))
	}
	if best > 0.95 {
		return rampforge.ConfidenceMedium
	}
	return rampforge.ConfidenceLow
}

// abstain says that the sources do not say, and what was looked at.
func (w *writer) abstain(reason string) error {
	w.out.Abstained, w.out.Confidence = true, rampforge.ConfidenceNone
	if err := w.block("I don't know: " + strings.ToLower(reason[:1]) + reason[1:]); err != nil {
		return err
	}
	return w.block(w.lookedAt())
}

// excerptBytes bounds what of a source is shown with a citation.
const excerptBytes = 1200

// citation shows a source.
func (w *writer) citation(s *source, n int) rampforge.Citation {
	c := rampforge.Citation{N: n, Kind: s.Kind, Title: markdown.Visible(s.Title), Path: s.Path, Commit: s.Commit, URL: safeURL(s.URL)}
	if k := w.items[s.Key]; s.Kind == rampforge.PassageKnowledge && k != nil {
		c.Author, c.At, c.Stale = markdown.Visible(authorOf(k)), k.ApprovedAt, k.Stale
	}
	found := search.Found{Terms: w.foundTerms()}
	c.Excerpt = s.Text
	if len(c.Excerpt) > excerptBytes {
		c.Excerpt = search.SnippetOf(&search.Hit{Passage: s.Passage}, &found).Text
	}
	c.Excerpt = markdown.Visible(c.Excerpt)
	if s.StartLine > 0 {
		c.StartLine, c.EndLine = new(s.StartLine), new(s.EndLine)
	}
	if c.URL == "" && w.code != nil {
		c.URL = w.pageOf(s)
	}
	return c
}

// pageOf is the address of a source of the repository.
func (w *writer) pageOf(s *source) string {
	web := w.code.Report.WebURL
	if web == nil {
		return ""
	}
	switch s.Kind {
	case rampforge.PassageCode, rampforge.PassageFile, rampforge.PassageDocument:
		return render.LinesURL(*web, s.Commit, s.Path, s.StartLine, s.EndLine)
	case rampforge.PassageCommit:
		return render.CommitURL(*web, s.Commit)
	default:
		return ""
	}
}

// safeURL is an address of a web page, "" for anything else.
func safeURL(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}

// dropChanged leaves out the sources whose lines are not what they were when
// they were indexed: the repository may be ahead of the index.
func (d *dossier) dropChanged(ctx context.Context) {
	if d.Files == nil || d.repository == nil {
		return
	}
	read := map[string][]string{}
	for _, s := range d.sources {
		if s.StartLine == 0 || s.Commit == "" || s.Path == "" || s.gone {
			continue
		}
		lines, known := read[s.Path]
		if !known {
			content, err := d.Files.File(ctx, *d.repository, s.Commit, s.Path)
			if err != nil {
				d.note(ctx, "the lines of a file", err)
				continue
			}
			lines = strings.Split(strings.ReplaceAll(strings.ToValidUTF8(string(content), "\uFFFD"), "\r\n", "\n"), "\n")
			read[s.Path] = lines
		}
		s.gone = !stands(lines, &s.Passage)
	}
}

// stands reports whether a passage stands where it says. Long passages are kept
// cut, so that their beginning counts.
func stands(lines []string, p *rampforge.Passage) bool {
	if p.EndLine > len(lines) {
		return false
	}
	kept := strings.Split(strings.ReplaceAll(p.Text, "\r\n", "\n"), "\n")
	for i, line := range kept[:min(len(kept), 5)] {
		if at := p.StartLine - 1 + i; at >= len(lines) || strings.TrimSpace(lines[at]) != strings.TrimSpace(line) {
			return i > 0 && i == len(kept)-1 // the last kept line may be cut
		}
	}
	return true
}
