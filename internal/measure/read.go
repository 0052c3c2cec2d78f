package measure

import (
	"context"
	"log/slog"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/facts/builder"
	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
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
	batch   *batch
}

// batch is what records became, and those of which no facts could be made.
type batch struct {
	*builder.Batch

	unreadable []builder.Record
	faults     []error // of each
}

// batches reads what is wanted and makes facts of it: one goroutine reads, as
// many as there are processors make facts.
func (m *Measurer) batches(ctx context.Context, list []wanted) ([]*batch, error) {
	group, ctx := errgroup.WithContext(ctx)
	r := &reading{jobs: make(chan job, 2)}
	for range processors {
		group.Go(func() error {
			return parallel.Safe(func() error {
				for j := range r.jobs {
					j.batch.build(j.records)
				}
				return nil
			})
		})
	}
	group.Go(func() error {
		defer close(r.jobs)
		for i := range list {
			if err := m.read(ctx, &list[i], func(v store.RecordContent) error { return r.take(ctx, list[i].at, v) }); err != nil {
				return err
			}
		}
		return r.send(ctx)
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return r.made, nil
}

// build makes the batch. A record that cannot be read is left out and counted:
// one of them is no reason to have no report.
func (b *batch) build(records []builder.Record) {
	into := builder.New()
	for i := range records {
		if err := into.Add(records[i]); err != nil {
			records[i].Content = nil
			b.unreadable, b.faults = append(b.unreadable, records[i]), append(b.faults, err)
		}
	}
	b.Batch = into.Batch()
}

// toldUnreadable bounds the records that one refresh tells of in the log.
const toldUnreadable = 10

// leaveOut removes the facts of the records that became unreadable, and returns
// how many there are. They are read again each time, as those that have no facts.
func (m *Measurer) leaveOut(ctx context.Context, r *reconciliation, batches []*batch) (n int) {
	for _, b := range batches {
		for i, v := range b.unreadable {
			r.lose(v)
			if n++; n <= toldUnreadable {
				m.Logger.WarnContext(ctx, "no facts are made of a record", slog.String("service_id", v.ServiceID), slog.Any("error", b.faults[i]))
			}
		}
	}
	if n > toldUnreadable {
		m.Logger.WarnContext(ctx, "no facts are made of records", slog.String("project_id", r.was.ProjectID), slog.Int("records", n))
	}
	return n
}

// reading is what was read and is not given away yet, and the batches of what
// was, in the order in which it was read.
type reading struct {
	records []builder.Record
	jobs    chan job
	made    []*batch
}

func (r *reading) take(ctx context.Context, at store.Place, v store.RecordContent) error {
	r.records = append(r.records, builder.Record{Stream: at.Stream, ServiceID: at.ServiceID, ResourceID: v.ResourceID, ID: v.ID, SyncedAt: v.SyncedAt, Content: v.Content})
	if len(r.records) < atOnce {
		return nil
	}
	return r.send(ctx)
}

// send gives away what was read.
func (r *reading) send(ctx context.Context) error {
	if len(r.records) == 0 {
		return nil
	}
	j := job{r.records, new(batch)}
	r.made, r.records = append(r.made, j.batch), nil
	select {
	case r.jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
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
