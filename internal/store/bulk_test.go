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
