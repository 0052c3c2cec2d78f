package worker_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/git/gittest"
	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// searchesFunc brings scopes up to date as a test says.
type searchesFunc func(ctx context.Context, c store.SearchClaim, was store.SearchScope) error

func (f searchesFunc) Refresh(ctx context.Context, c store.SearchClaim, was store.SearchScope) error {
	return f(ctx, c, was)
}

// library is a process that analyses and indexes with the product's own parts,
// and has a folder of mirrors of its own.
type library struct {
	*process

	db      *database.DB
	indexer *search.Indexer
}

// newLibrary makes one; around stands between its worker and its indexer, nil
// for nothing.
func newLibrary(t *testing.T, db *database.DB, owner string, around func(x *search.Indexer) searchesFunc) *library {
	t.Helper()
	guard, err := httpclient.NewGuard(httpclient.Options{Allow: []string{"127.0.0.1"}, AllowHTTP: true})
	if err != nil {
		t.Fatal(err)
	}
	inspector := inspect.New(inspect.Options{Guard: guard, AllowHTTP: true, Parsers: builtin.Parsers(), Limits: git.Limits{Timeout: time.Minute}})
	l := &library{db: db}
	l.process = start(t, db, owner, 1, inspector.Inspect, patient, func(w *worker.Options) {
		w.Request = func(r rampforge.Repository, opt rampforge.AnalysisOptions) inspect.Request {
			return inspect.Request{Source: r.URL, Ref: opt.Ref, MirrorDir: w.Mirrors.Mirror(r.ID), FactsFile: w.Mirrors.Facts(r.ID)}
		}
		l.indexer = &search.Indexer{Store: w.Store, Reader: inspector, Now: time.Now,
			Request: func(_ context.Context, r rampforge.Repository) (inspect.Request, error) {
				return w.Request(r, rampforge.AnalysisOptions{}), nil
			}}
		w.Searches = l.indexer
		if around != nil {
			w.Searches = around(l.indexer)
		}
		if l.indexer.Embeds != nil {
			w.Embeddings = spaceOf(l.indexer.Embeds)
		}
	})
	return l
}

// shelf is a repository on a host, with a project over it.
type shelf struct {
	repo    *gittest.Repo
	id      string
	project string
	lead    rampforge.User
}

