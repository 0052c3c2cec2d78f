// Package assistant answers questions about a project. It understands what is
// asked for, retrieves passages and facts, has a model write an answer, or
// composes one where there is none, and verifies each claim against the lines
// that it cites. What the sources do not say is not answered.
//
// What vendors and repositories say is data. Whatever stands in it, an answer
// has no link and no image, tools only read, and only what who asks may see.
//
// It may import floors one and two, and inspect.
package assistant

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/git"
	"github.com/rampforgeai/rampforge/internal/llm"
	"github.com/rampforgeai/rampforge/internal/store"
)

// Code is what an analysis knows of a project's repository.
type Code struct {
	Index  *codeindex.Index
	Report Facts
	// Unnamed reports whether somebody does not want to be named as who knows
	// something.
	Unnamed func(name string) bool
}

// Facts are the parts of a code report that answers are made from.
type Facts struct {
	Name          string               `json:"name"`
	WebURL        *string              `json:"web_url"`
	Description   *string              `json:"description"`
	Commit        string               `json:"commit"`
	Languages     []report.Language    `json:"languages"`
	Build         report.Build         `json:"build"`
	Documentation report.Documentation `json:"documentation"`
	External      []report.External    `json:"external_dependencies"`
	Endpoints     []report.Endpoint    `json:"endpoints"`
	ReadingOrder  []report.ReadingStep `json:"reading_order"`
	Architecture  struct {
		Components []report.Component `json:"components"`
	} `json:"architecture"`
}

// Files reads the repository itself, where it is on this machine.
type Files interface {
	File(ctx context.Context, r rampforge.Repository, commit, path string) ([]byte, error)
	Blame(ctx context.Context, r rampforge.Repository, commit, path string, first, last int) ([]string, error)
	// Texts reads several files at once; those that are not there are left out.
	Texts(ctx context.Context, r rampforge.Repository, commit string, paths []string) (map[string][]byte, error)
	// Tags are those that lead to commits, the oldest first.
	Tags(ctx context.Context, r rampforge.Repository) ([]git.Tag, error)
	// Resolve finds a commit by the beginning of its id.
	Resolve(ctx context.Context, r rampforge.Repository, name string) (git.Resolved, error)
	// Span is what leads to one commit and not to another.
	Span(ctx context.Context, r rampforge.Repository, from, to string, most int) (git.Span, error)
	Commits(ctx context.Context, r rampforge.Repository, commit string, each func(*rampforge.Commit) (more bool, err error)) error
}

// Assistant answers questions. It is safe for concurrent use.
type Assistant struct {
	Store *store.Store
	// Code reads what is known of a repository that v may see; RESOURCE_NOT_FOUND
	// where nothing is.
	Code  func(ctx context.Context, v store.Viewer, repositoryID string) (*Code, error)
	Files Files     // nil: citations are held against what was indexed, and no line is blamed
	Model llm.Model // nil: answers are composed without one
	// Services calls tools of the project's services; nil: none are offered.
	Services Services
	// Meaning finds passages by what they mean; nil: by words alone.
	Meaning *search.Meaning
	Now     func() time.Time
	// Logger is told what ended a look-up that an answer can do without.
	Logger *slog.Logger
}

// Focus is what somebody looks at while they ask.
type Focus struct {
	Path, WorkItem, Component string
}

// Question is what is asked.
type Question struct {
	Project rampforge.Project
	Viewer  store.Viewer
	Text    string
	Focus   Focus
	Earlier []rampforge.Answer // of the same conversation, oldest first
}

// Event is a part of an answer as it comes: some of its text, or a citation.
type Event struct {
	Token    string
	Citation *rampforge.Citation
}

// Ask answers a question. Parts of the answer are handed to emit, where that is
// not nil, once they are verified; an error of emit ends it and is returned. The
// answer has no ids yet.
func (a *Assistant) Ask(ctx context.Context, q Question, emit func(Event) error) (rampforge.Answer, error) {
	if emit == nil {
		emit = func(Event) error { return nil }
	}
	d, err := a.retrieve(ctx, q)
	if err != nil {
		return rampforge.Answer{}, err
	}
	out := rampforge.Answer{Question: q.Text, Citations: []rampforge.Citation{}, FollowUps: []string{}, Model: extractive, AskedAt: a.Now().UTC(), Confidence: rampforge.ConfidenceNone}
	composed, err := d.compose(ctx)
	if err != nil {
		return out, err
	}
	w := &writer{dossier: d, emit: emit, out: &out}
	switch w.silence = d.silent(composed); {
	case w.silence != "" && !d.mayKnow():
		err = w.abstain(w.silence)
	case a.Model == nil:
		err = w.composed(ctx, composed)
	default:
		err = a.askModel(ctx, w, composed)
	}
	if err != nil {
		return out, err
	}
	if behind, err := d.behind(ctx); err != nil {
		return out, err
	} else if behind != "" {
		out.Note = strings.TrimSpace(behind + " " + out.Note)
	}
	if out.Note == "" {
		out.Note = d.wordsAlone
	}
	out.Diagram = composed.diagram
	if !out.Abstained {
		out.FollowUps = d.followUps()
	} else {
		out.Diagram = nil
	}
	return out, nil
}

// behind says what the answer could not rest on yet; "" is nothing.
func (d *dossier) behind(ctx context.Context) (string, error) {
	if d.repository != nil && d.code == nil {
		return "The repository has not been analysed yet, so that this rests on little: ask again when it has been.", nil
	}
	scopes, err := d.Store.ProjectScopes(ctx, d.question.Viewer, d.question.Project.ID)
	if err != nil {
		return "", err
	}
	for i := range scopes {
		if scopes[i].IndexedAt == nil && scopes[i].Done < scopes[i].Wanted {
			return "What belongs to the project is being indexed for the first time, so that this rests on a part of it: ask again in a while.", nil
		}
	}
	return "", nil
}

// extractive is the model of answers that no model wrote.
const extractive = "extractive"

// note logs what an answer can do without.
func (a *Assistant) note(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		a.Logger.WarnContext(ctx, "an answer goes without "+what, slog.Any("error", err))
	}
}
