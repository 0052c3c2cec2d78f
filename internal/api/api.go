// Package api is the HTTP contract: handlers, the error envelope, the OpenAPI
// document, the documentation pages and the stream of events. It may import
// floors one to three and web; it opens no connection and reads no
// configuration: cli hands everything in.
package api

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Options configures an API. Every field must be set, but for the ones that
// say otherwise.
type Options struct {
	Store  *store.Store
	Auth   *auth.Service
	Logger *slog.Logger

	Title   string // in the documentation and in the health answers
	Version string

	CORSOrigins    []string       // origins that browsers may call from; may be empty
	TrustedProxies []netip.Prefix // whose X-Forwarded-For counts; may be empty
	MaxInFlight    int            // requests served at the same time; 0 is no bound
	MaxBodyBytes   int64          // largest request body; 0 is 1 MiB
	ImportMaxBytes int64          // largest file of an import, unpacked; 0 is 1 GiB
	Compress       bool           // answers that hold no secret, for who takes gzip
	Patience       Patience       // with clients that are slow
	Rates          Rates
	Limiter        Limiter // may be nil when every rate is off

	Enqueue store.Enqueue // writes the job of an analysis into the transaction of its row
	Sources Sources       // checks repository addresses
	// EnqueueSync writes the job of a sync task into the transaction of its row.
	EnqueueSync store.Enqueue
	// EnqueueRemap writes the job of a remap into the transaction of its row.
	EnqueueRemap store.Enqueue
	// EnqueueDocuments writes the job of documents into the transaction of its row.
	EnqueueDocuments store.Enqueue
	// SyncEvery is how often services are synced that say nothing else; 0 is
	// only by hand.
	SyncEvery time.Duration
	// Services asks services and keeps their credentials; Endpoints checks
	// where they are.
	Services  *ingest.Services
	Endpoints Endpoints
	Webhooks  *ingest.Webhooks // takes what services tell by themselves
	// Model writes answers to questions; nil composes them without one. Files reads
	// repositories that are on this machine; nil goes by what was indexed.
	Model llm.Model
	Files assistant.Files
	// Measurer answers what is computed of projects' records.
	Measurer *measure.Measurer
	// ReportWait is how long a request waits for the first workflow report of a
	// project; 0 is 20 seconds.
	ReportWait time.Duration
	Tidy       func() // removes soon what is kept of a removed repository; nil leaves it to the housekeeping

	// HealthOnly serves the health and the metrics and nothing else: what a process
	// answers that only works jobs.
	HealthOnly bool

	// Ready reports whether the process takes new work; nil is always. It turns
	// false as soon as shutdown begins.
	Ready func() bool
	// Checks are the parts that the health answers list, by name: database,
	// queue, cache, ai. The first two are needed; without the others the answer
	// is that the service is degraded. May be empty.
	Checks map[string]Check

	Pages      fs.FS // the built web pages; see web.FS
	PagesBuilt bool

	// MetricsToken is the bearer token that GET /metrics asks for; "" leaves the
	// route out, and API.Metrics can be served on a listener of its own.
	MetricsToken string
	// Registry takes the API's metrics; nil makes one.
	Registry *prometheus.Registry
	// Traces makes a span of each request; nil makes none.
	Traces trace.TracerProvider
	// Sent is what was sent to the model; nil keeps nothing.
	Sent *llm.Sent
	// Meaning finds passages by what they mean; nil: by words alone.
	Meaning *search.Meaning

	Now func() time.Time // nil is time.Now
}

// Check fails when a part of the service does not work. Its error is logged
// and never shown.
type Check func(ctx context.Context) error

// Rate is a number of requests in a window. The zero Rate is no limit.
type Rate struct {
	Limit  int
	Window time.Duration
}

// Rates are the limits of the contract. API, Analyze, Ask and Bulk count for each
// user; Auth for each account and, six times of it, for each client address;
// Webhook for each service from each address and, six times of it, for the
// address.
type Rates struct {
	API, Auth, Analyze, Ask, Bulk, Webhook Rate
}

// LimitResult is where a key stands in its window.
type LimitResult struct {
	Allowed   bool
	Limit     int
	Remaining int
	Reset     time.Time // when the window ends
}

// Limiter counts requests. One that fails lets requests through.
type Limiter interface {
	Allow(ctx context.Context, key string, limit int, window time.Duration) (LimitResult, error)
}

// Source is a repository address that was checked.
type Source struct {
	URL    string // normalised, without credentials: what is stored and compared
	Name   string
	Type   rampforge.RepositoryType
	WebURL string // the repository's page for a browser; "" when there is none
}

