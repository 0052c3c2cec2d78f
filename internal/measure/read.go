package measure

import (
	"context"
	"log/slog"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/facts/builder"
)

const (
	// atOnce is how many records become a batch. Batches are joined in the order in
	// which their records were read.
	atOnce = 400
	// A place of which this share is wanted is read from end to end: that is
	// faster than looking for each.
	wholeShare = 5
	wholeLeast = 200
)

// job is some records that become a batch.
type job struct {
	records []builder.Record
	batch   **builder.Batch
}

// batches reads what is wanted and makes facts of it: one goroutine reads, as
// many as there are processors make facts. A record that cannot be read is left
// out and told of: one of them is no reason to have no report.
func (m *Measurer) batches(ctx context.Context, list []wanted) ([]*builder.Batch, error) {
	group, ctx := errgroup.WithContext(ctx)
	jobs := make(chan job, 2)
	var made []**builder.Batch
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for j := range jobs {
				b := builder.New()
				for i := range j.records {
					if err := b.Add(j.records[i]); err != nil {
						m.Logger.WarnContext(ctx, "no facts are made of a record", slog.String("service_id", j.records[i].ServiceID), slog.Any("error", err))
					}
				}
				*j.batch = b.Batch()
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(jobs)
		var records []builder.Record
		send := func() error {
			if len(records) == 0 {
				return nil
			}
			j := job{records, new(*builder.Batch)}
			made, records = append(made, j.batch), nil
			select {
			case jobs <- j:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		for i := range list {
			err := m.read(ctx, &list[i], func(v store.RecordContent) error {
				at := list[i].at
				records = append(records, builder.Record{Stream: at.Stream, ServiceID: at.ServiceID, ResourceID: v.ResourceID, ID: v.ID, SyncedAt: v.SyncedAt, Content: v.Content})
				if len(records) < atOnce {
					return nil
				}
				return send()
			})
			if err != nil {
				return err
			}
		}
		return send()
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	batches := make([]*builder.Batch, len(made))
	for i := range made {
		batches[i] = *made[i]
	}
	return batches, nil
}

// read hands the records that are wanted of a place to a function. What is gone
// meanwhile, or was moved, the next look finds.
func (m *Measurer) read(ctx context.Context, w *wanted, each func(store.RecordContent) error) error {
	if len(w.ids) >= wholeLeast && len(w.ids)*wholeShare >= w.total && w.at.Stream != rampforge.StreamSprints {
		return m.Store.PlaceContents(ctx, w.at, func(v store.RecordContent) error {
			if _, ok := slices.BinarySearch(w.ids, v.ID); !ok {
				return nil
			}
			return each(v)
		})
	}
	for _, id := range w.ids {
		v, there, err := m.Store.RecordContent(ctx, w.at.ServiceID, w.at.Stream, id)
		if err != nil {
			return err
		}
		if !there || v.ResourceID != w.at.ResourceID && w.at.Stream != rampforge.StreamSprints {
			continue
		}
		if err := each(v); err != nil {
			return err
		}
	}
	return nil
}
