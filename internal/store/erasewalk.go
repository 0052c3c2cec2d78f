package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge/internal/nameless"
)

const (
	beginErasure = `INSERT INTO backfills (name, position) VALUES ('erasure', $1) ON CONFLICT (name) DO UPDATE SET position = excluded.position`
	erasureAt    = `SELECT b.position FROM backfills b WHERE b.name = 'erasure'`
	moveErasure  = `UPDATE backfills SET position = $2 WHERE name = 'erasure' AND position = $1`
	endErasure   = `DELETE FROM backfills WHERE name = 'erasure' AND position = $1`

	heldReports   = `SELECT a.id, a.report FROM codebase_analyses a WHERE a.id > $1 AND a.report IS NOT NULL ORDER BY a.id LIMIT 1`
	nameReport    = `UPDATE codebase_analyses SET report = $2, report_etag = $3 WHERE id = $1 AND report IS NOT NULL`
	heldIndexes   = `SELECT i.analysis_id, i.content FROM code_indexes i WHERE i.analysis_id > $1 ORDER BY i.analysis_id LIMIT 1`
	nameCodeIndex = `UPDATE code_indexes SET content = $2 WHERE analysis_id = $1`
)

// secondPass is how long after the first everything is looked through once more:
// a transaction that began before an erasure may have written a name behind it.
const secondPass = 10 * time.Minute

// NamelessIndex takes the names out of an encoded code index, which the store
// cannot read, and reports whether there were any.
type NamelessIndex func(content []byte, names *nameless.Register) (now []byte, changed bool, err error)

// erasureStand is how far the walk is that makes nameless what is kept. It is kept
// in the database: whoever comes next goes on from there.
type erasureStand struct {
	Of        string     `json:"of"` // the last pseudonym: with a new one the walk begins again
	Pass      int        `json:"pass"`
	Part      string     `json:"part"`
	After     string     `json:"after"`
	NotBefore *time.Time `json:"not_before,omitempty"`
}

// ErasureStep is what one step of the walk came to.
type ErasureStep struct {
	Changed int    // rows that named somebody
	Unread  string // what is damaged and stays as it is: nobody can read it, names or others
	Passed  bool   // everything was looked through once
	Done    bool   // and once more: nothing is left to do
	Wait    time.Duration
}

// erasurePart is a part of the walk: a table, or what of one has a form of its own.
// step makes a page nameless; find tells which rows of a page name somebody. Both
// return where the next page begins, "" for nowhere.
type erasurePart struct {
	name string
	step func(ctx context.Context, after string, now time.Time) (next string, n int, err error)
	find func(ctx context.Context, names *Erased, after string, visit func(Mention) error) (next string, err error)
}

func (s *Store) erasureParts(index NamelessIndex) []erasurePart {
	var parts []erasurePart
	for i := range holdings {
		h := &holdings[i]
		parts = append(parts, erasurePart{
			h.table,
			func(ctx context.Context, after string, _ time.Time) (string, int, error) {
				return s.eraseHeld(ctx, h, after)
			},
			func(ctx context.Context, names *Erased, after string, visit func(Mention) error) (string, error) {
				return s.findHeld(ctx, h, names.Names(), after, visit)
			},
		})
	}
	reports := packed{"reports", heldReports, func(ctx context.Context, id string, text []byte) error {
		blob, etag := packReport(text)
		_, err := s.db.Write().ExecContext(ctx, nameReport, id, blob, etag)
		return err
	}, func(content []byte, names *nameless.Register) ([]byte, bool, error) {
		text, err := unpacker().DecodeAll(content, nil)
		if err != nil {
			return nil, false, fmt.Errorf("unpacking a report: %w", err)
		}
		return names.JSON(text)
	}}
	indexes := packed{"code_indexes", heldIndexes, func(ctx context.Context, id string, content []byte) error {
		_, err := s.db.Write().ExecContext(ctx, nameCodeIndex, id, content)
		return err
	}, index}
	for _, p := range []packed{reports, indexes} {
		parts = append(parts, erasurePart{
			p.name,
			func(ctx context.Context, after string, _ time.Time) (string, int, error) {
				return s.erasePacked(ctx, p, after)
			},
			func(ctx context.Context, names *Erased, after string, visit func(Mention) error) (string, error) {
				return s.findPacked(ctx, p, names.Names(), after, visit)
			},
		})
	}
	return append(parts, erasurePart{"records", s.eraseRecords, s.findRecords}, erasurePart{"passages", s.erasePassages, s.findPassages}, erasurePart{"terms", s.eraseTerms, noMention})
}

