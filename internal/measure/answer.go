package measure

import (
	"context"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
)

const (
	// maxAge is how old a kept report may be before somebody who reads it has it
	// brought up to date.
	maxAge = time.Hour
	// look is how often somebody who waits for the first report looks for it.
	look = 200 * time.Millisecond
)

// Kept is the report that is asked for without a window, as it was kept.
type Kept struct {
	JSON        []byte
	ETag        string // of the JSON
	GeneratedAt time.Time
}

// Kept returns the report of a project that is kept ready. One that is older than
// an hour is returned and brought up to date for the next. Before there is one
// it is asked for and waited for; SERVICE_UNAVAILABLE says that it takes
// longer.
func (m *Measurer) Kept(ctx context.Context, projectID string, wait time.Duration) (Kept, error) {
	head, err := m.Store.WorkflowReportHead(ctx, projectID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return m.first(ctx, projectID, wait)
	}
	if err != nil {
		return Kept{}, err
	}
	if m.Now().Sub(head.GeneratedAt) > maxAge {
		if err := m.ask(ctx, projectID); err != nil {
			return Kept{}, err
		}
	}
	return m.unpacked(ctx, projectID, head)
}

// unpacked returns the text of a kept report, from memory when it is there.
func (m *Measurer) unpacked(ctx context.Context, projectID string, head store.WorkflowReport) (Kept, error) {
	if text, ok := m.reports.get(head.ETag); ok {
		return Kept{text, head.ETag, head.GeneratedAt}, nil
	}
	kept, err := m.Store.WorkflowReport(ctx, projectID)
	if err != nil {
		return Kept{}, err
	}
	text, err := kept.JSON()
	if err != nil {
		return Kept{}, err
	}
	m.reports.put(kept.ETag, text, len(text)+512)
	return Kept{text, kept.ETag, kept.GeneratedAt}, nil
}

// ask has a project's facts brought up to date, unless that is under way.
func (m *Measurer) ask(ctx context.Context, projectID string) error {
	w, err := m.Store.Workflow(ctx, projectID)
	if err == nil && (w.Status == store.WorkflowQueued || w.Status == store.WorkflowRunning) {
		return nil
	}
	if err != nil && rampforge.ErrorCode(err) != rampforge.CodeNotFound {
		return err
	}
	return m.Store.StaleWorkflow(ctx, projectID, m.Now().UTC())
}

// first waits for the first report of a project.
func (m *Measurer) first(ctx context.Context, projectID string, wait time.Duration) (Kept, error) {
	if err := m.ask(ctx, projectID); err != nil {
		return Kept{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		head, err := m.Store.WorkflowReportHead(ctx, projectID)
		if err == nil {
			return m.unpacked(ctx, projectID, head)
		}
		if rampforge.ErrorCode(err) != rampforge.CodeNotFound && ctx.Err() == nil {
			return Kept{}, err
		}
		w, err := m.Store.Workflow(ctx, projectID)
		if err == nil && w.Status == store.WorkflowFailed {
			return Kept{}, &rampforge.Error{Code: rampforge.CodeUnavailable, Message: "There is no workflow report yet. " + w.Message, RetryAfter: time.Minute}
		}
		select {
		case <-ctx.Done():
			return Kept{}, &rampforge.Error{Code: rampforge.CodeUnavailable, Message: "The workflow report of this project is made for the first time: ask again in a while.", RetryAfter: 10 * time.Second}
		case <-tick.C:
		}
	}
}
