package delivery

import (
	"slices"
	"time"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/calendar"
	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// DeploymentFrequency is how often an application is deployed. N is the days of
// the window, days without a deployment included. Explain lists the deployments,
// and after them the attempts that did not succeed.
type DeploymentFrequency struct {
	basis.Basis

	Unit        string   `json:"unit"`
	Value       *float64 `json:"value"`
	Deployments int      `json:"deployments"`
	DaysWith    int      `json:"days_with_deployments"`
	// Bucket is daily, weekly, monthly or yearly, as Four Keys has them; null when
	// the window holds no whole week, or none of the others can be ruled out.
	Bucket *string `json:"bucket"`
	// MedianDaysPerWeek is of how many days of a whole week had deployments.
	MedianDaysPerWeek *float64 `json:"median_days_per_week"`
}

const (
	perDay              = "deployments/day"
	frequencyConvention = "Deployments in the window by its days, those without one included. The bucket is Four Keys': daily when the median whole week has three days or more with a deployment, " +
		"weekly when it has one, monthly when the median whole month has one, else yearly."
)

func (c *calc) frequency(a *application) DeploymentFrequency {
	done := a.window(c)
	f := DeploymentFrequency{Unit: perDay, Deployments: len(done)}
	f.Basis = basis.Basis{State: basis.OK, Convention: frequencyConvention, Explain: c.page("deployment_frequency", len(done)+len(a.failed), func(i int) basis.ExplainedRow {
		if i >= len(done) {
			d := a.failed[i-len(done)]
			return basis.ExplainedRow{ID: d.ID, Key: d.Commit, From: basis.Instant(d.Created), To: basis.Instant(max(d.Created, d.Finished)), Value: new(0.0), Detail: "unsuccessful"}
		}
		return done[i].row(new(1.0), map[string]float64{"records": float64(done[i].records)})
	})}
	days := c.days(done)
	if f.N = len(days); f.N == 0 {
		f.State, f.Reason = basis.NoData, "the window is empty"
		return f
	}
	f.Value = new(float64(len(done)) / float64(f.N))
	for _, d := range days {
		f.DaysWith += min(d.deployments, 1)
	}
	weeks := c.wholes(days, func(t time.Time) bool { return t.Weekday() == time.Monday })
	months := c.wholes(days, func(t time.Time) bool { return t.Day() == 1 })
	f.MedianDaysPerWeek = median(weeks)
	f.Bucket = bucket(weeks, months)
	return f
}

// day is a day of the window, by when it begins.
type day struct {
	begins      time.Time
	deployments int
}

// days returns the days that the window touches, with their deployments.
func (c *calc) days(done []rollout) []day {
	if c.From >= c.To {
		return nil
	}
	var days []day
	y, m, d := c.From.Moment().In(c.Zone).Date()
	for i := 0; ; i++ {
		begins := calendar.Midnight(y, m, d+i, c.Zone)
		if facts.Bound(begins) >= c.To {
			break
		}
		if n := len(days); n > 0 && begins.Equal(days[n-1].begins) {
			continue // the zone left the day out
		}
		days = append(days, day{begins: begins})
	}
	at := 0
	for i := range done {
		for at+1 < len(days) && facts.Bound(days[at+1].begins) <= done[i].finished {
			at++
		}
		days[at].deployments++
	}
	return days
}

// wholes returns of each whole week or month of the window on how many days
// there was a deployment; first says whether one begins on a day.
func (c *calc) wholes(days []day, first func(time.Time) bool) (counts []float64) {
	with, open := 0.0, false
	for i, d := range days {
		if first(d.begins) {
			if open {
				counts = append(counts, with)
			}
			with, open = 0, i > 0 || facts.Bound(d.begins) >= c.From
		}
		with += float64(min(d.deployments, 1))
	}
	// The last one is whole when the next would begin where the window ends.
	if n := len(days); open && n > 0 {
		y, m, d := days[n-1].begins.Date()
		if next := calendar.Midnight(y, m, d+1, c.Zone); first(next) && facts.Bound(next) <= c.To {
			counts = append(counts, with)
		}
	}
	return counts
}

func bucket(weeks, months []float64) *string {
	is := func(name string) *string { return &name }
	if len(weeks) == 0 {
		return nil
	}
	slices.Sort(weeks)
	slices.Sort(months)
	switch perWeek := stat.Median(weeks); {
	case perWeek >= 3:
		return is("daily")
	case perWeek >= 1:
		return is("weekly")
	case len(months) == 0:
		return nil
	case stat.Median(months) >= 1:
		return is("monthly")
	}
	return is("yearly")
}
