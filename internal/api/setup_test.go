package api_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/api"
	"github.com/rampforgeai/rampforge/internal/api/client"
	"github.com/rampforgeai/rampforge/internal/auth"
	"github.com/rampforgeai/rampforge/internal/cache"
	"github.com/rampforgeai/rampforge/internal/connector/builtin"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/ingest/identity"
	"github.com/rampforgeai/rampforge/internal/measure"
	"github.com/rampforgeai/rampforge/internal/queue"
	"github.com/rampforgeai/rampforge/internal/secret"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
	"github.com/rampforgeai/rampforge/internal/telemetry"
)

// password is everybody's in these tests.
const password = "correct horse battery"

var signingKey = []byte("a key for tests that has more than 32 bytes")

// world is a server on a real database, with somebody of each role.
type world struct {
	t        *testing.T
	store    *store.Store
	db       *database.DB
	auth     *auth.Service
	api      *api.API
	server   *httptest.Server
	client   *client.Client // of nobody
	logs     *lockedBuffer
	vendor   *vendor
	services *ingest.Services
	people   map[rampforge.Role]person
	// enqueue writes the job of a sync.
	enqueue store.Enqueue
}

type person struct {
	user    rampforge.User
	session client.Tokens
	client  *client.Client
}

// each runs test in a world on each database.
func each(t *testing.T, test func(t *testing.T, w *world), change ...func(*setting)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		t.Helper()
		test(t, newWorld(t, s, db, change...))
	})
}

// onSQLite runs test in a world on SQLite, for what does not depend on the
// database.
func onSQLite(t *testing.T, test func(t *testing.T, w *world), change ...func(*setting)) {
	t.Helper()
	t.Parallel()
	db := storetest.SQLite(t)
	test(t, newWorld(t, store.New(db), db, change...))
}

// setting is what a test may choose of its world.
type setting struct {
	api          api.Options
	registration string
	accessTTL    time.Duration
	now          func() time.Time
	narrow       bool // the server's connections hold little that was not taken
}

