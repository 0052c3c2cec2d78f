package search_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// reading is a store whose passages are embedded by hashed terms, of which some
// mean the same.
type reading struct {
	*store.Store

	t        *testing.T
	db       *database.DB
	now      time.Time
	embedder *llmtest.Embedder
	embeds   *search.Embeds
	ann, bo  rampforge.User
}

func eachReading(t *testing.T, test func(t *testing.T, r *reading)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store, db *database.DB) {
		r := &reading{Store: s, t: t, db: db, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
		r.embedder = &llmtest.Embedder{Length: 64, Same: map[string]string{"moor": "berth", "ship": "boat", "pay": "bill"}}
		r.embeds = r.space("one", r.embedder)
		r.ann, r.bo = r.user("ann"), r.user("bo")
		test(t, r)
	})
}

// changed is must of a change of passages.
func (r *reading) changed(_ time.Duration, err error) {
	r.t.Helper()
	r.must(err)
}

func (r *reading) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *reading) user(name string) rampforge.User {
	r.t.Helper()
	u, err := r.CreateUser(r.t.Context(), store.Registration{Email: name + "@example.com", Name: name, PasswordHash: "x", Role: rampforge.RoleDeveloper, At: r.now})
	r.must(err)
	return u
}

func (r *reading) space(name string, e *llmtest.Embedder) *search.Embeds {
	r.t.Helper()
	policy, err := llm.NewEmbedPolicy(llm.EmbedOptions{Embedder: e, Identity: name, Concurrency: 2, Timeout: 10 * time.Second, Logger: slog.New(slog.DiscardHandler), Now: time.Now})
	r.must(err)
	number, err := r.UseEmbeddings(r.t.Context(), policy.Space(), r.now)
	r.must(err)
	return &search.Embeds{Embedder: policy, Space: number}
}

// repository makes one that was analysed.
func (r *reading) repository(name string) string {
	r.t.Helper()
	id := store.NewID("repo")
	r.must(r.CreateRepository(r.t.Context(), rampforge.Repository{ID: id, Name: name, URL: "https://git.example.com/" + name, Type: rampforge.RepositoryGit, CreatedBy: r.ann.ID, CreatedAt: r.now}))
	r.must(r.InTx(r.t.Context(), func(tx *sql.Tx) error { return r.StaleRepositorySearchTx(r.t.Context(), tx, id, r.now) }))
	return id
}

// project makes one of ann's over a repository.
func (r *reading) project(repository string, aiCode bool) string {
	r.t.Helper()
	p := rampforge.Project{ID: store.NewID("prj"), Name: "Harbour", Status: rampforge.ProjectActive, RepositoryID: &repository, AICode: aiCode, CreatedBy: r.ann.ID, CreatedAt: r.now, UpdatedAt: r.now}
	r.must(r.InTx(r.t.Context(), func(tx *sql.Tx) error { return r.CreateProjectTx(r.t.Context(), tx, p, nil) }))
	return p.ID
}

// claim has the scope of a repository worked by a job.
func (r *reading) claim(repository string) (store.SearchClaim, store.SearchScope) {
	r.t.Helper()
	r.must(r.QueueSearch(r.t.Context(), func(_ context.Context, _ *sql.Tx, scope int64) (int64, error) { return 100 + scope, nil }, 50, r.now))
	scope, err := r.ScopeOfRepository(r.t.Context(), repository)
	r.must(err)
	c := store.SearchClaim{Scope: scope.Number, JobID: 100 + scope.Number, Owner: "test"}
	was, claimed, err := r.ClaimSearch(r.t.Context(), c, r.now, r.now.Add(-time.Minute))
	if err != nil || !claimed {
		r.t.Fatalf("the scope is not due: %+v, %v", scope, err)
	}
	return c, was
}

