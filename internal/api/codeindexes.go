package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
	"github.com/rampforgeai/rampforge/internal/store"
)

// maxIndexBytes bounds the memory of the code indexes that are kept ready. The
// one that was asked for last is kept whatever its size.
const maxIndexBytes = 256 << 20

// codeIndexes keeps decoded code indexes, those asked for last. An index
// belongs to one analysis and never changes.
type codeIndexes struct {
	mu    sync.Mutex
	kept  map[string]*keptIndex // by analysis
	bytes int64
	most  int64
	asked int64              // counts questions, to tell which index was asked for last
	loads singleflight.Group // so that many who ask at once decode once
}

type keptIndex struct {
	index *codeindex.Index
	bytes int64
	asked int64
}

func newCodeIndexes(most int64) *codeIndexes {
	return &codeIndexes{kept: map[string]*keptIndex{}, most: most}
}

func (c *codeIndexes) get(analysisID string) *codeindex.Index {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.kept[analysisID]
	if k == nil {
		return nil
	}
	c.asked++
	k.asked = c.asked
	return k.index
}

func (c *codeIndexes) put(analysisID string, index *codeindex.Index) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept[analysisID] != nil {
		return
	}
	c.asked++
	k := &keptIndex{index, weigh(index), c.asked}
	c.kept[analysisID] = k
	c.bytes += k.bytes
	for c.bytes > c.most && len(c.kept) > 1 {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(c.kept)), func(a, b string) int { return cmp.Compare(c.kept[a].asked, c.kept[b].asked) })
		c.bytes -= c.kept[oldest].bytes
		delete(c.kept, oldest)
	}
}

// weigh estimates the memory of an index in bytes: its records, its texts, and
// the look-ups that are built over them.
func weigh(ix *codeindex.Index) int64 {
	const perFile, perSymbol, perEdge, perCommit = 320, 240, 28, 80
	n := perFile*len(ix.Files) + perSymbol*len(ix.Symbols) + perEdge*(len(ix.Imports)+len(ix.Requests)+len(ix.Calls)+len(ix.Uses)+len(ix.Couples)) + perCommit*len(ix.Commits)
	for i := range ix.Files {
		n += len(ix.Files[i].Path) + len(ix.Files[i].Doc)
	}
	for i := range ix.Symbols {
		s := &ix.Symbols[i]
		n += len(s.Name) + len(s.Doc) + len(s.Signature)
	}
	for i := range ix.Commits {
		n += len(ix.Commits[i].Hash) + len(ix.Commits[i].Subject)
	}
	return int64(n)
}

// codeIndex returns the code index of an analysis.
func (a *API) codeIndex(ctx context.Context, of store.Indexed) (*codeindex.Index, error) {
	if !of.Indexed {
		return nil, noIndex(of.Analysis)
	}
	id := of.Analysis.ID
	if ix := a.indexes.get(id); ix != nil {
		return ix, nil
	}
	loaded, err, _ := a.indexes.loads.Do(id, func() (any, error) {
		// The others who wait must not fail because the first one went away.
		encoded, err := a.options.Store.CodeIndex(context.WithoutCancel(ctx), id)
		if err != nil {
			return nil, fmt.Errorf("reading a code index: %w", err)
		}
		ix, err := codeindex.Decode(encoded)
		if errors.Is(err, codeindex.ErrDamaged) {
			return nil, noIndex(of.Analysis)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the code index of %s: %w", id, err)
		}
		a.indexes.put(id, ix)
		return ix, nil
	})
	ix, _ := loaded.(*codeindex.Index)
	return ix, err
}

// noIndex says what to do about an analysis without a code index: it is older
// than these questions, too old to be kept in full, or of another version.
func noIndex(a rampforge.Analysis) error {
	e := rampforge.Errorf(rampforge.CodeNotFound, "This analysis keeps nothing to answer that from: analyse the repository again with force_refresh.")
	e.Details = map[string]any{"reason": "no_code_index", "analysis_id": a.ID}
	return e
}

// newestIndex returns the code index of the newest analysis of a repository
// that the caller may see, and the analysis.
func (a *API) newestIndex(ctx context.Context, repositoryID string) (*codeindex.Index, rampforge.Analysis, error) {
	viewer := requestOf(ctx).viewer()
	if _, err := a.options.Store.Repository(ctx, viewer, repositoryID); err != nil {
		return nil, rampforge.Analysis{}, err
	}
	newest, err := a.options.Store.NewestIndexed(ctx, viewer, repositoryID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return nil, rampforge.Analysis{}, a.noReport(ctx, viewer, repositoryID)
	}
	if err != nil {
		return nil, rampforge.Analysis{}, err
	}
	ix, err := a.codeIndex(ctx, newest)
	return ix, newest.Analysis, err
}

// version reads the report of an analysis, and its code index if it is kept.
func (a *API) version(ctx context.Context, of store.Indexed) (codeindex.Version, error) {
	kept, err := a.options.Store.Report(ctx, requestOf(ctx).viewer(), of.Analysis.ID)
	if err != nil {
		return codeindex.Version{}, err
	}
	text, err := kept.JSON()
	if err != nil {
		return codeindex.Version{}, err
	}
	v := codeindex.Version{Report: &report.CodeReport{}}
	if err := json.Unmarshal(text, v.Report); err != nil {
		return v, fmt.Errorf("reading the report of %s: %w", of.Analysis.ID, err)
	}
	if v.Index, err = a.codeIndex(ctx, of); rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return v, nil // what reports tell can be compared without
	}
	return v, err
}

// withoutFormer is without for those who left.
func (u unnamed) withoutFormer(list []codeindex.Former) []codeindex.Former {
	if u.nobody() {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(f codeindex.Former) bool { return u.has(f.Name) })
}

// without returns names without those of who does not want to be named.
func (u unnamed) without(names []string) []string {
	if u.nobody() {
		return names
	}
	return slices.DeleteFunc(slices.Clone(names), u.has)
}
