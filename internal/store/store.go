// Package store holds every SQL statement of the product, one file for each
// subject, each statement beside the method that runs it. The text is the same
// for SQLite and PostgreSQL. It imports database and the root package.
//
// Methods return rampforge.Error for what a person can do something about
// (RESOURCE_NOT_FOUND, RESOURCE_CONFLICT); every other error is a fault of the
// database. A row that the asker may not see is not found.
package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"go.jetify.com/typeid"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

// Store reads and writes the product's records.
type Store struct {
	db         *database.DB
	statements sync.Map // text to *sql.Stmt of the read pool; see prepared
	memory     memory
	// workflowJobs writes the jobs of projects' facts; see QueueWorkflows.
	workflowJobs Enqueue
}

// New returns a store over an open and migrated database.
func New(db *database.DB) *Store {
	db.Plumbing("store.query", "store.queryRow", "store.prepared", "store.every", "store.runEach", "store.runSome", "store.purgeEach", "store.inBatches",
		"store.ofNarrativesTx", "store.ofRemap", "store.ofRemapTx", "store.ofSearchTx", "store.ofWorkflowTx")
	return &Store{db: db}
}

// InTx runs fn in a transaction; see database.DB.InTx.
func (s *Store) InTx(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return s.db.InTx(ctx, fn)
}

// query runs a statement that changes nothing.
func (s *Store) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if statement := s.prepared(ctx, text); statement != nil { //nolint:sqlclosecheck // kept for the next time
		return statement.QueryContext(ctx, args...)
	}
	return s.db.Read().QueryContext(ctx, text, args...)
}

// queryRow runs a statement that changes nothing and returns one row at most.
func (s *Store) queryRow(ctx context.Context, text string, args ...any) *sql.Row {
	if statement := s.prepared(ctx, text); statement != nil { //nolint:sqlclosecheck // kept for the next time
		return statement.QueryRowContext(ctx, args...)
	}
	return s.db.Read().QueryRowContext(ctx, text, args...)
}

// prepared returns the prepared form of a statement, made at its first use.
// Parsing and planning cost SQLite more than most of our reads; pgx keeps
// prepared statements by itself, so that nil is returned for PostgreSQL. So it
// is for a statement that cannot be prepared: running it says why.
func (s *Store) prepared(ctx context.Context, text string) *sql.Stmt {
	if s.db.Engine() != database.SQLite {
		return nil
	}
	if known, ok := s.statements.Load(text); ok {
		statement, _ := known.(*sql.Stmt)
		return statement
	}
	statement, err := s.db.Read().PrepareContext(ctx, text)
	if err != nil {
		return nil
	}
	if known, raced := s.statements.LoadOrStore(text, statement); raced {
		_ = statement.Close() //nolint:sqlclosecheck // another request was first; this one was never used
		statement, _ = known.(*sql.Stmt)
	}
	return statement
}

// NewID returns a new id with the given prefix, such as "usr". Ids made later
// sort later (UUIDv7).
func NewID(prefix string) string { return typeid.Must(typeid.WithPrefix(prefix)).String() }

// Page is a part of a list. Limit is at least 1, Offset at least 0.
type Page struct {
	Limit  int
	Offset int
}

// Viewer is who asks, as far as visibility depends on it.
type Viewer struct {
	UserID string
	Admin  bool
}

// ViewerOf returns the viewer that a user is.
func ViewerOf(u rampforge.User) Viewer {
	return Viewer{UserID: u.ID, Admin: u.Role == rampforge.RoleAdmin}
}

// notFound is the error for a row that does not exist or may not be seen.
func notFound(what string) error {
	return rampforge.Errorf(rampforge.CodeNotFound, "This %s does not exist, or you may not see it.", what)
}

// found turns a missing row into notFound.
func found(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return notFound(what)
	}
	return err
}

// exists turns a missing row into false.
func exists(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// changedOne fails with notFound unless a statement changed a row.
func changedOne(result sql.Result, err error, what string) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return notFound(what)
	}
	return err
}

// row is what *sql.Row and *sql.Rows have in common.
type row interface{ Scan(dest ...any) error }

// collect reads all rows with scan and closes them. The list is never nil.
func collect[T any](rows *sql.Rows, err error, scan func(row) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	list := []T{}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("reading a row: %w", err)
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// scanAll reads every row into the fields of a value. Unlike return v,
// r.Scan(&v.A), it reads before it returns: Go does not promise that order.
func scanAll[T any](rows *sql.Rows, err error, fields func(v *T) []any) ([]T, error) {
	return collect(rows, err, func(r row) (T, error) {
		var v T
		err := r.Scan(fields(&v)...)
		return v, err
	})
}

// jsonText is a value as JSON text, for columns that hold JSON.
func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// jsonColumn scans JSON text into the value that it points at.
type jsonColumn struct{ into any }

// Scan implements sql.Scanner.
func (c jsonColumn) Scan(src any) error {
	switch v := src.(type) {
	case string:
		if c.empty(v) {
			return nil
		}
		return json.Unmarshal([]byte(v), c.into)
	case []byte:
		return json.Unmarshal(v, c.into)
	}
	return fmt.Errorf("a %T is no JSON text", src)
}

// empty spares the two columns that are read with every request, and hold
// nothing for most people, a JSON decoder.
func (c jsonColumn) empty(text string) bool {
	switch into := c.into.(type) {
	case *[]string:
		if text == "[]" {
			*into = []string{}
			return true
		}
	case *map[string]any:
		if text == "{}" {
			*into = map[string]any{}
			return true
		}
	}
	return false
}
