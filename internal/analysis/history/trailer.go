package history

import (
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// maxTrailers bounds the trailers that are read from one message.
const maxTrailers = 32

// trailerKind is a kind of trailer that names a person.
type trailerKind uint8

// trailerNames are the trailers that are read, as git and the Linux kernel's
// documentation of submitting patches write them. Signed-off-by says where a
// change came from and not that anybody looked at it; Reported-by and
// Suggested-by name people who need not know the code.
var trailerNames = [...]string{
	"Acked-by", "Approved-by", "Co-authored-by", "Helped-by", "Mentored-by", "Reported-by", "Reviewed-by", "Signed-off-by", "Suggested-by", "Tested-by",
}

const (
	trailerAcked      trailerKind = 0
	trailerApproved   trailerKind = 1
	trailerCoauthored trailerKind = 2
	trailerReviewed   trailerKind = 6
)

// review reports whether who is named has looked at the change.
func (k trailerKind) review() bool {
	return k == trailerAcked || k == trailerApproved || k == trailerReviewed
}

// trailer is one line that names a person.
type trailer struct {
	kind   trailerKind
	person rampforge.Signature
}

// trailers reads the lines of a message that name people, wherever they stand:
// messages that were squashed or merged have them in the middle. A line without
// an address in angle brackets names nobody.
func trailers(body string) []trailer {
	var found []trailer
	for line := range strings.Lines(body) {
		key, rest, ok := strings.Cut(line, ":")
		if !ok || len(found) == maxTrailers {
			continue
		}
		kind := slices.IndexFunc(trailerNames[:], func(name string) bool { return strings.EqualFold(name, key) })
		if kind < 0 {
			continue
		}
		if name, email, _, ok := cutPerson(rest); ok {
			found = append(found, trailer{trailerKind(kind), rampforge.Signature{Name: name, Email: email}}) //nolint:gosec // an index of trailerNames
		}
	}
	return found
}

// named is a trailer as it is gathered: a person's pair in a commit's message.
type named struct {
	place int32 // of the commit, in the order in which they came
	pair  int32
	kind  trailerKind
}

// addTrailers keeps who a message names. Co-authors are contributors and count
// for who knows an area, as people who write together do; the degree of
// authorship follows its authors' tool, which knows the author alone.
func (r *reader) addTrailers(place int32, body string) {
	for _, t := range trailers(body) {
		n := named{place: place, kind: t.kind}
		switch {
		case t.kind == trailerCoauthored:
			n.pair = r.people.writer(t.person)
		case t.kind.review():
			n.pair = r.people.id(t.person)
		}
		r.named = append(r.named, n)
	}
}

// placeTrailers gives trailers the final numbers of commits and people.
func (h *History) placeTrailers(all []named, numberOf, personOf []int32) {
	for _, n := range all {
		at := numberOf[n.place]
		h.trailers = append(h.trailers, trailerUse{at, n.kind})
		switch {
		case n.kind == trailerCoauthored:
			h.coauthor[at] = append(h.coauthor[at], personOf[n.pair])
		case n.kind.review():
			h.review[at] = append(h.review[at], personOf[n.pair])
		}
	}
	slices.SortStableFunc(h.trailers, func(a, b trailerUse) int { return int(a.commit) - int(b.commit) })
}

// reviewing reports for each person whether they are still here, or a commit of
// the year that ends with the analysed one names them as a reviewer. A bot does
// neither.
func (h *History) reviewing() []bool {
	still := slices.Clone(h.here)
	since := h.activeSince()
	for commit, people := range h.review {
		for _, p := range people {
			still[p] = still[p] || h.commits[commit].when >= since && !h.people[p].apart
		}
	}
	return still
}

// trailerUses fills in how many commits of the window of hotspots name whom. A
// commit that names the same kind twice counts once.
func (h *History) trailerUses(a *report.Activity) {
	a.Trailers = []report.TrailerUse{}
	total := h.commitsSince(h.hotspots)
	var uses [len(trailerNames)]int
	reviewed := 0
	for i := 0; i < len(h.trailers); {
		at := h.trailers[i].commit
		var has [len(trailerNames)]bool
		looked := false
		for ; i < len(h.trailers) && h.trailers[i].commit == at; i++ {
			has[h.trailers[i].kind] = true
			looked = looked || h.trailers[i].kind.review()
		}
		if c := &h.commits[at]; c.merge || c.when < h.hotspots {
			continue
		}
		for kind, is := range has {
			if is {
				uses[kind]++
			}
		}
		if looked {
			reviewed++
		}
	}
	for kind, n := range uses {
		if n > 0 {
			a.Trailers = append(a.Trailers, report.TrailerUse{Name: trailerNames[kind], Share: float64(n) / float64(total)})
		}
	}
	if len(a.Trailers) > 0 {
		a.ReviewedCommits = new(float64(reviewed) / float64(total))
	}
}

// reviewers returns who looked at changes of the files at paths and is still
// here, as an author, a co-author or a reviewer: the five who did most often, in
// alphabetical order. Bots are left out.
func (t *Tree) reviewers(paths []string) []string {
	counts := newTally(len(t.h.people))
	counted := make(map[int32]bool)
	for _, p := range paths {
		l := t.h.lineageAt(p)
		if l < 0 {
			continue
		}
		for _, c := range t.h.touched.of(l) {
			if counted[c] {
				continue
			}
			counted[c] = true
			for _, person := range t.h.review[c] {
				if t.h.reviews[person] {
					counts.add(person)
				}
			}
		}
	}
	people := slices.Clone(counts.seen)
	slices.SortFunc(people, func(a, b int32) int {
		if d := int(counts.count[b]) - int(counts.count[a]); d != 0 {
			return d
		}
		return int(a) - int(b)
	})
	return t.h.alphabetical(people[:min(maxOwners, len(people))])
}
