package rampforge_test

import (
	"slices"
	"testing"

	"github.com/rampforgeai/rampforge"
)

// scopes are all that can be asked of a service with these resources.
func scopes(resources []string) []rampforge.SyncScope {
	var lists [][]string
	for bits := range 1 << len(resources) {
		var list []string
		for i, id := range resources {
			if bits>>i&1 == 1 {
				list = append(list, id)
			}
		}
		lists = append(lists, list)
	}
	var all []rampforge.SyncScope
	for _, read := range lists {
		all = append(all, rampforge.SyncScope{Resources: read})
		for _, forced := range lists {
			// What is forced is read.
			if len(read) == 0 || !slices.ContainsFunc(forced, func(id string) bool { return !slices.Contains(read, id) }) {
				all = append(all, rampforge.SyncScope{Resources: read, Force: true, Forced: forced})
			}
		}
	}
	return all
}

// TestSyncScope holds what is said of scopes against what they do to each
// resource. The last resource is one that no list names: what reads it reads
// everything.
func TestSyncScope(t *testing.T) {
	t.Parallel()
	named := []string{"a", "b", "c"}
	reads := func(s rampforge.SyncScope, id string) bool { return s.Full() || slices.Contains(s.Resources, id) }
	forces := func(s rampforge.SyncScope, id string) bool { return reads(s, id) && s.Forces(id) }
	for _, one := range scopes(named) {
		for _, two := range scopes(named) {
			both, covers := one.Union(two), true
			for _, id := range []string{"a", "b", "c", "unnamed"} {
				if reads(both, id) != (reads(one, id) || reads(two, id)) || forces(both, id) != (forces(one, id) || forces(two, id)) {
					t.Fatalf("%+v and %+v are %+v", one, two, both)
				}
				covers = covers && (reads(one, id) || !reads(two, id)) && (forces(one, id) || !forces(two, id))
			}
			if one.Covers(two) != covers {
				t.Fatalf("that %+v covers %+v is %v", one, two, !covers)
			}
			if !both.Covers(one) || !both.Covers(two) {
				t.Fatalf("%+v does not cover %+v and %+v", both, one, two)
			}
		}
	}
}