func (l *library) shelf(script string) *shelf {
	l.t.Helper()
	ctx, now := l.t.Context(), time.Now().UTC()
	s := &shelf{repo: gittest.Build(l.t, script), id: store.NewID("repo"), project: store.NewID("prj")}
	host := httptest.NewServer(gittest.Handler(l.t, filepath.Dir(s.repo.Dir), ""))
	l.t.Cleanup(host.Close)
	var err error
	s.lead, err = l.store.CreateUser(ctx, store.Registration{Email: "lead@example.com", Name: "Lead", PasswordHash: "x", Role: rampforge.RoleTeamLead, At: now})
	if err == nil {
		err = l.store.CreateRepository(ctx, rampforge.Repository{ID: s.id, Name: "shop", URL: host.URL + "/repo", Type: rampforge.RepositoryGit, CreatedBy: s.lead.ID, CreatedAt: now})
	}
	if err == nil {
		err = l.store.InTx(ctx, func(tx *sql.Tx) error {
			return l.store.CreateProjectTx(ctx, tx, rampforge.Project{ID: s.project, Name: "Shop", Status: rampforge.ProjectActive, RepositoryID: &s.id, CreatedBy: s.lead.ID, CreatedAt: now, UpdatedAt: now}, nil)
		})
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

// analysed analyses the newest commit.
func (l *library) analysed(s *shelf) {
	l.t.Helper()
	a := rampforge.Analysis{ID: store.NewID("ana"), RepositoryID: s.id, RequestedBy: s.lead.ID, CreatedAt: time.Now()}
	err := l.store.InTx(l.t.Context(), func(tx *sql.Tx) error {
		_, _, err := l.store.StartRunTx(l.t.Context(), tx, a, l.queue.EnqueueAnalysis)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	if run := l.until(a.ID, "finished", finished); run.Analysis.Status != rampforge.AnalysisCompleted {
		l.t.Fatalf("%s: %s\n%s", run.Analysis.Status, value(run.Analysis.Error), l.logs)
	}
}

// scope waits until that of a repository is as wanted.
func (l *library) scope(s *shelf, what string, wanted func(store.SearchScope) bool) store.SearchScope {
	l.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		c, err := l.store.ScopeOfRepository(l.t.Context(), s.id)
		if err == nil && wanted(c) {
			return c
		}
		if time.Now().After(deadline) {
			l.t.Fatalf("the scope is never %s: %+v, %v\n%s", what, c, err, l.logs)
		}
	}
}

func upToDate(c store.SearchScope) bool {
	return c.Status == store.SearchCurrent && c.Done == c.Wanted
}

func (l *library) indexed(s *shelf) store.SearchScope {
	l.t.Helper()
	return l.scope(s, "up to date", upToDate)
}

// found are the places of what a member of the project finds of some kinds.
func (l *library) found(s *shelf, question string, kinds ...rampforge.PassageKind) string {
	l.t.Helper()
	found, err := search.Ask(l.t.Context(), l.store, store.ViewerOf(s.lead), s.project, search.Question{Text: question, Kinds: kinds})
	if err != nil {
		l.t.Fatal(err)
	}
	var list []string
	for _, hit := range found.Hits {
		if list = append(list, hit.Title); hit.StartLine > 0 {
			list[len(list)-1] = fmt.Sprintf("%s:%d-%d@%s", hit.Path, hit.StartLine, hit.EndLine, hit.Commit[:4])
		}
	}
	return strings.Join(list, ", ")
}

// kept are the ids of what is kept, by kind and key, without what a report says.
func (l *library) kept() map[string][]int64 {
	l.t.Helper()
	out := map[string][]int64{}
	rows, err := l.db.Read().QueryContext(l.t.Context(), `SELECT kind, key, id FROM passages WHERE kind <> 'report' ORDER BY id`)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var kind, key string
		var id int64
		if err := rows.Scan(&kind, &key, &id); err != nil {
			l.t.Fatal(err)
		}
		if kind == "commit" {
			key = ""
		}
		out[kind+" "+key] = append(out[kind+" "+key], id)
	}
	if err := rows.Err(); err != nil {
		l.t.Fatal(err)
	}
	return out
}

const shopScript = `-- go.mod --
module shop
-- pay/pay.go --
package pay

// RetryPayment sends a payment again after a timeout.
func RetryPayment(order string) error { return send(order) }

func send(order string) error { return nil }
-- cart/cart.go --
package cart

// Total adds up the prices of a cart.
func Total(prices []int) (sum int) {
	for _, p := range prices {
		sum += p
	}
	return sum
}
-- docs/old.md --
# Vouchers

Vouchers are redeemed by the cashier.
-- README.md --
# Shop

Shop is a program that sells gadgets to people who collect them in their homes.
-- commit: Sell gadgets --
`

// TestSearchFollowsARepository: the first analysis indexes all of it, the second
// only what changed, and what is gone is found no more.
func TestSearchFollowsARepository(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		l := newLibrary(t, db, "one", nil)
		s := l.shelf(shopScript)
		l.analysed(s)
		first := l.indexed(s)
		if want := s.repo.Hash("main"); first.Commit != want {
			t.Errorf("the commit is %s, want %s", first.Commit, want)
		}
		at := first.Commit[:4]
		for question, want := range map[string]string{
			"where are payments sent again": "pay/pay.go:3-4@" + at, "vouchers": "docs/old.md:1-3@" + at, "cashier": "docs/old.md:1-3@" + at,
		} {
			if got, _, _ := strings.Cut(l.found(s, question, rampforge.PassageCode, rampforge.PassageDocument), ","); got != want {
				t.Errorf("%q finds %q, want %q", question, got, want)
			}
		}
		if got := l.found(s, "gadgets", rampforge.PassageCommit); got != "Sell gadgets" {
			t.Errorf("the commits are %q", got)
		}
		for question, want := range map[string]string{"how do I run the tests": "How to test it", "what sells gadgets": "What repo is"} {
			if got := l.found(s, question, rampforge.PassageReport); !strings.Contains(got, want) {
				t.Errorf("the report says of %q: %q, want %q", question, got, want)
			}
		}
		before := l.kept()

		s.repo.Add("-- cart/cart.go --\npackage cart\n\n// Discount takes a share off a price.\nfunc Discount(price int) int { return price / 2 }\n" +
			"-- delete: docs/old.md --\n-- rename: pay/pay.go => money/pay.go --\n-- commit: Give discounts --\n\nCustomers asked for them.\n")
		l.analysed(s)
		second := l.indexed(s)
		after := l.kept()
		for key, ids := range before {
			switch {
			case strings.HasSuffix(key, " cart/cart.go"):
				if slices.ContainsFunc(after[key], func(id int64) bool { return slices.Contains(ids, id) }) {
					t.Errorf("%s changed and was not written anew", key)
				}
			case strings.HasSuffix(key, " docs/old.md"), strings.HasSuffix(key, " pay/pay.go"):
				if after[key] != nil {
					t.Errorf("%s is gone and kept", key)
				}
			case key == "commit ":
				if len(after[key]) != 2 || after[key][0] != ids[0] {
					t.Errorf("the commits %v became %v", ids, after[key])
				}
			case cmp.Diff(ids, after[key]) != "":
				t.Errorf("%s did not change and was written anew: %v, %v", key, ids, after[key])
			}
		}
		at = second.Commit[:4]
		for question, want := range map[string]string{
			"vouchers": "", "Total": "", "discounts": "cart/cart.go:3-4@" + at, "RetryPayment": "money/pay.go:3-4@" + at, "gadgets": "README.md:1-3@" + at,
		} {
			if got, _, _ := strings.Cut(l.found(s, question, rampforge.PassageCode, rampforge.PassageDocument), ","); got != want {
				t.Errorf("now %q finds %q, want %q", question, got, want)
			}
		}
		l.counted()
	})
}

