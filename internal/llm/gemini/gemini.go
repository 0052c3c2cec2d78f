// Package gemini asks Google's models: on Vertex AI, or with a key of the
// Gemini API.
package gemini

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/auth/credentials"
	"cloud.google.com/go/auth/httptransport"
	"google.golang.org/genai"

	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/llm"
)

// DefaultModel is asked where none is named.
const DefaultModel = "gemini-2.5-flash"

// Options say where a model is and who asks it.
type Options struct {
	Model string // "" is DefaultModel
	// Project is the one of Google Cloud, for Vertex AI; where it is "", the Gemini
	// API is asked with APIKey.
	Project, Location string
	// CredentialsFile is of a service account, say; "" is what the machine has.
	CredentialsFile string
	APIKey          string
	// BaseURL is a gateway or a test's server; "" is Google's own.
	BaseURL string
	Guard   *httpclient.Guard
	Timeout time.Duration // of one request with its answer
}

// Model is a model of Google's.
type Model struct {
	name   string
	client *genai.Client
	vertex bool
}

// New returns a model. It asks nobody, except where the credentials are the
// machine's own: then it is looked for whether this is one of Google's.
func New(ctx context.Context, o Options) (*Model, error) {
	if o.Model == "" {
		o.Model = DefaultModel
	}
	client, err := newClient(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Model{name: o.Model, client: client, vertex: o.Project != ""}, nil
}

func newClient(ctx context.Context, o Options) (*genai.Client, error) {
	config := &genai.ClientConfig{
		Backend: genai.BackendGeminiAPI, APIKey: o.APIKey, HTTPClient: llm.VendorClient(o.Guard, o.Timeout),
		HTTPOptions: genai.HTTPOptions{BaseURL: o.BaseURL, APIVersion: "v1beta"},
	}
	if o.Project != "" {
		config.Backend, config.APIKey, config.Project, config.Location, config.HTTPOptions.APIVersion = genai.BackendVertexAI, "", o.Project, o.Location, "v1"
		if err := authorise(ctx, config.HTTPClient, o); err != nil {
			return nil, err
		}
	}
	if config.HTTPOptions.BaseURL == "" {
		config.HTTPOptions.BaseURL = address(o) // otherwise the environment would be asked
	}
	client, err := genai.NewClient(ctx, config)
	if err != nil {
		// The SDK's error repeats the configuration, key included.
		return nil, &llm.Error{Kind: llm.KindRefused, Message: "Gemini needs VERTEX_AI_PROJECT_ID and VERTEX_AI_LOCATION, or GEMINI_API_KEY."}
	}
	return client, nil
}

// address is where Google serves a location.
func address(o Options) string {
	switch {
	case o.Project == "":
		return "https://generativelanguage.googleapis.com/"
	case o.Location == "global":
		return "https://aiplatform.googleapis.com/"
	case o.Location == "us", o.Location == "eu":
		return fmt.Sprintf("https://aiplatform.%s.rep.googleapis.com/", o.Location)
	}
	return fmt.Sprintf("https://%s-aiplatform.googleapis.com/", o.Location)
}

// authorise lets the client send tokens of Google Cloud along.
func authorise(ctx context.Context, client *http.Client, o Options) error {
	found, err := credentials.DetectDefault(&credentials.DetectOptions{
		Scopes:          []string{"https://www.googleapis.com/auth/cloud-platform"},
		CredentialsFile: o.CredentialsFile, Client: o.Guard.Client(httpclient.ClientOptions{}),
	})
	if err != nil {
		return &llm.Error{
			Kind:    llm.KindRefused,
			Message: "There are no credentials for Vertex AI: set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account, or run gcloud auth application-default login.",
			Err:     err,
		}
	}
	if quota, err := found.QuotaProjectID(ctx); err == nil && quota != "" {
		client.Transport = &billed{next: client.Transport, project: quota}
	}
	return httptransport.AddAuthorizationMiddleware(client, found)
}

// billed says which project a person's own credentials are used for.
type billed struct {
	next    http.RoundTripper
	project string
}

func (t *billed) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("X-Goog-User-Project", t.project)
	return t.next.RoundTrip(req)
}

// Name is the model's.
func (m *Model) Name() string { return m.name }

// Ping asks whether the model is there for these credentials. It takes no
// tokens.
func (m *Model) Ping(ctx context.Context) error {
	if _, err := m.client.Models.Get(ctx, m.name, nil); err != nil {
		return failure(ctx, err)
	}
	return nil
}

// Generate asks the model.
func (m *Model) Generate(ctx context.Context, r *llm.Request, stream func(text string) error) (*llm.Response, error) {
	contents, config, err := m.question(r)
	if err != nil {
		return nil, err
	}
	a := &answer{Collector: llm.NewCollector(r, stream)}
	a.Model = m.name
	if stream == nil {
		res, err := m.client.Models.GenerateContent(ctx, m.name, contents, config)
		if err == nil {
			err = a.take(res)
		}
		if err != nil {
			return nil, failure(ctx, err)
		}
		return a.end()
	}
	for res, err := range m.client.Models.GenerateContentStream(ctx, m.name, contents, config) {
		if err == nil {
			err = a.take(res)
		}
		if err != nil {
			return nil, failure(ctx, err)
		}
	}
	return a.end()
}

// failure says what an error of the SDK means.
func failure(ctx context.Context, err error) error {
	if own := llm.OfAsker(err); own != nil {
		return own
	}
	if e, ok := errors.AsType[genai.APIError](err); ok {
		return llm.Refusal(e.Code, e.Status+" "+e.Message)
	}
	if e, ok := errors.AsType[*auth.Error](err); ok {
		refused := &llm.Error{Kind: llm.KindRefused, Message: "Google does not accept the credentials for Vertex AI.", Err: err}
		if e.Temporary() {
			refused.Kind, refused.Message = llm.KindUnavailable, "Google's sign-in does not work at the moment."
		}
		return refused
	}
	return llm.Failure(ctx, err)
}
