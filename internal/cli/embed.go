package cli

import (
	"context"
	"errors"
	"time"

	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/gemini"
	"github.com/rampforgeai/rampforge/internal/llm/mask"
	"github.com/rampforgeai/rampforge/internal/llm/openai"
)

// embedderFor returns who embeds passages, under the policy that is configured;
// nil where nobody does. One that cannot be asked is no error: the search goes by
// words, and says why. Prices are those of the model that answers: what embedding
// costs is not known.
func embedderFor(ctx context.Context, c *config.Config, parts modelParts, sent *llm.Sent) (*llm.EmbedPolicy, error) {
	if c.AIEmbeddings == config.EmbeddingsOff {
		return nil, nil //nolint:nilnil // there is none
	}
	return llm.NewEmbedPolicy(llm.EmbedOptions{
		Embedder: rawEmbedder(ctx, c), Identity: c.AIEmbeddings + " " + c.VertexProject + " " + c.GeminiURL + " " + c.OpenAIURL,
		Timeout: c.AITimeout, Retries: 2, Concurrency: c.AIConcurrency,
		Budget: parts.budget, PerUser: c.AIUserTokens, PerDay: c.AIDayTokens, Cache: parts.cache, CacheFor: c.AICacheFor,
		Mask: mask.Text, Registry: parts.registry, Sent: sent, Logger: parts.logger, Now: time.Now,
	})
}

// rawEmbedder returns the configured embedder, or one that says why there is
// none.
func rawEmbedder(ctx context.Context, c *config.Config) llm.Embedder {
	var e llm.Embedder
	var err error
	address := c.OpenAIURL
	if c.AIEmbeddings == config.ProviderGemini {
		address = c.GeminiURL
	}
	guard, err := modelGuard(c, address)
	switch {
	case err != nil:
	case c.AIEmbeddings == config.ProviderGemini:
		e, err = gemini.NewEmbedder(ctx, gemini.Options{
			Model: c.AIEmbedModel, Project: c.VertexProject, Location: c.VertexLocation, CredentialsFile: c.GoogleFile, APIKey: c.GeminiKey,
			BaseURL: c.GeminiURL, Guard: guard, Timeout: c.AITimeout,
		}, c.EmbeddingNumbers())
	default:
		e, err = openai.NewEmbedder(openai.Options{Model: c.AIEmbedModel, BaseURL: c.OpenAIURL, APIKey: c.OpenAIKey, Guard: guard, Timeout: c.AITimeout}, c.EmbeddingNumbers())
	}
	if err != nil {
		return noEmbedder{unusable{name: embedderName(c), err: err}, c.EmbeddingNumbers()}
	}
	return e
}

// embedderName is the model's, so that vectors of before stay where one cannot be
// asked for a while.
func embedderName(c *config.Config) string {
	switch {
	case c.AIEmbedModel != "":
		return c.AIEmbedModel
	case c.AIEmbeddings == config.ProviderGemini:
		return gemini.DefaultEmbedder
	}
	return openai.DefaultEmbedder
}

// noEmbedder is an embedder that cannot be asked.
type noEmbedder struct {
	unusable

	numbers int
}

func (n noEmbedder) Dimensions() int { return n.numbers }

func (noEmbedder) Bounds() llm.EmbedBounds { return llm.EmbedBounds{} }

func (n noEmbedder) Embed(context.Context, *llm.EmbedRequest) (*llm.Embedded, error) {
	return nil, n.failure()
}

// buildMeaning makes what embeds passages and finds them by what they mean.
func (s *server) buildMeaning(ctx context.Context) error {
	policy, err := embedderFor(ctx, s.config, modelParts{budget: s.store, cache: s.cache, registry: s.registry, logger: s.logger}, s.sent)
	if err != nil || policy == nil {
		return err
	}
	s.embedder = policy
	space, err := s.store.UseEmbeddings(ctx, policy.Space(), time.Now())
	if err != nil {
		return errors.Join(errors.New("the vectors of passages cannot be found"), err)
	}
	s.meaning = &search.Meaning{
		Embeds: search.Embeds{Embedder: policy, Space: space}, Store: s.store, MaxBytes: int64(s.config.AIEmbedMemory),
		Patience: search.DefaultPatience, Logger: s.logger,
	}
	return nil
}

// embeds is what the index embeds with; nil for nothing.
func (s *server) embeds() *search.Embeds {
	if s.meaning == nil {
		return nil
	}
	return &s.meaning.Embeds
}

// space names the vectors of this configuration.
func (s *server) space() string {
	if s.embedder == nil {
		return ""
	}
	return s.embedder.Space()
}
