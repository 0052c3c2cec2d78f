package store_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// manual is a project with an analysed repository, and who may see it.
type manual struct {
	*bundle

	owner   rampforge.User
	project rampforge.Project
}

func newManual(b *bundle) *manual {
	b.t.Helper()
	m := &manual{bundle: b, owner: b.user("ann", rampforge.RoleDeveloper)}
	r := b.repository(m.owner, "shop")
	m.project = rampforge.Project{ID: store.NewID("prj"), Name: "Shop", Status: rampforge.ProjectActive, RepositoryID: &r.ID, CreatedBy: m.owner.ID, CreatedAt: b.now, UpdatedAt: b.now}
	b.must(b.InTx(b.ctx(), func(tx *sql.Tx) error { return b.CreateProjectTx(b.ctx(), tx, m.project, nil) }))
	return m
}

func (m *manual) viewer() store.Viewer { return store.ViewerOf(m.owner) }

// ask asks for all documents.
func (m *manual) ask() (rampforge.DocumentRun, bool) {
	m.t.Helper()
	m.now = m.now.Add(time.Minute)
	run, started, err := m.StartDocuments(m.ctx(), rampforge.DocumentRun{
		ID: store.NewID("docs"), ProjectID: m.project.ID, Kinds: rampforge.DocumentKinds, RequestedBy: m.owner.ID, CreatedAt: m.now,
	}, *m.project.RepositoryID, m.enqueue)
	m.must(err)
	return run, started
}

// work claims a run that was just asked for.
func (m *manual) work(run rampforge.DocumentRun) store.DocumentClaim {
	m.t.Helper()
	c := store.DocumentClaim{RunID: run.ID, JobID: m.job, Owner: "one"}
	if _, claimed, err := m.ClaimDocuments(m.ctx(), c, m.now, m.now.Add(-time.Minute)); err != nil || !claimed {
		m.t.Fatal(claimed, err)
	}
	return c
}

// glossary is a document of some sections.
func (m *manual) glossary(keys ...string) store.KeptDocument {
	d := store.KeptDocument{MadeOf: "x", Change: rampforge.DocumentChange{Kind: rampforge.DocumentGlossary, Changed: keys, Removed: []string{}}, Progress: rampforge.Progress{Done: 1, Total: 6, Unit: "documents"}}
	d.ProjectID, d.Kind, d.Title, d.Commit, d.GeneratedAt = m.project.ID, rampforge.DocumentGlossary, "Shop: Glossary", "abc", m.now
	d.NotFound, d.Changed = []string{"Definitions"}, keys
	for _, key := range keys {
		d.Sections = append(d.Sections, rampforge.DocumentSection{Key: key, Title: "Of " + key, Text: "It is [1].", SourcesHash: "h", Model: "extractive", GeneratedAt: m.now,
			Citations: []rampforge.Citation{{N: 1, Kind: rampforge.PassageCode, Title: "a.go", Path: "a.go", StartLine: new(1), EndLine: new(2), Commit: "abc", Excerpt: "x"}}})
	}
	return d
}

func (m *manual) status(id string) rampforge.JobState {
	m.t.Helper()
	run, err := m.DocumentRun(m.ctx(), m.viewer(), m.project.ID, id)
	m.must(err)
	return run.Status
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		m := newManual(b)
		run, started := m.ask()
		if !started || run.Status != rampforge.JobQueued || len(run.Changed) != 0 {
			t.Errorf("asked for: %v %+v", started, run)
		}
		if again, started := m.ask(); started || again.ID != run.ID {
			t.Errorf("a second time: %v %+v", started, again)
		}
		c := m.work(run)
		b.must(m.BeatDocuments(m.ctx(), c, m.now))
		want := m.glossary("b", "a")
		b.must(m.KeepDocument(m.ctx(), c, want, m.now))
		got, err := m.Document(m.ctx(), m.viewer(), m.project.ID, rampforge.DocumentGlossary)
		b.must(err)
		want.Stale = true // of a report that is none
		if diff := cmp.Diff(want.GeneratedDocument, got); diff != "" {
			t.Error(diff)
		}
		now, err := m.DocumentRun(m.ctx(), m.viewer(), m.project.ID, run.ID)
		b.must(err)
		if now.Status != rampforge.JobRunning || now.Progress.Done != 1 || len(now.Changed) != 1 || now.StartedAt == nil {
			t.Errorf("under way: %+v", now)
		}
		b.must(m.FinishDocuments(m.ctx(), c, rampforge.JobCompleted, nil, m.now))
		if err := m.KeepDocument(m.ctx(), c, want, m.now); !errors.Is(err, store.ErrDocumentsLost) {
			t.Errorf("written after the end: %v", err)
		}
		// The next one takes a section out and puts the others in another order.
		run, _ = m.ask()
		c = m.work(run)
		b.must(m.KeepDocument(m.ctx(), c, m.glossary("c", "b"), m.now))
		got, err = m.Document(m.ctx(), m.viewer(), m.project.ID, rampforge.DocumentGlossary)
		b.must(err)
		if len(got.Sections) != 2 || got.Sections[0].Key != "c" || got.Sections[1].Key != "b" {
			t.Errorf("the sections are %+v", got.Sections)
		}
		list, err := m.Documents(m.ctx(), m.viewer(), m.project.ID)
		b.must(err)
		if len(list) != 1 || list[0].Title != "Shop: Glossary" {
			t.Errorf("%+v", list)
		}
		stranger := store.ViewerOf(b.user("eve", rampforge.RoleTeamLead))
		_, err = m.Document(m.ctx(), stranger, m.project.ID, rampforge.DocumentGlossary)
		b.code(err, rampforge.CodeNotFound)
		_, err = m.DocumentRun(m.ctx(), stranger, m.project.ID, run.ID)
		b.code(err, rampforge.CodeNotFound)
		if list, err := m.Documents(m.ctx(), stranger, m.project.ID); err != nil || len(list) != 0 {
			t.Errorf("a stranger sees %+v, %v", list, err)
		}
		b.must(m.DeleteDocument(m.ctx(), m.project.ID, rampforge.DocumentGlossary))
		b.code(m.DeleteDocument(m.ctx(), m.project.ID, rampforge.DocumentGlossary), rampforge.CodeNotFound)
		b.must(m.DeleteProject(m.ctx(), m.project.ID)) // with its run and all
		if err := m.BeatDocuments(m.ctx(), c, m.now); !errors.Is(err, store.ErrDocumentsLost) {
			t.Errorf("of a project that is gone: %v", err)
		}
	})
}