// Sources checks an address before it is stored: its form, its host, and
// whether local paths are allowed. A kind of "" is to be found out. What the
// asker can mend comes back as rampforge.Error with CodeInvalid.
type Sources interface {
	CheckSource(ctx context.Context, address string, kind rampforge.RepositoryType) (Source, error)
}

// API is the HTTP side of the product. Handler serves it; Close ends its
// streams.
type API struct {
	options Options
	mux     *http.ServeMux
	huma    huma.API
	cors    cors
	limits  limits
	metrics *metrics
	tracer  trace.Tracer // nil without traces
	hub     *hub
	facts   *reportFacts
	indexes *codeIndexes
	people  *ingest.People
	busy    atomic.Int64  // requests in flight that count
	streams streams       // of events
	large   chan struct{} // places for large messages of webhooks
	plain   []string      // patterns of the routes that are not in the OpenAPI document
	// compressed is the mux with answers compressed; nil compresses none.
	compressed http.Handler
	patience   Patience
}

// New returns an API and starts to follow the events.
func New(o Options) (*API, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxBodyBytes <= 0 {
		o.MaxBodyBytes = 1 << 20
	}
	if o.ImportMaxBytes <= 0 {
		o.ImportMaxBytes = defaultImport
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	counted, err := newMetrics(o.Registry)
	if err != nil {
		return nil, fmt.Errorf("registering the metrics of the API: %w", err)
	}
	a := &API{
		options: o, mux: http.NewServeMux(), cors: newCORS(o.CORSOrigins), metrics: counted, tracer: tracerOf(o.Traces), facts: newReportFacts(), patience: o.Patience.whole(), indexes: newCodeIndexes(maxIndexBytes), large: make(chan struct{}, largeWebhooks),
		people: &ingest.People{Store: o.Store, Now: o.Now},
		limits: limits{limiter: o.Limiter, logger: o.Logger, now: o.Now},
		hub:    newHub(o.Store, o.Logger),
	}
	if o.Compress {
		compress, err := newCompressor()
		if err != nil {
			return nil, fmt.Errorf("preparing the compression of answers: %w", err)
		}
		a.compressed = compress(a.mux)
	}
	a.huma = humago.New(a.mux, humaConfig(o))
	a.registerHealth()
	if o.MetricsToken != "" {
		a.page("GET /metrics", http.HandlerFunc(a.serveMetrics))
	}
	if o.HealthOnly {
		return a, nil
	}
	a.registerSignIn()
	a.registerAccount()
	a.registerUsers()
	a.registerSentRequests()
	a.registerRepositories()
	a.registerAnalyses()
	a.registerCodeQuestions()
	a.registerProjects()
	a.registerSearch()
	a.registerAsk()
	a.registerConversations()
	a.registerDocuments()
	a.registerInterviews()
	a.registerKnowledge()
	a.registerServices()
	a.registerTools()
	a.registerRemaps()
	a.registerSyncs()
	a.registerLegacy()
	a.registerLegacyReads()
	a.registerLegacyInsights()
	a.registerPeople()
	a.registerTeam()
	a.registerOwnExport()
	a.registerWebhooks()
	a.registerEvents()
	a.nullable()
	if err := a.exemplify(); err != nil {
		return nil, err
	}
	if err := a.registerPages(); err != nil {
		return nil, err
	}
	a.hub.start()
	return a, nil
}

func humaConfig(o Options) huma.Config {
	useEnvelope()
	config := huma.DefaultConfig(o.Title, o.Version)
	// Huma's own routes for documents and schemas, and the $schema fields that
	// it adds to answers, are not part of the contract.
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.AllowAdditionalPropertiesByDefault = true // unknown request fields are ignored
	config.Info.Description = description
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{bearer: {
		Type: "http", Scheme: bearer, BearerFormat: "JWT",
		Description: "An access token from sign-in or refresh, or a personal API token (rf_…).",
	}}
	config.Tags = tags
	return config
}

// Handler returns everything that the API serves.
func (a *API) Handler() http.Handler { return http.HandlerFunc(a.serve) }

// Close ends the event streams and waiting requests, so that a graceful
// shutdown need not wait for their clients, and stops following the events.
// Register it with http.Server.RegisterOnShutdown, or call it before Shutdown.
// It may be called more than once.
func (a *API) Close() {
	if !a.options.HealthOnly {
		a.hub.close()
	}
}
