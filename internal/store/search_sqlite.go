package store

import (
	"context"
	"database/sql"
	"strings"
)

const (
	insertTermsSQLite = `INSERT INTO passage_terms (rowid, terms) VALUES ($1, $2)`
	listTermSQLite    = `SELECT COALESCE(group_concat(id), '') FROM (
		SELECT rowid - $2 AS id FROM passage_terms WHERE passage_terms MATCH $1 AND rowid BETWEEN $2 AND $3 LIMIT $4)`
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
