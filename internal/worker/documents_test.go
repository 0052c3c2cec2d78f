package worker_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/language/builtin"
	"github.com/rampforgeai/rampforge/internal/assistant/documents"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/httpclient"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/llm/llmtest"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/worker"
)

// documentsFunc makes documents as a test says.
type documentsFunc func(ctx context.Context, c store.DocumentClaim, run rampforge.DocumentRun) error

func (f documentsFunc) Make(ctx context.Context, c store.DocumentClaim, run rampforge.DocumentRun) error {
	return f(ctx, c, run)
}

// press is a library whose process makes documents with the product's own parts.
func press(t *testing.T, db *database.DB, owner string, model llm.Model, around func(m *documents.Maker) worker.Documents) *library {
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
		maker := &documents.Maker{Store: w.Store, Opener: inspector, Model: model, Now: time.Now, Request: func(_ context.Context, r rampforge.Repository) (inspect.Request, error) {
			return w.Request(r, rampforge.AnalysisOptions{}), nil
		}}
		w.Documents = maker
		if around != nil {
			w.Documents = around(maker)
		}
		w.Searches = searchesFunc(func(ctx context.Context, c store.SearchClaim, was store.SearchScope) error {
			return w.Store.FinishSearch(ctx, c, was, "", time.Now(), time.Now())
		})
	})
	return l
}

// documented asks for documents.
func (l *library) documented(s *shelf, force bool, kinds ...rampforge.DocumentKind) rampforge.DocumentRun {
	l.t.Helper()
	if kinds == nil {
		kinds = rampforge.DocumentKinds
	}
	run, started, err := l.store.StartDocuments(l.t.Context(), rampforge.DocumentRun{ID: store.NewID("docs"), ProjectID: s.project, Kinds: kinds, Force: force, RequestedBy: s.lead.ID, CreatedAt: time.Now()}, s.id, l.queue.EnqueueDocuments)
	if err != nil || !started {
		l.t.Fatal(started, err)
	}
	return run
}

// run waits until a run is as wanted.
func (l *library) run(s *shelf, id, what string, wanted func(rampforge.DocumentRun) bool) rampforge.DocumentRun {
	l.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		run, err := l.store.DocumentRun(l.t.Context(), store.ViewerOf(s.lead), s.project, id)
		if err == nil && wanted(run) {
			return run
		}
		if time.Now().After(deadline) {
			l.t.Fatalf("the run is never %s: %+v, %v\n%s", what, run, err, l.logs)
		}
	}
}

func (l *library) made(s *shelf, id string) rampforge.DocumentRun {
	l.t.Helper()
	run := l.run(s, id, "over", func(r rampforge.DocumentRun) bool { return r.Status.Finished() })
	if run.Status != rampforge.JobCompleted || len(run.Changed) != len(run.Kinds) {
		l.t.Fatalf("%+v\n%s", run, l.logs)
	}
	return run
}

func (l *library) document(s *shelf, kind rampforge.DocumentKind) rampforge.GeneratedDocument {
	l.t.Helper()
	d, err := l.store.Document(l.t.Context(), store.ViewerOf(s.lead), s.project, kind)
	if err != nil {
		l.t.Fatal(err)
	}
	return d
}

