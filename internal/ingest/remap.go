package ingest

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// remapPage is how many records are made anew in one transaction, and
// remapBytes how many bytes of them are held: a payload may be of some MiB.
const remapPage, remapBytes = 500, 8 << 20

// Normalise makes a record of a vendor's payload, and asks nobody.
type Normalise func(stream rampforge.Stream, resourceID string, raw []byte) (rampforge.Record, error)

// Remapper makes records anew of the payloads that they were made of, for a
// mapping that changed. It asks no vendor.
type Remapper struct {
	Store *store.Store
	// Normalise returns the mapping of a type of service, nil for none.
	Normalise func(rampforge.ServiceType) Normalise
	DryRun    bool // counts, and writes nothing
	Now       func() time.Time
}

// Remapped counts what became of the records of a service.
type Remapped = rampforge.RemapCounts

// Remap makes the records of a service anew, a page in a transaction: it may be
// interrupted and begun again, and run beside syncs, whose newer records stay.
func (m *Remapper) Remap(ctx context.Context, service rampforge.Service) (Remapped, error) {
	return m.RemapFrom(ctx, service, store.RemapPosition{}, nil)
}

// RemapFrom is Remap that goes on from a position. tell is called after each
// page with how far it is, in the transaction that wrote the page, which it ends
// and undoes by an error; nil tells nobody.
func (m *Remapper) RemapFrom(ctx context.Context, service rampforge.Service, at store.RemapPosition, tell func(*sql.Tx, store.RemapPosition) error) (Remapped, error) {
	if tell == nil {
		tell = func(*sql.Tx, store.RemapPosition) error { return nil }
	}
	normalise := m.Normalise(service.Type)
	if normalise == nil {
		return at.Counts, rampforge.Errorf(rampforge.CodeInvalid, "This version knows no mapping of services of the type %s.", service.Type)
	}
	var err error
	if at.Counts.NoPayload, err = m.Store.WithoutRaw(ctx, service.ID); err != nil {
		return at.Counts, err
	}
	for {
		page, err := m.Store.RawRecords(ctx, service.ID, &store.RawRecord{Stream: at.Stream, ID: at.ID}, remapPage, remapBytes)
		if err != nil {
			return at.Counts, fmt.Errorf("reading the payloads: %w", err)
		}
		if len(page) == 0 {
			return at.Counts, nil
		}
		next := at
		var changed []store.Remapped
		for i := range page {
			now, differs, err := again(normalise, &page[i])
			next.Stream, next.ID = page[i].Stream, page[i].ID
			next.Counts.Read++
			switch {
			case err != nil:
				next.Counts.Failed++
			case differs:
				changed = append(changed, store.Remapped{Was: page[i], Now: now})
			}
		}
		if at, err = m.keep(ctx, service.ID, next, changed, tell); err != nil {
			return at.Counts, err
		}
	}
}

// keep writes a page, and tells how far that is.
func (m *Remapper) keep(ctx context.Context, serviceID string, at store.RemapPosition, changed []store.Remapped, tell func(*sql.Tx, store.RemapPosition) error) (store.RemapPosition, error) {
	if m.DryRun {
		at.Counts.Changed += len(changed)
		changed = nil
	}
	before := at.Counts.Changed
	_, err := m.Store.Remap(ctx, serviceID, changed, m.Now(), func(tx *sql.Tx, written int) error {
		at.Counts.Changed = before + written
		return tell(tx, at)
	})
	if err != nil {
		return at, fmt.Errorf("writing records anew: %w", err)
	}
	return at, nil
}

// again makes a record anew. A mapping that panics over an old payload fails
// for that one.
func again(normalise Normalise, v *store.RawRecord) (now rampforge.Record, differs bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the mapping panicked over %s", v.ID)
		}
	}()
	now, err = normalise(v.Stream, v.ResourceID, v.Raw)
	if err != nil {
		return now, false, err
	}
	if now.ID != v.ID || now.Stream != v.Stream {
		return now, false, fmt.Errorf("the mapping takes %s for another record", v.ID)
	}
	differs, err = v.Differs(&now)
	return now, differs, err
}
