// Package search finds the passages of a project that a question is about. An
// [Indexer] keeps them up to date: of a repository its files and its history, of
// a tracker and a wiki their records. [Ask] finds candidates by their rarest
// words, and puts them in order.
//
// It may import floors one and two, and inspect, which reads repositories.
package search

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/inspect"
	"github.com/rampforgeai/rampforge/internal/store"
)

// How much text is written at once, in bytes: where others wait for it to be
// written, as much as takes maxHeld.
const (
	leastBatch = 16 << 10 // and the first
	mostBatch  = 256 << 10
	// maxHeld is how long SQLite's one writer is held at once, about.
	maxHeld = 10 * time.Millisecond
)

// What is written beside text is counted as so many bytes of it.
const (
	bytesOfDrop  = 1 << 10 // the passages of a key go
	bytesOfWeigh = 2 << 10 // those of a key are weighed anew, each of which is written whole
)

// Reader reads the passages of repositories; *inspect.Inspector does.
type Reader interface {
	Passages(ctx context.Context, r inspect.Request, ix *codeindex.Index, sink inspect.PassageSink) error
}

// Indexer brings scopes up to date. It is safe for concurrent use.
type Indexer struct {
	Store  *store.Store
	Reader Reader
	// Request says how to read a repository, with what it is fetched with where
	// its mirror is not on this machine.
	Request func(ctx context.Context, r rampforge.Repository) (inspect.Request, error)
	Now     func() time.Time
	// Follow, where it is not nil, looks up at the commit of an index what speaks of
	// the code of a repository. It is called before the index is up to date, so that
	// it is called again where it failed or its process died.
	Follow func(ctx context.Context, c store.SearchClaim, r rampforge.Repository, request inspect.Request, ix *codeindex.Index) error
	// Rest is how long it rests after each piece of work, as a part of what that
	// took, so that a server answers meanwhile; 0 is not at all. All scopes take turns
	// then, with their rests: several at once leave a server as much as one does.
	Rest float64
	turn sync.Mutex
	// Embeds embeds what is indexed; nil for words alone.
	Embeds *Embeds
}

// Refresh brings the scope of c up to date, which was as ClaimSearch returned
// it. What was written before an error stays: the next time costs less.
func (x *Indexer) Refresh(ctx context.Context, c store.SearchClaim, was store.SearchScope) error {
	if was.Wanted > was.Done {
		if err := x.words(ctx, c, was); err != nil || x.Embeds == nil {
			return err
		}
	}
	if x.Embeds == nil { // any more
		return x.Store.RestEmbedding(ctx, c, store.EmbedRest{Began: x.Now()}, x.Now())
	}
	return x.embed(ctx, c, was)
}

func (x *Indexer) words(ctx context.Context, c store.SearchClaim, was store.SearchScope) error {
	w := &writer{Indexer: x, claim: c, batch: leastBatch}
	if was.RepositoryID != "" {
		return x.repository(ctx, w, was)
	}
	return x.resource(ctx, w, was)
}

// indexed notes that the words are up to date. What is to be embedded of them is
// a part of the same work: it lasts until then.
func (x *Indexer) indexed(ctx context.Context, c store.SearchClaim, was store.SearchScope, commit string, began time.Time) error {
	if x.Embeds == nil {
		return x.Store.FinishSearch(ctx, c, was, commit, began, x.Now())
	}
	return x.Store.SearchIndexed(ctx, c, was, commit, began, x.Now())
}

