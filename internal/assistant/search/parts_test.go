package search_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/assistant/search"
	"github.com/rampforgeai/rampforge/internal/inspect"
)

// largeFiles is a repository with one file of code and one document, both large.
type largeFiles struct{ put int }

const shelved = "v1"

func (s *largeFiles) Passages(_ context.Context, _ inspect.Request, _ *codeindex.Index, sink inspect.PassageSink) error {
	kinds := []rampforge.PassageKind{rampforge.PassageFile, rampforge.PassageCode, rampforge.PassageDocument}
	for key, list := range map[string][]rampforge.PassageKind{
		"big.go": append([]rampforge.PassageKind{rampforge.PassageCode, rampforge.PassageFile}, repeat(rampforge.PassageCode, 58)...),
		"big.md": repeat(rampforge.PassageDocument, 60),
	} {
		main := list[1]
		if sink.Known(main, key, shelved) {
			continue
		}
		source := inspect.PassageSource{Kinds: kinds, Key: key}
		for i, kind := range list {
			source.Passages = append(source.Passages, rampforge.Passage{Kind: kind, Key: key, Version: shelved, Path: key, Text: strings.Repeat(fmt.Sprintf("word%d line%d\n", i, i%7), 300)})
		}
		s.put++
		if err := sink.Put(source); err != nil {
			return err
		}
	}
	return nil
}

func repeat(kind rampforge.PassageKind, n int) (list []rampforge.PassageKind) {
	for range n {
		list = append(list, kind)
	}
	return list
}

// What is too large for one transaction is written in parts, and is known when all
// of it is there: whoever writes it may break off between any two.
func TestPartsAreNotTakenForTheWhole(t *testing.T) {
	t.Parallel()
	eachReading(t, func(t *testing.T, r *reading) {
		repository := r.repository("harbour")
		c, _ := r.claim(repository)
		kept := func(key string) (n int) {
			t.Helper()
			r.must(r.db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM passages WHERE scope = $1 AND key = $2`, c.Scope, key).Scan(&n))
			return n
		}
		known := func(kind rampforge.PassageKind, key string) bool {
			t.Helper()
			versions, err := r.PassageVersions(t.Context(), c.Scope, kind)
			r.must(err)
			return versions[key] == shelved
		}
		broken := 0
		for writes := 1; ; writes++ {
			ctx, cancel := context.WithCancel(t.Context())
			calls := 0
			reader := &largeFiles{}
			x := &search.Indexer{Store: r.Store, Reader: reader, Now: func() time.Time {
				// Each write asks for the time as it begins.
				if calls++; calls > 2*writes {
					cancel()
				}
				return r.now
			}}
			err := x.Index(ctx, c, inspect.Request{}, nil)
			cancel()
			for key, kind := range map[string]rampforge.PassageKind{"big.go": rampforge.PassageFile, "big.md": rampforge.PassageDocument} {
				if known(kind, key) && kept(key) != 60 {
					t.Fatalf("after %d writes %s is known with %d passages", writes, key, kept(key))
				}
			}
			if err == nil {
				break
			}
			broken++
		}
		if broken < 4 {
			t.Errorf("it broke off %d times", broken)
		}
		if a, b, of := kept("big.go"), kept("big.md"), r.scope(repository).Passages; a != 60 || b != 60 || of != 120 {
			t.Errorf("%d and %d passages, and %d counted", a, b, of)
		}
		var wrong int
		r.must(r.db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM search_terms WHERE scope = $1 AND term = 'word7' AND passages <> 2`, c.Scope).Scan(&wrong))
		if wrong != 0 {
			t.Error("the passages of a term are counted wrongly")
		}
		again := &largeFiles{}
		x := &search.Indexer{Store: r.Store, Reader: again, Now: func() time.Time { return r.now }}
		r.must(x.Index(t.Context(), c, inspect.Request{}, nil))
		if again.put != 0 {
			t.Errorf("%d files were written again", again.put)
		}
	})
}