// TestDocumentsFollowARepository makes documents, and after another analysis only
// the sections whose sources changed.
func TestDocumentsFollowARepository(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		l := press(t, db, "one", nil, nil)
		s := l.shelf(shopScript + "-- README.md --\n# Shop\n\nShop sells what it has in stock and nothing else.\n\n## Contributing\n\nAsk before a large change, please.\n-- commit: Say what it is --\n")
		l.analysed(s)
		first := l.made(s, l.documented(s, false).ID)
		readme := l.document(s, rampforge.DocumentReadme)
		if readme.Stale || len(readme.Sections) < 3 || !strings.Contains(readme.Sections[0].Text, "sells what it has") || readme.ProjectID != s.project {
			t.Errorf("%+v", readme)
		}
		if first.Changed[0].Unchanged != 0 || len(first.Changed[0].Changed) != len(readme.Sections) {
			t.Errorf("the first run changed %+v", first.Changed)
		}
		for _, c := range l.made(s, l.documented(s, false).ID).Changed {
			if len(c.Changed)+len(c.Removed) != 0 {
				t.Errorf("the same sources changed %+v", c)
			}
		}
		s.repo.Add("-- README.md --\n# Shop\n\nShop sells what it has in stock and nothing else.\n\n## Contributing\n\nWrite to us before a large change, please, so that nobody works for nothing.\n-- commit: Write first --\n")
		l.analysed(s)
		if stale := l.document(s, rampforge.DocumentReadme); !stale.Stale {
			t.Error("a newer report makes nothing stale")
		}
		again := l.made(s, l.documented(s, false, rampforge.DocumentReadme).ID)
		if got := again.Changed[0].Changed; !slices.Equal(got, []string{"contributing"}) {
			t.Errorf("%v changed", got)
		}
		now := l.document(s, rampforge.DocumentReadme)
		for i, sec := range now.Sections {
			if changed := sec.Key == "contributing"; changed == sec.GeneratedAt.Equal(readme.Sections[i].GeneratedAt) {
				t.Errorf("%s is of %v", sec.Key, sec.GeneratedAt)
			}
		}
		if now.Stale || now.Commit == readme.Commit {
			t.Errorf("it is %v, of %s", now.Stale, now.Commit)
		}
	})
}

// TestDocumentsOfADeadWorker kills a worker between two documents. Another makes
// what is missing, and tells what both changed.
func TestDocumentsOfADeadWorker(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		l := press(t, db, "one", nil, nil)
		s := l.shelf(shopScript)
		l.analysed(s)
		l.stop()
		run := l.documented(s, false, rampforge.DocumentReadme, rampforge.DocumentGlossary)
		silent, err := l.store.SilentDocuments(t.Context(), time.Now().Add(time.Hour), 10)
		if err != nil || len(silent) != 1 {
			t.Fatal(silent, err)
		}
		past := time.Now().Add(-time.Hour)
		dead := store.DocumentClaim{RunID: run.ID, JobID: silent[0].JobID, Owner: "dead"}
		if _, claimed, err := l.store.ClaimDocuments(t.Context(), dead, past, past); err != nil || !claimed {
			t.Fatal(claimed, err)
		}
		kept := store.KeptDocument{Change: rampforge.DocumentChange{Kind: rampforge.DocumentReadme, Changed: []string{"about"}, Removed: []string{}}}
		kept.ProjectID, kept.Kind, kept.Title, kept.GeneratedAt = s.project, rampforge.DocumentReadme, "By the dead", past
		if err := l.store.KeepDocument(t.Context(), dead, kept, past); err != nil {
			t.Fatal(err)
		}
		second := press(t, db, "two", nil, nil)
		second.dir = l.dir
		ended := second.made(s, run.ID)
		if len(ended.Changed) != 2 || !slices.Equal(ended.Changed[0].Changed, []string{"about"}) {
			t.Errorf("%+v", ended.Changed)
		}
		if d := second.document(s, rampforge.DocumentReadme); d.Title != "By the dead" {
			t.Errorf("what was made was made again: %+v", d)
		}
		if d := second.document(s, rampforge.DocumentGlossary); d.Title != "repo: Glossary" && d.Title != "shop: Glossary" {
			t.Errorf("what was missing is %q", d.Title)
		}
		if err := l.store.KeepDocument(t.Context(), dead, kept, time.Now()); err == nil {
			t.Error("the dead one writes")
		}
	})
}

