package openai

import (
	"context"

	"github.com/openai/openai-go/v3"

	"github.com/rampforgeai/rampforge/internal/llm"
)

// DefaultEmbedder is asked for vectors where no model is named.
const DefaultEmbedder = openai.EmbeddingModelTextEmbedding3Small

// Embedder is a model behind such a service that embeds texts.
type Embedder struct {
	Model

	embeddings openai.EmbeddingService
	dimensions int
}

// NewEmbedder returns one. With 0 dimensions none are asked for: many services
// know no such wish. It asks nobody.
func NewEmbedder(o Options, dimensions int) (*Embedder, error) {
	if o.Model == "" {
		o.Model = DefaultEmbedder
	}
	m, err := New(o)
	if err != nil {
		return nil, err
	}
	_, options, err := optionsOf(o)
	if err != nil {
		return nil, err
	}
	return &Embedder{Model: *m, embeddings: openai.NewEmbeddingService(options...), dimensions: dimensions}, nil
}

// Dimensions is how many numbers a vector has.
func (e *Embedder) Dimensions() int { return e.dimensions }

// Bounds are what OpenAI documents (8,192 tokens in a text, 300,000 in a request),
// and fewer texts than its 2,048: vectors come back as text, ten times as long,
// and services on one machine take long over each. Those know less, too, and cut.
func (e *Embedder) Bounds() llm.EmbedBounds {
	return llm.EmbedBounds{Texts: 96, TextTokens: 8192, TotalTokens: 300_000}
}

// Embed asks the model.
func (e *Embedder) Embed(ctx context.Context, r *llm.EmbedRequest) (*llm.Embedded, error) {
	params := openai.EmbeddingNewParams{
		Model: e.name, Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: r.Texts},
		EncodingFormat: openai.EmbeddingNewParamsEncodingFormatFloat,
	}
	if e.dimensions > 0 {
		params.Dimensions = openai.Int(int64(e.dimensions))
	}
	res, err := e.embeddings.New(ctx, params)
	if err != nil {
		return nil, llm.Failure(ctx, err)
	}
	out := &llm.Embedded{Vectors: make([][]float32, len(res.Data)), Tokens: int(res.Usage.PromptTokens)}
	for _, d := range res.Data { // not all keep the order
		if d.Index < 0 || d.Index >= int64(len(out.Vectors)) || out.Vectors[d.Index] != nil {
			return nil, llm.BrokenOff(nil)
		}
		out.Vectors[d.Index] = narrow(d.Embedding)
	}
	return out, nil
}

func narrow(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}
