package documents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Opener opens repositories; *inspect.Inspector does.
type Opener interface {
	OpenReading(ctx context.Context, r inspect.Request, commit string) (*inspect.Reading, error)
}

// Maker makes the documents of projects and keeps them. It is safe for concurrent
// use.
type Maker struct {
	Store  *store.Store
	Opener Opener
	// Request says how to read a repository, with what it is fetched with where its
	// mirror is not on this machine.
	Request func(ctx context.Context, r rampforge.Repository) (inspect.Request, error)
	Model   llm.Model // nil: sections stay as they are composed
	Now     func() time.Time
}

// everybody sees all that the documents are made of; who may see what is made is
// asked with each read, and it is whoever may see the project.
var everybody = store.Viewer{Admin: true}

// Make makes the documents of c's run one after the other and keeps each as soon
// as it is made: what was kept before an error stays, and is not made again.
func (m *Maker) Make(ctx context.Context, c store.DocumentClaim, run rampforge.DocumentRun) (err error) {
	project, err := m.Store.Project(ctx, everybody, run.ProjectID)
	if err != nil {
		return err
	}
	sources, err := m.Store.DocumentSources(ctx, project.ID) // before they are read: what comes meanwhile makes them stale
	if err != nil {
		return err
	}
	in, free, err := m.inputs(ctx, project)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, free()) }()
	for i, kind := range run.Kinds {
		if slices.ContainsFunc(run.Changed, func(v rampforge.DocumentChange) bool { return v.Kind == kind }) {
			continue // by an earlier attempt
		}
		d, change, err := m.document(ctx, project, run, kind, in)
		if err != nil {
			return err
		}
		d.ProjectID = project.ID
		kept := store.KeptDocument{GeneratedDocument: d, MadeOf: sources[kind], Change: change,
			Progress: rampforge.Progress{Done: int64(i + 1), Total: int64(len(run.Kinds)), Unit: "documents", Stage: string(kind)}}
		if err := m.Store.KeepDocument(ctx, c, kept, m.Now().UTC()); err != nil {
			return err
		}
	}
	return nil
}

// document makes one document. Only the sections that changed are written by a
// model.
func (m *Maker) document(ctx context.Context, p rampforge.Project, run rampforge.DocumentRun, kind rampforge.DocumentKind, in Inputs) (d rampforge.GeneratedDocument, change rampforge.DocumentChange, err error) {
	draft, err := Compose(ctx, kind, in)
	if err != nil {
		return d, change, err
	}
	var before *rampforge.GeneratedDocument
	was, err := m.Store.Document(ctx, everybody, p.ID, kind)
	switch {
	case err == nil:
		before = &was
	case rampforge.ErrorCode(err) != rampforge.CodeNotFound:
		return d, change, err
	}
	d, change = Merge(before, draft, run.Force, m.Now().UTC())
	if m.Model == nil {
		return d, change, nil
	}
	for i := range d.Sections {
		s := &d.Sections[i]
		if !slices.Contains(change.Changed, s.Key) || !draft.Sections[i].Prose {
			continue
		}
		if !p.AICode {
			s.Note = "No model wrote this: the project keeps its code from models."
			continue
		}
		if err := Rewrite(ctx, m.Model, run.RequestedBy, &draft.Sections[i], s); err != nil {
			return d, change, err
		}
	}
	return d, change, nil
}

// inputs reads what the documents of a project are made of.
func (m *Maker) inputs(ctx context.Context, p rampforge.Project) (in Inputs, free func() error, err error) {
	if p.RepositoryID == nil {
		return in, nil, rampforge.Errorf(rampforge.CodeConflict, "The project has no repository any more: set repository_url first.")
	}
	r, err := m.Store.Repository(ctx, everybody, *p.RepositoryID)
	if err != nil {
		return in, nil, err
	}
	v, err := m.version(ctx, r)
	if err != nil {
		return in, nil, err
	}
	request, err := m.Request(ctx, r)
	if err != nil {
		return in, nil, err
	}
	reading, err := m.Opener.OpenReading(ctx, request, v.Report.Commit)
	if err != nil {
		return in, nil, err
	}
	if in, err = OfRepository(ctx, reading, v); err == nil {
		err = m.records(ctx, p, &in)
	}
	if err != nil {
		return in, nil, errors.Join(err, reading.Close())
	}
	return in, reading.Close, nil
}

