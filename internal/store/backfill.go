package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rampforgeai/rampforge"
)

const (
	// Who holds the row works the batch; others wait, and see where it stands
	// then.
	holdBackfill = `UPDATE backfills SET position = position WHERE name = $1`
	readBackfill = `SELECT b.position FROM backfills b WHERE b.name = $1`
	moveBackfill = `UPDATE backfills SET position = $2 WHERE name = $1`
	doneBackfill = `DELETE FROM backfills WHERE name = $1`

	nextWithRecords = `SELECT min(r.service_id) FROM records r WHERE r.service_id > $1`
	selectBatch     = `SELECT r.id, r.content FROM records r WHERE r.service_id = $1 AND r.stream = $2 AND r.id > $3 ORDER BY r.id LIMIT $4`
	// A purge removes records first and what was derived of them after that: as
	// long as one of its records is held, it waits.
	holdRecord = `UPDATE records SET deleted_at = deleted_at WHERE service_id = $1 AND stream = $2 AND id = $3`
)

// backfillSignatures is the name of the backfill that FillSignatures works.
const backfillSignatures = "signatures"

// backfillBatch is how many records are read in one transaction.
const backfillBatch = 500

// fillAt is how far a backfill of records is.
type fillAt struct {
	Service string `json:"service"`
	ID      string `json:"id"`
}

// FillSignatures derives the signatures of the next commits that were kept
// before there were people, and returns how many records it read, and whether
// there is anything left to do. It asks no vendor. Any number of processes may
// call it at once.
func (s *Store) FillSignatures(ctx context.Context) (read int, more bool, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		read, more = 0, false
		held, err := changed(tx.ExecContext(ctx, holdBackfill, backfillSignatures))
		if err != nil || !held {
			return err
		}
		var text string
		if err := tx.QueryRowContext(ctx, readBackfill, backfillSignatures).Scan(&text); err != nil {
			return err
		}
		var at fillAt
		if text != "" {
			if err := json.Unmarshal([]byte(text), &at); err != nil {
				return fmt.Errorf("reading how far a backfill is: %w", err)
			}
		}
		next, n, err := s.fillBatchTx(ctx, tx, at)
		if err != nil {
			return err
		}
		if next == nil {
			_, err = tx.ExecContext(ctx, doneBackfill, backfillSignatures)
			return err
		}
		read, more = n, true
		position, err := jsonText(next)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, moveBackfill, backfillSignatures, position)
		return err
	})
	return read, more, err
}

// fillBatchTx works the batch after at and returns where the next begins; nil
// is that there is none.
func (s *Store) fillBatchTx(ctx context.Context, tx *sql.Tx, at fillAt) (*fillAt, int, error) {
	if at.Service != "" {
		if n, last, err := s.fillServiceTx(ctx, tx, at); err != nil || n > 0 {
			return &fillAt{at.Service, last}, n, err
		}
	}
	var next sql.NullString
	if err := tx.QueryRowContext(ctx, nextWithRecords, at.Service).Scan(&next); err != nil || !next.Valid {
		return nil, 0, err
	}
	return &fillAt{Service: next.String}, 0, nil
}

func (s *Store) fillServiceTx(ctx context.Context, tx *sql.Tx, at fillAt) (n int, last string, err error) {
	first, _, err := commitsTx(ctx, tx, at, 1)
	if err != nil || len(first) == 0 {
		return 0, "", err
	}
	held, err := changed(tx.ExecContext(ctx, holdRecord, at.Service, rampforge.StreamCommits, first[0]))
	if err != nil || !held { // it was purged this moment
		return 0, "", err
	}
	ids, commits, err := commitsTx(ctx, tx, at, backfillBatch)
	if err != nil || len(ids) == 0 {
		return 0, "", err
	}
	return len(ids), ids[len(ids)-1], s.runEach(ctx, tx, insertSignature, signatureRows(at.Service, commits))
}

// commitsTx reads the commits of a service after an id. One whose content
// cannot be read says nothing.
func commitsTx(ctx context.Context, tx *sql.Tx, at fillAt, limit int) (ids []string, commits []rampforge.Record, err error) {
	rows, err := tx.QueryContext(ctx, selectBatch, at.Service, rampforge.StreamCommits, at.ID, limit)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id, content string
		if err := rows.Scan(&id, &content); err != nil {
			return nil, nil, err
		}
		ids = append(ids, id)
		commit := &rampforge.VendorCommit{}
		if json.Unmarshal([]byte(content), commit) == nil {
			commits = append(commits, rampforge.Record{Commit: commit})
		}
	}
	return ids, commits, rows.Err()
}
