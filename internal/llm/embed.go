package llm

import (
	"context"
	"fmt"
	"math"
	"strings"
)

// Embedder turns texts into vectors: texts that mean the same lie close to each
// other. It is safe for concurrent use.
type Embedder interface {
	// Name is the model's own, such as "gemini-embedding-001".
	Name() string
	// Dimensions is how many numbers a vector has; 0 is as many as the model gives.
	Dimensions() int
	// Bounds are what the vendor takes in one request.
	Bounds() EmbedBounds
	// Embed returns a vector for each text, in their order. Every error is an
	// *Error.
	Embed(ctx context.Context, r *EmbedRequest) (*Embedded, error)
}

// Task is what a text is embedded for. Some models have other vectors for what
// is looked for than for what is found.
type Task string

// The tasks.
const (
	TaskDocument Task = "document"
	TaskQuery    Task = "query"
)

// EmbedRequest is what is to be embedded.
type EmbedRequest struct {
	User  string // the id of who asks, for the budget; "" is nobody's
	Task  Task
	Texts []string // none is empty
}

// Embedded are the vectors of a request.
type Embedded struct {
	Vectors [][]float32
	Tokens  int // that were read; 0 where the vendor does not say
}

// EmbedBounds are what one request may have at most; 0 is no bound.
type EmbedBounds struct {
	Texts       int
	TextTokens  int // of one text
	TotalTokens int // of all
}

// bytesPerShortToken is how few bytes a token has in code and figures. A text
// that is cut by it fits in nearly all cases; the vendors cut the rest or refuse.
const bytesPerShortToken = 2

// cut is a text within the bound of a single one.
func (b EmbedBounds) cut(text string) string {
	if most := b.TextTokens * bytesPerShortToken; most > 0 && len(text) > most {
		return strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// batches parts texts into requests within the bounds, in their order.
func (b EmbedBounds) batches(texts []string) [][]string {
	var out [][]string
	from, tokens := 0, 0
	for i, text := range texts {
		n := (len(text) + bytesPerShortToken - 1) / bytesPerShortToken
		if i > from && (b.Texts > 0 && i-from == b.Texts || b.TotalTokens > 0 && tokens+n > b.TotalTokens) {
			out = append(out, texts[from:i])
			from, tokens = i, 0
		}
		tokens += n
	}
	if from < len(texts) {
		out = append(out, texts[from:])
	}
	return out
}

// checkVectors refuses an answer that is not what was asked for, and brings the
// vectors to the length of one, so that their products compare directions.
func checkVectors(vectors [][]float32, want, dimensions int) error {
	if len(vectors) != want {
		return misfit("The model answered %d texts with %d vectors.", want, len(vectors))
	}
	for _, v := range vectors {
		if len(v) == 0 || dimensions > 0 && len(v) != dimensions {
			return misfit("The model answered with a vector of %d numbers instead of %d.", len(v), dimensions)
		}
		if len(v) != len(vectors[0]) {
			return misfit("The model answered with vectors of %d and of %d numbers.", len(vectors[0]), len(v))
		}
		if !normalise(v) {
			return misfit("The model answered with a vector that has no direction.")
		}
	}
	return nil
}

func misfit(sentence string, args ...any) error {
	return &Error{Kind: KindUnreadable, Message: fmt.Sprintf(sentence, args...)}
}

// normalise brings a vector to the length of one. It reports false for what has
// none: zeros, or what is no number.
func normalise(v []float32) bool {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	length := math.Sqrt(sum)
	if !(length > 1e-12) || math.IsInf(length, 0) { // NaN is not above either
		return false
	}
	for i := range v {
		v[i] = float32(float64(v[i]) / length)
	}
	return true
}
