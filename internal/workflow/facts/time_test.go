package facts_test

import (
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/workflow/facts"
)

// Zero is none: what happened then is a microsecond later, and no bound is moved.
func TestTimesAroundTheEpoch(t *testing.T) {
	t.Parallel()
	epoch := time.Unix(0, 0)
	for _, test := range []struct {
		at          time.Time
		fact, bound facts.Time
	}{
		{time.Time{}, 0, -62_135_596_800_000_000},
		{epoch, 1, 0},
		{epoch.Add(time.Nanosecond), 1, 0},
		{epoch.Add(time.Microsecond), 1, 1},
		{epoch.Add(-time.Nanosecond), -1, -1},
		{epoch.AddDate(0, 0, -1), -86_400_000_000, -86_400_000_000},
	} {
		fact, bound := facts.At(test.at), facts.Bound(test.at)
		if fact != test.fact || bound != test.bound {
			t.Errorf("%v is %d and, as a bound, %d", test.at, fact, bound)
		}
		if moment := bound.Moment(); !moment.Equal(test.at.Truncate(time.Microsecond)) && test.at.Nanosecond()%1000 == 0 {
			t.Errorf("the bound %v is told as %v", test.at, moment)
		}
		if told := fact.UTC(); told.IsZero() != test.at.IsZero() {
			t.Errorf("%v is told as %v", test.at, told)
		}
	}
}
