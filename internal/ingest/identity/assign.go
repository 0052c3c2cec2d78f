package identity

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// Before is who was who until now.
type Before struct {
	// People are the ids of those that exist, and of those that were merged
	// with the survivor ("" for who exists).
	People map[string]string
	// Of says whose each identity is, and Born whose it was at first: when two
	// people who were merged part again, each has its own id again.
	Of, Born map[Key]string
}

// After is who is who now.
type After struct {
	People []Assigned        // in the order of the clusters
	Merged map[string]string // id → survivor, of all that were merged, now or before
	Gone   []string          // ids of people and of merged ones that nothing is left of
}

// Assigned is a cluster with the id of the person that it is.
type Assigned struct {
	Cluster

	ID   string
	New  bool // the id did not exist
	Back bool // the id was that of somebody merged
}

// Assign gives each cluster the id of the person that has most of its
// identities, the oldest of several. Ids sort by age. newID makes the id of
// somebody new.
func Assign(clusters []Cluster, before Before, newID func() string) After {
	a := After{People: make([]Assigned, len(clusters)), Merged: map[string]string{}}
	for i, c := range clusters {
		a.People[i].Cluster = c
	}
	taken := map[string]int{} // id → cluster
	a.give(votes(clusters, before.Of, func(id string) bool { return before.People[id] == "" }), taken, false)
	a.give(votes(clusters, before.Born, func(id string) bool {
		_, used := taken[id]
		return before.People[id] != "" && !used
	}), taken, true)
	for i := range a.People {
		if p := &a.People[i]; p.ID == "" {
			p.ID, p.New = newID(), true
			taken[p.ID] = i
		}
	}
	a.settle(before, taken)
	return a
}

// vote is how many identities of a cluster were a person's.
type vote struct {
	cluster int
	id      string
	count   int
}

func votes(clusters []Cluster, of map[Key]string, counts func(id string) bool) []vote {
	var all []vote
	for i, c := range clusters {
		count := map[string]int{}
		for _, k := range c.Keys {
			if id := of[k]; id != "" && counts(id) {
				count[id]++
			}
		}
		for id, n := range count {
			all = append(all, vote{i, id, n})
		}
	}
	slices.SortFunc(all, func(x, y vote) int {
		return cmp.Or(cmp.Compare(y.count, x.count), cmp.Compare(x.id, y.id), cmp.Compare(x.cluster, y.cluster))
	})
	return all
}

func (a *After) give(all []vote, taken map[string]int, back bool) {
	for _, v := range all {
		if _, used := taken[v.id]; used || a.People[v.cluster].ID != "" {
			continue
		}
		a.People[v.cluster].ID, a.People[v.cluster].Back = v.id, back
		taken[v.id] = v.cluster
	}
}

// settle says what became of the ids that no cluster has: they lead to who has
// most of their identities now.
func (a *After) settle(before Before, taken map[string]int) {
	heirs := map[string]map[string]int{}
	for i := range a.People {
		for _, k := range a.People[i].Keys {
			if id := before.Of[k]; id != "" {
				if heirs[id] == nil {
					heirs[id] = map[string]int{}
				}
				heirs[id][a.People[i].ID]++
			}
		}
	}
	heir := func(id string) string {
		best := ""
		for _, other := range slices.Sorted(maps.Keys(heirs[id])) {
			if best == "" || heirs[id][other] > heirs[id][best] {
				best = other
			}
		}
		return best
	}
	for _, id := range slices.Sorted(maps.Keys(before.People)) {
		if _, lives := taken[id]; lives {
			continue
		}
		to := before.People[id]
		if to == "" {
			to = heir(id)
		} else if _, lives := taken[to]; !lives {
			to = heir(to)
		}
		if to == "" {
			a.Gone = append(a.Gone, id)
		} else {
			a.Merged[id] = to
		}
	}
}

// NameOf is what a person is called: as their user here, else by the full name
// that most of their identities have, else by a login. It is never an address.
func NameOf(identities []Identity) string {
	var names, logins, locals []string
	for i := range identities {
		n := &identities[i]
		name := WithoutAddress(n.Name)
		if n.Kind == rampforge.IdentityUser && name != "" {
			return name
		}
		if name != "" {
			names = append(names, name)
		}
		if login := WithoutAddress(n.Login); login != "" {
			logins = append(logins, login)
		}
		if local, _, ok := strings.Cut(n.Address, "@"); ok {
			if _, p, private := readPrivate(n.Address, nil); private {
				local = p.login
			}
			locals = append(locals, local)
		}
	}
	for _, list := range [][]string{names, logins, locals} {
		if name := commonest(list); name != "" {
			return name
		}
	}
	return "Unnamed"
}

// BestName returns the name to show of those that a signature's address has:
// one of two words or more, the first in the alphabet.
func BestName(names []string) string {
	cleaned := make([]string, 0, len(names))
	for _, name := range names {
		if name = oneLine(name); name != "" {
			cleaned = append(cleaned, name)
		}
	}
	slices.Sort(cleaned)
	return commonest(slices.Compact(cleaned))
}

// commonest returns what stands in a list most often; of several a name of more
// words, then the first in the alphabet.
func commonest(list []string) string {
	count := map[string]int{}
	for _, s := range list {
		count[s]++
	}
	best := ""
	for _, s := range slices.Sorted(maps.Keys(count)) {
		if best == "" || cmp.Or(cmp.Compare(count[s], count[best]), cmp.Compare(min(len(strings.Fields(s)), 2), min(len(strings.Fields(best)), 2))) > 0 {
			best = s
		}
	}
	return best
}

// WithoutAddress makes a name or a login fit for everybody's eyes: of an address
// in it what stands before the @ is left.
func WithoutAddress(text string) string {
	fields := strings.Fields(oneLine(text))
	kept := fields[:0]
	for _, f := range fields {
		local, domain, ok := strings.Cut(f, "@")
		if !ok || domain == "" || local == "" {
			kept = append(kept, f)
			continue
		}
		if local = strings.Trim(local, "<>()[]\"'"); local != "" && len(fields) == 1 {
			kept = append(kept, local)
		}
	}
	return strings.Join(kept, " ")
}