// repository indexes the newest analysis of a repository.
func (x *Indexer) repository(ctx context.Context, w *writer, was store.SearchScope) error {
	began := x.Now()
	everybody := store.Viewer{Admin: true} // who may see what is found is asked with each search
	r, err := x.Store.Repository(ctx, everybody, was.RepositoryID)
	if err != nil {
		return err
	}
	newest, err := x.Store.NewestIndexed(ctx, everybody, r.ID)
	if err != nil {
		return err
	}
	content, err := x.Store.CodeIndex(ctx, newest.Analysis.ID)
	if err != nil {
		return err
	}
	if content == nil {
		return rampforge.Errorf(rampforge.CodeAnalysis, "The newest analysis of the repository keeps no code index: analyse it again with force_refresh.")
	}
	ix, err := codeindex.Decode(content)
	if err != nil {
		return fmt.Errorf("decoding a code index: %w", err)
	}
	request, err := x.Request(ctx, r)
	if err != nil {
		return err
	}
	if x.Follow != nil {
		if err := x.Follow(ctx, w.claim, r, request, ix); err != nil {
			return err
		}
	}
	if err := x.files(ctx, w, request, ix); err != nil {
		return err
	}
	if err := x.report(ctx, w, r.ID, newest.Analysis.ID); err != nil {
		return err
	}
	return x.indexed(ctx, w.claim, was, ix.Commit, began)
}

// Index makes the passages of c's scope those of a repository at the commit that
// an index is of.
func (x *Indexer) Index(ctx context.Context, c store.SearchClaim, r inspect.Request, ix *codeindex.Index) error {
	return x.files(ctx, &writer{Indexer: x, claim: c, batch: leastBatch}, r, ix)
}

func (x *Indexer) files(ctx context.Context, w *writer, request inspect.Request, ix *codeindex.Index) error {
	if err := w.know(ctx, rampforge.PassageFile, rampforge.PassageDocument, rampforge.PassageCommit); err != nil {
		return err
	}
	weights := map[string]float64{}
	err := x.Reader.Passages(ctx, request, ix, inspect.PassageSink{
		Known: w.isKnown,
		Put:   func(s inspect.PassageSource) error { return w.put(ctx, s) },
		Weigh: func(file string, weight float64) { weights[store.KeyOfPassages(file)] = weight },
	})
	if err != nil {
		return err
	}
	if err := w.dropUnseen(ctx); err != nil {
		return err
	}
	return w.weigh(ctx, weights)
}

// report indexes what an analysis says, with the descriptions that are kept of its
// repository.
func (x *Indexer) report(ctx context.Context, w *writer, repositoryID, analysisID string) error {
	kept, err := x.Store.Report(ctx, store.Viewer{Admin: true}, analysisID)
	if err != nil {
		return err
	}
	text, err := kept.JSON()
	if err != nil {
		return err
	}
	rows, err := x.Store.Narratives(ctx, repositoryID)
	if err != nil {
		return err
	}
	told := map[string]rampforge.Narrative{}
	for i := range rows {
		told[rows[i].Subject] = rows[i].Narrative
	}
	sources, err := reportSources(text, told)
	if err != nil {
		return err
	}
	if err := w.know(ctx, rampforge.PassageReport); err != nil {
		return err
	}
	for _, s := range sources {
		if !w.isKnown(rampforge.PassageReport, s.Key, s.Passages[0].Version) {
			if err := w.put(ctx, s); err != nil {
				return err
			}
		}
	}
	return w.dropUnseen(ctx)
}

// overlap is how far before the last time records are read again: transactions
// end in another order than their clocks say.
const overlap = 10 * time.Minute

// resource indexes the records of a resource that were read since the last time.
func (x *Indexer) resource(ctx context.Context, w *writer, was store.SearchScope) error {
	began := x.Now()
	for _, stream := range recordStreams {
		if err := w.know(ctx, recordKinds[stream]); err != nil {
			return err
		}
		if err := x.records(ctx, w, was, stream); err != nil {
			return err
		}
		if err := w.dropUnseen(ctx); err != nil {
			return err
		}
	}
	return x.indexed(ctx, w.claim, was, "", began)
}

