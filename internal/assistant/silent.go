package assistant

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/markdown"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// How much of a question the sources must have to be answered at all, by the
// rarity of its terms: one passage by itself, and those at the top together. The
// figures are those of nine pairs that bench/ask told questions about what is
// there best with from questions about what is not, on its three repositories.
const (
	leastCovered  = 0.5
	leastTogether = 0.6
	leastQuoted   = 0.4
	together      = 3
)

// covers is which part of the question a passage has, from 0 to 1.
func (d *dossier) covers(p *rampforge.Passage) float64 {
	has := d.termsOf(p)
	sum, all := 0.0, 0.0
	for _, term := range d.asked.terms {
		all += d.rarity[term]
		if has[term] {
			sum += d.rarity[term]
		}
	}
	if all == 0 {
		return 0
	}
	return sum / all
}

// termsOf are the terms of a passage, and what stands for the same. Those of a
// stored one are remembered: it is judged several times for one question.
func (d *dossier) termsOf(p *rampforge.Passage) map[string]bool {
	if has, known := d.read[p.ID]; known {
		return has
	}
	has := map[string]bool{}
	for _, text := range []string{p.Text, p.Names, p.Title, p.Path} {
		d.splitter.Scan(text, func(t terms.Term) bool {
			has[t.Text] = true
			for _, other := range terms.Same(t.Text) {
				has[other] = true
			}
			return true
		})
	}
	for _, c := range d.asked.compounds(d.splitter) {
		if has[c[0]] {
			has[c[1]], has[c[2]] = true, true
		}
	}
	if p.ID != 0 {
		d.read[p.ID] = has
	}
	return has
}

// silent says why the sources do not answer a question; "" where they may.
func (d *dossier) silent(c *composition) string {
	if len(d.unknown) > 0 && d.asked.intent != asksChanges && !d.mentioned(d.unknown) {
		return fmt.Sprintf("Nothing here is called %s.", markdown.Span(d.unknown[0]))
	}
	if c.fact || c.silence != "" {
		return c.silence
	}
	if len(d.hits) == 0 {
		return "No passage speaks of any of that."
	}
	best, union := 0.0, map[string]bool{}
	for i := range d.hits[:min(len(d.hits), 10)] {
		best = max(best, d.covers(&d.hits[i].Passage))
		if i < together {
			for term := range d.termsOf(&d.hits[i].Passage) {
				union[term] = true
			}
		}
	}
	missing, sum, all := d.lacking(union)
	switch {
	case best < leastCovered:
		return "No passage speaks of all of that."
	case all > 0 && sum/all < leastTogether:
		return "The best passages say nothing of " + missing + "."
	}
	return ""
}

// mayKnow reports whether a model may find an answer where the words of the
// question stand nowhere: passages were found by meaning too.
func (d *dossier) mayKnow() bool {
	return d.Model != nil && (d.byMeaning || d.ofValue) && len(d.unknown) == 0 && d.asked.intent != asksChanges
}

// lacking names the terms of the question, as it writes them, that are missing.
func (d *dossier) lacking(has map[string]bool) (missing string, sum, all float64) {
	var words []string
	for _, t := range d.splitter.Terms(d.asked.text) {
		if t.Whole || !slices.Contains(d.asked.terms, t.Text) {
			continue
		}
		all += d.rarity[t.Text]
		if has[t.Text] {
			sum += d.rarity[t.Text]
		} else {
			words = append(words, markdown.Span(d.asked.text[t.Start:t.End]))
		}
	}
	return strings.Join(words, " and "), sum, all
}

// mentioned reports whether every name stands somewhere in the passages.
func (d *dossier) mentioned(names []string) bool {
	for _, name := range names {
		last := strings.ToLower(name[strings.LastIndexAny(name, "#/")+1:])
		if !looksLikePath(last) {
			last = last[strings.LastIndexByte(last, '.')+1:]
		}
		found := false
		for i := range d.hits {
			p := &d.hits[i].Passage
			if strings.Contains(strings.ToLower(p.Text+" "+p.Names+" "+p.Path), last) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// lookedAt says what was looked through in vain, with the nearest that there is.
func (d *dossier) lookedAt() string {
	var out strings.Builder
	out.WriteString("I looked for ")
	var words []string
	for _, t := range d.splitter.Terms(d.asked.text) {
		if !t.Whole && slices.Contains(d.asked.terms, t.Text) {
			words = append(words, markdown.Span(d.asked.text[t.Start:t.End]))
		}
	}
	if len(words) == 0 {
		out.WriteString("that")
	}
	out.WriteString(strings.Join(words, ", "))
	out.WriteString(" in the code, the documents, the history and the records of this project.")
	if len(d.hits) == 0 {
		return out.String()
	}
	out.WriteString(" The nearest that there is, which does not answer it:\n")
	for i := range d.hits[:min(len(d.hits), together)] {
		p := &d.hits[i].Passage
		fmt.Fprintf(&out, "\n- %s [%d]", headline(p), d.cite(*p, d.hits[i].Score))
	}
	return out.String()
}