// counted compares what is counted of the only scope with what there is.
func (l *library) counted() {
	l.t.Helper()
	var kept, counted int64
	err := l.db.Read().QueryRowContext(l.t.Context(), `SELECT (SELECT count(*) FROM passages), passages FROM search_scopes`).Scan(&kept, &counted)
	if err != nil || kept != counted {
		l.t.Errorf("%d passages are counted as %d: %v", kept, counted, err)
	}
}

// TestSearchElsewhere: passages of another version are made anew by a process
// that has no mirror of the repository.
func TestSearchElsewhere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		one := newLibrary(t, db, "one", nil)
		s := one.shelf(shopScript)
		one.analysed(s)
		was := one.indexed(s)
		before := one.kept()
		one.stop()
		if _, err := db.Write().ExecContext(t.Context(), `UPDATE passages SET version = '0:' || version`); err != nil {
			t.Fatal(err)
		}
		err := one.store.InTx(t.Context(), func(tx *sql.Tx) error { return one.store.StaleRepositorySearchTx(t.Context(), tx, s.id, time.Now()) })
		if err != nil {
			t.Fatal(err)
		}
		two := newLibrary(t, db, "two", nil)
		now := two.scope(s, "indexed again", func(c store.SearchScope) bool { return upToDate(c) && c.Done > was.Done })
		if now.Passages != was.Passages || now.Commit != was.Commit {
			t.Errorf("%+v became %+v", was, now)
		}
		for key, ids := range two.kept() {
			if slices.ContainsFunc(ids, func(id int64) bool { return slices.Contains(before[key], id) }) {
				t.Errorf("%s is of an old version and was not written anew", key)
			}
		}
		if mirrors, err := os.ReadDir(two.dir); err != nil || len(mirrors) == 0 {
			t.Errorf("nothing was fetched: %v", err)
		}
		two.counted()
	})
}

