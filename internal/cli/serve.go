package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/assistant/documents"
	"github.com/rampforgeai/rampforge/internal/assistant/knowledge"
	"github.com/rampforgeai/rampforge/internal/assistant/narrative"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/cache"
	"github.com/rampforgeai/rampforge/internal/config"
	"github.com/rampforgeai/rampforge/internal/connector/builtin"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/telemetry"
	"github.com/rampforgeai/rampforge/internal/worker"
	"github.com/rampforgeai/rampforge/web"
)

// role is what a process does for the others of an installation.
type role string

const (
	roleAll    role = "all"
	roleAPI    role = "api"    // serves requests and leaves jobs to others
	roleWorker role = "worker" // works jobs, and answers its health and metrics alone
)

func newServe(s *streams) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the API, work its jobs and show the web pages",
		Long: "Serve the API, work its jobs and show the web pages, on http://localhost:8000\n" +
			"unless API_HOST and API_PORT say otherwise. The database is made or brought up to\n" +
			"date first. `rampforge config` lists every variable.\n\n" +
			"Over one PostgreSQL any number of processes may serve, each with --role api, worker\n" +
			"or all. One of the role worker answers /api/health and /metrics and nothing else.",
		Args: exact(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig()
			if err != nil {
				return err
			}
			if err := fitRole(role(as), c); err != nil {
				return err
			}
			return serve(cmd.Context(), s, c, role(as))
		},
	}
	cmd.Flags().StringVar(&as, "role", string(roleAll), "what this process does: api, worker or all")
	completeFlag(cmd, "role", string(roleAPI), string(roleWorker), string(roleAll))
	return cmd
}

// fitRole refuses a role that does not exist, or that would leave work undone.
func fitRole(as role, c *config.Config) error {
	switch as {
	case roleAll, roleAPI:
		return nil
	case roleWorker:
		if c.JobWorkers == 0 {
			return usageError{errors.New("a worker without workers does nothing: set JOB_WORKERS to 1 or more, or take --role api")}
		}
		return nil
	}
	return usageError{fmt.Errorf("--role must be api, worker or all, not %q", string(as))}
}

// server is every part of a running product, built once.
type server struct {
	config     *config.Config
	role       role
	logger     *slog.Logger
	db         *database.DB
	store      *store.Store
	sources    sources
	cache      *cache.Cache
	guard      *httpclient.Guard
	services   *ingest.Services
	connectors *connectors
	endpoints  endpoints
	auth       *auth.Service
	queue      *queue.Queue
	measurer   *measure.Measurer
	registry   *prometheus.Registry
	traces     *telemetry.Traces // nil for none
	errors     *telemetry.Errors // nil for none
	told       bool              // what there was to tell was told
	model      *llm.Policy
	sent       *llm.Sent
	embedder   *llm.EmbedPolicy
	meaning    *search.Meaning
	workers    *worker.Workers
	files      repositoryFiles
	api        *api.API
	ready      readiness
	servers    []*httpServer
}

func serve(ctx context.Context, s *streams, c *config.Config, as role) error {
	srv := &server{config: c, role: as, logger: newLogger(c, s.err)}
	defer srv.close()
	if err := srv.build(ctx); err != nil {
		return err
	}
	spare()
	if err := srv.startWork(ctx); err != nil {
		return err
	}
	srv.greet(ctx, s)
	debug.FreeOSMemory() // what the start took; an idle process would hold on to it for minutes
	group, groupCtx := errgroup.WithContext(ctx)
	for _, h := range srv.servers {
		group.Go(h.serve)
	}
	group.Go(func() error {
		<-groupCtx.Done()
		return srv.shutdown(context.WithoutCancel(ctx))
	})
	return group.Wait()
}

