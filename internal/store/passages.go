package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/terms"
)

const (
	passageVersions = `SELECT DISTINCT m.kind, m.key, m.version FROM passages m WHERE m.scope = $1 AND m.kind = $2`
	insertPassage   = `INSERT INTO passages (id, scope, kind, key, version, title, path, symbol, start_line, end_line, commit_hash, url, names, body, paths, weight, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`
	passagesOfKey  = `SELECT m.id, m.names, m.body FROM passages m WHERE m.scope = $1 AND m.kind = $2 AND m.key = $3`
	passageWeights = `SELECT DISTINCT m.key, m.weight FROM passages m WHERE m.scope = $1 AND m.kind = $2`
	deletePassages = `DELETE FROM passages WHERE scope = $1 AND kind = $2 AND key = $3`
	makeWhole      = `UPDATE passages SET version = $4 WHERE scope = $1 AND kind = $2 AND key = $3 AND version <> $4`
	reweigh        = `UPDATE passages SET weight = $4 WHERE scope = $1 AND kind = $2 AND key = $3`
	countTerm      = `INSERT INTO search_terms (scope, term, passages) VALUES ($1, $2, $3)
		ON CONFLICT (scope, term) DO UPDATE SET passages = search_terms.passages + excluded.passages`
	scopeNext  = `SELECT c.next FROM search_scopes c WHERE c.number = $1`
	scopeGrown = `UPDATE search_scopes SET passages = passages + $2, terms = terms + $3, next = $4 WHERE number = $1`
)

// The bits of a passage's id below those of its scope.
const (
	kindBits     = 4
	sequenceBits = 36
)

// maxKey bounds what passages are looked up by, in bytes: a row of PostgreSQL's
// indexes has room for 2,704.
const maxKey = 1000

// PassageKey says what passages are of.
type PassageKey struct {
	Kind rampforge.PassageKind
	Key  string
}

// PassageChange is what of a scope's passages changes: some go, and then some
// come. What was there before under the key of a new one stays unless it is
// dropped. In the end all passages of some keys are of one version.
type PassageChange struct {
	Drop  []PassageKey
	Put   []rampforge.Passage
	Whole map[PassageKey]string // versions
}

// PassageVersions returns the versions of what the passages of one kind of a
// scope are of, by key; "" for passages of two versions, which are not whole.
func (s *Store) PassageVersions(ctx context.Context, scope int64, kind rampforge.PassageKind) (map[string]string, error) {
	rows, err := s.query(ctx, passageVersions, scope, kind)
	list, err := scanAll(rows, err, func(p *rampforge.Passage) []any { return []any{&p.Kind, &p.Key, &p.Version} })
	versions := make(map[string]string, len(list))
	for i := range list {
		version := list[i].Version
		if _, another := versions[list[i].Key]; another {
			version = ""
		}
		versions[list[i].Key] = version
	}
	return versions, err
}

// KeyOfPassages returns the form of a key that passages are kept by.
func KeyOfPassages(key string) string {
	if key = whole(key); len(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return cut(key, maxKey-2*len(sum)) + hex.EncodeToString(sum[:])
}

// ChangePassages changes the passages of c's scope, all or nothing. It fails
// with ErrSearchLost. held is how long it kept others from writing, the wait for its
// own turn left out; 0 where writers do not wait for each other.
func (s *Store) ChangePassages(ctx context.Context, c SearchClaim, change PassageChange, now time.Time) (held time.Duration, err error) {
	erased, err := s.Erased(ctx)
	if err != nil {
		return 0, err
	}
	w := newPassageWriter(c.Scope)
	defer splitters.Put(w.splitter)
	for i := range change.Put {
		namelessPassage(erased.Names(), &change.Put[i]) // files name people, too
		w.add(&change.Put[i])
	}
	// Only who has the claim changes them, and the transaction looks at the claim
	// first: what goes is read and parted before it, while others may write.
	for _, key := range change.Drop {
		if err := s.takeOut(ctx, w, key); err != nil {
			return 0, err
		}
	}
	counted := w.counted()
	return s.heldTx(ctx, func(tx *sql.Tx) error {
		if err := ofSearchTx(ctx, tx, beatSearch, c, now); err != nil {
			return err
		}
		if err := s.writePassagesTx(ctx, tx, w, counted); err != nil {
			return err
		}
		for key, version := range change.Whole {
			if _, err := tx.ExecContext(ctx, makeWhole, w.scope, key.Kind, KeyOfPassages(key.Key), plain(version)); err != nil {
				return fmt.Errorf("making passages whole: %w", err)
			}
		}
		return nil
	})
}

// heldTx is a transaction, and how long it kept others from writing.
func (s *Store) heldTx(ctx context.Context, fn func(tx *sql.Tx) error) (held time.Duration, err error) {
	var began time.Time
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		began = time.Now()
		return fn(tx)
	})
	if s.db.Engine() != database.SQLite || began.IsZero() {
		return 0, err
	}
	return time.Since(began), err
}