// TestSearchOfADeadWorker is taken up by another one.
func TestSearchOfADeadWorker(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		one := newLibrary(t, db, "one", nil)
		s := one.shelf(shopScript)
		one.analysed(s)
		was := one.indexed(s)
		one.stop()
		// What a process leaves that was killed while it indexed.
		_, err := db.Write().ExecContext(t.Context(), `UPDATE search_scopes SET status = 'running', owner = 'dead', attempts = 1, wanted = wanted + 1, heartbeat_at = $1`, time.Now().Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		two := newLibrary(t, db, "two", nil)
		if now := two.indexed(s); now.Done != was.Done+1 {
			t.Errorf("it became %+v", now)
		}
		// Workers that die over it again and again end the attempts.
		two.stop()
		_, err = db.Write().ExecContext(t.Context(), `UPDATE search_scopes SET status = 'running', owner = 'dead', attempts = 3, wanted = wanted + 1, heartbeat_at = $1`, time.Now().Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		three := newLibrary(t, db, "three", nil)
		failed := three.scope(s, "given up", func(c store.SearchScope) bool { return c.Status == store.SearchFailed })
		if !strings.Contains(failed.Message, "3 times") || failed.Passages != was.Passages {
			t.Errorf("it is given up as %+v", failed)
		}
	})
}

// TestSearchIsHandedBack by a worker that is shut down.
func TestSearchIsHandedBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		begun := make(chan struct{}, 1)
		one := newLibrary(t, db, "one", func(*search.Indexer) searchesFunc {
			return func(ctx context.Context, _ store.SearchClaim, _ store.SearchScope) error {
				begun <- struct{}{}
				<-ctx.Done()
				return ctx.Err()
			}
		})
		s := one.shelf(shopScript)
		one.analysed(s)
		<-begun
		one.stop()
		one.scope(s, "queued", func(c store.SearchScope) bool { return c.Status == store.SearchQueued && c.Failures == 0 })
		two := newLibrary(t, db, "two", nil)
		if c := two.indexed(s); c.Passages == 0 || c.Failures != 0 {
			t.Errorf("it became %+v", c)
		}
	})
}

// TestSearchIsWorkedByOne process at a time, while there are reasons to look
// again all the time.
func TestSearchIsWorkedByOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		var working, worked, most atomic.Int64
		around := func(x *search.Indexer) searchesFunc {
			return func(ctx context.Context, c store.SearchClaim, was store.SearchScope) error {
				now := working.Add(1)
				defer working.Add(-1)
				for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
				}
				worked.Add(1)
				return x.Refresh(ctx, c, was)
			}
		}
		libraries := []*library{newLibrary(t, db, "one", around), newLibrary(t, db, "two", around)}
		s := libraries[0].shelf(shopScript)
		libraries[0].analysed(s)
		libraries[0].indexed(s)
		var asking sync.WaitGroup
		for _, l := range libraries {
			asking.Go(func() {
				for range 10 {
					err := l.store.InTx(t.Context(), func(tx *sql.Tx) error { return l.store.StaleRepositorySearchTx(t.Context(), tx, s.id, time.Now()) })
					if err == nil {
						err = l.store.QueueSearch(t.Context(), l.queue.EnqueueSearch, 10, time.Now())
					}
					if err != nil {
						t.Error(err)
					}
					time.Sleep(20 * time.Millisecond)
				}
			})
		}
		asking.Wait()
		if c := libraries[1].indexed(s); c.Failures != 0 || most.Load() != 1 || worked.Load() < 2 {
			t.Errorf("%d worked at once, %d times: %+v", most.Load(), worked.Load(), c)
		}
		libraries[0].counted()
	})
}

// TestRepositoryIsRemovedWhileItIsIndexed: nobody finds anything at once, and what
// was written goes.
func TestRepositoryIsRemovedWhileItIsIndexed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		removed, lost := make(chan struct{}), make(chan error, 1)
		var s *shelf
		var l *library
		l = newLibrary(t, db, "one", func(x *search.Indexer) searchesFunc {
			return func(ctx context.Context, c store.SearchClaim, was store.SearchScope) error {
				if _, err := x.Store.ChangePassages(ctx, c, store.PassageChange{Put: []rampforge.Passage{{Kind: rampforge.PassageCode, Key: "x", Title: "Half", Text: "unfinished"}}}, time.Now()); err != nil {
					t.Error(err)
				}
				if got := l.found(s, "unfinished"); got != "Half" {
					t.Errorf("what is written is found as %q", got)
				}
				err := l.store.InTx(ctx, func(tx *sql.Tx) error {
					_, err := l.store.DeleteRepositoryTx(ctx, tx, s.id, time.Now())
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if got := l.found(s, "unfinished"); got != "" {
					t.Errorf("what is removed is found: %q", got)
				}
				close(removed)
				_, err = x.Store.ChangePassages(ctx, c, store.PassageChange{Put: []rampforge.Passage{{Kind: rampforge.PassageCode, Key: "y", Text: "late"}}}, time.Now())
				lost <- err
				return err
			}
		})
		s = l.shelf(shopScript)
		l.analysed(s)
		<-removed
		if err := <-lost; !strings.Contains(fmt.Sprint(err), store.ErrSearchLost.Error()) {
			t.Errorf("the worker goes on: %v", err)
		}
		l.pool.Tidy()
		deadline := time.Now().Add(30 * time.Second)
		for _, table := range []string{"search_scopes", "passages", "passage_terms", "search_terms"} {
			for n := -1; n != 0; {
				if err := db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
					t.Fatal(err)
				}
				if time.Now().After(deadline) {
					t.Fatalf("%d rows of %s are left\n%s", n, table, l.logs)
				}
				time.Sleep(5 * time.Millisecond)
			}
		}
		if strings.Contains(l.logs.String(), "ERROR") {
			t.Errorf("it is told as a fault:\n%s", l.logs)
		}
	})
}

