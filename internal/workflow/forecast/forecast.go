// Package forecast says when the work that remains will be finished, and how
// much of it by a date, by drawing days of the past again and again (Monte
// Carlo). It assumes that days to come are like the days of the sample, each
// independent of the others, and says by a backtest how well that held.
//
// It is pure: what is drawn depends on the seed alone, which is told.
package forecast

import (
	"time"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
	"github.com/rampforgeai/rampforge/internal/workflow/parallel"
)

const (
	minSample   = 30 // days; fewer show no weekly rhythm
	maxSample   = 90 // days; older ones are of another team
	minFinished = basis.MinSample
	minTrials   = 10_000
	maxDays     = 730 // no date is told that is more than two years away

	defaultHorizon = 30 // days
)

// Each simulation has a stream of its own, so that one does not move another.
const (
	streamWhen = 0xf0_0001 + iota
	streamWhenGrowing
	streamHowMany
	streamBacktest
)

// Confidences are the shares of trials for which a date or a number is told.
func Confidences() []float64 { return []float64{0.5, 0.7, 0.85, 0.95} }

// Input is what a forecast is made from.
type Input struct {
	History   History
	AsOf      time.Time
	Zone      *time.Location // whose days count; nil is UTC
	Remaining int            // items that are not finished at AsOf
	Horizon   int            // days for which "how many" is asked; 0 is 30, more than two years is two years
	Sample    int            // days to draw from, 30 to 90; 0 is 90
	Trials    int            // at least 10,000; 0 is that
	Seed      uint64
	Blackout  map[Date]bool // days without work, of the past and to come
	Explain   *basis.ExplainQuery
}

// Forecast is when and how many. Explain lists the days of the sample, the
// value of each is how many items were finished.
type Forecast struct {
	basis.Basis

	Seed      uint64 `json:"seed"` // of what is drawn: the same gives the same forecast
	Trials    int    `json:"trials"`
	Remaining *int   `json:"remaining"` // null where it is not known when an item is finished
	Sample    Sample `json:"sample"`
	// When is when the items that remain will be finished if none is added, and
	// WhenGrowing if as many are added as in the sample.
	When        When     `json:"when"`
	WhenGrowing When     `json:"when_growing"`
	HowMany     HowMany  `json:"how_many"`
	Backtest    Backtest `json:"backtest"`
}

// Sample describes the days that are drawn from. All but the number of days
// is null when there are none.
type Sample struct {
	From           *Date    `json:"from"`
	To             *Date    `json:"to"` // the last day
	Days           int      `json:"days"`
	Finished       int      `json:"finished"`
	Added          int      `json:"added"`
	FinishedPerDay *float64 `json:"finished_per_day"`
	AddedPerDay    *float64 `json:"added_per_day"`
}

// When tells dates. A confidence that no date within two years has is null.
type When struct {
	basis.Basis

	Dates []DateAt `json:"dates"`
	// Beyond is the share of trials that were not finished within two years.
	Beyond *float64 `json:"beyond_two_years"`
}

// DateAt is the first day by whose end the share Confidence of the trials has
// finished everything.
type DateAt struct {
	Confidence float64 `json:"confidence"`
	Date       *Date   `json:"date"`
	Days       *int    `json:"days"` // of the calendar, from the first day of the forecast on, that day included
}

// HowMany tells numbers of items.
type HowMany struct {
	basis.Basis

	Days  int       `json:"days"`  // of the calendar
	Until Date      `json:"until"` // the last of them
	Items []ItemsAt `json:"items"`
}

// ItemsAt is the largest number of items that the share Confidence of the
// trials finished at least. The higher the confidence, the fewer.
type ItemsAt struct {
	Confidence float64 `json:"confidence"`
	Items      *int    `json:"items"`
}

const (
	convention = "Days of the last %d days before as_of, days without a finished item included, are drawn independently of each other. " +
		"The first day of the forecast is the first that begins at or after as_of; days without work are neither drawn nor samples."
	whenConvention        = "The first day by whose end that share of the trials has finished what remains at as_of; nothing is added."
	whenGrowingConvention = "As when, and on each day the items that were added on a day of the sample, drawn by itself, are added to what remains."
	howManyConvention     = "The largest number that this share of the trials reaches or passes by the end of the last day."
)

