package storetest

import (
	"fmt"
	"testing"

	"github.com/rampforgeai/rampforge/internal/database"
)

// Tables reads all that a database keeps, jobs included: by the name of its
// table, each row as a text.
func Tables(t testing.TB, db *database.DB) map[string][]string {
	t.Helper()
	names := `SELECT name FROM sqlite_master WHERE type = 'table'`
	if db.Engine() == database.Postgres {
		names = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`
	}
	all := map[string][]string{}
	for _, name := range rowsOf(t, db, names) {
		all[name] = rowsOf(t, db, `SELECT * FROM "`+name+`"`) //nolint:unqueryvet // every column, whatever there is
	}
	return all
}

func rowsOf(t testing.TB, db *database.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.Write().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for i, value := range values {
			if content, ok := value.([]byte); ok {
				values[i] = string(content)
			}
		}
		line := fmt.Sprintln(values...)
		all = append(all, line[:len(line)-1])
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
