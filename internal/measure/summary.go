package measure

import (
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Summary is what a project shows of its report.
type Summary struct {
	Velocity VelocitySummary `json:"velocity"`
	Overview Overview        `json:"overview"`
	// People is the version of the people that the report went by; 0 is unknown.
	People int64 `json:"people"`
}

// Overview is how a project's work items are spread, and how fast they were
// done in the report's window. What is not known is nil.
type Overview struct {
	AsOf       time.Time      `json:"as_of"`
	Statuses   map[string]int `json:"statuses"` // work items by state
	Types      map[string]int `json:"types"`
	Priorities map[string]int `json:"priorities"` // those that have one
	Finished   map[string]int `json:"finished"`   // in each step of the throughput, by its first day
	LeadHours  *float64       `json:"lead_hours"` // mean lead time
}

// VelocitySummary is the velocity of the board that stands for a project, in
// the unit of its estimates, or in items where it has no estimates. What is not
// known is nil.
type VelocitySummary struct {
	CurrentSprint *float64 `json:"current_sprint"` // completed in the sprint that is active
	Average       *float64 `json:"average"`
	Trend         *string  `json:"trend"`
}

func summarise(r *workflow.Report, log *facts.Log, people int64) Summary {
	return Summary{Velocity: velocityOf(r), Overview: overviewOf(r, log), People: people}
}

func overviewOf(r *workflow.Report, log *facts.Log) Overview {
	p := &r.Analysis.Performance
	out := Overview{AsOf: r.AsOf, Statuses: map[string]int{}, Types: map[string]int{}, Priorities: map[string]int{}, Finished: map[string]int{}, LeadHours: p.LeadTime.Mean}
	for i := range log.Items {
		item := &log.Items[i]
		if n := len(item.Visits); n > 0 {
			out.Statuses[log.Symbols.Text(item.Visits[n-1].Name)]++
		}
		out.Types[log.Symbols.Text(item.Type)]++
		if name := log.Symbols.Text(item.Priority); name != "" {
			out.Priorities[name]++
		}
	}
	for i := range p.Throughput.Series {
		step := &p.Throughput.Series[i]
		out.Finished[step.Date] = step.Finished
	}
	return out
}

func velocityOf(r *workflow.Report) (s VelocitySummary) {
	v := &r.Analysis.Performance.Velocity
	if v.Board == nil {
		return s
	}
	for i := range v.Boards {
		b := &v.Boards[i]
		if b.ID != *v.Board {
			continue
		}
		pace, points := &b.Points, b.Points.State == workflow.OK
		if !points {
			pace = &b.Items
		}
		s.Average, s.Trend = pace.Average, pace.Direction
		if len(b.Current) > 0 {
			completed := b.Current[0].Items.Completed
			if points {
				completed = b.Current[0].Points.Completed
			}
			s.CurrentSprint = &completed
		}
		return s
	}
	return s
}