// TestSearchThatFails says why, keeps what was there, and is tried again later.
func TestSearchThatFails(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		var broken atomic.Bool
		l := newLibrary(t, db, "one", func(x *search.Indexer) searchesFunc {
			return func(ctx context.Context, c store.SearchClaim, was store.SearchScope) error {
				if broken.Load() {
					return rampforge.Errorf(rampforge.CodeAnalysis, "The disk is full.")
				}
				return x.Refresh(ctx, c, was)
			}
		})
		s := l.shelf(shopScript)
		l.analysed(s)
		was := l.indexed(s)
		broken.Store(true)
		s.repo.Add("-- README.md --\n# Shop\n\nSells trinkets.\n-- commit: Trinkets --\n")
		l.analysed(s)
		c := l.scope(s, "failed", func(c store.SearchScope) bool { return c.Status == store.SearchFailed })
		if c.Message != "The disk is full." || c.Failures != 1 || c.Passages != was.Passages || c.Commit != was.Commit {
			t.Errorf("it failed as %+v", c)
		}
		if got := l.found(s, "gadgets", rampforge.PassageDocument); !strings.HasPrefix(got, "README.md:1-3@"+was.Commit[:4]) {
			t.Errorf("what was there finds %q", got)
		}
		broken.Store(false)
		if _, err := db.Write().ExecContext(t.Context(), `UPDATE search_scopes SET retry_at = $1`, time.Now().Add(-time.Second)); err != nil {
			t.Fatal(err)
		}
		if c := l.indexed(s); c.Message != "" || c.Failures != 0 {
			t.Errorf("it became %+v", c)
		}
	})
}

// TestSearchOfOddFiles indexes what nobody should have, once.
func TestSearchOfOddFiles(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		deep := strings.Repeat("long-folder-name/", 70)
		files := map[string]string{
			"line.go":       "package odd\n\nvar Table = \"" + strings.Repeat("lorem ", 200_000) + "\"\n",
			"bytes.py":      "def parse_header():\n    return 'caf\xe9 \xff\xfe'\n",
			"letters.md":    "# a b c\n\nx y z é ß q\n",
			deep + "one.md": "# Deep one\n\nSubmarine.\n",
			deep + "two.md": "# Deep two\n\nBathyscaphe.\n",
		}
		var script strings.Builder
		for _, path := range slices.Sorted(maps.Keys(files)) {
			fmt.Fprintf(&script, "-- %s --\n%s", path, files[path])
		}
		l := newLibrary(t, db, "one", nil)
		s := l.shelf(script.String() + "-- commit: Odd files --\n")
		l.analysed(s)
		first := l.indexed(s)
		for question, want := range map[string]string{"parse header": "bytes.py", "submarine": deep + "one.md", "bathyscaphe": deep + "two.md"} {
			if got := l.found(s, question); !strings.HasPrefix(got, want) {
				t.Errorf("%q finds %.200q, want %.200q", question, got, want)
			}
		}
		if got := l.found(s, "lorem"); got != "" {
			t.Errorf("what the analysis leaves out as minified is found: %.200q", got)
		}
		before := l.kept()
		l.analysed(s)
		again := l.scope(s, "looked at again", func(c store.SearchScope) bool { return upToDate(c) && c.Done > first.Done })
		if diff := cmp.Diff(before, l.kept()); diff != "" || again.Passages != first.Passages {
			t.Errorf("what did not change was written anew: %s", diff)
		}
		l.counted()
	})
}

