package store

import "testing"

func TestStatementsOfManyRows(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"INSERT INTO t (a, b) VALUES ($1, $2)":                               "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4), ($5, $6)",
		"INSERT INTO t (a, b, c) VALUES ($1, '', $2) ON CONFLICT DO NOTHING": "INSERT INTO t (a, b, c) VALUES ($1, '', $2), ($3, '', $4), ($5, '', $6) ON CONFLICT DO NOTHING",
		"INSERT INTO t (a, b, c) VALUES ($1, $2, $2)":                        "INSERT INTO t (a, b, c) VALUES ($1, $2, $2), ($3, $4, $4), ($5, $6, $6)",
	} {
		if got := many(text, 3); got != want || !inserts(text) {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
		if many(text, 1) != text {
			t.Errorf("%s changes for one row", text)
		}
	}
	for _, text := range []string{"DELETE FROM t WHERE a = $1", "UPDATE t SET a = $2 WHERE b = $1", "INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = $2", "INSERT INTO t SELECT $1"} {
		if inserts(text) {
			t.Errorf("%s is taken for an insert of a row", text)
		}
	}
}

// TestParametersInOrder: SQLite's driver takes far longer for numbers among many
// arguments, and what stands in another order needs them.
func TestParametersInOrder(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)":              "INSERT INTO t (a, b) VALUES (?, ?), (?, ?)",
		"INSERT INTO t (a, b, c) VALUES ($1, $2, $2)":                 "INSERT INTO t (a, b, c) VALUES ($1, $2, $2)",
		"UPDATE t SET a = $2 WHERE b = $1":                            "UPDATE t SET a = $2 WHERE b = $1",
		"DELETE FROM t WHERE a = $1 AND b = $2":                       "DELETE FROM t WHERE a = ? AND b = ?",
		"INSERT INTO t (a) VALUES ($2)":                               "INSERT INTO t (a) VALUES ($2)",
		"INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT DO NOTHING": "INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT DO NOTHING",
	} {
		for range 2 { // the second time by what is remembered
			if got := inOrder(text); got != want {
				t.Errorf("%s becomes %s, want %s", text, got, want)
			}
		}
	}
	for _, text := range []string{upsertRecord, upsertAccount, insertSignature, putPeople, putIdentities} {
		if got := inOrder(many(text, 20)); parameter.MatchString(got) {
			t.Errorf("%s keeps its numbers", text)
		}
	}
}
