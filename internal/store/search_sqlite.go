package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	insertTermsSQLite = `INSERT INTO passage_terms (rowid, terms) VALUES ($1, $2)`
	listTermSQLite    = `SELECT COALESCE(group_concat(id), '') FROM (
		SELECT rowid - $2 AS id FROM passage_terms WHERE passage_terms MATCH $1 AND rowid BETWEEN $2 AND $3 LIMIT CAST($4 AS BIGINT))`
	mergeTermsSQLite   = `INSERT INTO passage_terms (passage_terms, rank) VALUES ('merge', $1)`
	changesSoFarSQLite = `SELECT total_changes()`
)

func (s *Store) putTermsSQLiteTx(ctx context.Context, tx *sql.Tx, listed []listedTerms) error {
	rows := make([][]any, len(listed))
	for i, l := range listed {
		rows[i] = []any{l.id, l.terms}
	}
	return s.runEach(ctx, tx, insertTermsSQLite, rows)
}

// matchSQLite is FTS5's query for passages with all of some terms, which hold
// no quotes.
func matchSQLite(list []string) string {
	return `"` + strings.Join(list, `" AND "`) + `"`
}

// listTermSQLite is listTermPostgres for SQLite.
func (s *Store) listTermSQLite(ctx context.Context, all []string, first, last int64, limit int) (listed string, err error) {
	err = s.queryRow(ctx, listTermSQLite, matchSQLite(all), first, last, limit).Scan(&listed)
	return listed, err
}

// mergedAtOnce is how many pages of the terms, of 4 kB, are merged in one step.
const mergedAtOnce = 256

// eraseTerms takes the terms of passages that are gone out of SQLite's index of
// them, which keeps them until it merges its parts: it merges all, some pages in a
// step, so that others may write between. PostgreSQL keeps none.
func (s *Store) eraseTerms(ctx context.Context, after string, _ time.Time) (next string, n int, err error) {
	if s.db.Engine() != database.SQLite {
		return "", 0, nil
	}
	merged, pages := false, mergedAtOnce
	if after == "" {
		pages = -pages // all parts are to become one; what follows goes on with it
	}
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		var was, is int64
		if err := tx.QueryRowContext(ctx, changesSoFarSQLite).Scan(&was); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, mergeTermsSQLite, pages); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, changesSoFarSQLite).Scan(&is)
		merged = is-was >= 2 // the statement itself is one
		return err
	})
	if err == nil && merged {
		next = "more"
	}
	return next, 0, err
}
