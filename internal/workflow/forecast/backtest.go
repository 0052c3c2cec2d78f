package forecast

import (
	"math"
	"slices"
	"strconv"

	"github.com/rampforgeai/rampforge/internal/stat"
	"github.com/rampforgeai/rampforge/internal/workflow/basis"
)

const (
	backtestHorizon = 30    // days
	maxOrigins      = 104   // two years of weeks
	backtestTrials  = 2_000 // of each forecast: its share is then true to 0.01
)

// Backtest is how the same method would have fared: forecasts of how many items
// will be finished in the next 30 days, made on days of the past from what was
// known then, against what happened. A date for a number of items is kept
// exactly when the number is reached by the date, so it tells of both.
// N is how many forecasts were made. Explain lists them: the value is how many
// items were finished, the parts what was forecast at each confidence.
type Backtest struct {
	basis.Basis

	HorizonDays int        `json:"horizon_days"`
	Trials      int        `json:"trials"` // of each forecast
	Coverage    []Coverage `json:"coverage"`
	// Last is the latest of them.
	Last *Origin `json:"last"`
}

// Coverage is how many outcomes were at least what was forecast at a
// confidence: of forecasts that are right, about that share.
type Coverage struct {
	Confidence float64  `json:"confidence"`
	Inside     int      `json:"inside"`
	Share      *float64 `json:"share"`
}

// Origin is one forecast of the past.
type Origin struct {
	First    Date      `json:"first"` // the days that were forecast
	Last     Date      `json:"last"`
	Forecast []ItemsAt `json:"forecast"`
	Actual   int       `json:"actual"`
}

const backtestConvention = "Forecasts made each 7 days, the last 30 days before the end of the history, from the days before them as they are known now; " +
	"coverage is the share of them whose 30 days finished at least the number that was forecast. The 30 days of neighbours overlap. All use the same draws."

func backtest(in *Input) Backtest {
	b := Backtest{
		Basis:       basis.Basis{State: basis.OK, Convention: backtestConvention},
		HorizonDays: backtestHorizon, Trials: backtestTrials, Coverage: []Coverage{},
	}
	origins := in.origins()
	for i, q := range Confidences() {
		c := Coverage{Confidence: q}
		for _, o := range origins {
			if o.Actual >= *o.Forecast[i].Items {
				c.Inside++
			}
		}
		if len(origins) >= basis.MinSample {
			share := float64(c.Inside) / float64(len(origins))
			c.Share = &share
		}
		b.Coverage = append(b.Coverage, c)
	}
	switch b.N = len(origins); {
	case b.N == 0:
		b.State, b.Reason = basis.NoData, "the history is too short to make a forecast 30 days before its end"
	case b.N < basis.MinSample:
		b.State, b.Reason = basis.InsufficientData, "fewer than ten forecasts can be made in the history"
	}
	if b.N > 0 {
		b.Last = &origins[0]
	}
	b.Explain = in.Explain.Page(in.AsOf, "forecast_backtest", len(origins), func(i int) basis.ExplainedRow { return origins[i].row() })
	return b
}

// origins makes the forecasts of the past, the latest first. The same random
// numbers serve all of them, so that they differ by their samples alone, and so
// that a hundred of them take a few milliseconds.
func (in *Input) origins() []Origin {
	var (
		out     []Origin
		numbers []uint32
		totals  = make([]int, backtestTrials)
	)
	for end := len(in.History.Days) - backtestHorizon; end >= minSample && len(out) < maxOrigins; end -= 7 {
		s := newSample(&in.History, end, in.Sample, in.Blackout)
		if s.lacks() != "" {
			continue
		}
		if numbers == nil {
			numbers = randoms(in.Seed)
		}
		o := Origin{First: in.History.on(end), Forecast: noItems()}
		o.Last = o.First + backtestHorizon - 1
		working := 0
		for i, day := range in.History.Days[end : end+backtestHorizon] {
			o.Actual += day.Finished
			if !in.Blackout[o.First.plus(i)] {
				working++
			}
		}
		again(totals, fixed(s.days), numbers, working)
		for i := range o.Forecast {
			items := atLeast(totals, o.Forecast[i].Confidence)
			o.Forecast[i].Items = &items
		}
		out = append(out, o)
	}
	return out
}

func randoms(seed uint64) []uint32 {
	source := stat.NewRand(seed, streamBacktest)
	numbers := make([]uint32, backtestTrials*backtestHorizon)
	for i := range numbers {
		numbers[i] = source.Uint32()
	}
	return numbers
}

// again fills totals with what the trials of given random numbers finish in the
// given number of days, in rising order.
func again(totals []int, nets []int32, numbers []uint32, days int) {
	for i := range totals {
		sum := 0
		for _, n := range numbers[i*backtestHorizon:][:days] {
			sum += int(nets[place(n, len(nets))])
		}
		totals[i] = sum
	}
	slices.Sort(totals)
}

func (o *Origin) row() basis.ExplainedRow {
	actual, parts := float64(o.Actual), map[string]float64{}
	for _, f := range o.Forecast {
		parts["p"+strconv.Itoa(int(math.Round(100*f.Confidence)))] = float64(*f.Items)
	}
	return basis.ExplainedRow{ID: o.First.String(), Key: o.First.String(), Value: &actual, Detail: "until " + o.Last.String(), Parts: parts}
}
