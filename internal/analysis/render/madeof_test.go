package render

import (
	"slices"
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

func TestMadeOf(t *testing.T) {
	many := slices.Repeat([]string{"lib/a"}, mostPlaces+3)
	for want, c := range map[string]report.Component{
		"no description":                {Paths: []string{"notes"}},
		"Go":                            {Paths: []string{"hull"}, Languages: []string{"Go"}},
		"Go, Shell in keel, mast, sail": {Paths: []string{"keel", "mast", "sail"}, Languages: []string{"Go", "Shell"}},
		"Ruby in " + strings.Repeat("lib/a, ", mostPlaces-1) + "lib/a and 3 more": {Paths: many, Languages: []string{"Ruby"}},
	} {
		if got := madeOf(c); got != want {
			t.Errorf("madeOf(%v) = %q, want %q", c.Paths, got, want)
		}
	}
}