// TestDocumentsAreStale follows what documents were made of.
func TestDocumentsAreStale(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		m := newManual(b)
		analysed := func(report string) {
			t.Helper()
			m.now = m.now.Add(time.Minute)
			r, err := m.Repository(m.ctx(), m.viewer(), *m.project.RepositoryID)
			b.must(err)
			run := b.queued(r, m.owner)
			c := store.Claim{AnalysisID: run.Analysis.ID, JobID: b.job, Owner: "one"}
			_, _, _, err = m.ClaimRun(m.ctx(), c, m.now, m.now)
			b.must(err)
			_, err = m.FinishRun(m.ctx(), c, store.Outcome{Status: rampforge.AnalysisCompleted, Commit: new("abc"), Report: []byte(report), Message: "Done."}, m.now)
			b.must(err)
		}
		analysed(`{"a":1}`)
		sources, err := m.DocumentSources(m.ctx(), m.project.ID)
		b.must(err)
		run, _ := m.ask()
		d := m.glossary("a")
		d.MadeOf = sources[rampforge.DocumentGlossary]
		b.must(m.KeepDocument(m.ctx(), m.work(run), d, m.now))
		stale := func(want bool, when string) {
			t.Helper()
			got, err := m.Document(m.ctx(), m.viewer(), m.project.ID, rampforge.DocumentGlossary)
			b.must(err)
			if got.Stale != want {
				t.Errorf("%s: stale is %v", when, got.Stale)
			}
		}
		stale(false, "just made")
		analysed(`{"a":1}`)
		stale(false, "after the same report")
		analysed(`{"a":2}`)
		stale(true, "after another report")
	})
}

