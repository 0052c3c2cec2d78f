package forecast

import (
	"fmt"

	"github.com/rampforgeai/rampforge/internal/workflow/basis"
)

// basis says of which days a forecast is drawn, and whether it can be.
func (in *Input) basis(s *sample) basis.Basis {
	b := basis.Basis{State: basis.OK, N: len(s.days), Convention: fmt.Sprintf(convention, in.Sample), Reason: s.lacks()}
	switch {
	case len(in.History.Days) == 0:
		b.State, b.Reason = basis.NoData, "no whole day of history is known"
	case b.Reason != "":
		b.State = basis.InsufficientData
	}
	b.Explain = in.Explain.Page(in.AsOf, "forecast", len(s.days), func(i int) basis.ExplainedRow {
		finished := float64(s.days[i].Finished)
		return basis.ExplainedRow{
			ID: s.dates[i].String(), Key: s.dates[i].String(), Value: &finished,
			Parts: map[string]float64{"finished": finished, "added": float64(s.days[i].Added)},
		}
	})
	return b
}

func (s *sample) describe() Sample {
	d := Sample{Days: len(s.days), Finished: s.finished, Added: s.added}
	if d.Days == 0 {
		return d
	}
	finished, added := float64(s.finished)/float64(d.Days), float64(s.added)/float64(d.Days)
	d.From, d.To = &s.dates[0], &s.dates[d.Days-1]
	d.FinishedPerDay, d.AddedPerDay = &finished, &added
	return d
}
