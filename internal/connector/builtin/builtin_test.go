package builtin_test

import (
	"testing"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector/builtin"
)

func TestEveryTypeHasAConnector(t *testing.T) {
	t.Parallel()
	connectors := builtin.Connectors()
	for _, kind := range rampforge.ServiceTypes() {
		if connectors[kind] == nil {
			t.Errorf("nobody speaks to services of the type %s", kind)
		}
		if hook := builtin.Webhooks()[kind]; hook.Verify == nil || hook.Parse == nil {
			t.Errorf("nobody reads webhooks of services of the type %s", kind)
		}
		if v := builtin.MCP()[kind]; v.Open == nil || v.Headers == nil || len(v.Profile) == 0 {
			t.Errorf("nobody speaks to MCP servers for services of the type %s", kind)
		}
	}
	if len(connectors) != len(rampforge.ServiceTypes()) {
		t.Errorf("%d connectors for %d types", len(connectors), len(rampforge.ServiceTypes()))
	}
}
