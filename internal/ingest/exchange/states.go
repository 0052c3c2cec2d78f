package exchange

import (
	"maps"
	"slices"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/eventlog"
)

// maxStates bounds the statuses of a file that it says something of.
const maxStates = 2000

// states are what a file says of the statuses of its work items, by their ids,
// or by their names where they have none.
type states map[string]*state

type state struct {
	rampforge.TrackerStatus

	named time.Time // when it was last called so
}

// learn takes what an item says of statuses. It reports false, and has learned a
// part, when there are too many.
func (s *states) learn(item *eventlog.Item) bool {
	ok := true
	for i := range item.History {
		if c := &item.History[i]; c.Field == rampforge.FieldStatus {
			ok = s.say(c.FromID, c.From, c.FromCategory, c.FromPosition, c.At) && ok
			ok = s.say(c.ToID, c.To, c.ToCategory, c.ToPosition, c.At) && ok
		}
	}
	// What items are in now the facts learn by themselves: of two that disagree the
	// one that changed last is right. Of event logs they learn nothing.
	if item.StatusPosition > 0 || item.EventLog {
		ok = s.say(item.StatusID, item.Status, item.StatusCategory, item.StatusPosition, item.UpdatedAt) && ok
	}
	return ok
}

// say keeps what is said first of a status, and how it was called last.
func (s *states) say(id, name string, category rampforge.StatusCategory, position int, at time.Time) bool {
	key := "n" + name
	if id != "" {
		key = "i" + id
	}
	known := (*s)[key]
	switch {
	case category == "" && position == 0 && known == nil || id == "" && name == "":
		return true
	case known == nil && len(*s) >= maxStates:
		return false
	case known == nil:
		known = &state{}
		known.ID = id
		if *s == nil {
			*s = states{}
		}
		(*s)[key] = known
	}
	if name != "" && !at.Before(known.named) {
		known.Name, known.named = name, at
	}
	if known.Category == "" {
		known.Category = category
	}
	if known.Position == 0 {
		known.Position = position
	}
	return true
}

func (s *states) list() []rampforge.TrackerStatus {
	var all []rampforge.TrackerStatus
	for _, key := range slices.Sorted(maps.Keys(*s)) {
		all = append(all, (*s)[key].TrackerStatus)
	}
	return all
}
