package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

// Filter narrows an export; a zero field narrows nothing.
type Filter struct {
	// From and To leave out what did not live in between: work items that were
	// last changed before From or created at To or later. Those that are left
	// have their whole histories.
	From, To time.Time
	Type     string
}

func (f *Filter) has(w *rampforge.WorkItem) bool {
	return (f.From.IsZero() || !w.UpdatedAt.Before(f.From)) && (f.To.IsZero() || w.CreatedAt.Before(f.To))
}

// Exporter writes the work of projects into files.
type Exporter struct {
	Store *store.Store
	// State tells what a project takes a status of one of its services for, and its
	// place among the states of the work from 1; "" and 0 are unknown. nil knows none.
	State func(serviceID, statusID, name string) (rampforge.StatusCategory, int)
}

// WorkItems writes the work items of a project, as CSV or JSONL. It returns how
// many there were. Whether the caller may see the project is the caller's to
// know.
func (x *Exporter) WorkItems(ctx context.Context, w io.Writer, projectID string, format eventlog.Format, f Filter) (n int, err error) {
	if format == eventlog.JSONL {
		out := eventlog.NewItemWriter(w)
		return x.each(ctx, projectID, f, out.Write)
	}
	out, err := eventlog.NewItemTable(w)
	if err != nil {
		return 0, err
	}
	n, err = x.each(ctx, projectID, f, out.Write)
	return n, errors.Join(err, out.Close())
}

// EventLog writes the histories of a project's work items as an event log, as
// XES or CSV: a case for each work item that has a status. It returns how many
// cases there were.
func (x *Exporter) EventLog(ctx context.Context, w io.Writer, p rampforge.Project, format eventlog.Format, f Filter) (n int, err error) {
	var write func(*eventlog.Case) error
	var end func() error
	if format == eventlog.XES {
		out := eventlog.NewXESWriter(w, p.Name)
		write, end = out.Write, out.Close
	} else {
		out, err := eventlog.NewCSVWriter(w)
		if err != nil {
			return 0, err
		}
		write, end = out.Write, out.Close
	}
	_, err = x.each(ctx, p.ID, f, func(item *eventlog.Item) error {
		c := eventlog.CaseOf(item)
		if len(c.Events) == 0 {
			return nil
		}
		n++
		return write(&c)
	})
	return n, errors.Join(err, end())
}

func (x *Exporter) each(ctx context.Context, projectID string, f Filter, write func(*eventlog.Item) error) (n int, err error) {
	err = x.Store.EachWorkItem(ctx, projectID, f.Type, func(r store.ListedRecord) error {
		var w rampforge.WorkItem
		if err := json.Unmarshal(r.Content, &w); err != nil {
			return fmt.Errorf("reading the work item %s of %s: %w", r.ID, r.ServiceID, err)
		}
		if !f.has(&w) {
			return nil
		}
		n++
		item := itemOf(r.ID, &w)
		if x.State != nil {
			x.place(r.ServiceID, item)
		}
		return write(item)
	})
	return n, err
}

// place says of the statuses of an item what they mean: of one that no item is in
// now, no other part of the file would tell.
func (x *Exporter) place(serviceID string, item *eventlog.Item) {
	category, position := x.State(serviceID, item.StatusID, item.Status)
	if item.StatusPosition = position; category != "" {
		item.StatusCategory = category
	}
	for i := range item.History {
		c := &item.History[i]
		if c.Field != rampforge.FieldStatus {
			continue
		}
		if c.From != "" || c.FromID != "" {
			c.FromCategory, c.FromPosition = x.State(serviceID, c.FromID, c.From)
		}
		if c.To != "" || c.ToID != "" {
			c.ToCategory, c.ToPosition = x.State(serviceID, c.ToID, c.To)
		}
	}
}