// index changes the passages of a repository and embeds them.
func (r *reading) index(repository string, change store.PassageChange) store.SearchScope {
	r.t.Helper()
	r.must(r.InTx(r.t.Context(), func(tx *sql.Tx) error { return r.StaleRepositorySearchTx(r.t.Context(), tx, repository, r.now) }))
	c, was := r.claim(repository)
	r.changed(r.ChangePassages(r.t.Context(), c, change, r.now))
	r.must(r.SearchIndexed(r.t.Context(), c, was, "abc", r.now, r.now))
	was.Done = was.Wanted
	r.must(r.indexer().Refresh(r.t.Context(), c, was))
	return r.scope(repository)
}

func (r *reading) indexer() *search.Indexer {
	return &search.Indexer{Store: r.Store, Embeds: r.embeds, Now: func() time.Time { return r.now }}
}

// again works a scope that is due although its words are up to date.
func (r *reading) again(repository string) store.SearchScope {
	r.t.Helper()
	c, was := r.claim(repository)
	if was.Wanted > was.Done {
		r.t.Fatalf("its words are wanted: %+v", was)
	}
	r.must(r.indexer().Refresh(r.t.Context(), c, was))
	return r.scope(repository)
}

func (r *reading) scope(repository string) store.SearchScope {
	r.t.Helper()
	c, err := r.ScopeOfRepository(r.t.Context(), repository)
	r.must(err)
	return c
}

func (r *reading) meaning() *search.Meaning {
	return &search.Meaning{Embeds: *r.embeds, Store: r.Store, MaxBytes: 1 << 20, Patience: time.Minute, Logger: slog.New(slog.DiscardHandler)}
}

// found are the titles that somebody finds, and whether by meaning.
func (r *reading) found(m *search.Meaning, u rampforge.User, project, question string, kinds ...rampforge.PassageKind) (string, search.ByMeaning) {
	r.t.Helper()
	got, err := search.Ask(r.t.Context(), r.Store, store.ViewerOf(u), project, search.Question{Text: question, Kinds: kinds, Meaning: m})
	r.must(err)
	titles := make([]string, len(got.Hits))
	for i := range got.Hits {
		titles[i] = got.Hits[i].Title
		if i > 0 && got.Hits[i].Score > got.Hits[i-1].Score {
			r.t.Errorf("%q: the score of %s is above that of the one before", question, titles[i])
		}
	}
	return strings.Join(titles, ", "), got.Meaning
}

func (r *reading) count(query string) (n int) {
	r.t.Helper()
	r.must(r.db.Read().QueryRowContext(r.t.Context(), query).Scan(&n))
	return n
}

func written(path, title, text string) rampforge.Passage {
	return rampforge.Passage{Kind: rampforge.PassageCode, Key: path, Version: "1", Path: path, Title: title, Names: title, Text: text, StartLine: 1, EndLine: 2}
}

var harbour = []rampforge.Passage{
	written("dock.go", "assignBerth", "finds a free berth for a boat that arrives"),
	written("bill.go", "total", "the bill of a boat, with fees for water and light"),
	written("tide.go", "tide", "how deep the water is at an hour"),
	written("log.go", "write", "writes a line to a file"),
}

