package connector_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rampforgeai/rampforge/internal/connector"
)

func TestAgain(t *testing.T) {
	t.Parallel()
	spoilt, refused := errors.New("spoilt"), errors.New("refused")
	type answer struct {
		readable bool
		err      error
	}
	good, bad := answer{true, nil}, answer{false, spoilt}
	for name, test := range map[string]struct {
		more    int
		answers []answer
		asked   int
		want    error
	}{
		"at once":         {3, []answer{good}, 1, nil},
		"the third time":  {3, []answer{bad, bad, good}, 3, nil},
		"never":           {2, []answer{bad, bad, bad, good}, 3, spoilt},
		"not to be asked": {0, []answer{bad, good}, 1, spoilt},
		"refused":         {3, []answer{{true, refused}, good}, 1, refused},
		"refused at last": {3, []answer{bad, {true, refused}, good}, 2, refused},
	} {
		asked := 0
		err := connector.Again(t.Context(), test.more, func(context.Context) (bool, error) {
			a := test.answers[asked]
			asked++
			return a.readable, a.err
		})
		if !errors.Is(err, test.want) || asked != test.asked {
			t.Errorf("%s: %v after %d times", name, err, asked)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	err := connector.Again(ctx, 1000, func(context.Context) (bool, error) { return false, spoilt })
	if !errors.Is(err, spoilt) {
		t.Errorf("the end of the context gives %v", err)
	}
}