// build makes every part and opens the listeners. What was made is closed by
// close, whether or not the rest could be made.
func (s *server) build(ctx context.Context) error {
	c := s.config
	var err error
	if err = s.see(ctx); err != nil {
		return err
	}
	if s.db, err = openMigrated(ctx, c, s.registry, s.logger); err != nil {
		return err
	}
	s.store = store.New(s.db)
	if s.cache, err = cache.New(cache.Options{URL: c.RedisURL, Logger: s.logger, Count: countBy(s.store, s.db), Registry: s.registry}); err != nil {
		return err
	}
	//nolint:contextcheck // its workers outlive the start
	if s.auth, err = newAuth(c, s.store, s.logger); err != nil {
		return err
	}
	if s.guard, err = guardFor(c); err != nil {
		return err
	}
	vendors, err := httpclient.NewVendorMetrics(s.registry)
	if err != nil {
		return err
	}
	if s.services, s.connectors, err = servicesFor(c, s.store, s.cache, vendors, s.logger); err != nil {
		return err
	}
	s.endpoints = endpoints{s.guard, s.connectors.programs}
	if s.model, s.sent, err = modelFor(ctx, c, modelParts{budget: s.store, cache: s.cache, registry: s.registry, logger: s.logger}); err != nil {
		return err
	}
	if err := s.buildMeaning(ctx); err != nil {
		return err
	}
	if err := s.buildWorkers(); err != nil {
		return err
	}
	//nolint:contextcheck // so do those of the API
	if s.api, err = api.New(s.apiOptions()); err != nil {
		return err
	}
	return s.listen(ctx)
}

func (s *server) buildWorkers() error {
	c := s.config
	inspector, err := inspectorFor(c)
	if err != nil {
		return err
	}
	s.sources = sources{config: c, inspector: inspector}
	host, _ := os.Hostname() // a name for people; the number after it is what tells processes apart
	mirrors := worker.Mirrors{Dir: filepath.Join(c.DataDir, "repositories")}
	mappings := builtin.Normalisers()
	s.measurer = measure.New(measure.Options{Store: s.store, Logger: s.logger, Now: time.Now, Subject: identity.Subject, Proven: (&ingest.People{Store: s.store, Now: time.Now}).Proven})
	request := func(r rampforge.Repository, o rampforge.AnalysisOptions) inspect.Request {
		return inspect.Request{
			Source: r.URL, Name: r.Name, Ref: o.Ref, Type: o.Type, IncludeDependencies: o.IncludeDependencies, ForceRefresh: o.ForceRefresh,
			AllowLocal: c.LocalAllowed(), LocalRoots: c.LocalRoots, MirrorDir: mirrors.Mirror(r.ID), FactsFile: mirrors.Facts(r.ID),
		}
	}
	here := func(ctx context.Context, r rampforge.Repository) (inspect.Request, error) {
		erased, err := s.store.Erased(ctx)
		q := request(r, rampforge.AnalysisOptions{})
		q.Erased = erased.Names()
		return q, err
	}
	s.files = repositoryFiles{inspector, here}
	reading := func(ctx context.Context, r rampforge.Repository) (inspect.Request, error) {
		q, err := here(ctx, r)
		if err != nil {
			return q, err
		}
		access, err := s.services.Access(ctx, r)
		q.Access = worker.AccessOf(access)
		return q, err
	}
	indexer := &search.Indexer{Store: s.store, Reader: inspector, Now: time.Now, Rest: 1, Embeds: s.embeds(), Request: reading}
	describer := &narrative.Describer{
		Store: s.store, Reader: inspector, Request: reading, Model: s.narrator(), Requests: c.AINarrativeMax, Tokens: c.AINarrativeTok, Now: time.Now, Logger: s.logger,
	}
	indexer.Follow = (&knowledge.Follower{Store: s.store, Reader: inspector, Now: time.Now}).Follow
	s.workers = worker.New(worker.Options{
		Normalise: func(t rampforge.ServiceType) ingest.Normalise { return mappings[t] },
		Store:     s.store, Inspector: inspectApart(), Logger: s.logger, Beat: c.JobHeartbeat, Now: time.Now, Mirrors: mirrors,
		Retention: worker.Retention{Raw: c.RawRetention, Sessions: c.OldSessions, Audit: c.AuditRetention, Events: c.EventRetention},
		Access:    s.services.Access, Connect: s.services.Open, Services: s.services, CheckEvery: c.CheckInterval, SyncEvery: c.SyncInterval,
		Workflows: s.measurer,
		Owner:     fmt.Sprintf("%s/%s", host, store.NewID("proc")),
		Request:   request, Searches: indexer, Narratives: describer, Embeddings: s.space(),
		Documents: &documents.Maker{Store: s.store, Opener: inspector, Request: reading, Model: s.writer(), Now: time.Now},
	})
	s.queue, err = queue.New(queue.Options{
		Pool: s.db.Write(), SQLite: s.db.Engine() == database.SQLite, Logger: s.logger,
		Workers: s.workers.Register(), Concurrency: s.concurrency(),
		Reads: s.db.Read(), Registry: s.registry, Traces: s.traces.Provider(),
	})
	if err != nil {
		return err
	}
	s.store.QueueWorkflows(s.queue.EnqueueWorkflow)
	return s.registerFigures()
}