// TestMeaning finds what says the same in other words, fused with what words find.
func TestMeaning(t *testing.T) {
	eachReading(t, func(t *testing.T, r *reading) {
		repo := r.repository("harbour")
		project := r.project(repo, true)
		scope := r.index(repo, store.PassageChange{Put: harbour})
		if scope.Status != store.SearchCurrent || scope.EmbedAt != nil || scope.EmbedNote != "" || len(r.embedder.Texts(llm.TaskDocument)) != 4 {
			t.Fatalf("%+v, of %q", scope, r.embedder.Texts(llm.TaskDocument))
		}
		m := r.meaning()
		if got, by := r.found(nil, r.ann, project, "moor a ship"); got != "" || by.Used || by.Note != "" {
			t.Errorf("by words: %q, %+v", got, by)
		}
		if got, by := r.found(m, r.ann, project, "moor a ship"); !strings.HasPrefix(got, "assignBerth, total") || !by.Used {
			t.Errorf("by meaning: %q, %+v", got, by)
		}
		// Words find the tide alone; meaning the berth. Both lead what neither has.
		got, _ := r.found(m, r.ann, project, "moor ship, water deep")
		if at := strings.Split(got, ", "); !slices.Contains(at[:2], "tide") || len(at) != 4 || at[3] != "write" {
			t.Errorf("fused: %q", got)
		}
		for _, exact := range []string{"does log.go write when a ship moors", "tide"} {
			want := map[byte]string{'d': "write", 't': "tide"}[exact[0]]
			if got, by := r.found(m, r.ann, project, exact); !strings.HasPrefix(got, want) || !by.Used {
				t.Errorf("%q, which names something: %q", exact, got)
			}
		}
		asked := len(r.embedder.Asked())
		if got, by := r.found(m, r.bo, project, "moor a ship"); got != "" || by.Used || len(r.embedder.Asked()) != asked {
			t.Errorf("who may not see the project finds %q, %+v", got, by)
		}
		if got, by := r.found(m, r.ann, project, "moor a ship", rampforge.PassagePage); got != "" || by.Used {
			t.Errorf("of pages there are %q, %+v", got, by)
		}
		streamed := r.meaning()
		streamed.MaxBytes = 1
		for _, question := range []string{"moor a ship", "pay", "deep water"} {
			kept, _ := r.found(m, r.ann, project, question)
			read, by := r.found(streamed, r.ann, project, question)
			if kept != read || !by.Used || streamed.Bytes() != 0 {
				t.Errorf("%q: in memory %q, read from the database %q", question, kept, read)
			}
		}
	})
}

// TestEmbeddingIsIncremental: a text is sent once, whoever has it and wherever
// it is moved; what goes takes its vector with it.
func TestEmbeddingIsIncremental(t *testing.T) {
	eachReading(t, func(t *testing.T, r *reading) {
		one, two := r.repository("one"), r.repository("two")
		project := r.project(one, true)
		r.project(two, true)
		r.index(one, store.PassageChange{Put: harbour})
		m := r.meaning()
		r.found(m, r.ann, project, "moor") // what is in memory grows later
		moved := written("quay/dock.go", "assignBerth", harbour[0].Text)
		r.index(two, store.PassageChange{Put: []rampforge.Passage{moved, written("a.go", "anew", "a new one"), written("b.go", "anew", "a new one")}})
		r.index(one, store.PassageChange{
			Drop: []store.PassageKey{{Kind: rampforge.PassageCode, Key: "dock.go"}, {Kind: rampforge.PassageCode, Key: "log.go"}},
			Put:  []rampforge.Passage{moved, written("pilot.go", "pilot", "takes a pilot on board of a ship")},
		})
		texts := r.embedder.Texts(llm.TaskDocument)
		if slices.Sort(texts); len(texts) != 6 || len(slices.Compact(texts)) != 6 {
			t.Errorf("%d texts were sent: %q", len(texts), texts)
		}
		if got, _ := r.found(m, r.ann, project, "moor a ship"); !strings.HasPrefix(got, "pilot, assignBerth") || strings.Contains(got, "write") {
			t.Errorf("afterwards %q is found", got)
		}
		if n := r.count(`SELECT count(*) FROM embeddings`); n != 6 {
			t.Errorf("%d vectors are kept", n)
		}
		r.must(r.PurgeEmbeddings(t.Context(), r.now))
		if n := r.count(`SELECT count(*) FROM embeddings`); n != 5 {
			t.Errorf("%d vectors are kept after what nobody has is removed", n)
		}
	})
}