func spaceOf(e *search.Embeds) string {
	named, _ := e.Embedder.(interface{ Space() string })
	return named.Space()
}

// TestSearchByMeaning: a repository is embedded once its words are there, as soon
// as the project permits it; what the vendor's absence left is made up for.
func TestSearchByMeaning(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		var away atomic.Bool
		away.Store(true)
		model := &llmtest.Embedder{Length: 64, Same: map[string]string{"coupon": "voucher"}, Err: func(*llm.EmbedRequest) error {
			if away.Load() {
				return &llm.Error{Kind: llm.KindUnavailable, Message: "The vendor is away."}
			}
			return nil
		}}
		policy, err := llm.NewEmbedPolicy(llm.EmbedOptions{Embedder: model, Identity: "here", Concurrency: 2, Logger: slog.New(slog.DiscardHandler), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		var embeds *search.Embeds
		l := newLibrary(t, db, "one", func(x *search.Indexer) searchesFunc {
			space, err := x.Store.UseEmbeddings(t.Context(), policy.Space(), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			embeds = &search.Embeds{Embedder: policy, Space: space}
			x.Embeds = embeds
			return x.Refresh
		})
		s := l.shelf(shopScript)
		l.analysed(s)
		if c := l.indexed(s); len(model.Asked()) != 0 || c.EmbedNote != "" {
			t.Errorf("what may not be sent is: %q, %+v", model.Asked(), c)
		}
		l.permit(s)
		// Nobody waits for the next sweep here: another analysis has it looked at.
		again := func() {
			if err := l.store.InTx(t.Context(), func(tx *sql.Tx) error { return l.store.StaleRepositorySearchTx(t.Context(), tx, s.id, time.Now()) }); err != nil {
				t.Fatal(err)
			}
			if err := l.store.QueueSearch(t.Context(), l.queue.EnqueueSearch, 10, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
		again()
		c := l.scope(s, "noted", func(c store.SearchScope) bool { return upToDate(c) && c.EmbedNote != "" })
		if c.EmbedNote != "The vendor is away." || c.EmbedAt == nil || c.Status != store.SearchCurrent || c.Failures != 0 {
			t.Errorf("%+v", c)
		}
		away.Store(false)
		again()
		l.scope(s, "embedded", func(c store.SearchScope) bool { return upToDate(c) && c.EmbedAt == nil && c.EmbedNote == "" })
		sent := len(model.Texts(llm.TaskDocument))
		meaning := &search.Meaning{Embeds: *embeds, Store: l.store, MaxBytes: 1 << 20, Patience: time.Minute, Logger: slog.New(slog.DiscardHandler)}
		found, err := search.Ask(t.Context(), l.store, store.ViewerOf(s.lead), s.project, search.Question{Text: "coupons", Meaning: meaning})
		if err != nil || !found.Meaning.Used || found.Hits[0].Path != "docs/old.md" {
			t.Errorf("%+v, %v", found, err)
		}
		s.repo.Add("-- rename: pay/pay.go => money/pay.go --\n-- commit: Move payments --\n")
		l.analysed(s)
		l.scope(s, "embedded again", func(c store.SearchScope) bool {
			return upToDate(c) && c.EmbedAt == nil && c.Commit == s.repo.Hash("main")
		})
		texts := model.Texts(llm.TaskDocument)[sent:]
		if len(texts) == 0 || slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, "func RetryPayment") }) {
			t.Errorf("after a file was moved these are sent: %q", texts)
		}
	})
}

// permit lets the code of a project be sent to models.
func (l *library) permit(s *shelf) {
	l.t.Helper()
	err := l.store.InTx(l.t.Context(), func(tx *sql.Tx) error {
		_, err := l.store.UpdateProjectTx(l.t.Context(), tx, s.project, time.Now(), func(p *rampforge.Project) error { p.AICode = true; return nil })
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
}
