// Package openai asks any service that speaks OpenAI's chat completions:
// OpenAI itself, vLLM, Ollama, gateways.
package openai

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/llm"
)

// DefaultURL is OpenAI's own.
const DefaultURL = "https://api.openai.com/v1"

// Options say where a model is and who asks it.
type Options struct {
	BaseURL string // with the version, as in http://localhost:11434/v1; "" is DefaultURL
	APIKey  string // "" where the service asks for none
	Model   string
	// Guard has to permit the host, where the operator means one of the machine or
	// of the company's network.
	Guard   *httpclient.Guard
	Timeout time.Duration // of one request with its answer
}

// Model is a model behind such a service.
type Model struct {
	name   string
	chat   openai.ChatCompletionService
	models openai.ModelService
	// modern is a service that refuses the older name of a bound; most others know
	// only that one.
	modern bool
}

// New returns a model. It asks nobody.
func New(o Options) (*Model, error) {
	if o.Model == "" {
		return nil, &llm.Error{Kind: llm.KindRefused, Message: "OPENAI_MODEL names no model."}
	}
	u, options, err := optionsOf(o)
	if err != nil {
		return nil, err
	}
	return &Model{
		name: o.Model, chat: openai.NewChatCompletionService(options...), models: openai.NewModelService(options...),
		modern: isOpenAI(u),
	}, nil
}

// isOpenAI tells OpenAI's own service from those that speak as it does.
func isOpenAI(u *url.URL) bool { return strings.HasSuffix(u.Hostname(), ".openai.com") }

// optionsOf says where the service is, and how the SDK asks it.
func optionsOf(o Options) (*url.URL, []option.RequestOption, error) {
	if o.BaseURL == "" {
		o.BaseURL = DefaultURL
	}
	u, err := url.Parse(o.BaseURL)
	if err != nil || u.Host == "" {
		return nil, nil, &llm.Error{Kind: llm.KindRefused, Message: "OPENAI_BASE_URL cannot be read: write https://host/v1."}
	}
	// The SDK's NewClient would read the environment besides.
	options := []option.RequestOption{
		option.WithBaseURL(strings.TrimRight(o.BaseURL, "/") + "/"),
		option.WithHTTPClient(llm.VendorClient(o.Guard, o.Timeout)),
		option.WithMaxRetries(0), // the policy repeats
	}
	if o.APIKey != "" {
		options = append(options, option.WithAPIKey(o.APIKey))
	}
	return u, options, nil
}

// Name is the model's.
func (m *Model) Name() string { return m.name }

// Ping asks whether the service answers and takes the key. It takes no tokens.
// A service that has no list of models answers too.
func (m *Model) Ping(ctx context.Context) error {
	var res *http.Response
	_, err := m.models.List(ctx, option.WithResponseInto(&res))
	if e, ok := errors.AsType[*llm.Error](err); ok && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed) {
		return nil
	}
	if err != nil && res == nil {
		return llm.Failure(ctx, err)
	}
	return nil
}

// Generate asks the model.
func (m *Model) Generate(ctx context.Context, r *llm.Request, stream func(text string) error) (*llm.Response, error) {
	a := &answer{Collector: llm.NewCollector(r, stream)}
	a.Model = m.name
	var err error
	if stream == nil {
		err = m.whole(ctx, r, a)
	} else {
		err = m.pieces(ctx, r, a)
	}
	if own := llm.OfAsker(err); own != nil {
		return nil, own
	}
	if err != nil {
		return nil, llm.Failure(ctx, err)
	}
	return a.end()
}

func (m *Model) whole(ctx context.Context, r *llm.Request, a *answer) error {
	res, err := m.chat.New(ctx, m.question(r))
	if err != nil {
		return err
	}
	if len(res.Choices) == 0 {
		return nil // it has no reason to end, which says the rest
	}
	a.usage(res.Usage)
	choice := res.Choices[0]
	for i, call := range choice.Message.ToolCalls {
		a.piece(int64(i), call.ID, call.Function.Name, call.Function.Arguments)
	}
	a.finish, a.refused = choice.FinishReason, choice.Message.Refusal != ""
	return a.Write(choice.Message.Content)
}

func (m *Model) pieces(ctx context.Context, r *llm.Request, a *answer) error {
	params := m.question(r)
	params.StreamOptions.IncludeUsage = openai.Bool(true)
	s := m.chat.NewStreaming(ctx, params)
	defer s.Close()
	for s.Next() {
		chunk := s.Current()
		if chunk.Usage.TotalTokens > 0 {
			a.usage(chunk.Usage)
		}
		if len(chunk.Choices) == 0 {
			continue
		}
		choice := chunk.Choices[0]
		for _, call := range choice.Delta.ToolCalls {
			a.piece(call.Index, call.ID, call.Function.Name, call.Function.Arguments)
		}
		a.refused = a.refused || choice.Delta.Refusal != ""
		if choice.FinishReason != "" {
			a.finish = choice.FinishReason
		}
		if err := a.Write(choice.Delta.Content); err != nil {
			return err
		}
	}
	return s.Err()
}
