package worker_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/ingest"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/secret"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// forge is a host of repositories that takes one token, by basic
// authentication; "" lets everybody in who shows none.
type forge struct {
	*httptest.Server
	repo  *gittest.Repo
	token atomic.Value // string
}

func newForge(t *testing.T, token string) *forge {
	t.Helper()
	f := &forge{repo: gittest.Build(t, "-- main.go --\npackage main\n\nfunc main() {}\n-- commit: First --\n")}
	f.token.Store(token)
	backend := gittest.Handler(t, filepath.Dir(f.repo.Dir), "")
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, shown := r.BasicAuth(); password != f.token.Load() || shown && user != "oauth2" {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "sign in, "+r.Header.Get("Authorization"), http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// office is a process with the product's own services and inspector.
type office struct {
	*process
	services *ingest.Services
	lead     rampforge.User
}

func newOffice(t *testing.T, db *database.DB) *office {
	t.Helper()
	guard, err := httpclient.NewGuard(httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := secret.NewSealer("a key for tests that has more than 32 bytes")
	if err != nil {
		t.Fatal(err)
	}
	inspector := inspect.New(inspect.Options{Guard: guard, AllowHTTP: true, Parsers: builtin.Parsers(), Limits: git.Limits{Timeout: time.Minute}})
	o := &office{}
	o.process = start(t, db, "one", 1, inspector.Inspect, func(w *worker.Options) {
		o.services = &ingest.Services{Store: w.Store, Sealer: sealer, Logger: w.Logger, Interval: time.Minute, Now: time.Now}
		w.Access = o.services.Access
		w.Request = func(r rampforge.Repository, opt rampforge.AnalysisOptions) inspect.Request {
			return inspect.Request{Source: r.URL, Ref: opt.Ref, MirrorDir: w.Mirrors.Mirror(r.ID), FactsFile: w.Mirrors.Facts(r.ID)}
		}
	})
	o.lead, err = o.store.CreateUser(t.Context(), store.Registration{Email: "lead@example.com", Name: "Lead", PasswordHash: "x", Role: rampforge.RoleTeamLead, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) service(endpoint, token string) string {
	o.t.Helper()
	id := store.NewID("svc")
	sealed, err := o.services.Seal(id, map[string]string{"token": token})
	if err == nil {
		err = o.store.CreateService(o.t.Context(), rampforge.Service{
			ID: id, Type: rampforge.ServiceGitLab, Name: "Main", Endpoint: endpoint, Transport: rampforge.TransportREST, Enabled: true, Timeout: 1, CreatedBy: o.lead.ID, CreatedAt: time.Now(),
		}, sealed)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return id
}

func (o *office) enter(id, token string) {
	o.t.Helper()
	_, err := o.store.UpdateService(o.t.Context(), id, time.Now(), func(row *store.ServiceSecret) (err error) {
		row.Sealed, err = o.services.Seal(id, map[string]string{"token": token})
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) repository(address string, service *string) rampforge.Repository {
	o.t.Helper()
	r := rampforge.Repository{ID: store.NewID("repo"), Name: "shop", URL: address, Type: rampforge.RepositoryGitLab, ServiceID: service, CreatedBy: o.lead.ID, CreatedAt: time.Now()}
	if err := o.store.CreateRepository(o.t.Context(), r); err != nil {
		o.t.Fatal(err)
	}
	return r
}

// analyse waits for the end of a run and returns it.
func (o *office) analyse(r rampforge.Repository) rampforge.Analysis {
	o.t.Helper()
	a := rampforge.Analysis{ID: store.NewID("ana"), RepositoryID: r.ID, RequestedBy: o.lead.ID, CreatedAt: time.Now()}
	err := o.store.InTx(o.t.Context(), func(tx *sql.Tx) error {
		_, _, err := o.store.StartRunTx(o.t.Context(), tx, a, o.queue.EnqueueAnalysis)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return o.until(a.ID, "finished", finished).Analysis
}

func (o *office) wantCompleted(what string, a rampforge.Analysis) {
	o.t.Helper()
	if a.Status != rampforge.AnalysisCompleted || a.Commit == nil {
		o.t.Fatalf("%s: %s: %s\n%s", what, a.Status, value(a.Error), o.logs)
	}
}

func (o *office) wantFailed(what string, a rampforge.Analysis, says ...string) {
	o.t.Helper()
	for _, s := range says {
		if a.Status != rampforge.AnalysisFailed || !strings.Contains(value(a.Error), s) {
			o.t.Errorf("%s: %s: %q lacks %q", what, a.Status, value(a.Error), s)
		}
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// stored is all that the database keeps, and how many jobs of it.
func stored(t *testing.T, db *database.DB) (text string, jobs int) {
	t.Helper()
	all := storetest.Tables(t, db)
	var out strings.Builder
	for _, lines := range all {
		out.WriteString(strings.Join(lines, "\n") + "\n")
	}
	return out.String(), len(all["river_job"])
}

// TestPrivateRepository is cloned, refused and fetched again with the tokens
// that a service has one after the other.
func TestPrivateRepository(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		tokens := []string{"made-up-token-number-one", "made-up-token-number-two"}
		host := newForge(t, tokens[0])
		o := newOffice(t, db)
		r := o.repository(host.URL+"/repo", nil)
		o.wantFailed("without a service", o.analyse(r), "asks for a sign-in", "add or enable one")
		id := o.service(host.URL, tokens[0])
		o.wantCompleted("by the service of its host", o.analyse(r))

		host.token.Store(tokens[1])
		host.repo.Add("-- more.go --\npackage main\n-- commit: Second --\n")
		o.wantFailed("after the host changed the token", o.analyse(r), `token of the service "Main"`, "Without a token", "Give the service")
		o.enter(id, tokens[1])
		after := o.analyse(r)
		if o.wantCompleted("after the new one was entered", after); *after.Commit != host.repo.Hash("main") {
			t.Errorf("the commit is %s", *after.Commit)
		}

		named := o.repository(host.URL+"/repo/", &id)
		o.wantCompleted("by its name", o.analyse(named))
		o.enter(id, tokens[0])
		o.wantFailed("with an old token", o.analyse(named), `does not accept the token of the service "Main". Give the service`)
		err := o.store.InTx(t.Context(), func(tx *sql.Tx) error { return o.store.DeleteServiceTx(t.Context(), tx, id) })
		if err != nil {
			t.Fatal(err)
		}
		o.wantFailed("after the service was removed", o.analyse(named), "asks for a sign-in", "add or enable one")
		o.wantNoToken(db, tokens)
	})
}

// wantNoToken looks for tokens in all that is kept or told.
func (o *office) wantNoToken(db *database.DB, tokens []string) {
	o.t.Helper()
	kept, jobs := stored(o.t, db)
	if jobs == 0 || !strings.Contains(kept, "lead@example.com") {
		o.t.Errorf("the look at the database is blind: %d jobs, %d bytes", jobs, len(kept))
	}
	places := map[string]string{"the database": kept, "the logs": o.logs.String()}
	err := filepath.WalkDir(o.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		places[path] = string(content)
		return err
	})
	if err != nil || len(places) < 5 {
		o.t.Errorf("the look at the mirrors is blind: %d places, %v", len(places), err)
	}
	for place, text := range places {
		for _, token := range tokens {
			for _, form := range []string{token, base64.StdEncoding.EncodeToString([]byte("oauth2:" + token))} {
				if strings.Contains(text, form) {
					o.t.Errorf("%s: a token is in it", place)
				}
			}
		}
	}
}

// TestPublicRepository is read without a service, and with one whose token its
// host refuses.
func TestPublicRepository(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		host := newForge(t, "")
		o := newOffice(t, db)
		r := o.repository(host.URL+"/repo", nil)
		o.wantCompleted("without a service", o.analyse(r))
		if strings.Contains(o.logs.String(), "was refused") {
			t.Error("a token is said to be refused that nobody has")
		}
		id := o.service(host.URL, "run-out-token")
		a := o.analyse(r)
		o.wantCompleted("with a token that ran out", a)
		if text := o.logs.String(); !strings.Contains(text, "was refused") || !strings.Contains(text, id) {
			t.Errorf("nothing is said of the token:\n%s", text)
		}
		if kept, _ := stored(t, db); !strings.Contains(kept, "the repository was read without one") {
			t.Error("no event says so")
		}
		o.wantFailed("when the service is named", o.analyse(o.repository(host.URL+"/repo/", &id)), `does not accept the token of the service "Main"`)

		_, err := o.store.UpdateService(t.Context(), id, time.Now(), func(row *store.ServiceSecret) error { row.Service.Enabled = false; return nil })
		if err != nil {
			t.Fatal(err)
		}
		o.wantCompleted("with the service disabled", o.analyse(r))
		o.wantNoToken(db, []string{"run-out-token"})
	})
}

// TestAccessThatFails is a fault of ours, and no reason to ask as a stranger.
func TestAccessThatFails(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		var asked atomic.Bool
		p := start(t, db, "one", 1, func(ctx context.Context, r inspect.Request) (*inspect.Result, error) {
			asked.Store(true)
			return completed(ctx, r)
		}, func(o *worker.Options) {
			o.Access = func(context.Context, rampforge.Repository) (ingest.Access, error) {
				return ingest.Access{}, fmt.Errorf("no connection: %w", sql.ErrConnDone)
			}
			o.Logger = slog.New(slog.DiscardHandler)
		})
		a := p.ask("ada")
		if run := p.until(a.ID, "finished", finished); run.Analysis.Status != rampforge.AnalysisFailed || asked.Load() {
			t.Errorf("%s, asked %t", run.Analysis.Status, asked.Load())
		}
	})
}
