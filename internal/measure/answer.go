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
	// Status says whether what changed since is in it, or is on its way.
	Status store.WorkflowStatus
}

// Kept returns the report of a project that is kept ready. One that is older than
// an hour, or of before people were told apart otherwise, is returned and brought
// up to date for the next. Before there is one
// it is asked for and waited for; SERVICE_UNAVAILABLE says that it takes
// longer.
func (m *Measurer) Kept(ctx context.Context, projectID string, wait time.Duration) (Kept, error) {
	head, status, err := m.Store.WorkflowReportHead(ctx, projectID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound {
		return m.first(ctx, projectID, wait)
	}
	if err != nil {
		return Kept{}, err
	}
	others, err := m.otherPeople(ctx, projectID)
	if err != nil {
		return Kept{}, err
	}
	if others || m.Now().Sub(head.GeneratedAt) > maxAge {
		if status, err = m.ask(ctx, projectID); err != nil {
			return Kept{}, err
		}
	}
	return m.unpacked(ctx, projectID, head, status)
}

// otherPeople reports whether who is who changed since a project's report was
// made: a window that is asked for goes by the people as they are now.
func (m *Measurer) otherPeople(ctx context.Context, projectID string) (bool, error) {
	var of struct {
		People int64 `json:"people"`
	}
	if known, err := m.Store.WorkflowSummary(ctx, projectID, &of); err != nil || !known {
		return false, err
	}
	now, err := m.Store.PeopleVersion(ctx)
	return now != of.People, err
}

// unpacked returns the text of a kept report, from memory when it is there.
func (m *Measurer) unpacked(ctx context.Context, projectID string, head store.WorkflowReport, status store.WorkflowStatus) (Kept, error) {
	if text, ok := m.reports.get(head.ETag); ok {
		return Kept{text, head.ETag, head.GeneratedAt, status}, nil
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
	return Kept{text, kept.ETag, kept.GeneratedAt, status}, nil
}

// ask has a project's facts brought up to date, unless that is under way, or it
// failed and is to be tried again later. It returns how they are then.
func (m *Measurer) ask(ctx context.Context, projectID string) (store.WorkflowStatus, error) {
	w, err := m.Store.Workflow(ctx, projectID)
	if err != nil && rampforge.ErrorCode(err) != rampforge.CodeNotFound {
		return "", err
	}
	now := m.Now().UTC()
	switch {
	case w.Status == store.WorkflowQueued, w.Status == store.WorkflowRunning, w.Status == store.WorkflowFailed && w.RetryAt != nil && w.RetryAt.After(now):
		return w.Status, nil
	}
	return store.WorkflowQueued, m.Store.WantWorkflow(ctx, projectID, now)
}

// Settle waits while a project's facts are about to be brought up to date, until
// they are, or that failed, or the time is over: the last is no error, as they
// are what they are.
func (m *Measurer) Settle(ctx context.Context, projectID string, wait time.Duration) error {
	over := time.NewTimer(wait)
	defer over.Stop()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		w, err := m.Store.Workflow(ctx, projectID)
		switch {
		case rampforge.ErrorCode(err) == rampforge.CodeNotFound:
			return nil // nothing was ever asked for
		case err != nil:
			return err
		case w.Status != store.WorkflowQueued && w.Status != store.WorkflowRunning:
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over.C:
			return nil
		case <-tick.C:
		}
	}
}

// first waits for the first report of a project.
func (m *Measurer) first(ctx context.Context, projectID string, wait time.Duration) (Kept, error) {
	if _, err := m.ask(ctx, projectID); err != nil {
		return Kept{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		head, status, err := m.Store.WorkflowReportHead(ctx, projectID)
		if err == nil {
			return m.unpacked(ctx, projectID, head, status)
		}
		if rampforge.ErrorCode(err) != rampforge.CodeNotFound && ctx.Err() == nil {
			return Kept{}, err
		}
		w, err := m.Store.Workflow(ctx, projectID)
		if err == nil && w.Status == store.WorkflowFailed {
			again := time.Minute
			if w.RetryAt != nil {
				again = max(again, w.RetryAt.Sub(m.Now()))
			}
			return Kept{}, &rampforge.Error{Code: rampforge.CodeUnavailable, Message: "There is no workflow report yet. " + w.Message, RetryAfter: again}
		}
		select {
		case <-ctx.Done():
			return Kept{}, &rampforge.Error{Code: rampforge.CodeUnavailable, Message: "The workflow report of this project is made for the first time: ask again in a while.", RetryAfter: 10 * time.Second}
		case <-tick.C:
		}
	}
}
