// Package history reads the commits that lead to the analysed one and answers
// what they tell: which files change often, which change together, who knows
// what, and how many people would have to leave before nobody knows half of it.
//
// It is pure: the same commits, in whatever order they come, and the same files
// give the same answers. People leave it as names in alphabetical order, never
// with a number. It may import the root package, the shape of the report and
// analysis/stats.
//
// A commit that has several parents is a merge and changes nothing by itself.
// Times are committer times; a commit later than the analysed one, by a wrong
// clock, counts as of the analysed commit's time.
package history

import (
	"context"
	"iter"
	"time"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// MaxChanges bounds the changed paths that are kept, and with them the memory:
// about 40 bytes each. Beyond it commits are still counted.
const MaxChanges = 20_000_000

// ReadOptions says what the commits lead to.
type ReadOptions struct {
	Head     string    // hash of the analysed commit
	HeadTime time.Time // its committer time: every window ends here
	Mailmap  []byte    // content of .mailmap at the analysed commit, nil for none
	// Complete says that the history reaches its roots. In one that does not,
	// the commits at its edge seem to add every file; their changes are left
	// out, and figures that need the beginning of a file are not known.
	Complete   bool
	Reason     string // why it is not complete
	MaxChanges int    // 0 is the constant of this name
}

// History is what was read. It does not change and is safe for concurrent use.
type History struct {
	commits  []commit // parents before children
	hashes   []string // of commits
	subjects []string // of commits
	changes  []change // in the order of commits
	owner    []int32  // the commit of each change
	lineage  []int32  // the file of each change, through its renames
	paths    []string
	pathIDs  map[string]int32
	lineages lineages
	touched  index // lineage → commits that changed it
	people   []person
	here     []bool // by person: whether they are still here
	reviews  []bool // by person: whether they still review, or are still here
	signed   []Signed
	coauthor map[int32][]int32 // commit → people beside its author
	review   map[int32][]int32 // commit → people who looked at it, by its trailers
	trailers []trailerUse

	head     time.Time
	complete bool
	reason   string
	from     int64 // seconds, of the oldest commit
	hotspots int64 // seconds, start of the window of hotspots and activity
}

// commit is a commit without what is not needed any more.
type commit struct {
	when   int64 // seconds since 1970, never after the analysed commit
	author int32 // person
	first  int32 // its changes are changes[first : first+count]
	count  int32
	merge  bool
}

// trailerUse says that a commit names somebody in a kind of trailer.
type trailerUse struct {
	commit int32
	kind   trailerKind
}

// change is one changed path.
type change struct {
	path   int32
	old    int32 // of a rename, else -1
	status rampforge.ChangeStatus
}

// Signed is a signature of commits, and what .mailmap makes of it.
type Signed struct{ Committed, Proper rampforge.Signature }

// Signed returns every signature of an author or a co-author once, by address
// and name. It is for finding out who is who and no part of a report.
func (h *History) Signed() []Signed { return h.signed }

// Read consumes a history once. It fails when the sequence or ctx does, never
// for what a commit says.
func Read(ctx context.Context, commits iter.Seq2[rampforge.Commit, error], o ReadOptions) (*History, error) {
	if o.MaxChanges <= 0 {
		o.MaxChanges = MaxChanges
	}
	r := newReader(o)
	for c, err := range commits {
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r.add(&c)
	}
	h := r.history()
	h.trace()
	h.setWindows()
	h.here = h.active()
	h.reviews = h.reviewing()
	return h, ctx.Err()
}

// The window of hotspots and activity is the last year, or the whole history
// when the last year is too quiet to say which files change often.
const (
	hotspotYears      = 1
	hotspotMinCommits = 30 // without merges
)

func (h *History) setWindows() {
	if len(h.commits) == 0 {
		return
	}
	h.from = h.commits[0].when
	for i := range h.commits {
		h.from = min(h.from, h.commits[i].when)
	}
	start := h.head.AddDate(-hotspotYears, 0, 0).Unix()
	if h.commitsSince(start) < hotspotMinCommits {
		start = h.from
	}
	h.hotspots = max(start, h.from)
}

// Window says what part of the history the answers cover.
func (h *History) Window() report.HistoryWindow {
	w := report.HistoryWindow{Commits: len(h.commits), Complete: h.complete, Reason: h.reason}
	if len(h.commits) == 0 {
		return w
	}
	present := make([]bool, len(h.people))
	for i := range h.commits {
		if h.commits[i].merge {
			w.Merges++
		}
		for p := range h.contributors(number(i)) {
			present[p] = true
		}
	}
	for _, is := range present {
		if is {
			w.Contributors++
		}
	}
	w.From = new(time.Unix(h.from, 0).UTC())
	w.To = new(h.head.UTC())
	w.HotspotFrom = new(time.Unix(h.hotspots, 0).UTC())
	return w
}

// Notes says what a partial history leaves unknown.
func (h *History) Notes() []report.Note {
	switch {
	case len(h.commits) == 0:
		return []report.Note{{Code: "no_history", Message: "No history was read: change, coupling and knowledge are not known."}}
	case !h.complete:
		reason := h.reason
		if reason == "" {
			reason = "it does not reach its roots"
		}
		return []report.Note{{
			Code: "partial_history",
			Message: "The history is partial (" + reason + "): change, coupling and ownership cover its window only, " +
				"and the truck factor and the loss of knowledge are not known.",
		}}
	}
	return nil
}

// contributors yields the author and the co-authors of a commit, bots apart.
// A person who is both is yielded twice.
func (h *History) contributors(commit int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		if author := h.commits[commit].author; !h.people[author].apart && !yield(author) {
			return
		}
		for _, p := range h.coauthor[commit] {
			if !h.people[p].apart && !yield(p) {
				return
			}
		}
	}
}

func (h *History) changesOf(c *commit) []change { return h.changes[c.first : c.first+c.count] }

func (h *History) lineagesOf(c *commit) []int32 { return h.lineage[c.first : c.first+c.count] }
