package identity

import (
	"slices"

	"github.com/rampforgeai/rampforge"
)

// MaxDecided bounds the pairs of identities that one decision is about.
const MaxDecided = 10_000

// Merge returns the decisions after somebody said that all the identities are
// one person. What they said against it before is dropped.
func Merge(before []Decision, keys []Key) ([]Decision, error) {
	if len(keys) > MaxDecided {
		return nil, tooMany()
	}
	all := keySet(keys)
	kept := slices.DeleteFunc(slices.Clone(before), func(d Decision) bool { return all[d.A] && all[d.B] })
	return append(kept, star(keys)...), nil
}

// Split returns the decisions after somebody said that some identities are
// another person than the rest. Each side stays whole: what joined it may have
// been on the other.
func Split(before []Decision, some, rest []Key) ([]Decision, error) {
	if len(some)*len(rest) > MaxDecided {
		return nil, tooMany()
	}
	all := keySet(slices.Concat(some, rest))
	kept := slices.DeleteFunc(slices.Clone(before), func(d Decision) bool { return all[d.A] && all[d.B] })
	for _, a := range some {
		for _, b := range rest {
			kept = append(kept, between(a, b, false))
		}
	}
	return slices.Concat(kept, star(some), star(rest)), nil
}

func tooMany() error {
	return rampforge.Errorf(rampforge.CodeConflict, "These people have so many identities that the decision would be about more than %d pairs: split some of them off first.", MaxDecided)
}

// star ties each key to the first in order.
func star(keys []Key) []Decision {
	sorted := slices.SortedFunc(slices.Values(keys), CompareKeys)
	var list []Decision
	for _, k := range sorted[min(1, len(sorted)):] {
		list = append(list, between(sorted[0], k, true))
	}
	return list
}

func between(a, b Key, together bool) Decision {
	if CompareKeys(a, b) > 0 {
		a, b = b, a
	}
	return Decision{A: a, B: b, Together: together}
}

func keySet(keys []Key) map[Key]bool {
	set := map[Key]bool{}
	for _, k := range keys {
		set[k] = true
	}
	return set
}

// Forget returns the decisions that are left when identities are gone. Those
// that were one person by way of a gone one stay one.
func Forget(before []Decision, gone func(Key) bool) []Decision {
	tie := newTies()
	var kept, torn []Decision
	for _, d := range before {
		if d.Together {
			tie.union(d.A, d.B)
		}
		switch {
		case !gone(d.A) && !gone(d.B):
			kept = append(kept, d)
		case d.Together:
			torn = append(torn, d)
		}
	}
	left := map[Key][]Key{} // what names a tie → those of it that hung on a gone one
	for _, d := range torn {
		for _, k := range []Key{d.A, d.B} {
			if top := tie.find(k); !gone(k) && !slices.Contains(left[top], k) {
				left[top] = append(left[top], k)
			}
		}
	}
	known := map[Decision]bool{}
	for _, d := range kept {
		known[d] = true
	}
	for _, keys := range left {
		kept = append(kept, slices.DeleteFunc(star(keys), func(d Decision) bool { return known[d] })...)
	}
	slices.SortFunc(kept, compareDecisions)
	return kept
}

func compareDecisions(x, y Decision) int {
	if c := CompareKeys(x.A, y.A); c != 0 {
		return c
	}
	return CompareKeys(x.B, y.B)
}

// ties are sets of keys that somebody joined.
type ties struct{ parent map[Key]Key }

func newTies() *ties { return &ties{parent: map[Key]Key{}} }

func (t *ties) find(k Key) Key {
	for {
		up, ok := t.parent[k]
		if !ok || up == k {
			return k
		}
		k = up
	}
}

func (t *ties) union(a, b Key) {
	a, b = t.find(a), t.find(b)
	if CompareKeys(a, b) > 0 {
		a, b = b, a
	}
	if a != b {
		t.parent[b] = a
	}
}
