package llmtest

import (
	"context"
	"hash/fnv"
	"math"
	"strings"
	"sync"

	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/terms"
)

// Embedder makes vectors of the terms of a text: each term has a direction of
// its own, so that texts lie the closer the more terms they share. That is no
// model; it is the same each time.
type Embedder struct {
	Length int
	// Same are terms that mean the same as others: mooring is berth.
	Same map[string]string
	// Err, where it is not nil, is asked before each request.
	Err func(r *llm.EmbedRequest) error

	mu    sync.Mutex
	asked []llm.EmbedRequest
}

// Name is the model's.
func (*Embedder) Name() string { return "hashed" }

// Dimensions is how long its vectors are.
func (e *Embedder) Dimensions() int { return e.Length }

// Bounds are small, so that few texts need several requests.
func (*Embedder) Bounds() llm.EmbedBounds { return llm.EmbedBounds{Texts: 16, TextTokens: 2048} }

// Asked returns the requests so far.
func (e *Embedder) Asked() []llm.EmbedRequest {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]llm.EmbedRequest(nil), e.asked...)
}

// Texts returns the texts of the requests so far that were embedded for a task.
func (e *Embedder) Texts(task llm.Task) []string {
	var out []string
	for _, r := range e.Asked() {
		if r.Task == task {
			out = append(out, r.Texts...)
		}
	}
	return out
}

// Embed embeds the texts of a request.
func (e *Embedder) Embed(ctx context.Context, r *llm.EmbedRequest) (*llm.Embedded, error) {
	if err := ctx.Err(); err != nil {
		return nil, llm.Failure(ctx, err)
	}
	if e.Err != nil {
		if err := e.Err(r); err != nil {
			return nil, err
		}
	}
	e.mu.Lock()
	e.asked = append(e.asked, *r)
	e.mu.Unlock()
	out := &llm.Embedded{}
	for _, text := range r.Texts {
		out.Vectors = append(out.Vectors, e.vector(text))
		out.Tokens += len(strings.Fields(text)) + 1
	}
	return out, nil
}

func (e *Embedder) vector(text string) []float32 {
	sum := make([]float64, e.Length)
	sum[0] = 1e-3 // a text without terms has a direction too
	for _, t := range terms.NewSplitter().Terms(text) {
		term := t.Text
		if same := e.Same[term]; same != "" {
			term = same
		}
		add(sum, term)
	}
	out := make([]float32, e.Length)
	for i, x := range sum {
		out[i] = float32(x)
	}
	return out
}

// add adds the direction of a term: numbers that look random and are the term's.
func add(sum []float64, term string) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(term)) // never fails
	state := h.Sum64() | 1
	for i := range sum {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		sum[i] += float64(state)/math.MaxInt64 - 1 // between -1 and 1
	}
}
