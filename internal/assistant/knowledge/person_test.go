package knowledge_test

import (
	"strings"
	"testing"

	"github.com/rampforgeai/rampforge/internal/assistant/interview"
	"github.com/rampforgeai/rampforge/internal/database"
	"github.com/rampforgeai/rampforge/internal/store"
	"github.com/rampforgeai/rampforge/internal/store/storetest"
)

// TestSharedAddresses asks who signs with an address that looks as if many used
// it: all of it where a single name does, their own where several do.
func TestSharedAddresses(t *testing.T) {
	paths := func(kit interview.Kit) string {
		seen := map[string]bool{}
		var out []string
		for _, q := range kit.Questions {
			if top, _, _ := strings.Cut(q.Case.Path, "/"); !seen[top] {
				seen[top] = true
				out = append(out, top)
			}
		}
		return strings.Join(out, " ")
	}
	for _, address := range []string{"dev@example.com", "no-reply@example.com", "ada@build-1.local"} {
		t.Run(address, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store, _ *database.DB) {
				w := newWorldOf(t, s, strings.ReplaceAll(bank, "ada@example.com", address))
				for _, name := range []string{"Ada Stone", "Ada", "", "A. S."} {
					kit := w.kit(strings.ToUpper(address[:1])+address[1:], name)
					if got := paths(kit); got != "pay" || len(kit.Notes) > 0 {
						t.Errorf("as %q they are asked about %q: %v", name, got, kit.Notes)
					}
				}
			})
		})
	}
	t.Run("of two", func(t *testing.T) {
		storetest.Each(t, func(t *testing.T, s *store.Store, _ *database.DB) {
			both := strings.NewReplacer("ada@example.com", "team@example.com", "ben@example.com", "team@example.com").Replace(bank)
			w := newWorldOf(t, s, both)
			for name, want := range map[string]string{"Ada Stone": "Fix lost payments", "Ben Wood": ""} {
				kit := w.kit("team@example.com", name)
				about := ""
				for _, q := range kit.Questions {
					if q.Case.What == "incident" {
						about += q.Text
					}
				}
				if len(kit.Questions) == 0 || len(kit.Notes) != 1 || strings.Contains(kit.Notes[0], "Ada") || (about != "") != (want != "") || !strings.Contains(about, want) {
					t.Errorf("%s is asked about %q of %q: %v", name, about, paths(kit), kit.Notes)
				}
			}
			if kit := w.kit("team@example.com", "Cleo Park"); paths(kit) != "pay ship" && paths(kit) != "ship pay" || len(kit.Notes) != 1 {
				t.Errorf("whom no name tells is asked about %q: %v", paths(kit), kit.Notes)
			}
		})
	})
}