// Compute makes a forecast.
func Compute(in Input) Forecast {
	in.defaults()
	s := newSample(&in.History, len(in.History.Days), in.Sample, in.Blackout)
	calendar := in.calendar(maxDays)
	f := Forecast{
		Basis: in.basis(&s),
		Seed:  in.Seed, Trials: in.Trials, Remaining: &in.Remaining, Sample: s.describe(),
		When:        When{Basis: basis.Basis{Convention: whenConvention}, Dates: noDates()},
		WhenGrowing: When{Basis: basis.Basis{Convention: whenGrowingConvention}, Dates: noDates()},
		HowMany:     HowMany{Basis: basis.Basis{Convention: howManyConvention}, Days: in.Horizon, Items: noItems()},
	}
	f.HowMany.Until = in.first().plus(in.Horizon - 1)
	var wait parallel.Group
	wait.Go(func() { f.Backtest = backtest(&in) })
	for _, b := range []*basis.Basis{&f.When.Basis, &f.WhenGrowing.Basis, &f.HowMany.Basis} {
		b.State, b.N, b.Reason = f.State, f.N, f.Reason
	}
	if f.State == basis.OK {
		wait.Go(func() { f.WhenGrowing.draw(&in, streamWhenGrowing, growing(s.days), calendar) })
		f.When.draw(&in, streamWhen, fixed(s.days), calendar)
		f.HowMany.draw(&in, fixed(s.days), calendar)
	}
	wait.Wait()
	return f
}

func (in *Input) defaults() {
	if in.Zone == nil {
		in.Zone = time.UTC
	}
	if in.Horizon <= 0 {
		in.Horizon = defaultHorizon
	}
	if in.Sample <= 0 {
		in.Sample = maxSample
	}
	in.Horizon = min(in.Horizon, maxDays)
	in.Sample = min(max(in.Sample, minSample), maxSample)
	in.Trials = max(in.Trials, minTrials)
}

// first returns the first day of the forecast.
func (in *Input) first() Date { return firstWholeDay(in.AsOf, in.Zone) }

// calendar returns the days with work among the given number of days to come.
func (in *Input) calendar(days int) []Date {
	dates := make([]Date, 0, days)
	for i := range days {
		if date := in.first().plus(i); !in.Blackout[date] {
			dates = append(dates, date)
		}
	}
	return dates
}

func (w *When) draw(in *Input, stream uint64, nets []int32, calendar []Date) {
	if in.Remaining <= 0 {
		w.State, w.Reason = basis.NoData, "no item remains"
		return
	}
	ended := passages(stat.NewRand(in.Seed, stream), nets, in.Remaining, len(calendar), in.Trials)
	total := 0
	for day, n := range ended {
		for i := range w.Dates {
			at := &w.Dates[i]
			if at.Date == nil && total+n >= share(in.Trials, at.Confidence) {
				days := int(calendar[day]-in.first()) + 1
				at.Date, at.Days = &calendar[day], &days
			}
		}
		total += n
	}
	beyond := float64(in.Trials-total) / float64(in.Trials)
	w.Beyond = &beyond
}

func (h *HowMany) draw(in *Input, nets []int32, calendar []Date) {
	days := 0
	for days < len(calendar) && calendar[days] <= h.Until {
		days++
	}
	totals := sums(stat.NewRand(in.Seed, streamHowMany), nets, days, in.Trials)
	for i := range h.Items {
		items := atLeast(totals, h.Items[i].Confidence)
		h.Items[i].Items = &items
	}
}

func noDates() []DateAt {
	dates := []DateAt{}
	for _, q := range Confidences() {
		dates = append(dates, DateAt{Confidence: q})
	}
	return dates
}

func noItems() []ItemsAt {
	items := []ItemsAt{}
	for _, q := range Confidences() {
		items = append(items, ItemsAt{Confidence: q})
	}
	return items
}