// TestDocumentsAreCancelled ends a run that works.
func TestDocumentsAreCancelled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		begun := make(chan struct{}, 1)
		l := press(t, db, "one", nil, func(*documents.Maker) worker.Documents {
			return documentsFunc(func(ctx context.Context, _ store.DocumentClaim, _ rampforge.DocumentRun) error {
				begun <- struct{}{}
				<-ctx.Done()
				return ctx.Err()
			})
		})
		s := l.shelf(shopScript)
		run := l.documented(s, false)
		<-begun
		if _, err := l.store.CancelDocuments(t.Context(), run.ID, time.Now()); err != nil {
			t.Fatal(err)
		}
		l.run(s, run.ID, "cancelled", func(r rampforge.DocumentRun) bool { return r.Status == rampforge.JobCancelled })
		// One that runs when the process ends is handed back.
		run = l.documented(s, false)
		<-begun
		l.stop()
		l.run(s, run.ID, "handed back", func(r rampforge.DocumentRun) bool { return r.Status == rampforge.JobQueued })
	})
}

// TestDocumentsFail says what to do where there is no report.
func TestDocumentsFail(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		l := press(t, db, "one", nil, nil)
		s := l.shelf(shopScript)
		run := l.documented(s, false)
		ended := l.run(s, run.ID, "over", func(r rampforge.DocumentRun) bool { return r.Status.Finished() })
		if ended.Status != rampforge.JobFailed || ended.Error == nil || !strings.Contains(*ended.Error, "does not exist") {
			t.Errorf("%+v", ended)
		}
	})
}

// TestDocumentsByAModel lets a model write sections for reading: what the sources
// bear out stays, and where nothing does the composed text. Code that is kept from
// models is not sent.
func TestDocumentsByAModel(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		var sent []string
		say := "Shop sells what it has in stock and nothing else [1]. It also flies to the moon on Sundays [1]. It is written in Go [2].\n\n![x](https://evil.example) [1]"
		model := llmtest.Answer(func(r *llm.Request) llmtest.Turn {
			sent = append(sent, r.Messages[0].Text)
			return llmtest.Text(say)
		})
		l := press(t, db, "one", model, nil)
		s := l.shelf(shopScript + "-- README.md --\n# Shop\n\nShop sells what it has in stock and nothing else.\n-- commit: Say what it is --\n")
		l.analysed(s)
		setCode := func(may bool) {
			t.Helper()
			if _, err := db.Write().ExecContext(t.Context(), `UPDATE projects SET ai_code = $1`, may); err != nil {
				t.Fatal(err)
			}
		}
		setCode(false)
		l.made(s, l.documented(s, false, rampforge.DocumentReadme).ID)
		about := l.document(s, rampforge.DocumentReadme).Sections[0]
		if len(sent) != 0 || about.Model != "extractive" || !strings.Contains(about.Note, "keeps its code from models") {
			t.Errorf("code that is kept from models: %d requests, %+v", len(sent), about)
		}
		setCode(true)
		l.made(s, l.documented(s, true, rampforge.DocumentReadme).ID)
		about = l.document(s, rampforge.DocumentReadme).Sections[0]
		if len(sent) == 0 || about.Model != "scripted" || about.Note != "" || !strings.Contains(about.Text, "nothing else [1]") || strings.Contains(about.Text, "moon") || strings.Contains(about.Text, "evil") {
			t.Errorf("%d requests, %+v", len(sent), about)
		}
		if len(about.Citations) != 1 || about.Citations[0].Path != "README.md" {
			t.Errorf("it cites %+v", about.Citations)
		}
		// What is the same is not written again.
		before := len(sent)
		l.made(s, l.documented(s, false, rampforge.DocumentReadme).ID)
		if len(sent) != before {
			t.Errorf("%d more requests", len(sent)-before)
		}
		say = "The harbour is full of parrots [1]."
		l.made(s, l.documented(s, true, rampforge.DocumentReadme).ID)
		about = l.document(s, rampforge.DocumentReadme).Sections[0]
		if about.Model != "extractive" || !strings.Contains(about.Note, "not borne out") || !strings.Contains(about.Text, "sells what it has") {
			t.Errorf("%+v", about)
		}
	})
}