func (s *Store) writePassagesTx(ctx context.Context, tx *sql.Tx, w *passageWriter, counted [][]any) error {
	for _, key := range w.dropped {
		if _, err := tx.ExecContext(ctx, deletePassages, w.scope, key.Kind, key.Key); err != nil {
			return fmt.Errorf("dropping passages: %w", err)
		}
	}
	var next int64
	if err := tx.QueryRowContext(ctx, scopeNext, w.scope).Scan(&next); err != nil {
		return err
	}
	rows, listed, err := w.rows(next)
	if err != nil {
		return err
	}
	if err := s.runEach(ctx, tx, insertPassage, rows); err != nil {
		return fmt.Errorf("writing passages: %w", err)
	}
	if err := s.putTermsTx(ctx, tx, listed); err != nil {
		return fmt.Errorf("writing the terms of passages: %w", err)
	}
	if err := s.runEach(ctx, tx, countTerm, counted); err != nil {
		return fmt.Errorf("counting the terms of passages: %w", err)
	}
	_, err = tx.ExecContext(ctx, scopeGrown, w.scope, w.passages, w.terms, next+int64(len(rows)))
	return err
}

// takeOut counts what goes with the passages of a key.
func (s *Store) takeOut(ctx context.Context, w *passageWriter, key PassageKey) error {
	key.Key = KeyOfPassages(key.Key)
	if w.gone[key] {
		return nil
	}
	rows, err := s.query(ctx, passagesOfKey, w.scope, key.Kind, key.Key)
	old, err := scanAll(rows, err, func(p *rampforge.Passage) []any { return []any{&p.ID, &p.Names, &p.Text} })
	if err != nil || len(old) == 0 {
		return err
	}
	for i := range old {
		w.count(w.read(&old[i]), -1)
	}
	w.dropped, w.gone[key] = append(w.dropped, key), true
	return nil
}

// PassageWeights returns how central what the passages of one kind of a scope are
// of is, by key.
func (s *Store) PassageWeights(ctx context.Context, scope int64, kind rampforge.PassageKind) (map[string]float64, error) {
	rows, err := s.query(ctx, passageWeights, scope, kind)
	list, err := scanAll(rows, err, func(p *rampforge.Passage) []any { return []any{&p.Key, &p.Weight} })
	weights := make(map[string]float64, len(list))
	for i := range list {
		weights[list[i].Key] = list[i].Weight
	}
	return weights, err
}

// WeighPassages says anew how central passages are, by what they are of. It
// fails with ErrSearchLost. held is as ChangePassages returns it.
func (s *Store) WeighPassages(ctx context.Context, c SearchClaim, weights map[PassageKey]float64, now time.Time) (held time.Duration, err error) {
	keys := make([]PassageKey, 0, len(weights))
	for key := range weights {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b PassageKey) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key)) })
	rows := make([][]any, len(keys))
	for i, key := range keys {
		rows[i] = []any{c.Scope, key.Kind, KeyOfPassages(key.Key), weights[key]}
	}
	return s.heldTx(ctx, func(tx *sql.Tx) error {
		if err := ofSearchTx(ctx, tx, beatSearch, c, now); err != nil {
			return err
		}
		return s.runEach(ctx, tx, reweigh, rows)
	})
}

// passageWriter makes rows of passages, and counts their terms.
type passageWriter struct {
	scope    int64
	splitter *terms.Splitter
	put      []*rampforge.Passage
	found    []passageTerms // by passage
	dropped  []PassageKey   // as they are kept
	gone     map[PassageKey]bool
	counts   map[string]int64
	passages int64 // how many more there are
	terms    int64
}

