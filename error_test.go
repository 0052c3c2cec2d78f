package rampforge_test

import (
	"testing"

	"github.com/rampforgeai/rampforge"
)

// TestInvalidIsOneSentence: an issue may be a clause or, where it comes from
// another error, a sentence.
func TestInvalidIsOneSentence(t *testing.T) {
	t.Parallel()
	for issue, want := range map[string]string{
		"must not be empty":               "name: must not be empty.",
		"The host leads nowhere: fix it.": "name: The host leads nowhere: fix it.",
	} {
		if got := rampforge.Invalid(rampforge.FieldIssue{Field: "name", Issue: issue}).Message; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
