package measure

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Break does something to the facts of a project that are held ready.
func (m *Measurer) Break(projectID string, do func(*facts.Log)) {
	for key, e := range m.logs.items {
		if held, _ := e.Value.(*keptItem[logKey, *loaded]); key.projectID == projectID {
			log := *held.value.log
			log.Items = slices.Clone(log.Items)
			do(&log)
			broken := *held.value
			broken.log, held.value = &log, &broken
		}
	}
}
