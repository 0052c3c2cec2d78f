package history

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
	"time"

	"github.com/rampforgeai/rampforge"
)

// reader gathers commits in the order in which they come. Hashes, paths and
// people are kept once and named by numbers after that.
type reader struct {
	o       ReadOptions
	nodes   map[string]int32 // hash → number, of commits and of their parents
	hashes  []string         // by number
	place   []int32          // by number: in commits, -1 for a parent that did not come
	commits []gathered
	parents []int32 // numbers; each commit has a part of it
	changes []change
	paths   []string
	pathIDs map[string]int32
	people  *register
	named   []named // in the order of commits
	cut     bool
}

// gathered is a commit as it came.
type gathered struct {
	commit

	subject       string
	node          int32
	parents, upTo int32 // its parents are reader.parents[parents:upTo]
}

// maxTime is the last second that can be written as JSON. Git takes any number
// for a time.
var maxTime = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix()

func newReader(o ReadOptions) *reader {
	return &reader{o: o, nodes: map[string]int32{}, pathIDs: map[string]int32{}, people: newRegister(parseMailmap(o.Mailmap))}
}

// add keeps a commit. One that comes twice counts once.
func (r *reader) add(c *rampforge.Commit) {
	node := r.node(c.Hash)
	if r.place[node] >= 0 {
		return
	}
	r.place[node] = number(len(r.commits))
	g := gathered{node: node, subject: subjectOf(c.Subject), parents: number(len(r.parents))}
	for _, p := range c.Parents {
		r.parents = append(r.parents, r.node(p))
	}
	g.upTo = number(len(r.parents))
	g.merge = len(c.Parents) > 1
	g.when = min(max(c.CommittedAt.Unix(), 0), maxTime)
	g.author = r.people.author(c.Author, g.when)
	r.addTrailers(r.place[node], c.Body)
	g.first = number(len(r.changes))
	if !g.merge {
		r.addChanges(c.Changes)
	}
	g.count = number(len(r.changes)) - g.first
	r.commits = append(r.commits, g)
}

func (r *reader) addChanges(changes []rampforge.Change) {
	if len(r.changes)+len(changes) > r.o.MaxChanges {
		r.cut = true
		return
	}
	for _, c := range changes {
		k := change{status: c.Status, path: r.path(c.Path), old: -1}
		if c.Status == rampforge.ChangeRenamed && c.OldPath != "" {
			k.old = r.path(c.OldPath)
		}
		r.changes = append(r.changes, k)
	}
}

// node numbers a hash. The text is copied, as it may be a piece of a large
// buffer that would stay alive with it.
func (r *reader) node(hash string) int32 {
	id, ok := r.nodes[hash]
	if !ok {
		id = number(len(r.hashes))
		hash = strings.Clone(hash)
		r.nodes[hash] = id
		r.hashes = append(r.hashes, hash)
		r.place = append(r.place, -1)
	}
	return id
}

func (r *reader) path(path string) int32 {
	id, ok := r.pathIDs[path]
	if !ok {
		id = number(len(r.paths))
		path = strings.Clone(path)
		r.pathIDs[path] = id
		r.paths = append(r.paths, path)
	}
	return id
}

// history puts what was gathered into its final order.
func (r *reader) history() *History {
	h := &History{
		commits: make([]commit, 0, len(r.commits)), changes: make([]change, 0, len(r.changes)), owner: make([]int32, 0, len(r.changes)),
		paths: r.paths, pathIDs: r.pathIDs, coauthor: map[int32][]int32{}, review: map[int32][]int32{},
		head: r.o.HeadTime, complete: r.o.Complete && !r.cut, reason: r.o.Reason,
	}
	if r.o.Complete && r.cut {
		h.reason = "it has more changes than are kept"
	}
	if h.head.IsZero() {
		h.head = r.headTime()
	}
	h.head = time.Unix(min(max(h.head.Unix(), 0), maxTime), 0).UTC()
	people, personOf := r.people.join()
	h.people, h.signed = people, r.people.signed()
	numberOf := make([]int32, len(r.commits))
	for _, place := range r.order() {
		g := &r.commits[place]
		c := g.commit
		c.author = personOf[g.author]
		c.when = min(c.when, h.head.Unix())
		if !r.o.Complete && r.atEdge(g) {
			c.count = 0
		}
		c.first = number(len(h.changes))
		for _, k := range r.changes[g.first : g.first+c.count] {
			h.changes = append(h.changes, k)
			h.owner = append(h.owner, number(len(h.commits)))
		}
		numberOf[place] = number(len(h.commits))
		h.commits = append(h.commits, c)
		h.hashes, h.subjects = append(h.hashes, r.hashes[g.node]), append(h.subjects, g.subject)
	}
	h.placeTrailers(r.named, numberOf, personOf)
	return h
}

