package narrative

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Reader reads files of repositories; *inspect.Inspector does.
type Reader interface {
	Texts(ctx context.Context, r inspect.Request, commit string, paths []string) (map[string][]byte, error)
}

// Describer brings the descriptions of repositories up to date. It is safe for
// concurrent use.
type Describer struct {
	Store  *store.Store
	Reader Reader
	// Request says how to read a repository.
	Request func(ctx context.Context, r rampforge.Repository) (inspect.Request, error)
	Model   llm.Model // nil: descriptions are composed
	// Requests and Tokens bound what the model is asked for one commit.
	Requests int
	Tokens   int64
	Now      func() time.Time
	Logger   *slog.Logger
}

// Notes of descriptions that a model was not asked for.
const (
	noteForbidden = "No model was asked: a project of this repository keeps its code from models."
	noteNoProject = "No model was asked: no project has this repository, and so nobody permitted it."
	noteBound     = "No model wrote this: as much as AI_NARRATIVE_REQUESTS and AI_NARRATIVE_TOKENS allow was asked for this commit. The next analysis asks for more."
)

// Refresh brings the descriptions of c's repository up to date, which were as
// ClaimNarratives returned them. What was written before an error stays: the next
// attempt goes on from there.
func (d *Describer) Refresh(ctx context.Context, c store.NarrativeClaim, was store.NarrativeState) error {
	w := &work{Describer: d, claim: c}
	if err := w.load(ctx); err != nil {
		return err
	}
	if was.Commit == w.report.Commit {
		w.requests, w.tokens = was.Requests, was.Tokens
	}
	if err := w.settle(ctx); err != nil {
		return err
	}
	if err := w.ask(ctx); err != nil {
		return err
	}
	return d.Store.FinishNarratives(ctx, c, was, w.report.Commit, d.Now())
}

// work is one refresh.
type work struct {
	*Describer

	claim      store.NarrativeClaim
	repository rampforge.Repository
	report     *report.CodeReport
	tree       *tree
	read       Read
	drafts     []Draft
	sources    *Sources
	rows       map[string]*store.Narrative // as they are kept, by subject
	may        bool                        // a model may be asked
	why        string                      // it may not
	requests   int64
	tokens     int64
}

// load reads the newest report of the repository and drafts its descriptions.
func (w *work) load(ctx context.Context) error {
	everybody := store.Viewer{Admin: true} // who may see a description is asked with each report
	var err error
	if w.repository, err = w.Store.Repository(ctx, everybody, w.claim.RepositoryID); err != nil {
		return err
	}
	newest, err := w.Store.NewestReport(ctx, everybody, w.repository.ID)
	if err != nil {
		return err
	}
	text, err := newest.JSON()
	if err != nil {
		return err
	}
	w.report = &report.CodeReport{}
	if err := json.Unmarshal(text, w.report); err != nil {
		return fmt.Errorf("reading a report: %w", err)
	}
	content, err := w.Store.CodeIndex(ctx, newest.Analysis.ID)
	if err != nil {
		return err
	}
	var ix *codeindex.Index
	if content != nil {
		if ix, err = codeindex.Decode(content); err != nil {
			return fmt.Errorf("decoding a code index: %w", err)
		}
	}
	request, err := w.Request(ctx, w.repository)
	if err != nil {
		return err
	}
	w.read = func(ctx context.Context, paths []string) (map[string][]byte, error) {
		return w.Reader.Texts(ctx, request, w.report.Commit, paths)
	}
	w.tree = newTree(ix)
	if w.drafts, w.sources, err = Compose(ctx, w.report, ix, w.read); err != nil {
		return err
	}
	return w.permit(ctx)
}

// permit finds out whether a model may be asked.
func (w *work) permit(ctx context.Context) error {
	w.may, w.why = false, ""
	if w.Model == nil {
		return nil
	}
	projects, forbid, err := w.Store.ModelMayRead(ctx, w.repository.ID)
	switch {
	case err != nil:
		return err
	case projects == 0:
		w.why = noteNoProject
	case forbid > 0:
		w.why = noteForbidden
	default:
		w.may = true
	}
	return nil
}

// settle keeps what cites what it cited, composes the rest, and drops what nothing
// is of any more. It is written at once.
func (w *work) settle(ctx context.Context) error {
	kept, err := w.Store.Narratives(ctx, w.repository.ID)
	if err != nil {
		return err
	}
	if err := w.tree.read(ctx, kept, false, w.read); err != nil {
		return err
	}
	change := store.NarrativeChange{Commit: w.report.Commit}
	w.rows = map[string]*store.Narrative{}
	for i := range kept {
		w.rows[kept[i].Subject] = &kept[i]
	}
	there := map[string]bool{}
	for i := range w.drafts {
		d := &w.drafts[i]
		key := d.Subject.Key()
		there[key] = true
		row, write := w.settled(d, w.rows[key])
		switch {
		case row == nil:
			if w.rows[key] != nil {
				change.Drop = append(change.Drop, key)
				delete(w.rows, key)
			}
		case write:
			change.Put = append(change.Put, *row)
			w.rows[key] = row
		}
	}
	for key := range w.rows {
		if !there[key] {
			change.Drop = append(change.Drop, key)
			delete(w.rows, key)
		}
	}
	if len(change.Put)+len(change.Drop) == 0 {
		return nil
	}
	return w.Store.ChangeNarratives(ctx, w.claim, change, w.Now())
}

// settled is the row of a draft, nil for none, and whether it has to be written.
func (w *work) settled(d *Draft, was *store.Narrative) (row *store.Narrative, write bool) {
	if was != nil {
		now, commit := *was, was.Commit
		if w.tree.move(&now, w.report) {
			if now.Model == rampforge.Extractive && d.Says() {
				now.Open = w.may && (was.Open || commit != w.report.Commit || !asked(was.Note))
				if !w.may && (was.Open || !asked(was.Note)) {
					now.Note = w.why
				}
			} else {
				now.Open = false
			}
			return &now, commit != now.Commit || now.Open != was.Open || now.Note != was.Note
		}
	}
	if !d.Says() {
		return nil, false
	}
	n := d.compose().narrative(w.report, w.sources)
	at := w.Now().UTC()
	n.CreatedAt, n.Note = &at, w.why
	fresh := w.tree.kept(d.Subject.Key(), n, w.sources)
	fresh.Open = w.may
	return &fresh, true
}

// asked reports whether a note says what came of asking a model.
func asked(note string) bool { return note != "" && note != noteForbidden && note != noteNoProject }