// startWork begins to work jobs, or only to look after this process's own disk
// where others work them.
func (s *server) startWork(ctx context.Context) error {
	if s.role == roleAPI {
		s.workers.StartTidying(ctx)
		return nil
	}
	return s.workers.Start(ctx, s.queue)
}

// concurrency is how many jobs of each kind this process works at a time.
func (s *server) concurrency() int {
	if s.role == roleAPI {
		return 0
	}
	return s.config.JobWorkers
}

func (s *server) apiOptions() api.Options {
	c := s.config
	checks := map[string]api.Check{
		"database": s.db.Ping,
		"queue":    func(ctx context.Context) error { _, err := s.store.JobCounts(ctx); return err },
		"cache":    s.cache.Ping,
		"ai":       s.model.Check,
	}
	if s.embedder != nil {
		checks["embeddings"] = s.embedder.Check
	}
	return api.Options{
		Store: s.store, Auth: s.auth, Logger: s.logger, Title: c.Title, Version: c.Version,
		CORSOrigins: c.CORSOrigins, TrustedProxies: c.TrustedProxies, MaxInFlight: c.MaxInFlight, MaxBodyBytes: int64(c.MaxBodyBytes), ImportMaxBytes: int64(c.ImportMaxBytes), Compress: c.Compress,
		Rates:   api.Rates{API: api.Rate(c.RateLimitAPI), Auth: api.Rate(c.RateLimitAuth), Analyze: api.Rate(c.RateLimitAnalyze), Ask: api.Rate(c.RateLimitAsk), Bulk: api.Rate(c.RateLimitBulk), Webhook: api.Rate(c.RateLimitWebhook)},
		Limiter: limiter{s.cache}, Enqueue: s.queue.EnqueueAnalysis, EnqueueSync: s.queue.EnqueueSync, EnqueueRemap: s.queue.EnqueueRemap, EnqueueDocuments: s.queue.EnqueueDocuments, SyncEvery: c.SyncInterval, Sources: s.sources, Services: s.services, Endpoints: s.endpoints,
		Webhooks: &ingest.Webhooks{Services: s.services, Hooks: builtin.Webhooks(), Enqueue: s.queue.EnqueueDeliveries}, Tidy: s.workers.Tidy, Measurer: s.measurer, Files: s.files,
		HealthOnly: s.role == roleWorker, Ready: s.ready.Ready, Checks: checks, Pages: web.FS(), PagesBuilt: web.Built(), MetricsToken: c.MetricsToken, Registry: s.registry, Traces: s.tracing(), Sent: s.sent, Model: s.writer(), Meaning: s.meaning,
	}
}

