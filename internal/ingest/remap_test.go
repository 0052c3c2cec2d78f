package ingest_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/connector"
	"github.com/rampforgeai/rampforge/internal/ingest"
)

// TestRemap makes records anew by a mapping that gives other titles, fails for
// one payload and panics over another.
func TestRemap(t *testing.T) {
	each(t, 1200, func(b *bench) { // more than two pages
		b.sync(false)
		b.vendor.remove("4")
		b.sync(true)
		normalise := func(stream rampforge.Stream, resourceID string, raw []byte) (rampforge.Record, error) {
			var payload struct{ ID string }
			if err := json.Unmarshal(raw, &payload); err != nil {
				return rampforge.Record{}, err
			}
			switch payload.ID {
			case "5":
				return rampforge.Record{}, connector.Errorf(connector.ReasonMalformed, "It cannot be read.", "Nothing.", nil)
			case "6":
				panic("a payload of old")
			case "7":
				payload.ID = "8" // another record
			}
			return record(resourceID, payload.ID, item{project: resourceID, title: "Anew " + payload.ID, at: 5}), nil
		}
		m := &ingest.Remapper{Store: b.store, Now: b.tick, DryRun: true, Normalise: func(rampforge.ServiceType) ingest.Normalise { return normalise }}
		want := ingest.Remapped{Read: 1200, Changed: 1197, Failed: 3}
		before := b.kept("3", "4", "5", "6", "7")
		got, err := m.Remap(b.t.Context(), b.service)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			b.t.Errorf("dry: %v (-want +got):\n%s", err, diff)
		}
		if diff := cmp.Diff(before, b.kept("3", "4", "5", "6", "7")); diff != "" {
			b.t.Errorf("a dry run wrote (-before +after):\n%s", diff)
		}
		m.DryRun = false
		if got, err = m.Remap(b.t.Context(), b.service); err != nil || got != want {
			b.t.Errorf("%+v, %v", got, err)
		}
		if diff := cmp.Diff(map[string]string{"3": "Anew 3", "4": "gone", "5": "Item 5", "6": "Item 6", "7": "Item 7"}, b.kept("3", "4", "5", "6", "7")); diff != "" {
			b.t.Errorf("(-want +got):\n%s", diff)
		}
		want.Changed = 0
		if got, err = m.Remap(b.t.Context(), b.service); err != nil || got != want {
			b.t.Errorf("again: %+v, %v", got, err)
		}
		m.Normalise = func(rampforge.ServiceType) ingest.Normalise { return nil }
		if _, err = m.Remap(b.t.Context(), b.service); err == nil {
			b.t.Errorf("%v", err)
		}
	})
}
