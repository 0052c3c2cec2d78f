package workflow

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// story makes logs for the tests of velocity and of the bottleneck: work goes
// from Plan through Build and Check to Out.
type story struct {
	log      *facts.Log
	settings rampforge.WorkflowSettings
	begin    time.Time
}

type storyState struct {
	name     string
	category rampforge.StatusCategory
}

func newStory() *story {
	return newStoryOf(storyState{"Plan", rampforge.StatusToDo}, storyState{"Build", rampforge.StatusInProgress}, storyState{"Check", rampforge.StatusInProgress}, storyState{"Out", rampforge.StatusDone})
}

func newStoryOf(states ...storyState) *story {
	h := &story{
		log:   &facts.Log{Symbols: facts.NewSymbols(nil)},
		begin: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), // a Monday
	}
	for i, s := range states {
		h.log.Statuses = append(h.log.Statuses, facts.Status{Status: h.status(s.name), Name: s.name, Category: h.log.Symbols.Add(string(s.category)), Position: i + 1})
	}
	return h
}

// waits says that items wait in states.
func (h *story) waits(names ...string) *story {
	for _, name := range names {
		h.settings.States = append(h.settings.States, rampforge.StateSettings{Name: name, Wait: new(true)})
	}
	return h
}

func (h *story) status(name string) facts.Symbol {
	return h.log.Symbols.Add(facts.StatusKey("svc", name, name))
}

// day returns the time a number of days after the beginning.
func (h *story) day(d float64) facts.Time {
	return facts.At(h.begin) + facts.Time(math.Round(d*24*3600))*1_000_000
}

// sprint adds a sprint of a board; completed 0 is one that is not closed.
func (h *story) sprint(id, board string, start, end, completed float64) {
	s := facts.Sprint{
		ID: h.log.Symbols.Add(facts.SprintKey("svc", id)), Board: h.log.Symbols.Add(board), Name: "Sprint " + id,
		State: h.log.Symbols.Add("active"), Start: h.day(start), End: h.day(end),
	}
	if completed != 0 {
		s.State, s.Completed = h.log.Symbols.Add("closed"), h.day(completed)
	}
	h.log.Sprints = append(h.log.Sprints, s)
}

// item adds a work item by what happened to it: "3 Build" is that it moved to
// Build on day 3, "2 =5" that it was estimated at 5, "2 =" at nothing, "0 +S1"
// and "4 -S1" that it entered and left a sprint, "1 @ann" and "2 @" who had it,
// "1 flag" and "2 unflag". It is created by its first move.
func (h *story) item(key string, events ...string) *facts.Item {
	i := facts.Item{ID: key, Key: "P-" + key, Source: h.log.Symbols.Add(facts.SourceKey("svc", "p"))}
	for _, event := range events {
		on, what, _ := strings.Cut(event, " ")
		d, err := strconv.ParseFloat(on, 64)
		if err != nil {
			panic(err)
		}
		h.happen(&i, h.day(d), what)
	}
	i.Created = i.Visits[0].At
	h.log.Items = append(h.log.Items, i)
	return &h.log.Items[len(h.log.Items)-1]
}

func (h *story) happen(i *facts.Item, at facts.Time, what string) {
	rest := what[1:]
	switch {
	case what[0] == '=':
		value, err := strconv.ParseFloat(rest, 64)
		i.Estimates = append(i.Estimates, facts.Estimate{At: at, Known: err == nil, Value: value})
	case what[0] == '+':
		i.Sprints = append(i.Sprints, facts.Membership{Span: facts.Span{From: at}, Sprint: h.log.Symbols.Add(facts.SprintKey("svc", rest))})
	case what[0] == '-':
		for j := range i.Sprints {
			if m := &i.Sprints[j]; m.To == 0 && m.Sprint == h.log.Symbols.Add(facts.SprintKey("svc", rest)) {
				m.To = at
			}
		}
	case what[0] == '@':
		if n := len(i.Assignees); n > 0 {
			i.Assignees[n-1].To = at
		}
		if rest != "" {
			i.Assignees = append(i.Assignees, facts.Assignment{Span: facts.Span{From: at}, Account: h.log.Symbols.Add(facts.AccountKey("svc", rest))})
		}
	case what == "flag":
		i.Flags = append(i.Flags, facts.Span{From: at})
	case what == "unflag":
		i.Flags[len(i.Flags)-1].To = at
	default:
		i.Visits = append(i.Visits, facts.Visit{Status: h.status(what), At: at})
	}
}

// calc returns what metrics read, of a window between two days, with all rows
// explained.
func (h *story) calc(from, to, asOf float64) *calc {
	return newCalc(h.log, Configure(h.settings, h.log), &Query{
		From: h.day(from).UTC(), To: h.day(to).UTC(), AsOf: h.day(asOf).UTC(), Granularity: ByWeek, Seed: 1,
		Explain: &ExplainQuery{Limit: 1_000_000},
	})
}

// shift moves everything that happened.
func (h *story) shift(by time.Duration) {
	h.begin = h.begin.Add(by)
	move := func(times ...*facts.Time) {
		for _, t := range times {
			if *t != 0 {
				*t += facts.Time(by.Microseconds())
			}
		}
	}
	for i := range h.log.Sprints {
		move(&h.log.Sprints[i].Start, &h.log.Sprints[i].End, &h.log.Sprints[i].Completed)
	}
	for i := range h.log.Items {
		item := &h.log.Items[i]
		move(&item.Created)
		for j := range item.Visits {
			move(&item.Visits[j].At)
		}
		for j := range item.Estimates {
			move(&item.Estimates[j].At)
		}
		for j := range item.Sprints {
			move(&item.Sprints[j].From, &item.Sprints[j].To)
		}
		for j := range item.Assignees {
			move(&item.Assignees[j].From, &item.Assignees[j].To)
		}
		for j := range item.Flags {
			move(&item.Flags[j].From, &item.Flags[j].To)
		}
	}
}