// version reads the newest report of a repository with its code index.
func (m *Maker) version(ctx context.Context, r rampforge.Repository) (v codeindex.Version, err error) {
	newest, err := m.Store.NewestIndexed(ctx, everybody, r.ID)
	if err != nil {
		return v, err
	}
	kept, err := m.Store.Report(ctx, everybody, newest.Analysis.ID)
	if err != nil {
		return v, err
	}
	text, err := kept.JSON()
	if err != nil {
		return v, err
	}
	v.Report = &report.CodeReport{}
	if err := json.Unmarshal(text, v.Report); err != nil {
		return v, fmt.Errorf("reading the report of %s: %w", newest.Analysis.ID, err)
	}
	content, err := m.Store.CodeIndex(ctx, newest.Analysis.ID)
	if err != nil {
		return v, err
	}
	if content == nil {
		return v, rampforge.Errorf(rampforge.CodeAnalysis, "The newest analysis of the repository keeps no code index: analyse it again with force_refresh.")
	}
	if v.Index, err = codeindex.Decode(content); err != nil {
		return v, fmt.Errorf("decoding a code index: %w", err)
	}
	return v, nil
}

// The most records that documents are made of, the last updated first.
const (
	recordsAtOnce = 200
	maxRecords    = 20_000
	maxPageBody   = 16 << 10
)

// records reads the work items, pull requests and pages of a project. Of those
// that no document tells of little is kept.
func (m *Maker) records(ctx context.Context, p rampforge.Project, in *Inputs) error {
	sources, err := m.Store.ProjectSources(ctx, p.ID)
	if err != nil {
		return err
	}
	in.Tracker = len(sources) > 0
	err = each(ctx, m.Store, p.ID, rampforge.StreamWorkItems, func(v rampforge.WorkItem) {
		if !closed(&v) || !troublesome(&v) {
			v = rampforge.WorkItem{Key: v.Key, Links: v.Links}
		}
		v.Events = nil
		in.WorkItems = append(in.WorkItems, v)
	})
	if err == nil {
		err = each(ctx, m.Store, p.ID, rampforge.StreamPullRequests, func(v rampforge.PullRequest) {
			v.Comments, v.Reviews, v.Commits = nil, nil, nil
			in.PullRequests = append(in.PullRequests, v)
		})
	}
	if err == nil {
		err = each(ctx, m.Store, p.ID, rampforge.StreamDocuments, func(v rampforge.Document) {
			if !v.Restricted {
				v.Body = cut(v.Body, maxPageBody)
				in.Pages = append(in.Pages, v)
			}
		})
	}
	return err
}

// each visits the records of a stream of a project, each once.
func each[T any](ctx context.Context, s *store.Store, projectID string, stream rampforge.Stream, visit func(T)) error {
	seen := map[string]bool{}
	for at := 0; at < maxRecords; at += recordsAtOnce {
		list, _, err := s.ProjectRecords(ctx, projectID, stream, store.RecordFilter{}, store.Page{Limit: recordsAtOnce, Offset: at})
		if err != nil {
			return err
		}
		for i := range list {
			key := list[i].ServiceID + " " + list[i].ID
			if seen[key] {
				continue // it moved while the pages were read
			}
			seen[key] = true
			var v T
			if err := json.Unmarshal(list[i].Content, &v); err != nil {
				return fmt.Errorf("reading the record %s of %s: %w", list[i].ID, stream, err)
			}
			visit(v)
		}
		if len(list) < recordsAtOnce {
			return nil
		}
	}
	return nil
}
