package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/render"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/assistant/narrative"
	"github.com/rampforgeai/rampforge/internal/store"
)

// told are the descriptions that go with a report. They are kept beside it and
// change when it does not.
type told struct {
	tag  string // tells them apart in the tag of an answer
	read func() (map[string]rampforge.Narrative, error)
}

// none goes with what has no report.
var none = told{read: func() (map[string]rampforge.Narrative, error) { return nil, nil }}

// narratives finds the descriptions of a report. With the newest one those of
// another commit are shown as stale; with an older one none but those of its own
// commit.
func (a *API) narratives(ctx context.Context, kept store.Report) (told, error) {
	repositoryID := kept.Analysis.RepositoryID
	state, err := a.options.Store.NarrativeState(ctx, repositoryID)
	if err != nil || state.Revision == 0 {
		return none, err
	}
	newest, err := a.options.Store.NewestIndexed(ctx, requestOf(ctx).viewer(), repositoryID)
	if err != nil {
		return none, err
	}
	isNewest, commit := newest.Analysis.ID == kept.Analysis.ID, value(kept.Analysis.Commit)
	return told{fmt.Sprintf(" narratives %d %t", state.Revision, isNewest), func() (map[string]rampforge.Narrative, error) {
		rows, err := a.options.Store.Narratives(ctx, repositoryID)
		if err != nil {
			return nil, err
		}
		if !isNewest {
			own := rows[:0]
			for i := range rows {
				if rows[i].Commit == commit {
					own = append(own, rows[i])
				}
			}
			rows = own
		}
		return a.shown(ctx, rows, newest, commit)
	}}, nil
}

// shown reads the index and the files that stale descriptions are held against,
// where there are any.
func (a *API) shown(ctx context.Context, rows []store.Narrative, of store.Indexed, commit string) (map[string]rampforge.Narrative, error) {
	stale := false
	for i := range rows {
		stale = stale || rows[i].Commit != commit
	}
	if !stale {
		return narrative.Shown(ctx, rows, commit, nil, nil), nil
	}
	var ix *codeindex.Index
	var err error
	if ix, err = a.codeIndex(ctx, of); err != nil && rampforge.ErrorCode(err) != rampforge.CodeNotFound {
		return nil, err
	}
	repository, err := a.options.Store.Repository(ctx, requestOf(ctx).viewer(), of.Analysis.RepositoryID)
	if err != nil {
		return nil, err
	}
	return narrative.Shown(ctx, rows, commit, ix, a.textsOf(repository, commit)), nil
}

// maxTexts is how many files one report reads to say what of it is stale.
const maxTexts = 60

// textsOf reads files of a repository that is on this machine. What cannot be read
// is left out: it may have changed.
func (a *API) textsOf(r rampforge.Repository, commit string) narrative.Read {
	if a.options.Files == nil {
		return nil
	}
	return func(ctx context.Context, paths []string) (map[string][]byte, error) {
		texts := map[string][]byte{}
		for _, p := range paths[:min(len(paths), maxTexts)] {
			if content, err := a.options.Files.File(ctx, r, commit, p); err == nil {
				texts[p] = content
			}
		}
		return texts, ctx.Err()
	}
}

// attach puts the descriptions into the text of a report. One without any stays as
// it is, byte by byte.
func (t told) attach(text []byte) ([]byte, error) {
	all, err := t.read()
	if err != nil || len(all) == 0 {
		return text, err
	}
	var r report.CodeReport
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("reading a report: %w", err)
	}
	narrative.Attach(&r, all)
	var out bytes.Buffer
	err = render.JSON(&out, &r)
	return out.Bytes(), err
}
