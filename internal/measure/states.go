package measure

import (
	"context"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// States says what a project takes its statuses for, by their keys.
type States map[string]placed

type placed struct {
	category rampforge.StatusCategory
	position int
}

// States returns what a project takes its statuses for. Before there are facts
// it is what the trackers say.
func (m *Measurer) States(ctx context.Context, projectID string, settings rampforge.WorkflowSettings) (States, error) {
	told, err := m.Store.ProjectStatuses(ctx, projectID)
	if err != nil {
		return nil, err
	}
	all := States{}
	for i := range told {
		v := &told[i]
		at := placed{v.Category, v.Position}
		all[facts.StatusKey(v.ServiceID, v.ID, v.Name)], all[facts.StatusKey(v.ServiceID, "", v.Name)] = at, at
	}
	w, err := m.Store.Workflow(ctx, projectID)
	if rampforge.ErrorCode(err) == rampforge.CodeNotFound || err == nil && w.FactsAt == nil {
		return all, nil
	}
	if err == nil {
		err = m.turns.do(ctx, "", func() error { return m.placeStates(ctx, all, w, settings) })
	}
	return all, err
}

// placeStates puts what the project says over what its trackers do.
func (m *Measurer) placeStates(ctx context.Context, all States, w store.Workflow, settings rampforge.WorkflowSettings) error {
	l, err := m.load(ctx, w)
	if err != nil {
		return err
	}
	log, err := m.view(ctx, w.ProjectID, l, settings)
	if err != nil {
		return err
	}
	for i, state := range workflow.Configure(settings, log).States {
		for _, status := range state.Statuses {
			all[log.Symbols.Text(status)] = placed{state.Category, i + 1}
		}
	}
	return nil
}

// Of returns what a status of a service is taken for, and its place among the
// project's states from 1; "" and 0 are unknown.
func (s States) Of(serviceID, statusID, name string) (rampforge.StatusCategory, int) {
	at, known := s[facts.StatusKey(serviceID, statusID, name)]
	if !known {
		at = s[facts.StatusKey(serviceID, "", name)]
	}
	return at.category, at.position
}