// records indexes those of one stream.
func (x *Indexer) records(ctx context.Context, w *writer, was store.SearchScope, stream rampforge.Stream) error {
	kind := recordKinds[stream]
	place := store.Place{ServiceID: was.ServiceID, ResourceID: was.ResourceID, Stream: stream}
	live, err := x.Store.PlaceIDs(ctx, place)
	if err != nil {
		return err
	}
	read := map[string]bool{}
	if was.IndexedAt != nil {
		if read, err = x.Store.PlaceReadSince(ctx, place, was.IndexedAt.Add(-overlap)); err != nil {
			return err
		}
	}
	var ids []string
	for id := range live {
		k := w.see(kind, id)
		// What has no passages may have come back as it was, or be a page that not
		// everybody may read.
		if _, there := w.known[k]; was.IndexedAt == nil || read[id] || !there {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return x.Store.PlaceRecords(ctx, place, ids, func(r store.RecordContent) error {
		version := versionOf(r.Content)
		if w.isKnown(kind, r.ID, version) {
			return nil
		}
		source, err := recordSource(stream, r.ID, version, r.Content)
		if err != nil {
			return err
		}
		return w.put(ctx, source)
	})
}

// writer writes passages in batches, and knows what is there.
type writer struct {
	*Indexer

	claim  store.SearchClaim
	known  map[store.PassageKey]string // versions
	seen   map[store.PassageKey]bool
	change store.PassageChange
	bytes  int
	batch  int // how many of them are written at once
}

// know reads what is kept of some kinds.
func (w *writer) know(ctx context.Context, kinds ...rampforge.PassageKind) error {
	w.known, w.seen = map[store.PassageKey]string{}, map[store.PassageKey]bool{}
	for _, kind := range kinds {
		versions, err := w.Store.PassageVersions(ctx, w.claim.Scope, kind)
		if err != nil {
			return err
		}
		for key, version := range versions {
			w.known[store.PassageKey{Kind: kind, Key: key}] = version
		}
	}
	return nil
}

func (w *writer) isKnown(kind rampforge.PassageKind, key, version string) bool {
	k := w.see(kind, key)
	return w.known[k] == version
}

// see notes that something is still there.
func (w *writer) see(kind rampforge.PassageKind, key string) store.PassageKey {
	k := store.PassageKey{Kind: kind, Key: store.KeyOfPassages(key)}
	w.seen[k] = true
	return k
}

// put writes the passages of a file or a record in place of those of before.
func (w *writer) put(ctx context.Context, s inspect.PassageSource) error {
	for _, kind := range s.Kinds {
		if _, there := w.known[store.PassageKey{Kind: kind, Key: store.KeyOfPassages(s.Key)}]; there {
			w.drop(s.Kinds, s.Key)
			break
		}
	}
	if sizeOf(s.Passages) > w.batch {
		return w.putInParts(ctx, s)
	}
	w.add(s.Passages...)
	return w.flushFull(ctx)
}

func sizeOf(list []rampforge.Passage) (bytes int) {
	for i := range list {
		bytes += len(list[i].Text)
	}
	return bytes
}

func (w *writer) add(list ...rampforge.Passage) {
	w.change.Put = append(w.change.Put, list...)
	w.bytes += sizeOf(list)
}

// unfinished stands before the version of what is written in parts until the last
// of them is.
const unfinished = "unfinished:"

// putInParts writes what is too much for one transaction. By the version of its first
// passage it is not known before it is whole, so that who breaks off in between writes
// all of it again.
func (w *writer) putInParts(ctx context.Context, s inspect.PassageSource) error {
	// Whether a file is known is asked of the passage that is of the whole of it.
	first := max(slices.IndexFunc(s.Passages, func(p rampforge.Passage) bool { return p.Kind != rampforge.PassageCode }), 0)
	mark := s.Passages[first]
	version := mark.Version
	mark.Version = unfinished + version
	w.add(mark)
	for i := range s.Passages {
		if i == first {
			continue
		}
		if err := w.flushFull(ctx); err != nil {
			return err
		}
		w.add(s.Passages[i])
	}
	w.change.Whole = map[store.PassageKey]string{{Kind: mark.Kind, Key: s.Key}: version}
	return w.flush(ctx)
}

// flushFull writes what has come together, if that is enough.
func (w *writer) flushFull(ctx context.Context) error {
	if w.bytes < w.batch && len(w.change.Put) < maxPuts {
		return nil
	}
	return w.flush(ctx)
}

func (w *writer) drop(kinds []rampforge.PassageKind, key string) {
	for _, kind := range kinds {
		w.change.Drop = append(w.change.Drop, store.PassageKey{Kind: kind, Key: key})
		w.bytes += bytesOfDrop
	}
}

// maxPuts is how many passages are written at once at most, however short.
const maxPuts = 2000

func (w *writer) flush(ctx context.Context) error {
	if len(w.change.Put)+len(w.change.Drop) == 0 {
		return nil
	}
	change := w.change
	w.change, w.bytes = store.PassageChange{}, 0
	return w.inTurn(ctx, func() (time.Duration, error) { return w.Store.ChangePassages(ctx, w.claim, change, w.Now()) })
}

// inTurn writes once, and then rests for a part of the time that it took.
func (w *writer) inTurn(ctx context.Context, write func() (held time.Duration, err error)) error {
	if w.Rest > 0 {
		w.turn.Lock()
		defer w.turn.Unlock()
	}
	began := w.Now()
	held, err := write()
	w.adapt(held)
	if err != nil || w.Rest == 0 {
		return err
	}
	pause := time.NewTimer(min(time.Duration(w.Rest*float64(w.Now().Sub(began))), longestRest))
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-pause.C:
		return nil
	}
}

// adapt makes what is written at once less where others waited too long for the
// last of it, as on a busy machine, and more where they hardly did.
func (w *writer) adapt(held time.Duration) {
	switch {
	case held > maxHeld:
		w.batch = max(w.batch/2, leastBatch)
	case held < maxHeld/2:
		w.batch = min(w.batch*2, mostBatch)
	}
}

// longestRest bounds a rest: what took longer waited for something else.
const longestRest = time.Second

// dropUnseen writes what is left, and drops what is not there any more.
func (w *writer) dropUnseen(ctx context.Context) error {
	for key := range w.known {
		if w.seen[key] {
			continue
		}
		w.drop([]rampforge.PassageKind{key.Kind}, key.Key)
		if key.Kind == rampforge.PassageFile {
			w.drop([]rampforge.PassageKind{rampforge.PassageCode}, key.Key)
		}
		if err := w.flushFull(ctx); err != nil {
			return err
		}
	}
	return w.flush(ctx)
}

// weigh writes how central files are where that changed.
func (w *writer) weigh(ctx context.Context, weights map[string]float64) error {
	changed := map[store.PassageKey]float64{}
	for _, kind := range []rampforge.PassageKind{rampforge.PassageFile, rampforge.PassageDocument} {
		were, err := w.Store.PassageWeights(ctx, w.claim.Scope, kind)
		if err != nil {
			return err
		}
		for key, was := range were {
			now, analysed := weights[key]
			if !analysed || now == was {
				continue
			}
			changed[store.PassageKey{Kind: kind, Key: key}] = now
			if kind == rampforge.PassageFile {
				changed[store.PassageKey{Kind: rampforge.PassageCode, Key: key}] = now
			}
			if len(changed)*bytesOfWeigh >= w.batch {
				if err := w.reweigh(ctx, changed); err != nil {
					return err
				}
			}
		}
	}
	return w.reweigh(ctx, changed)
}

// reweigh writes what changed and forgets it.
func (w *writer) reweigh(ctx context.Context, changed map[store.PassageKey]float64) error {
	if len(changed) == 0 {
		return nil
	}
	err := w.inTurn(ctx, func() (time.Duration, error) { return w.Store.WeighPassages(ctx, w.claim, changed, w.Now()) })
	clear(changed)
	return err
}