// TestDocumentsOfTheDead takes runs over whose workers are gone, and ends those
// that nobody wants or that nobody can make.
func TestDocumentsOfTheDead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		m := newManual(b)
		run, _ := m.ask()
		dead := m.work(run)
		later := m.now.Add(time.Hour)
		silent := func() store.SilentDocuments {
			t.Helper()
			list, err := m.SilentDocuments(m.ctx(), later, 10)
			b.must(err)
			if len(list) != 1 {
				t.Fatalf("silent: %+v", list)
			}
			return list[0]
		}
		if taken, err := m.RequeueDocuments(m.ctx(), silent(), m.now.Add(-time.Hour), m.now, m.enqueue); err != nil || taken {
			t.Errorf("one that was just heard of was taken: %v, %v", taken, err)
		}
		taken, err := m.RequeueDocuments(m.ctx(), silent(), later, m.now, m.enqueue)
		b.must(err)
		if !taken || m.status(run.ID) != rampforge.JobQueued {
			t.Errorf("requeued: %v, %s", taken, m.status(run.ID))
		}
		for what, err := range map[string]error{
			"beats": m.BeatDocuments(m.ctx(), dead, m.now), "keeps": m.KeepDocument(m.ctx(), dead, m.glossary("a"), m.now),
			"ends": m.FinishDocuments(m.ctx(), dead, rampforge.JobCompleted, nil, m.now), "hands back": m.ReleaseDocuments(m.ctx(), dead, m.now, m.enqueue),
		} {
			if !errors.Is(err, store.ErrDocumentsLost) {
				t.Errorf("the dead one %s: %v", what, err)
			}
		}
		if _, claimed, err := m.ClaimDocuments(m.ctx(), dead, m.now, m.now); err != nil || claimed {
			t.Errorf("the dead one claims: %v, %v", claimed, err)
		}
		c := m.work(run)
		b.must(m.ReleaseDocuments(m.ctx(), c, m.now, m.enqueue))
		c = m.work(run)
		b.must(m.TouchDocuments(m.ctx(), silent(), m.now))
		ended, err := m.CancelDocuments(m.ctx(), run.ID, m.now)
		b.must(err)
		if ended.Status != rampforge.JobRunning {
			t.Errorf("one that runs is %s at once", ended.Status)
		}
		if err := m.BeatDocuments(m.ctx(), c, m.now); !errors.Is(err, store.ErrDocumentsLost) {
			t.Errorf("the worker of one that is to end hears %v", err)
		}
		b.must(m.EndCancelledDocuments(m.ctx(), c, m.now))
		if m.status(run.ID) != rampforge.JobCancelled {
			t.Errorf("it is %s", m.status(run.ID))
		}
		run, _ = m.ask()
		if ended, err = m.CancelDocuments(m.ctx(), run.ID, m.now); err != nil || ended.Status != rampforge.JobCancelled {
			t.Errorf("a queued one: %s, %v", ended.Status, err)
		}
		// Who asks after a cancellation that its worker has not heard of gets their own.
		run, _ = m.ask()
		c = m.work(run)
		_, err = m.CancelDocuments(m.ctx(), run.ID, m.now)
		b.must(err)
		next, started := m.ask()
		if !started || next.ID == run.ID || m.status(run.ID) != rampforge.JobCancelled {
			t.Errorf("the next: %v, %+v", started, next)
		}
		if err := m.EndCancelledDocuments(m.ctx(), c, m.now); !errors.Is(err, store.ErrDocumentsLost) {
			t.Errorf("ended twice: %v", err)
		}
		reason := "It died."
		b.must(m.EndSilentDocuments(m.ctx(), silent(), rampforge.JobFailed, &reason, m.now.Add(2*time.Hour), m.now))
		failed, err := m.NewestDocumentRun(m.ctx(), m.viewer(), m.project.ID)
		b.must(err)
		if failed.ID != next.ID || failed.Status != rampforge.JobFailed || failed.Error == nil || *failed.Error != reason {
			t.Errorf("%+v", failed)
		}
	})
}

// TestDocumentsHidePages shows nothing of a page that became restricted after a
// document was made of it.
func TestDocumentsHidePages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bundle) {
		m := newManual(b)
		exec := func(text string, args ...any) {
			t.Helper()
			_, err := b.db.Write().ExecContext(b.ctx(), text, args...)
			b.must(err)
		}
		content := func(restricted bool) string {
			text, err := json.Marshal(rampforge.Document{Title: "Payments hang", URL: "https://wiki.example/1", Body: "Ask the provider.", Restricted: restricted})
			b.must(err)
			return string(text)
		}
		exec(`INSERT INTO project_sources (project_id, service_id, resource_id, bound_at, wish, removed) VALUES ($1, 'svc', 'space', $2, '', FALSE)`, m.project.ID, m.now)
		exec(`INSERT INTO records (service_id, stream, id, resource_id, key, title, state, updated_at, content, synced_at, type, status, assignees, search)
			VALUES ('svc', 'documents', '1', 'space', '', 'Payments hang', '', $1, $2, $1, '', '', '', 'payments hang')`, m.now, content(false))
		sources, err := m.DocumentSources(m.ctx(), m.project.ID)
		b.must(err)
		d := m.glossary("pages", "code")
		d.Kind, d.Change.Kind, d.MadeOf = rampforge.DocumentTroubleshooting, rampforge.DocumentTroubleshooting, sources[rampforge.DocumentTroubleshooting]
		d.Sections[0].Citations = []rampforge.Citation{{N: 1, Kind: rampforge.PassagePage, Title: "Operations › Payments hang", URL: "https://wiki.example/1"}}
		run, _ := m.ask()
		b.must(m.KeepDocument(m.ctx(), m.work(run), d, m.now))
		shown := func() (int, bool) {
			t.Helper()
			got, err := m.Document(m.ctx(), m.viewer(), m.project.ID, rampforge.DocumentTroubleshooting)
			b.must(err)
			return len(got.Sections), got.Stale
		}
		if n, stale := shown(); n != 2 || stale {
			t.Errorf("while everybody may read it: %d sections, stale %v", n, stale)
		}
		exec(`UPDATE records SET content = $1`, content(true))
		if n, stale := shown(); n != 1 || !stale {
			t.Errorf("once it is restricted: %d sections, stale %v", n, stale)
		}
		exec(`UPDATE records SET content = $1, deleted_at = $2`, content(false), m.now)
		if n, stale := shown(); n != 1 || !stale {
			t.Errorf("once it is gone: %d sections, stale %v", n, stale)
		}
	})
}
