package ingest

import (
	"context"
	"fmt"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

// remapPage is how many records are made anew in one transaction.
const remapPage = 500

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
// page with how far it is, and ends it by an error; nil tells nobody.
func (m *Remapper) RemapFrom(ctx context.Context, service rampforge.Service, at store.RemapPosition, tell func(store.RemapPosition) error) (Remapped, error) {
	sum := at.Counts
	normalise := m.Normalise(service.Type)
	if normalise == nil {
		return sum, rampforge.Errorf(rampforge.CodeInvalid, "This version knows no mapping of services of the type %s.", service.Type)
	}
	var err error
	if sum.NoPayload, err = m.Store.WithoutRaw(ctx, service.ID); err != nil {
		return sum, err
	}
	last := &store.RawRecord{Stream: at.Stream, ID: at.ID}
	for {
		page, err := m.Store.RawRecords(ctx, service.ID, last, remapPage)
		if err != nil {
			return sum, fmt.Errorf("reading the payloads: %w", err)
		}
		var changed []store.Remapped
		for i := range page {
			now, differs, err := again(normalise, &page[i])
			sum.Read++
			switch {
			case err != nil:
				sum.Failed++
			case differs:
				changed = append(changed, store.Remapped{Was: page[i], Now: now})
			}
		}
		if m.DryRun {
			sum.Changed += len(changed)
		} else if len(changed) > 0 {
			n, err := m.Store.Remap(ctx, service.ID, changed, m.Now())
			if err != nil {
				return sum, fmt.Errorf("writing records anew: %w", err)
			}
			sum.Changed += n
		}
		if len(page) > 0 {
			last = &page[len(page)-1]
		}
		if tell != nil {
			if err := tell(store.RemapPosition{Stream: last.Stream, ID: last.ID, Counts: sum}); err != nil {
				return sum, err
			}
		}
		if len(page) < remapPage {
			return sum, nil
		}
	}
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