// TestCodeIsEmbeddedWhereAllPermitIt: one project that forbids it is enough.
func TestCodeIsEmbeddedWhereAllPermitIt(t *testing.T) {
	eachReading(t, func(t *testing.T, r *reading) {
		repo := r.repository("harbour")
		project := r.project(repo, true)
		r.index(repo, store.PassageChange{Put: harbour})
		other := r.project(repo, false)
		m := r.meaning()
		asked := len(r.embedder.Asked())
		if got, by := r.found(m, r.ann, project, "moor a ship"); got != "" || by.Used || len(r.embedder.Asked()) != asked {
			t.Errorf("although another project forbids it: %q, %+v", got, by)
		}
		if r.again(repo); r.count(`SELECT count(*) FROM passage_embeddings`) != 0 {
			t.Error("the vectors of what may not be sent stay")
		}
		r.index(repo, store.PassageChange{Put: []rampforge.Passage{written("x.go", "secret", "a secret recipe")}})
		if n := len(r.embedder.Texts(llm.TaskDocument)); n != 4 {
			t.Errorf("%d texts were sent", n)
		}
		r.must(r.InTx(t.Context(), func(tx *sql.Tx) error {
			_, err := r.UpdateProjectTx(t.Context(), tx, other, r.now, func(p *rampforge.Project) error { p.AICode = true; return nil })
			return err
		}))
		r.again(repo)
		if texts := r.embedder.Texts(llm.TaskDocument); len(texts) != 5 || !strings.Contains(texts[4], "recipe") {
			t.Errorf("what is permitted again was sent as %q", texts)
		}
		if got, by := r.found(m, r.ann, project, "moor a ship"); !strings.HasPrefix(got, "assignBerth") || !by.Used {
			t.Errorf("what is permitted again is found as %q, %+v", got, by)
		}
		orphan := r.repository("orphan")
		r.index(orphan, store.PassageChange{Put: []rampforge.Passage{written("y.go", "lonely", "of no project")}})
		if n := len(r.embedder.Texts(llm.TaskDocument)); n != 5 {
			t.Error("what no project is over was sent")
		}
	})
}

// TestDeadEmbedder: words are found all the same, and it goes on later.
func TestDeadEmbedder(t *testing.T) {
	eachReading(t, func(t *testing.T, r *reading) {
		dead := true
		r.embedder.Err = func(*llm.EmbedRequest) error {
			if dead {
				return &llm.Error{Kind: llm.KindUnavailable, Message: "The model's service does not work at the moment."}
			}
			return nil
		}
		repo := r.repository("harbour")
		project := r.project(repo, true)
		scope := r.index(repo, store.PassageChange{Put: harbour})
		if scope.Status != store.SearchCurrent || scope.Failures != 0 || scope.Commit != "abc" || scope.EmbedFailures != 1 || scope.EmbedNote == "" || scope.EmbedAt == nil || !scope.EmbedAt.After(r.now) {
			t.Fatalf("%+v", scope)
		}
		if got, by := r.found(r.meaning(), r.ann, project, "berth"); !strings.HasPrefix(got, "assignBerth") || by.Note != "" {
			t.Errorf("nothing is embedded, and %q is found, %+v", got, by)
		}
		r.now = scope.EmbedAt.Add(time.Second)
		second := r.again(repo)
		if second.EmbedFailures != 2 || second.EmbedAt.Sub(r.now) < 2*scope.EmbedAt.Sub(r.now.Add(-time.Minute))/2 {
			t.Errorf("%+v", second)
		}
		dead = false
		r.now = second.EmbedAt.Add(time.Second)
		if scope = r.again(repo); scope.EmbedAt != nil || scope.EmbedNote != "" || scope.EmbedFailures != 0 {
			t.Errorf("%+v", scope)
		}
		if got, by := r.found(r.meaning(), r.ann, project, "moor a ship"); !strings.HasPrefix(got, "assignBerth") || !by.Used {
			t.Errorf("%q, %+v", got, by)
		}
		dead = true
		words, _ := r.found(nil, r.ann, project, "boat water")
		if got, by := r.found(r.meaning(), r.ann, project, "boat water"); got != words || by.Used || !strings.Contains(by.Note, "by words alone") {
			t.Errorf("while it is down: %q instead of %q, %+v", got, words, by)
		}
	})
}

