package store

import (
	"context"
	"database/sql"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/rampforgeai/rampforge/internal/database"
)

// rowsAtOnce are how many rows a statement writes, the most first. To
// PostgreSQL each statement is a way there and back, and beyond 20 rows it
// gains little. SQLite has no way to go, and its driver goes through all
// parameters for each.
var rowsAtOnce = map[database.Engine][]int{
	database.Postgres: {20, 5, 1},
	database.SQLite:   {1},
}

// runEach runs a statement once for every one of rows; one that inserts a row
// of VALUES, some rows at once. No two may then be the same by the statement's
// conflict: one statement cannot change a row twice.
func (s *Store) runEach(ctx context.Context, tx *sql.Tx, text string, rows [][]any) error {
	for _, size := range rowsAtOnce[s.db.Engine()] {
		if len(rows) < size || size > 1 && !inserts(text) {
			continue
		}
		left, err := s.runSome(ctx, tx, many(text, size), size, rows)
		if err != nil {
			return err
		}
		rows = left
	}
	return nil
}

// inserts reports whether many can write a statement: all parameters are in
// one row of VALUES.
func inserts(text string) bool {
	_, rest, ok := strings.Cut(text, values)
	_, after, closed := strings.Cut(rest, ")")
	return ok && closed && !strings.Contains(after, "$")
}

const values = "VALUES ("

// runSome runs a statement of size rows as often as there are so many, and
// returns the rows that are left.
func (s *Store) runSome(ctx context.Context, tx *sql.Tx, text string, size int, rows [][]any) ([][]any, error) {
	run := func(args ...any) (sql.Result, error) { return tx.ExecContext(ctx, text, args...) }
	if s.db.Engine() == database.SQLite { // pgx keeps what it has prepared by itself
		statement, err := tx.PrepareContext(ctx, text) //nolint:sqlclosecheck // it is, by the line after the next
		if err != nil {
			return nil, err
		}
		defer statement.Close()
		run = func(args ...any) (sql.Result, error) { return statement.ExecContext(ctx, args...) }
	}
	args := make([]any, 0, size*len(rows[0]))
	for ; len(rows) >= size; rows = rows[size:] {
		args = args[:0]
		for _, row := range rows[:size] {
			args = append(args, row...)
		}
		if _, err := run(args...); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

var parameter = regexp.MustCompile(`\$[0-9]+`)

// manyTexts keeps what many wrote, by text and size.
var manyTexts sync.Map

// many writes a statement with one row of VALUES ($1, …, $n) as one of size
// rows.
func many(text string, size int) string {
	if size == 1 {
		return text
	}
	type key struct {
		text string
		size int
	}
	if kept, ok := manyTexts.Load(key{text, size}); ok {
		if known, ok := kept.(string); ok {
			return known
		}
	}
	start := strings.Index(text, values)
	before, rest := text[:start+len(values)], text[start+len(values):]
	row, after, _ := strings.Cut(rest, ")")
	columns := 0
	for _, p := range parameter.FindAllString(row, -1) {
		number, _ := strconv.Atoi(p[1:]) // digits, says the pattern
		columns = max(columns, number)
	}
	var b strings.Builder
	b.WriteString(before + row + ")")
	for n := 1; n < size; n++ {
		b.WriteString(", (" + parameter.ReplaceAllStringFunc(row, func(p string) string {
			number, _ := strconv.Atoi(p[1:])
			return "$" + strconv.Itoa(number+n*columns)
		}) + ")")
	}
	b.WriteString(after)
	manyTexts.Store(key{text, size}, b.String())
	return b.String()
}
