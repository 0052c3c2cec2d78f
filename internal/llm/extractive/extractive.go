// Package extractive composes answers without a model: it quotes the lines of a
// request's sources that fit the question best, as they stand, and says that
// this is what it does. It invents nothing, and says so where nothing fits.
package extractive

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/terms"
)

const (
	// Name is the model's.
	Name = "extractive"
	// Unknown is the answer where no source fits.
	Unknown = "I don't know: nothing in the sources fits this question."
	// label begins every other answer.
	label = "No model wrote this: the passages that fit the question best, quoted as they stand."

	// enough is the part of the question's weight that a source must hold to be
	// quoted at all, near how much of the best one's it must hold besides.
	enough, near = 0.34, 0.6
	maxSources   = 4
	maxLines     = 6   // of one quote
	maxLine      = 160 // bytes; a longer one is cut at a sentence's end
)

// Model quotes.
type Model struct{}

// New returns the model that is none.
func New() Model { return Model{} }

// Name is Name.
func (Model) Name() string { return Name }

// Generate answers from the sources of a request. It cannot fit a schema.
func (Model) Generate(ctx context.Context, r *llm.Request, stream func(text string) error) (*llm.Response, error) {
	begin := time.Now()
	if len(r.Schema) > 0 {
		return nil, &llm.Error{Kind: llm.KindInvalid, Message: "Without a model there are no structured answers."}
	}
	if err := ctx.Err(); err != nil {
		return nil, llm.Failure(ctx, err)
	}
	var text strings.Builder
	for _, part := range compose(r) {
		text.WriteString(part)
		if stream == nil {
			continue
		}
		if err := stream(part); err != nil {
			return nil, err
		}
	}
	return &llm.Response{Text: text.String(), Model: Name, Finish: llm.FinishStop, Took: time.Since(begin)}, nil
}

func compose(r *llm.Request) []string {
	quotes := choose(r)
	if len(quotes) == 0 {
		return []string{Unknown}
	}
	parts := []string{label}
	for _, q := range quotes {
		parts = append(parts, "\n\n"+q.markdown())
	}
	return parts
}

// questionOf is what is asked: the question, or the last that was said.
func questionOf(r *llm.Request) string {
	if r.Question != "" || len(r.Messages) == 0 {
		return r.Question
	}
	return r.Messages[len(r.Messages)-1].Text
}

// quote is what is taken of a source.
type quote struct {
	source llm.Source
	lines  []string
	fit    float64
}

// choose picks the sources that fit, best first, and of each the lines.
func choose(r *llm.Request) []quote {
	words := newWords(questionOf(r), r.Sources)
	top := 0.0
	for _, s := range r.Sources {
		top = max(top, s.Score)
	}
	var quotes []quote
	for _, s := range r.Sources {
		covered := words.weight(words.in(s.Title + "\n" + s.Text))
		if words.total == 0 || covered < enough*words.total {
			continue
		}
		q := quote{source: s, lines: words.window(s.Text), fit: covered}
		if top > 0 {
			q.fit *= 0.5 + 0.5*s.Score/top
		}
		if len(q.lines) > 0 {
			quotes = append(quotes, q)
		}
	}
	slices.SortStableFunc(quotes, func(a, b quote) int { return cmp.Compare(b.fit, a.fit) })
	quotes = quotes[:min(len(quotes), maxSources)]
	for i, q := range quotes {
		if q.fit < near*quotes[0].fit {
			return quotes[:i]
		}
	}
	return quotes
}

// markdown shows a quote. Nothing of a source is read as Markdown: a picture in
// it would be fetched by whoever looks at the answer.
func (q quote) markdown() string {
	fence := "```"
	for strings.Contains(strings.Join(q.lines, "\n"), fence) {
		fence += "`"
	}
	title := strings.NewReplacer("`", "'", "\n", " ", "\r", " ").Replace(q.source.Title)
	return "`` " + title + " `` [" + strconv.Itoa(q.source.Number) + "]\n\n" + fence + "\n" + strings.Join(q.lines, "\n") + "\n" + fence
}

// words are the terms of a question, each with its weight: the fewer sources
// hold it, the more it says.
type words struct {
	splitter *terms.Splitter
	weights  map[string]float64
	total    float64
}

func newWords(question string, sources []llm.Source) *words {
	w := &words{splitter: terms.NewSplitter(), weights: map[string]float64{}}
	asked := w.splitter.Terms(question)
	for _, t := range asked {
		w.weights[t.Text] = 0
	}
	holding := map[string]int{}
	for _, s := range sources {
		for term := range w.in(s.Title + "\n" + s.Text) {
			holding[term]++
		}
	}
	for _, t := range asked {
		if t.Whole && holding[t.Text] == 0 {
			delete(w.weights, t.Text) // its parts say the same
			continue
		}
		weight := math.Log(1 + float64(len(sources)+1)/(float64(holding[t.Text])+0.5))
		w.weights[t.Text] = weight
		w.total += weight
	}
	return w
}

// in returns the question's terms that a text holds.
func (w *words) in(text string) map[string]bool {
	found := map[string]bool{}
	w.splitter.Scan(text, func(t terms.Term) bool {
		if _, asked := w.weights[t.Text]; asked {
			found[t.Text] = true
		}
		return true
	})
	return found
}

func (w *words) weight(found map[string]bool) float64 {
	sum := 0.0
	for term := range found {
		sum += w.weights[term]
	}
	return sum
}

// window returns the run of lines that holds most of the question, the shortest
// of those that hold the same. Where a text fits by its title alone it is the
// beginning.
func (w *words) window(text string) []string {
	lines := units(text)
	in := make([]map[string]bool, len(lines))
	for i, line := range lines {
		in[i] = w.in(line)
	}
	best, from, to := 0.0, 0, min(len(lines), maxLines)
	for i := range lines {
		if len(in[i]) == 0 {
			continue
		}
		found := map[string]bool{}
		for j := i; j < min(len(lines), i+maxLines); j++ {
			maps.Copy(found, in[j])
			if weight := w.weight(found); weight > best || weight == best && j+1-i < to-from {
				best, from, to = weight, i, j+1
			}
		}
	}
	for best > 0 && to < len(lines) && to-from < maxLines && len(in[to]) > 0 { // what goes on about it
		to++
	}
	return lines[from:to]
}

// units are the lines of a text that say something, long ones by their
// sentences.
func units(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		for len(line) > maxLine {
			cut := strings.LastIndex(line[:maxLine], ". ") + 1
			if cut == 0 {
				cut = max(strings.LastIndexByte(line[:maxLine], ' '), 0)
			}
			if cut == 0 {
				line = strings.ToValidUTF8(line[:maxLine], "") + "…" // data, not words
				break
			}
			out = append(out, line[:cut])
			line = strings.TrimLeft(line[cut:], " ")
		}
		out = append(out, line)
	}
	return out
}