// TestSlowEmbedder is not waited for.
func TestSlowEmbedder(t *testing.T) {
	eachReading(t, func(t *testing.T, r *reading) {
		repo := r.repository("harbour")
		project := r.project(repo, true)
		r.index(repo, store.PassageChange{Put: harbour})
		m := r.meaning()
		m.Embedder, m.Patience = stuck{}, 20*time.Millisecond
		if got, by := r.found(m, r.ann, project, "berth"); !strings.HasPrefix(got, "assignBerth") || by.Used || by.Note == "" {
			t.Errorf("%q, %+v", got, by)
		}
	})
}

// stuck is an embedder that answers nobody.
type stuck struct{}

func (stuck) Embed(ctx context.Context, _ *llm.EmbedRequest) (*llm.Embedded, error) {
	<-ctx.Done()
	return nil, llm.Failure(ctx, ctx.Err())
}

// TestAnotherModel: everything is embedded anew, what was stays out of sight and
// goes after a day.
func TestAnotherModel(t *testing.T) {
	eachReading(t, func(t *testing.T, r *reading) {
		repo := r.repository("harbour")
		project := r.project(repo, true)
		r.index(repo, store.PassageChange{Put: harbour})
		r.now = r.now.Add(time.Hour)
		second := &llmtest.Embedder{Length: 32, Same: map[string]string{"moor": "tide"}}
		r.embeds = r.space("two", second)
		m := r.meaning()
		if got, by := r.found(m, r.ann, project, "moor"); got != "" || by.Used {
			t.Errorf("before anything is embedded by it: %q, %+v", got, by)
		}
		if scope := r.again(repo); scope.EmbedAt != nil || len(second.Texts(llm.TaskDocument)) != 4 {
			t.Errorf("%+v", scope)
		}
		if got, by := r.found(m, r.ann, project, "moor"); !strings.HasPrefix(got, "tide") || !by.Used {
			t.Errorf("%q, %+v", got, by)
		}
		r.must(r.PurgeEmbeddings(t.Context(), r.now))
		if n := r.count(`SELECT count(*) FROM embeddings`); n != 8 {
			t.Errorf("%d vectors are kept at once", n)
		}
		r.now = r.now.Add(25 * time.Hour)
		r.space("two", second)
		r.must(r.PurgeEmbeddings(t.Context(), r.now))
		if n, spaces := r.count(`SELECT count(*) FROM embeddings`), r.count(`SELECT count(*) FROM embedding_spaces`); n != 4 || spaces != 1 {
			t.Errorf("%d vectors of %d spaces are kept after a day", n, spaces)
		}
		r.must(r.UseNoEmbeddings(t.Context()))
		if scope := r.scope(repo); scope.EmbedSpace != 0 || scope.EmbedAt != nil {
			t.Errorf("%+v", scope)
		}
	})
}

// TestRefusedText: what the model refuses has no vector and is not sent again;
// where it refuses everything, nothing is taken for refused.
func TestRefusedText(t *testing.T) {
	eachReading(t, func(t *testing.T, r *reading) {
		refused := "fees"
		r.embedder.Err = func(q *llm.EmbedRequest) error {
			if slices.ContainsFunc(q.Texts, func(s string) bool { return strings.Contains(s, refused) }) {
				return &llm.Error{Kind: llm.KindInvalid, Message: "The model's service refuses the request (status 400)."}
			}
			return nil
		}
		repo := r.repository("harbour")
		project := r.project(repo, true)
		if scope := r.index(repo, store.PassageChange{Put: harbour}); scope.EmbedAt != nil || scope.EmbedNote != "" {
			t.Errorf("%+v", scope)
		}
		got, by := r.found(r.meaning(), r.ann, project, "moor a ship")
		if !by.Used || !strings.HasPrefix(got, "assignBerth") || strings.Contains(got, "total") {
			t.Errorf("%q, %+v", got, by)
		}
		sent := len(r.embedder.Texts(llm.TaskDocument))
		refused = " "
		scope := r.index(repo, store.PassageChange{Put: []rampforge.Passage{written("x.go", "x", "one more"), written("y.go", "y", "and more")}})
		if scope.EmbedFailures != 1 || !strings.Contains(scope.EmbedNote, "400") || len(r.embedder.Texts(llm.TaskDocument)) != sent {
			t.Errorf("%+v", scope)
		}
		if n := r.count(`SELECT count(*) FROM embeddings`); n != 4 {
			t.Errorf("%d vectors are kept", n)
		}
	})
}