// passageTerms are the terms that a passage is found by: each as it is, behind
// markName where it stands in a name, and behind markOften where it stands
// often.
type passageTerms struct {
	list   []string
	length int // terms of its text, each as often as it is there
}

// The marks before terms.
const (
	markName  = "="
	markOften = "+"
)

// often is how many times a term that stands often stands in a passage.
const often = 3

// splitters remember the stems of one batch for the next.
var splitters = sync.Pool{New: func() any { return terms.NewSplitter() }}

func newPassageWriter(scope int64) *passageWriter {
	splitter, _ := splitters.Get().(*terms.Splitter)
	return &passageWriter{scope: scope, splitter: splitter, counts: map[string]int64{}, gone: map[PassageKey]bool{}}
}

// add adds a passage to be written.
func (w *passageWriter) add(p *rampforge.Passage) {
	found := w.read(p)
	w.put, w.found = append(w.put, p), append(w.found, found)
	w.count(found, 1)
}

func (w *passageWriter) read(p *rampforge.Passage) passageTerms {
	var out passageTerms
	counts := map[string]int{}
	put := func(term string) { out.list = append(out.list, term) }
	w.splitter.Scan(whole(p.Text), func(t terms.Term) bool {
		n := counts[t.Text] + 1
		counts[t.Text] = n
		switch n {
		case 1:
			put(t.Text)
		case often:
			put(markOften + t.Text)
		}
		if !t.Whole {
			out.length++
		}
		return true
	})
	named := map[string]bool{}
	w.splitter.Scan(whole(p.Names), func(t terms.Term) bool {
		if !named[t.Text] {
			named[t.Text] = true
			put(markName + t.Text)
			if counts[t.Text] == 0 {
				put(t.Text)
			}
		}
		return true
	})
	return out
}

func (w *passageWriter) count(found passageTerms, by int64) {
	w.passages += by
	w.terms += by * int64(found.length)
	for _, term := range found.list {
		w.counts[term] += by
	}
}

// listedTerms are the terms of a passage that is written.
type listedTerms struct {
	id    int64
	terms string // with a space between two
}

func (w *passageWriter) rows(next int64) ([][]any, []listedTerms, error) {
	rows, listed := make([][]any, len(w.put)), make([]listedTerms, len(w.put))
	for i, p := range w.put {
		first, _ := passageIDs(w.scope, p.Kind)
		id := first + next + int64(i)
		paths, err := jsonText(append([]string{}, p.Paths...))
		if err != nil {
			return nil, nil, err
		}
		rows[i] = []any{
			id, w.scope, p.Kind, KeyOfPassages(p.Key), plain(p.Version), plain(p.Title), whole(p.Path), plain(p.Symbol), p.StartLine, p.EndLine,
			p.Commit, plain(p.URL), whole(p.Names), whole(p.Text), paths, p.Weight, p.At,
		}
		listed[i] = listedTerms{id: id, terms: strings.Join(w.found[i].list, " ")}
	}
	return rows, listed, nil
}

// counted are the rows of what was counted, in the order of the terms: two
// writers never wait for each other.
func (w *passageWriter) counted() [][]any {
	list := make([]string, 0, len(w.counts))
	for term, n := range w.counts {
		if n != 0 {
			list = append(list, term)
		}
	}
	slices.Sort(list)
	rows := make([][]any, len(list))
	for i, term := range list {
		rows[i] = []any{w.scope, term, w.counts[term]}
	}
	return rows
}

// passageIDs returns the first and the last id of the passages of a scope, of
// one kind; of all with "".
func passageIDs(scope int64, kind rampforge.PassageKind) (first, last int64) {
	first = scope << (kindBits + sequenceBits)
	if kind == "" {
		return first, first + 1<<(kindBits+sequenceBits) - 1
	}
	first += int64(slices.Index(rampforge.PassageKinds, kind)) << sequenceBits
	return first, first + 1<<sequenceBits - 1
}

// putTermsTx writes what passages are found by.
func (s *Store) putTermsTx(ctx context.Context, tx *sql.Tx, listed []listedTerms) error {
	if s.db.Engine() == database.SQLite {
		return s.putTermsSQLiteTx(ctx, tx, listed)
	}
	return putTermsPostgresTx(ctx, tx, listed)
}
