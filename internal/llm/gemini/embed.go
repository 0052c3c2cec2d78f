package gemini

import (
	"context"
	"strings"

	"google.golang.org/genai"

	"github.com/rampforgeai/rampforge/internal/llm"
)

// DefaultEmbedder is asked for vectors where no model is named.
const DefaultEmbedder = "gemini-embedding-001"

// Embedder is a model of Google's that embeds texts.
type Embedder struct {
	Model

	dimensions int
}

// NewEmbedder returns one; with 0 dimensions its vectors are as long as the model
// makes them. It asks nobody, as New does.
func NewEmbedder(ctx context.Context, o Options, dimensions int) (*Embedder, error) {
	if o.Model == "" {
		o.Model = DefaultEmbedder
	}
	m, err := New(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Embedder{Model: *m, dimensions: dimensions}, nil
}

// Dimensions is how many numbers a vector has.
func (e *Embedder) Dimensions() int { return e.dimensions }

// What Google documents for text embeddings: of the Gemini API a hundred texts in
// a request, of Vertex AI 250 with 20,000 tokens, except for the Gemini models,
// which take one.
const (
	perBatch      = 100
	perPrediction = 250
	perRequest    = 20_000
	perText       = 2048
)

// Bounds are the vendor's.
func (e *Embedder) Bounds() llm.EmbedBounds {
	switch {
	case !e.vertex:
		return llm.EmbedBounds{Texts: perBatch, TextTokens: perText, TotalTokens: perBatch * perText}
	case strings.Contains(e.name, "gemini"), strings.Contains(e.name, "maas"):
		return llm.EmbedBounds{Texts: 1, TextTokens: perText}
	}
	return llm.EmbedBounds{Texts: perPrediction, TextTokens: perText, TotalTokens: perRequest}
}

// Embed asks the model.
func (e *Embedder) Embed(ctx context.Context, r *llm.EmbedRequest) (*llm.Embedded, error) {
	config := &genai.EmbedContentConfig{TaskType: "RETRIEVAL_DOCUMENT"}
	if r.Task == llm.TaskQuery {
		config.TaskType = "RETRIEVAL_QUERY"
	}
	if e.dimensions > 0 {
		n := int32(e.dimensions) //nolint:gosec // the configuration bounds it
		config.OutputDimensionality = &n
	}
	contents := make([]*genai.Content, len(r.Texts))
	for i, text := range r.Texts {
		contents[i] = genai.NewContentFromText(text, genai.RoleUser)
	}
	res, err := e.client.Models.EmbedContent(ctx, e.name, contents, config)
	if err != nil {
		return nil, failure(ctx, err)
	}
	out := &llm.Embedded{Vectors: make([][]float32, 0, len(res.Embeddings))}
	for _, v := range res.Embeddings {
		if v == nil {
			return nil, llm.BrokenOff(nil)
		}
		out.Vectors = append(out.Vectors, v.Values)
		if v.Statistics != nil {
			out.Tokens += int(v.Statistics.TokenCount)
		}
	}
	return out, nil
}
