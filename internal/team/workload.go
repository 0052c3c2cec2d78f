package team

import (
	"slices"

	"github.com/rampforgeai/rampforge/internal/stat"
)

// Spread is how evenly something is spread over a group, those with nothing
// included.
type Spread struct {
	Gini       *float64  `json:"gini"`        // 0 is evenly, near 1 is all on one; null where there is nothing to spread
	Evenness   *float64  `json:"evenness"`    // entropy as a share of its greatest value: 1 is evenly
	HHI        *float64  `json:"hhi"`         // sum of squared shares: 1/n is evenly, 1 is all on one
	Effective  *float64  `json:"effective"`   // 1/HHI: as if it were spread evenly over so many people
	Quartiles  *Quartile `json:"quartiles"`   // null for fewer than ten people
	LargestOne *float64  `json:"top_1_share"` // of who has most, to one decimal
}

// Quartile is the spread of a group's values.
type Quartile struct {
	P25 float64 `json:"p25"`
	P50 float64 `json:"p50"`
	P75 float64 `json:"p75"`
}

func spreadOf(values []float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	s := Spread{Gini: defined(stat.GiniUnbiased(sorted)), Evenness: defined(stat.Entropy(sorted)), Quartiles: quartilesOf(sorted)}
	if hhi, ok := stat.HHI(sorted); ok {
		s.HHI, s.Effective = round(hhi), tenth(1/hhi)
		s.LargestOne = tenth(sorted[len(sorted)-1] / sum(sorted))
	}
	return s
}

// quartilesOf returns the quartiles of sorted values, nil for a small sample.
func quartilesOf(sorted []float64) *Quartile {
	if len(sorted) < minSample {
		return nil
	}
	return &Quartile{*round(stat.Percentile(sorted, 0.25)), *round(stat.Percentile(sorted, 0.5)), *round(stat.Percentile(sorted, 0.75))}
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

// Workload is how the work in progress is spread over the team.
type Workload struct {
	Basis
	Spread

	Limit     *int     `json:"limit"`            // work items in progress that one person should have
	OverLimit *float64 `json:"over_limit_share"` // of the people, to one decimal; null without a limit
}

const workloadConvention = "The work items that each person had in progress, on average over the month: the time that they had each, added up, by the length of the month. " +
	"Everybody counts who is a member or was active in the three months before its end, with 0 too; bots do not. Gini is the unbiased one (times n/(n−1))."

// WorkloadOf spreads the work in progress of a period over the team. The mean
// over the period is taken, and no count at its end, so that the figures of two
// periods share no data.
func WorkloadOf(in *Input, p Period) Workload {
	group, active := in.here(p)
	w := Workload{Basis: Basis{Period: p.Label, Convention: workloadConvention}.of(len(group), active)}
	if w.State != OK {
		return w
	}
	places, mean := in.placesIn(group), make([]float64, len(group))
	var things []int32
	for i := range in.Holdings {
		h := &in.Holdings[i]
		from, to := max(h.From, p.From), p.To
		if h.To != 0 {
			to = min(to, h.To)
		}
		if place := places[h.Person]; place >= 0 && from < to {
			mean[place] += float64(to-from) / float64(p.To-p.From)
			things = append(things, h.Thing)
		}
	}
	if len(things) == 0 {
		w.Basis = w.without(NoData, "Nobody had a work item in progress in this month.")
		return w
	}
	w.Spread = spreadOf(mean)
	if in.WIPLimit > 0 {
		over := 0.0
		for _, m := range mean {
			if m > float64(in.WIPLimit) {
				over++
			}
		}
		w.Limit, w.OverLimit = &in.WIPLimit, tenth(over/float64(len(mean)))
	}
	w.Explain = in.explain(things)
	w.Explain.Counted = map[string]int{"work_items": w.Explain.Total}
	return w
}

// ReviewLoad is how reviewing is spread over the team.
type ReviewLoad struct {
	Basis
	Spread

	Reviewing *float64 `json:"reviewing_share"` // of the people who gave at least one review, to one decimal
}

const reviewLoadConvention = "The pull requests of others that each person gave a verdict on in the month, each once. " +
	"Everybody counts who is a member or was active in the three months before its end, with 0 too; bots do not. Gini is the unbiased one (times n/(n−1))."

// ReviewLoadOf spreads the reviews of a period over the team.
func ReviewLoadOf(in *Input, p Period) ReviewLoad {
	group, active := in.here(p)
	l := ReviewLoad{Basis: Basis{Period: p.Label, Convention: reviewLoadConvention}.of(len(group), active)}
	if l.State != OK {
		return l
	}
	places := in.placesIn(group)
	var given []uint64 // who, and what
	for i := range in.Acts {
		a := &in.Acts[i]
		if a.Kind == Reviewed && p.has(a.At) && places[a.Person] >= 0 {
			given = append(given, uint64(places[a.Person])<<32|uint64(a.Thing)) //nolint:gosec // neither is negative
		}
	}
	if len(given) == 0 {
		l.Basis = l.without(NoData, "Nobody reviewed anything in this month.")
		return l
	}
	slices.Sort(given)
	given = slices.Compact(given)
	done, things := make([]float64, len(group)), make([]int32, 0, len(given))
	reviewing := 0.0
	for _, g := range given {
		if done[g>>32] == 0 {
			reviewing++
		}
		done[g>>32]++
		things = append(things, int32(g&0xffffffff)) //nolint:gosec // it was an int32
	}
	l.Spread = spreadOf(done)
	l.Reviewing = tenth(reviewing / float64(len(group)))
	l.Explain = in.explain(things)
	l.Explain.Counted = map[string]int{"pull_requests": l.Explain.Total}
	return l
}
