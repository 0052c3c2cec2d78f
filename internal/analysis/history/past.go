package history

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Past is what the history tells of one file of the tree. People and commits
// are numbers of [Tree.People] and [Tree.Commit].
type Past struct {
	Revisions int       // commits that changed it, under all its names
	Changed   time.Time // of the newest of them
	Band      *string   // of its ownership; nil when no commit of a person is known
	Owners    []int32   // as Ownership has them
	Authors   []int32   // by their degree of authorship; of source files only
	Recent    []int32   // commits, newest first
}

// MaxRecent is how many commits a Past names.
const MaxRecent = 20

// Person is somebody of the history.
type Person struct {
	Name string
	Here bool // wrote a commit, alone or with others, in the year that ends with the analysed one
	// Quarter counts the quarters of years since the year 0 up to that of the
	// newest commit; 0 for who wrote none.
	Quarter int
}

// People returns everybody in the history, by name.
func (t *Tree) People() []Person {
	last := t.h.lastSeen()
	people := make([]Person, len(t.h.people))
	for i, p := range t.h.people {
		people[i] = Person{Name: p.name, Here: t.h.here[i]}
		if last[i] != never {
			people[i].Quarter = monthNumber(time.Unix(last[i], 0)) / 3
		}
	}
	return people
}

// Complete reports whether the history reaches its roots.
func (t *Tree) Complete() bool { return t.h.complete }

// Commit returns the commit of a number.
func (t *Tree) Commit(number int32) (hash, subject string, when time.Time) {
	return t.h.hashes[number], t.h.subjects[number], time.Unix(t.h.commits[number].when, 0).UTC()
}

// Pasts returns a function that tells of files one after the other. It is for
// one goroutine.
func (t *Tree) Pasts() func(path string) (Past, bool) {
	people := newTally(len(t.h.people))
	return func(path string) (Past, bool) {
		i, ok := t.file(path)
		if !ok || t.lineage[i] < 0 {
			return Past{}, false
		}
		commits := t.h.touched.of(t.lineage[i])
		p := Past{Revisions: len(commits), Changed: t.h.lastChanged(t.lineage[i])}
		for _, a := range t.authors[i] {
			if a.author {
				p.Authors = append(p.Authors, a.person)
			}
		}
		t.own(&p, commits, people)
		people.reset()
		p.Recent = t.recent(commits)
		return p, true
	}
}

// own fills in what Ownership says of the file alone.
func (t *Tree) own(p *Past, commits []int32, people *tally) {
	total := 0
	for _, c := range commits {
		var before []int32
		for person := range t.h.contributors(c) {
			if !slices.Contains(before, person) {
				before = append(before, person)
				people.add(person)
				total++
			}
		}
	}
	if total == 0 {
		return
	}
	var highest int32
	var owners []int32
	for _, person := range people.seen {
		n := people.count[person]
		highest = max(highest, n)
		if share(n, total) >= memberShare || slices.Contains(p.Authors, person) {
			owners = append(owners, person)
		}
	}
	if len(owners) == 0 {
		owners = slices.Clone(people.seen)
	}
	author := func(person int32) int {
		if slices.Contains(p.Authors, person) {
			return 0
		}
		return 1
	}
	slices.SortFunc(owners, func(a, b int32) int {
		return cmp.Or(cmp.Compare(author(a), author(b)), cmp.Compare(people.count[b], people.count[a]), cmp.Compare(a, b))
	})
	owners = slices.Clone(owners[:min(maxOwners, len(owners))])
	slices.Sort(owners)
	p.Band, p.Owners = new(band(share(highest, total))), owners
}

// recent returns the newest commits.
func (t *Tree) recent(commits []int32) []int32 {
	newest := slices.Clone(commits[max(0, len(commits)-4*MaxRecent):])
	slices.SortFunc(newest, func(a, b int32) int {
		return cmp.Or(cmp.Compare(t.h.commits[b].when, t.h.commits[a].when), cmp.Compare(b, a))
	})
	return slices.Clip(newest[:min(len(newest), MaxRecent)])
}

// maxSubject bounds what is kept of a commit's subject, in bytes.
const maxSubject = 120

// subjectOf is a subject fit for one line of text. It is copied, as it may be a
// piece of a large buffer.
func subjectOf(s string) string {
	if len(s) > maxSubject {
		s = s[:maxSubject-len("…")] + "…"
	}
	return strings.Clone(cleanName(s))
}
