package cli

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/extractive"
	"github.com/rampforgeai/rampforge/internal/llm/gemini"
	"github.com/rampforgeai/rampforge/internal/llm/mask"
	"github.com/rampforgeai/rampforge/internal/llm/openai"
)

// modelParts are what a model is asked with besides the configuration. Each may
// be nil, except the logger.
type modelParts struct {
	budget   llm.Budget
	cache    llm.Cache
	registry prometheus.Registerer
	logger   *slog.Logger
}

// modelFor returns who writes answers, under the policy that is configured, and
// what is kept of the requests. A model that cannot be asked is no error:
// answers are composed without it, and say why.
func modelFor(ctx context.Context, c *config.Config, parts modelParts) (*llm.Policy, *llm.Sent, error) {
	o := llm.Options{
		Model: rawModel(ctx, c), Identity: c.Provider() + " " + c.VertexProject + " " + c.GeminiURL + " " + c.OpenAIURL,
		Timeouts: llm.Timeouts{First: c.AITimeout / 2, Next: c.AITimeout / 4, Whole: c.AITimeout}, Retries: 2, Concurrency: c.AIConcurrency,
		Mask: mask.Text, Price: llm.Price{Input: c.AIPriceInput, Output: c.AIPriceOutput},
		Registry: parts.registry, Logger: parts.logger, Now: time.Now,
	}
	var sent *llm.Sent
	if c.Provider() != config.ProviderExtractive || c.AIEmbeddings != config.EmbeddingsOff {
		sent = llm.NewSent(c.AIKeepSent)
	}
	if c.Provider() != config.ProviderExtractive { // which costs nothing and sends nothing
		o.Fallback, o.Sent = extractive.New(), sent
		o.Budget, o.PerUser, o.PerDay = parts.budget, c.AIUserTokens, c.AIDayTokens
		o.Cache, o.CacheFor = parts.cache, c.AICacheFor
	}
	policy, err := llm.NewPolicy(o)
	return policy, sent, err
}

// rawModel returns the configured model, or one that says why there is none.
func rawModel(ctx context.Context, c *config.Config) llm.Model {
	var model llm.Model = extractive.New()
	var err error
	switch c.Provider() {
	case config.ProviderGemini:
		model, err = geminiFor(ctx, c)
	case config.ProviderOpenAI:
		model, err = openAIFor(c)
	}
	if err != nil {
		return unusable{name: c.Provider(), err: err}
	}
	return model
}

func geminiFor(ctx context.Context, c *config.Config) (llm.Model, error) {
	guard, err := modelGuard(c, c.GeminiURL)
	if err != nil {
		return nil, err
	}
	return gemini.New(ctx, gemini.Options{
		Model: c.Model(), Project: c.VertexProject, Location: c.VertexLocation, CredentialsFile: c.GoogleFile, APIKey: c.GeminiKey,
		BaseURL: c.GeminiURL, Guard: guard, Timeout: c.AITimeout,
	})
}

func openAIFor(c *config.Config) (llm.Model, error) {
	guard, err := modelGuard(c, c.OpenAIURL)
	if err != nil {
		return nil, err
	}
	return openai.New(openai.Options{Model: c.Model(), BaseURL: c.OpenAIURL, APIKey: c.OpenAIKey, Guard: guard, Timeout: c.AITimeout})
}

// modelGuard permits the host of the address that the operator configured,
// although it may be this machine or one of the company's: nobody else can
// choose it.
func modelGuard(c *config.Config, address string) (*httpclient.Guard, error) {
	o := httpclient.Options{Allow: slices.Clone(c.AllowedNetworks), AllowHTTP: c.AllowInsecureHTTP}
	if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
		o.Allow, o.AllowHTTP = append(o.Allow, u.Hostname()), o.AllowHTTP || u.Scheme == "http"
	}
	return httpclient.NewGuard(o)
}

// unusable is a model that cannot be asked.
type unusable struct {
	name string
	err  error
}

func (u unusable) Name() string { return u.name }

func (u unusable) Ping(context.Context) error { return u.failure() }

func (u unusable) Generate(context.Context, *llm.Request, func(string) error) (*llm.Response, error) {
	return nil, u.failure()
}

func (u unusable) failure() *llm.Error {
	if e, ok := errors.AsType[*llm.Error](u.err); ok {
		return e
	}
	return &llm.Error{Kind: llm.KindRefused, Message: "The model cannot be asked as it is configured.", Err: u.err}
}
