package connectortest_test

import (
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/connectortest"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	of := func(raw []byte) []rampforge.Record { return []rampforge.Record{{ID: "1", Raw: raw}} }
	for name, test := range map[string]struct {
		want, got []byte
		same      bool
	}{
		"the same":            {[]byte(`{"a":1}`), []byte(`{"a":1}`), true},
		"another byte":        {[]byte(`{"a":1}`), []byte(`{"a":2}`), false},
		"nothing and empty":   {nil, []byte{}, false},
		"nothing and nothing": {nil, nil, true},
	} {
		if diff := connectortest.Diff(of(test.want), of(test.got)); (diff == "") != test.same {
			t.Errorf("%s: %q", name, diff)
		}
	}
}