// TestVectorsInMemoryAreBounded: those that were not used for the longest go.
func TestVectorsInMemoryAreBounded(t *testing.T) {
	eachReading(t, func(t *testing.T, r *reading) {
		m := r.meaning()
		m.MaxBytes = 700 // two scopes of four vectors of 64 numbers and 12 bytes, no third
		for i := range 4 {
			repo := r.repository(fmt.Sprint("harbour", i))
			project := r.project(repo, true)
			r.index(repo, store.PassageChange{Put: harbour})
			if _, by := r.found(m, r.ann, project, "moor a ship"); !by.Used || m.Bytes() == 0 || m.Bytes() > m.MaxBytes {
				t.Errorf("after %d projects %d bytes are in memory, %+v", i+1, m.Bytes(), by)
			}
		}
	})
}

// TestWordsComeFirst: who embeds stops where words are wanted, and goes on after
// them.
func TestWordsComeFirst(t *testing.T) {
	eachReading(t, func(t *testing.T, r *reading) {
		repo := r.repository("harbour")
		r.project(repo, true)
		r.embedder.Err = func(*llm.EmbedRequest) error {
			return r.InTx(t.Context(), func(tx *sql.Tx) error { return r.StaleRepositorySearchTx(t.Context(), tx, repo, r.now) })
		}
		var many []rampforge.Passage
		for i := range 100 {
			many = append(many, written(fmt.Sprint(i, ".go"), fmt.Sprint("f", i), fmt.Sprint("text ", i)))
		}
		scope := r.index(repo, store.PassageChange{Put: many})
		if n := r.count(`SELECT count(*) FROM passage_embeddings`); n != 64 || scope.Status != store.SearchCurrent || scope.EmbedAt == nil || scope.Wanted == scope.Done {
			t.Errorf("%d are embedded, %+v", n, scope)
		}
		r.embedder.Err = nil
		r.index(repo, store.PassageChange{})
		if n := r.count(`SELECT count(*) FROM passage_embeddings`); n != 100 {
			t.Errorf("%d are embedded in the end", n)
		}
		c, was := r.claimed(repo)
		lost := c
		lost.JobID++
		if err := r.indexer().Refresh(t.Context(), lost, was); !errors.Is(err, store.ErrSearchLost) {
			t.Errorf("who has lost the scope embeds on: %v", err)
		}
		if diff := cmp.Diff(store.SearchRunning, r.scope(repo).Status); diff != "" {
			t.Error(diff)
		}
	})
}

// claimed has new words wanted and claims the scope.
func (r *reading) claimed(repository string) (store.SearchClaim, store.SearchScope) {
	r.t.Helper()
	r.must(r.InTx(r.t.Context(), func(tx *sql.Tx) error { return r.StaleRepositorySearchTx(r.t.Context(), tx, repository, r.now) }))
	c, was := r.claim(repository)
	r.changed(r.ChangePassages(r.t.Context(), c, store.PassageChange{Put: []rampforge.Passage{written("z.go", "z", "the last")}}, r.now))
	was.Done = was.Wanted
	return c, was
}