// headTime is the time of the analysed commit, for who does not know it; of the
// newest one when that did not come either.
func (r *reader) headTime() time.Time {
	var newest int64 // nothing is before 1970 here
	for i := range r.commits {
		if r.hashes[r.commits[i].node] == r.o.Head {
			return time.Unix(r.commits[i].when, 0).UTC()
		}
		newest = max(newest, r.commits[i].when)
	}
	return time.Unix(newest, 0).UTC()
}

// atEdge reports whether none of a commit's parents came: its changes are then
// all of its tree.
func (r *reader) atEdge(g *gathered) bool {
	return !slices.ContainsFunc(r.parents[g.parents:g.upTo], func(p int32) bool { return r.place[p] >= 0 })
}

// order sorts the commits topologically, parents first, and by time and hash
// where the graph leaves the choice. It takes in a graph with a cycle, which
// no history has, by putting what hangs on the cycle last.
func (r *reader) order() []int32 {
	missing := make([]int32, len(r.commits)) // parents that are not placed yet
	children := newIndex(len(r.commits), func(yield func(key, item int32)) {
		for i := range r.commits {
			for _, p := range r.parents[r.commits[i].parents:r.commits[i].upTo] {
				if at := r.place[p]; at >= 0 {
					yield(at, number(i))
				}
			}
		}
	})
	ready := &byAge{r: r}
	for i := range r.commits {
		for _, p := range r.parents[r.commits[i].parents:r.commits[i].upTo] {
			if r.place[p] >= 0 {
				missing[i]++
			}
		}
		if missing[i] == 0 {
			ready.places = append(ready.places, number(i))
		}
	}
	heap.Init(ready)
	order := make([]int32, 0, len(r.commits))
	for ready.Len() > 0 {
		at, _ := heap.Pop(ready).(int32)
		order = append(order, at)
		for _, child := range children.of(at) {
			if missing[child]--; missing[child] == 0 {
				heap.Push(ready, child)
			}
		}
	}
	return append(order, r.onCycles(missing)...)
}

func (r *reader) onCycles(missing []int32) []int32 {
	var rest []int32
	for i, n := range missing {
		if n > 0 {
			rest = append(rest, number(i))
		}
	}
	slices.SortFunc(rest, r.compare)
	return rest
}

func (r *reader) compare(a, b int32) int {
	x, y := &r.commits[a], &r.commits[b]
	return cmp.Or(cmp.Compare(x.when, y.when), cmp.Compare(r.hashes[x.node], r.hashes[y.node]))
}

// byAge is a heap of places in reader.commits, oldest first.
type byAge struct {
	r      *reader
	places []int32
}

func (b *byAge) Len() int           { return len(b.places) }
func (b *byAge) Less(i, j int) bool { return b.r.compare(b.places[i], b.places[j]) < 0 }
func (b *byAge) Swap(i, j int)      { b.places[i], b.places[j] = b.places[j], b.places[i] }

// Push adds a place. It is for container/heap.
func (b *byAge) Push(x any) {
	if at, ok := x.(int32); ok {
		b.places = append(b.places, at)
	}
}

// Pop removes the last place. It is for container/heap.
func (b *byAge) Pop() any {
	last := b.places[len(b.places)-1]
	b.places = b.places[:len(b.places)-1]
	return last
}
