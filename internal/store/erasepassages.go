package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/nameless"
)

const (
	heldPassages  = `SELECT m.id, m.scope, m.kind, m.key, m.title, m.symbol, m.names, m.body FROM passages m WHERE m.id > $1 ORDER BY m.id LIMIT $2`
	wholePassages = `SELECT ` + passageColumns + `, m.commit_hash FROM passages m WHERE m.scope = $1 AND m.kind = $2 AND m.key = $3 ORDER BY m.id`
	// Whoever brings the scope up to date hears with the next write that it is lost,
	// and is asked to begin again: what it counted may not be there any more.
	takeScope = `UPDATE search_scopes SET wanted = CASE WHEN status = 'running' THEN wanted + 1 ELSE wanted END, job_id = CASE WHEN status = 'running' THEN NULL ELSE job_id END,
		owner = CASE WHEN status = 'running' THEN NULL ELSE owner END, status = CASE WHEN status = 'running' THEN 'current' ELSE status END,
		embed_at = CASE WHEN embed_space <> 0 THEN $2 ELSE embed_at END WHERE number = $1`
)

const (
	passagesLooked = 500 // how many passages are looked through in one step
	keysAtOnce     = 16  // of how many files, commits or records they are written in one transaction
)

// heldPassage is a passage with its scope.
type heldPassage struct {
	scope int64
	rampforge.Passage
}

func (s *Store) pageOfPassages(ctx context.Context, after string) ([]heldPassage, error) {
	from, err := strconv.ParseInt("0"+after, 10, 64)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, heldPassages, from, passagesLooked)
	return scanAll(rows, err, func(p *heldPassage) []any {
		return []any{&p.ID, &p.scope, &p.Kind, &p.Key, &p.Title, &p.Symbol, &p.Names, &p.Text}
	})
}

// namelessPassage takes the names out of what is searched.
func namelessPassage(names *nameless.Register, p *rampforge.Passage) (changed bool) {
	for _, text := range []*string{&p.Title, &p.Names, &p.Text} {
		now, other := names.Text(*text)
		if other {
			*text, changed = now, true
		}
	}
	return changed
}

// erasePassages makes a page of passages nameless, with the terms that they are
// found by, and returns the id after which the next begins; "" is none.
func (s *Store) erasePassages(ctx context.Context, after string, now time.Time) (next string, n int, err error) {
	page, err := s.pageOfPassages(ctx, after)
	if err != nil || len(page) == 0 {
		return "", 0, err
	}
	erased, err := s.Erased(ctx)
	if err != nil {
		return "", 0, err
	}
	type place struct {
		scope int64
		PassageKey
	}
	var found []place
	seen := map[place]bool{}
	for i := range page {
		p := &page[i]
		if at := (place{p.scope, PassageKey{p.Kind, p.Key}}); !seen[at] && namelessPassage(erased.Names(), &p.Passage) {
			seen[at] = true
			found = append(found, at)
		}
	}
	for len(found) > 0 {
		some := found[:1]
		for len(some) < min(len(found), keysAtOnce) && found[len(some)].scope == some[0].scope {
			some = found[:len(some)+1]
		}
		found = found[len(some):]
		var keys []PassageKey
		for _, at := range some {
			keys = append(keys, at.PassageKey)
		}
		if err := s.rewritePassages(ctx, some[0].scope, keys, erased.Names(), now); err != nil {
			return "", n, err
		}
		if len(found) == 0 || found[0].scope != some[0].scope {
			if err := s.forgetGoneTerms(ctx, some[0].scope); err != nil {
				return "", n, err
			}
		}
		n += len(some)
	}
	return strconv.FormatInt(page[len(page)-1].ID, 10), n, nil
}

// rewritePassages writes the passages of some keys of a scope anew, without names.
func (s *Store) rewritePassages(ctx context.Context, scope int64, keys []PassageKey, names *nameless.Register, now time.Time) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error {
		if there, err := changed(tx.ExecContext(ctx, takeScope, scope, now)); err != nil || !there {
			return err
		}
		w := newPassageWriter(scope)
		defer splitters.Put(w.splitter)
		for _, key := range keys {
			rows, err := tx.QueryContext(ctx, wholePassages, scope, key.Kind, key.Key)
			list, err := collect(rows, err, scanPassage)
			if err != nil {
				return fmt.Errorf("reading passages to make them nameless: %w", err)
			}
			for i := range list {
				w.count(w.read(&list[i]), -1)
				namelessPassage(names, &list[i])
				w.add(&list[i])
			}
			w.dropped = append(w.dropped, key)
		}
		return s.writePassagesTx(ctx, tx, w, w.counted())
	})
}
