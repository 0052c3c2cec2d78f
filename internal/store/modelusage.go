package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// The limits that a request for tokens can meet.
const (
	SpentByUser = "user"
	SpentByAll  = "day"
)

// keepUsage is how long it is known who took how many tokens.
const keepUsage = 31 * 24 * time.Hour

// errSpent takes a promise back.
var errSpent = errors.New("the tokens are spent")

const (
	insertUsage  = `INSERT INTO model_usage (day, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	promiseUsage = `UPDATE model_usage SET promised = promised + $3 WHERE day = $1 AND user_id = $2
		AND ($4 = 0 OR input + output + thinking + promised + $3 <= $4)`
	settleUsage = `UPDATE model_usage SET promised = promised - $3, input = input + $4, output = output + $5, thinking = thinking + $6,
		requests = requests + 1 WHERE day = $1 AND user_id = $2`
	forgetUsage = `DELETE FROM model_usage WHERE user_id <> '' AND day < $1`
)

// ReserveTokens promises tokens of the day of a moment to a request of a user,
// or of nobody (""), unless that exceeds a limit; a limit of 0 is none. It
// returns which limit was met, "" for none. The row that all share is changed
// first, so that the promises of all replicas stand in one line.
func (s *Store) ReserveTokens(ctx context.Context, at time.Time, userID string, tokens, perUser, perDay int64) (spent string, err error) {
	day := dayOf(at)
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		spent = ""
		first, err := promise(ctx, tx, day, "", tokens, perDay)
		if err != nil {
			spent = SpentByAll
			return err
		}
		if userID != "" {
			if _, err := promise(ctx, tx, day, userID, tokens, perUser); err != nil {
				spent = SpentByUser
				return err
			}
		}
		if first {
			_, err = tx.ExecContext(ctx, forgetUsage, dayOf(at.Add(-keepUsage)))
		}
		return err
	})
	if errors.Is(err, errSpent) {
		return spent, nil
	}
	if err != nil {
		return "", fmt.Errorf("reserving tokens: %w", err)
	}
	return "", nil
}

// promise adds to what is promised in one row, and reports whether the row is
// new.
func promise(ctx context.Context, tx *sql.Tx, day, userID string, tokens, limit int64) (first bool, err error) {
	made, err := tx.ExecContext(ctx, insertUsage, day, userID)
	if err != nil {
		return false, err
	}
	inserted, err := made.RowsAffected()
	if err != nil {
		return false, err
	}
	changed, err := tx.ExecContext(ctx, promiseUsage, day, userID, tokens, limit)
	if err != nil {
		return false, err
	}
	n, err := changed.RowsAffected()
	if err == nil && n == 0 {
		err = errSpent
	}
	return inserted > 0, err
}

// SettleTokens says what a request took for which tokens were reserved at a
// moment.
func (s *Store) SettleTokens(ctx context.Context, at time.Time, userID string, reserved, input, output, thinking int64) error {
	err := s.db.InTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, settleUsage, dayOf(at), "", reserved, input, output, thinking)
		if err == nil && userID != "" {
			_, err = tx.ExecContext(ctx, settleUsage, dayOf(at), userID, reserved, input, output, thinking)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("settling tokens: %w", err)
	}
	return nil
}

func dayOf(at time.Time) string { return at.UTC().Format(time.DateOnly) }
