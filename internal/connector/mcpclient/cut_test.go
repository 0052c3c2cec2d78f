package mcpclient

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/connector"
)

// TestCutAnswers are too large, and not malformed; what a person wrote into a
// text that is whole changes nothing.
func TestCutAnswers(t *testing.T) {
	t.Parallel()
	const mark = "\n\n…[response truncated: showing 30 of 90 characters. Narrow your query.]"
	_, err := normalise(text(`{"success":true,"data":{"issue`+mark), Tool{})
	if connector.Reason(err) != connector.ReasonTooLarge {
		t.Error(err)
	}
	whole, err := normalise(text(`{"success":true,"data":{"body":"[response truncated: showing 1 of 2 characters]"}}`), Tool{})
	if err != nil || len(whole.JSON) == 0 {
		t.Errorf("%s, %v", whole.JSON, err)
	}
}
