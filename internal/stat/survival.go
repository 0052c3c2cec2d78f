package stat

import (
	"cmp"
	"slices"
)

// Lifetime is how long something took. One that is Censored had not ended when
// it was last looked at: it took longer.
type Lifetime struct {
	Duration float64
	Censored bool
}

// SurvivalStep is a duration at which something ended.
type SurvivalStep struct {
	Duration float64
	AtRisk   int // how many lasted until then, the ones that end there included
	Ended    int
	Survival float64 // the share that lasts longer
}

// KaplanMeier returns the estimate of how many last how long, as steps of rising
// duration: the survival is Π(1 − ended/at risk) (Kaplan and Meier 1958). What is
// censored at a duration is at risk there. The lifetimes are not changed.
func KaplanMeier(lifetimes []Lifetime) []SurvivalStep {
	sorted := slices.SortedFunc(slices.Values(lifetimes), func(a, b Lifetime) int { return cmp.Compare(a.Duration, b.Duration) })
	steps := []SurvivalStep{}
	survival := 1.0
	for i := 0; i < len(sorted); {
		step := SurvivalStep{Duration: sorted[i].Duration, AtRisk: len(sorted) - i}
		for ; i < len(sorted) && sorted[i].Duration == step.Duration; i++ {
			if !sorted[i].Censored {
				step.Ended++
			}
		}
		if step.Ended > 0 {
			survival *= 1 - float64(step.Ended)/float64(step.AtRisk)
			step.Survival = survival
			steps = append(steps, step)
		}
	}
	return steps
}

// SurvivalQuantile returns the shortest duration in which at least the share p
// of all have ended; 0.5 is the median survival. It is undefined when so many
// never did.
func SurvivalQuantile(steps []SurvivalStep, p float64) (duration float64, ok bool) {
	const rounding = 1e-12 // a product of shares is rarely the round number that it stands for
	for _, step := range steps {
		if step.Survival <= 1-p+rounding {
			return step.Duration, true
		}
	}
	return 0, false
}
