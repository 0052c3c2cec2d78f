package deploy_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// TestDashboard reads the dashboard by Grafana's own types, with nothing left
// out and nothing that they do not know. What its queries say Prometheus judges,
// in internal/cli.
func TestDashboard(t *testing.T) {
	content, err := os.ReadFile("../../deploy/grafana/rampforge.json")
	if err != nil {
		t.Fatal(err)
	}
	// The kinds of panel and of query there are: of any other nothing would be
	// held against anything.
	types := cog.NewRuntime()
	types.RegisterPanelcfgVariant(timeseries.VariantConfig())
	types.RegisterDataqueryVariant(prometheus.VariantConfig())
	var board dashboard.Dashboard
	// It answers with a list of faults, which is never nil, and has none in it.
	if err := board.UnmarshalJSONStrict(content); err != nil && err.Error() != "" {
		t.Fatal(err)
	}
	if err := board.Validate(); err != nil {
		t.Error(err)
	}
	// Rows hold their panels apart where they are collapsed; both are panels here.
	var parts struct {
		Panels []json.RawMessage `json:"panels"`
	}
	if err := json.Unmarshal(content, &parts); err != nil {
		t.Fatal(err)
	}
	panels := 0
	for _, raw := range parts.Panels {
		var p dashboard.Panel
		if err := json.Unmarshal(raw, &p); err != nil {
			t.Fatal(err)
		}
		if p.Type == "row" {
			continue
		}
		panels++
		if _, known := p.Options.(*timeseries.Options); !known {
			t.Errorf("the panel %d is a %s, whose options nobody has read: register its type above", *p.Id, p.Type)
		}
		if len(p.Targets) == 0 || slices.ContainsFunc(p.Targets, func(q variants.Dataquery) bool { _, known := q.(*prometheus.Dataquery); return !known }) {
			t.Errorf("the panel %d asks something that nobody has read: %v", *p.Id, p.Targets)
		}
	}
	if panels < 20 {
		t.Errorf("only %d panels were read", panels)
	}
}
