package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/jackc/pgx/v5"
)

const (
	insertTermsPostgres = `INSERT INTO passage_terms (id, terms)
		SELECT u.id, array_to_tsvector(string_to_array(u.terms, ' ')) FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS TEXT[])) AS u (id, terms)`
	listTermPostgres = `SELECT COALESCE(string_agg(CAST(l.id AS TEXT), ','), '') FROM (
		SELECT t.id - CAST($2 AS BIGINT) AS id FROM passage_terms t WHERE t.terms @@ CAST($1 AS TSQUERY) AND t.id BETWEEN $2 AND $3 LIMIT $4) l`
)

func putTermsPostgresTx(ctx context.Context, tx *sql.Tx, listed []listedTerms) error {
	const atOnce = 500
	for len(listed) > 0 {
		n := min(len(listed), atOnce)
		ids, lists := make([]int64, n), make([]string, n)
		for i, l := range listed[:n] {
			ids[i], lists[i] = l.id, l.terms
		}
		if _, err := tx.ExecContext(ctx, insertTermsPostgres, ids, lists); err != nil {
			return err
		}
		listed = listed[n:]
	}
	return nil
}

// matchPostgres is the query for passages with all of some terms, which hold no
// quotes.
func matchPostgres(list []string) string {
	return `'` + strings.Join(list, `' & '`) + `'`
}

// listTermPostgres lists the passages of a range that have all of some terms, as
// what their ids are more than the first, and so many at most. Each time is
// planned anew: a plan for any term and any range reads the whole range beside
// the term's own list, which for a million passages takes longer than all the rest.
func (s *Store) listTermPostgres(ctx context.Context, all []string, first, last int64, limit int) (listed string, err error) {
	err = s.db.Read().QueryRowContext(ctx, listTermPostgres, pgx.QueryExecModeExec, matchPostgres(all), first, last, limit).Scan(&listed)
	return listed, err
}
