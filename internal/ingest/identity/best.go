package identity

import (
	"cmp"
	"slices"
)

const (
	// maxSuggested is how many suggestions one person is part of.
	maxSuggested = 5
	// clearly is by how much one suggestion must be likelier than another for the
	// other to be none.
	clearly = 0.2
)

// best leaves of suggestions those worth a look. Where somebody may be one with
// either of two who cannot be one person, the clearly likelier of them stays;
// and nobody is in more than maxSuggested.
func (d *doubts) best(list []Suggestion) []Suggestion {
	slices.SortFunc(list, func(x, y Suggestion) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), cmp.Compare(x.A, y.A), cmp.Compare(x.B, y.B))
	})
	type option struct {
		other int
		score float64
	}
	chosen := map[int][]option{}
	room := func(one, other int, score float64) bool {
		return len(chosen[one]) < maxSuggested && !slices.ContainsFunc(chosen[one], func(o option) bool {
			return o.score >= score+clearly && d.strangers(o.other, other)
		})
	}
	kept := list[:0]
	for _, s := range list {
		if room(s.A, s.B, s.Score) && room(s.B, s.A, s.Score) {
			chosen[s.A] = append(chosen[s.A], option{s.B, s.Score})
			chosen[s.B] = append(chosen[s.B], option{s.A, s.Score})
			kept = append(kept, s)
		}
	}
	return kept
}

// readAccounts reads which accounts the clusters have, also those that only
// private addresses tell of.
func (d *doubts) readAccounts() {
	d.accounts = make([]map[string]map[string]bool, len(d.members))
	for n, nodes := range d.members {
		d.accounts[n] = map[string]map[string]bool{}
		for _, i := range nodes {
			realm, subject := d.g.realms[i], d.g.nodes[i].Subject
			if vendor, p, ok := d.g.private(i); ok && p.id != "" {
				realm, subject = string(vendor)+" "+p.host, p.id
			}
			if realm == "" {
				continue
			}
			if d.accounts[n][realm] == nil {
				d.accounts[n][realm] = map[string]bool{}
			}
			d.accounts[n][realm][subject] = true
		}
	}
}

// strangers reports whether two clusters have accounts that one person has not:
// two of one realm.
func (d *doubts) strangers(x, y int) bool {
	for realm, mine := range d.accounts[x] {
		theirs := d.accounts[y][realm]
		common := 0
		for subject := range theirs {
			if mine[subject] {
				common++
			}
		}
		if len(mine)+len(theirs)-common > max(len(mine), len(theirs)) {
			return true
		}
	}
	return false
}
