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

	"go.jetify.com/typeid"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

// Store reads and writes the product's records.
type Store struct {
	db *database.DB
}

// New returns a store over an open and migrated database.
func New(db *database.DB) *Store { return &Store{db: db} }

// InTx runs fn in a transaction; see database.DB.InTx.
func (s *Store) InTx(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return s.db.InTx(ctx, fn)
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
		return json.Unmarshal([]byte(v), c.into)
	case []byte:
		return json.Unmarshal(v, c.into)
	}
	return fmt.Errorf("a %T is no JSON text", src)
}