func (s *server) listen(ctx context.Context) error {
	main, err := listen(ctx, "the API", s.config.Address(), s.api.Handler(), s.logger)
	if err != nil {
		return err
	}
	s.servers = append(s.servers, main)
	if s.config.MetricsAddr == "" {
		return nil
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.api.Metrics())
	metrics, err := listen(ctx, "metrics", s.config.MetricsAddr, forPrograms(mux), s.logger)
	if err != nil {
		return err
	}
	mux.Handle("GET /debug/pprof/", s.api.Profiles(metrics.loopback()))
	s.servers = append(s.servers, metrics)
	return nil
}

// forPrograms tells browsers and caches to make nothing of what a handler
// answers.
func forPrograms(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("X-Frame-Options", "DENY")
		w.Header().Set("Cache-Control", "no-store")
		h.ServeHTTP(w, r)
	})
}

// greet says where the server is and what to do first. On a terminal that is
// for a person, in a log for whoever reads it later.
func (s *server) greet(ctx context.Context, to *streams) {
	address := "http://" + s.servers[0].listener.Addr().String()
	if s.config.Host == "127.0.0.1" || s.config.Host == "localhost" {
		address = fmt.Sprintf("http://localhost:%d", s.servers[0].port())
	}
	s.logger.InfoContext(ctx, "serving", slog.String("address", address), slog.String("role", string(s.role)), slog.String("version", s.config.Version),
		slog.String("database", string(s.db.Engine())), slog.Bool("web_pages", web.Built()), slog.String("answers", s.config.Provider()), slog.String("model", s.model.Name()))
	if weak := s.config.WeakKey(); weak != "" {
		s.logger.WarnContext(ctx, "SECRET_KEY "+weak+": whoever has a token may find it out; make one with: openssl rand -hex 32")
	}
	for _, f := range rootFaults(s.config) {
		s.logger.WarnContext(ctx, "a folder of LOCAL_REPOSITORY_ROOTS cannot be used: no repository there can be analysed",
			slog.String("folder", f.root), slog.String("problem", f.problem))
	}
	if s.role == roleWorker {
		fmt.Fprintf(to.out, "RampForge %s works jobs.\n\n  Health          %s/api/health/ready\n\n  Ctrl-C ends it.\n\n", s.config.Version, address)
		return
	}
	installed, err := s.store.Installed(ctx)
	first := ""
	if err == nil && !installed {
		first = fmt.Sprintf("\n  First account   curl -s %s/api/v1/auth/register -H 'Content-Type: application/json' \\\n"+
			"                    -d '{\"email\":\"you@example.com\",\"password\":\"a long password\",\"name\":\"You\"}'\n"+
			"                  It becomes the administrator. Or: rampforge user create --email … --name …\n", address)
	}
	fmt.Fprintf(to.out, "RampForge %s is running.\n\n  Open            %s\n  API reference   %s/api/docs and %s/api/redoc\n%s\n  Ctrl-C ends it.\n\n",
		s.config.Version, address, address, address, first)
}

// shutdown stops in the order that loses nothing: no new work is promised,
// requests finish, jobs are handed back.
func (s *server) shutdown(ctx context.Context) error {
	s.ready.stopping.Store(true)
	s.logger.InfoContext(ctx, "shutting down; a second signal ends at once")
	if s.config.ShutdownDelay > 0 {
		time.Sleep(s.config.ShutdownDelay) // load balancers look at readiness every few seconds
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Shutdown)
	defer cancel()
	s.api.Close()
	var errs []error
	for _, h := range s.servers {
		errs = append(errs, h.shutdown(ctx))
	}
	errs = append(errs, s.workers.Stop(ctx))
	s.tell(ctx)
	return errors.Join(errs...)
}

// close frees what build made, last first.
func (s *server) close() {
	s.tell(context.Background()) // of a start that failed
	for _, h := range s.servers {
		_ = h.listener.Close() // after shutdown it is closed already
	}
	if s.connectors != nil {
		s.connectors.Close()
	}
	if s.auth != nil {
		s.auth.Close()
	}
	if s.cache != nil {
		s.cache.Close()
	}
	if s.db != nil {
		if err := s.db.Close(); err != nil {
			s.logger.Warn("the database was not closed cleanly", slog.Any("error", err))
		}
	}
}