// packed is a table whose rows each are a document of megabytes.
type packed struct {
	name, page string
	put        func(ctx context.Context, id string, content []byte) error
	without    NamelessIndex
}

func (s *Store) packedAfter(ctx context.Context, p packed, after string) (id string, content []byte, err error) {
	err = s.queryRow(ctx, p.page, after).Scan(&id, &content)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil, nil
	}
	return id, content, err
}

func (s *Store) erasePacked(ctx context.Context, p packed, after string) (next string, n int, err error) {
	id, content, err := s.packedAfter(ctx, p, after)
	if err != nil || id == "" {
		return "", 0, err
	}
	erased, err := s.Erased(ctx)
	if err != nil {
		return "", 0, err
	}
	now, changed, err := p.without(content, erased.Names())
	if err != nil {
		return id, 0, &damagedError{p.name, id, err}
	}
	if !changed {
		return id, 0, nil
	}
	return id, 1, p.put(ctx, id, now)
}

// damagedError is that a document cannot be read. What comes after it can.
type damagedError struct {
	part, id string
	err      error
}

func (e *damagedError) Error() string { return fmt.Sprintf("%s of %s: %v", e.part, e.id, e.err) }
func (e *damagedError) Unwrap() error { return e.err }

// beginErasureTx has everything that is kept looked through from the beginning.
func beginErasureTx(ctx context.Context, tx *sql.Tx, pseudonym string) error {
	position, err := jsonText(erasureStand{Of: pseudonym, Pass: 1})
	if err == nil {
		_, err = tx.ExecContext(ctx, beginErasure, position)
	}
	return err
}

// EraseAgain has everything that is kept looked through once more for whoever was
// erased: it may be that a restored backup brought names back.
func (s *Store) EraseAgain(ctx context.Context) error {
	return s.db.InTx(ctx, func(tx *sql.Tx) error { return beginErasureTx(ctx, tx, NewID("again")) })
}

// EraseStep makes the next page of what is kept nameless. Where it stands is in the
// database, so that a process that dies costs one page, and any number of processes
// may walk at once.
func (s *Store) EraseStep(ctx context.Context, index NamelessIndex, now time.Time) (step ErasureStep, err error) {
	var was string
	if err := s.db.Write().QueryRowContext(ctx, erasureAt).Scan(&was); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return ErasureStep{Passed: true, Done: true}, nil
		}
		return step, err
	}
	var at erasureStand
	if err := json.Unmarshal([]byte(was), &at); err != nil {
		return step, fmt.Errorf("reading how far an erasure is: %w", err)
	}
	step.Passed = at.Pass > 1
	if at.NotBefore != nil && now.Before(*at.NotBefore) {
		step.Wait = at.NotBefore.Sub(now)
		return step, nil
	}
	parts := s.erasureParts(index)
	i := max(slices.IndexFunc(parts, func(p erasurePart) bool { return p.name == at.Part }), 0)
	next, n, err := parts[i].step(ctx, at.After, now)
	if damaged, ok := errors.AsType[*damagedError](err); ok {
		step.Unread, err = damaged.Error(), nil
	}
	if err != nil {
		return step, fmt.Errorf("erasing from %s: %w", parts[i].name, err)
	}
	step.Changed = n
	to := erasureStand{Of: at.Of, Pass: at.Pass, Part: parts[i].name, After: next}
	if next == "" {
		if i++; i < len(parts) {
			to.Part = parts[i].name
		} else {
			to = erasureStand{Of: at.Of, Pass: at.Pass + 1, NotBefore: new(now.Add(secondPass))}
		}
	}
	if to.Pass > 2 {
		step.Done, err = changed(s.db.Write().ExecContext(ctx, endErasure, was))
		return step, err
	}
	position, err := jsonText(to)
	if err != nil {
		return step, err
	}
	// Where another is further, or somebody else was erased meanwhile, that stands.
	moved, err := changed(s.db.Write().ExecContext(ctx, moveErasure, was, position))
	step.Passed = moved && to.Pass > 1
	return step, err
}