func newWorld(t *testing.T, s *store.Store, db *database.DB, change ...func(*setting)) *world {
	t.Helper()
	w := &world{t: t, store: s, db: db, logs: &lockedBuffer{}, vendor: &vendor{}, people: map[rampforge.Role]person{}}
	logger := telemetry.NewLogger(w.logs, telemetry.LogOptions{JSON: true, Level: slog.LevelDebug})
	jobs, err := queue.New(queue.Options{Pool: db.Write(), SQLite: db.Engine() == database.SQLite, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := secret.NewSealer(string(signingKey))
	if err != nil {
		t.Fatal(err)
	}
	w.enqueue = jobs.EnqueueSync
	s.QueueWorkflows(jobs.EnqueueWorkflow)
	measurer := measure.New(measure.Options{Store: s, Logger: logger, Now: time.Now, Subject: identity.Subject, Proven: (&ingest.People{Store: s, Now: time.Now}).Proven})
	services := &ingest.Services{Store: s, Sealer: sealer, Connectors: w.vendor, Logger: logger, Interval: time.Minute, Now: time.Now}
	w.services = services
	c := setting{registration: auth.RegistrationOpen, accessTTL: 10 * time.Minute, now: time.Now, api: api.Options{
		Store: s, Logger: logger, Title: "RampForgeAI API", Version: "test", CORSOrigins: []string{"http://localhost:3000"},
		Enqueue: jobs.EnqueueAnalysis, EnqueueSync: jobs.EnqueueSync, EnqueueRemap: jobs.EnqueueRemap, EnqueueDocuments: jobs.EnqueueDocuments, Sources: sources{}, Services: services, Measurer: measurer, ReportWait: 20 * time.Millisecond, Endpoints: endpoints{}, Webhooks: &ingest.Webhooks{Services: services, Hooks: builtin.Webhooks(), Enqueue: jobs.EnqueueDeliveries}, Pages: pages, PagesBuilt: true, Limiter: counting(t), Compress: true,
		Checks: map[string]api.Check{"database": db.Ping, "queue": func(context.Context) error { return nil }},
	}}
	for _, f := range change {
		f(&c)
	}
	w.auth, err = auth.New(auth.Options{
		Store: s, Logger: logger, Key: signingKey, Algorithm: "HS256", AccessTTL: c.accessTTL, RefreshTTL: time.Hour,
		Registration: c.registration, BcryptCost: 4, Now: c.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.auth.Close)
	c.api.Auth, c.api.Now = w.auth, c.now
	if w.api, err = api.New(c.api); err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewUnstartedServer(nil)
	w.server.Config = c.api.Patience.Server(w.api.Handler(), nil)
	if c.narrow {
		w.server.Listener = narrow{w.server.Listener}
	}
	w.server.Start()
	t.Cleanup(func() {
		w.api.Close()
		w.server.Close()
	})
	w.client = client.New(w.server.URL, w.server.Client())
	for _, role := range rampforge.Roles() {
		w.people[role] = w.person(string(role)+"@example.com", role)
	}
	return w
}

// person makes an account and signs it in.
func (w *world) person(email string, role rampforge.Role) person {
	w.t.Helper()
	user, err := w.auth.CreateUser(w.t.Context(), auth.NewAccount{Email: email, Password: password, Name: "Somebody", Role: role})
	if err != nil {
		w.t.Fatal(err)
	}
	tokens, err := w.auth.Login(w.t.Context(), email, password, auth.Client{Address: "192.0.2.1", Device: "test"})
	if err != nil {
		w.t.Fatal(err)
	}
	session := client.Tokens{AccessToken: tokens.Access, RefreshToken: tokens.Refresh, User: tokens.User}
	return person{user: user, session: session, client: w.client.As(tokens.Access)}
}

func (w *world) admin() *client.Client     { return w.people[rampforge.RoleAdmin].client }
func (w *world) lead() *client.Client      { return w.people[rampforge.RoleTeamLead].client }
func (w *world) developer() *client.Client { return w.people[rampforge.RoleDeveloper].client }
func (w *world) observer() *client.Client  { return w.people[rampforge.RoleObserver].client }

// repository adds a repository as the team lead.
func (w *world) repository(url string) rampforge.Repository {
	w.t.Helper()
	r, err := w.lead().AddRepository(w.t.Context(), client.NewRepository{URL: url})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// claim takes a run as a worker does.
func (w *world) claim(analysisID string) store.Claim {
	w.t.Helper()
	run, err := w.store.Run(w.t.Context(), analysisID)
	if err != nil {
		w.t.Fatal(err)
	}
	c := store.Claim{AnalysisID: analysisID, JobID: run.JobID, Owner: "test"}
	if _, _, ok, err := w.store.ClaimRun(w.t.Context(), c, time.Now(), time.Now().Add(-time.Minute)); err != nil || !ok {
		w.t.Fatalf("claiming the run: %v, %v", ok, err)
	}
	return c
}

// finish ends a run with a report, as a worker does.
func (w *world) finish(analysisID, reportJSON string) {
	w.t.Helper()
	commit := strings.Repeat("a", 40)
	won, err := w.store.FinishRun(w.t.Context(), w.claim(analysisID), store.Outcome{
		Status: rampforge.AnalysisCompleted, Commit: &commit, Report: []byte(reportJSON), Message: "Done.",
	}, time.Now())
	if err != nil || !won {
		w.t.Fatalf("finishing the run: %v, %v", won, err)
	}
}

// analysed adds a repository with one finished report.
func (w *world) analysed(url, reportJSON string) (rampforge.Repository, string) {
	w.t.Helper()
	r := w.repository(url)
	started, err := w.lead().Analyze(w.t.Context(), r.ID, client.AnalysisRequest{}, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	w.finish(started.AnalysisID, reportJSON)
	return r, started.AnalysisID
}

// sampleReport has what the API itself reads of a report, and text that would
// change if anybody re-wrote it.
const sampleReport = `{"schema":"rampforge.code-report/1","commit":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","complexity_score":4.50,"feature_count":null,"totals":{"test_coverage":0.75},"technical_debt":{"ratio":0.03},"z":1e2}`

// sources accepts https addresses, and writes their host in lower case.
type sources struct{}

func (sources) CheckSource(_ context.Context, address string, kind rampforge.RepositoryType) (api.Source, error) {
	rest, ok := strings.CutPrefix(address, "https://")
	host, path, more := strings.Cut(rest, "/")
	if !ok || !more || path == "" {
		return api.Source{}, rampforge.Invalid(rampforge.FieldIssue{Field: "url", Issue: "must be an https address"})
	}
	if kind == "" {
		kind = rampforge.RepositoryGit
	}
	path = strings.TrimSuffix(path, ".git")
	return api.Source{URL: "https://" + strings.ToLower(host) + "/" + path, Name: path[strings.LastIndex(path, "/")+1:], Type: kind}, nil
}

// limiter counts in the product's own cache.
type limiter struct{ counts *cache.Cache }

func counting(t *testing.T) limiter {
	t.Helper()
	counts, err := cache.New(cache.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(counts.Close)
	return limiter{counts}
}

func (l limiter) Allow(ctx context.Context, key string, limit int, window time.Duration) (api.LimitResult, error) {
	n := l.counts.Add(ctx, key, window)
	return api.LimitResult{Allowed: n.Used <= limit, Limit: limit, Remaining: limit - n.Used, Reset: n.Reset}, nil
}

var pages = fstest.MapFS{
	"index.html":                {Data: []byte("<!doctype html><title>landing</title>")},
	"assets/index-1a2b3c.js":    {Data: []byte("export {}")},
	"redoc/redoc.standalone.js": {Data: []byte("/* redoc */")},
	".gitkeep":                  {},
	"redoc/LICENSE.txt":         {Data: []byte("licence")},
	"favicon.svg":               {Data: []byte("<svg/>")},
}

// trusting lets the world trust the given proxies.
func trusting(prefixes ...string) func(*setting) {
	return func(s *setting) {
		for _, p := range prefixes {
			s.api.TrustedProxies = append(s.api.TrustedProxies, netip.MustParsePrefix(p))
		}
	}
}

// lockedBuffer takes log lines from many goroutines.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// answer is one raw answer of the server.
type answer struct {
	status int
	header http.Header
	body   string
}

// raw sends a request as it is, without the client's help, and asks for nothing
// compressed unless it says so. Headers come as pairs.
func (w *world) raw(method, path, body string, headers ...string) answer {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body == "" {
		request.Body = http.NoBody
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	if request.Header.Get("Accept-Encoding") == "" {
		request.Header.Set("Accept-Encoding", "identity")
	}
	plain := *w.server.Client()
	plain.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := plain.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(text)}
}
