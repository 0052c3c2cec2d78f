package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/database"
)

const (
	selectRaw = `SELECT r.stream, r.id, r.resource_id, r.raw, r.synced_at, r.key, r.title, r.state, r.updated_at, r.content, r.type, r.status, r.assignees, r.search
		FROM records r WHERE r.service_id = $1 AND r.raw IS NOT NULL AND (r.stream > $2 OR (r.stream = $2 AND r.id > $3)) ORDER BY r.stream, r.id LIMIT $4`
	countWithoutRaw = `SELECT count(*) FROM records r WHERE r.service_id = $1 AND r.raw IS NULL`
	// What was read meanwhile was mapped anew already. A tombstone stays one.
	remapRecord = `UPDATE records SET key = $5, title = $6, state = $7, updated_at = $8, content = $9, type = $10, status = $11, assignees = $12, search = $13
		WHERE service_id = $1 AND stream = $2 AND id = $3 AND synced_at = $4`
)

// mapped is what the mapping of a vendor's payload decides of a record's row.
type mapped struct {
	key, title, state               string
	updated                         int64 // microseconds since 1970, as both databases keep it
	content                         string
	kind, status, assignees, search string
}

func mappedOf(r *rampforge.Record) (mapped, error) {
	kept := projection(r)
	text, err := json.Marshal(kept.content)
	if err != nil {
		return mapped{}, fmt.Errorf("encoding a record: %w", err)
	}
	return mapped{
		key: plain(kept.key), title: plain(kept.title), state: short(kept.state), updated: r.UpdatedAt.UnixMicro(), content: string(text),
		kind: short(kept.kind), status: short(kept.status), assignees: assigneeLines(kept.assignees), search: searched(kept.title),
	}, nil
}

// RawRecord is a record with the payload that it was made of.
type RawRecord struct {
	Stream     rampforge.Stream
	ID         string
	ResourceID string
	Raw        []byte // the vendor's JSON

	synced time.Time
	is     mapped
}

// RawRecords returns records of a service whose payloads are kept, in a stable
// order from after the given one; a nil one is the beginning. It returns limit
// of them at most, and fewer where their texts come to more than size bytes;
// none is the end.
func (s *Store) RawRecords(ctx context.Context, serviceID string, after *RawRecord, limit, size int) ([]RawRecord, error) {
	if after == nil {
		after = &RawRecord{}
	}
	rows, err := s.query(ctx, selectRaw, serviceID, after.Stream, after.ID, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []RawRecord
	for size > 0 && rows.Next() {
		v, err := scanRaw(rows)
		if err != nil {
			return nil, err
		}
		page = append(page, v)
		size -= len(v.Raw) + len(v.is.content)
	}
	return page, rows.Err()
}

func scanRaw(r row) (v RawRecord, err error) {
	var packed []byte
	var updated time.Time
	err = r.Scan(&v.Stream, &v.ID, &v.ResourceID, &packed, database.ScanTime(&v.synced), &v.is.key, &v.is.title, &v.is.state, database.ScanTime(&updated),
		&v.is.content, &v.is.kind, &v.is.status, &v.is.assignees, &v.is.search)
	if err != nil {
		return v, err
	}
	v.is.updated = updated.UnixMicro()
	if v.Raw, err = unpacker().DecodeAll(packed, nil); err != nil {
		return v, fmt.Errorf("unpacking the raw record %s: %w", v.ID, err)
	}
	return v, nil
}

// WithoutRaw counts the records of a service whose payloads are not kept.
func (s *Store) WithoutRaw(ctx context.Context, serviceID string) (n int, err error) {
	err = s.queryRow(ctx, countWithoutRaw, serviceID).Scan(&n)
	return n, err
}

// Differs reports whether a record that was made of the payload now is another
// than the one that is kept.
func (v *RawRecord) Differs(now *rampforge.Record) (bool, error) {
	want, err := mappedOf(now)
	return err == nil && want != v.is, err
}

// Remapped is a record that was made anew of its payload.
type Remapped struct {
	Was RawRecord
	Now rampforge.Record
}

// Remap writes records that were made anew, all or nothing, with the accounts
// and signatures in them. What was read since the payloads were is left alone, and a tombstone
// stays one. It returns how many were written. then is told of it in the same
// transaction, which it undoes by an error; nil is told nothing.
func (s *Store) Remap(ctx context.Context, serviceID string, records []Remapped, now time.Time, then func(tx *sql.Tx, written int) error) (written int, err error) {
	err = s.db.InTx(ctx, func(tx *sql.Tx) error {
		written = 0
		erased, err := erasedFrom(ctx, tx)
		if err != nil {
			return err
		}
		accounts := map[string]rampforge.Account{}
		var again []rampforge.Record
		for i := range records {
			was, to := &records[i].Was, &records[i].Now
			if _, err := erased.Record(serviceID, to); err != nil {
				return err
			}
			m, err := mappedOf(to)
			if err != nil {
				return err
			}
			won, err := changed(tx.ExecContext(ctx, remapRecord, serviceID, was.Stream, was.ID, was.synced, m.key, m.title, m.state, to.UpdatedAt, m.content,
				m.kind, m.status, m.assignees, m.search))
			if err != nil {
				return err
			}
			if won {
				written++
				collectAccounts(to, accounts)
				again = append(again, *to)
			}
		}
		if err := s.runEach(ctx, tx, upsertAccount, accountRows(serviceID, accounts, now)); err != nil {
			return err
		}
		if err := s.runEach(ctx, tx, insertSignature, signatureRows(serviceID, again)); err != nil || then == nil {
			return err
		}
		return then(tx, written)
	})
	return written, err
}
