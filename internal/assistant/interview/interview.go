// Package interview makes the questions that somebody is asked about what they
// alone know, and judges the answers. It follows the critical decision method
// (Klein, Calderwood and MacGregor 1989; Hoffman, Crandall and Shadbolt 1998):
// concrete cases of one's own, in the order in which they happened, and then
// probes for cues, options, goals, analogues and errors, and "what if". What it
// asks and why is in docs/knowledge.md.
//
// It is pure. It may import the root package, analysis and terms.
package interview

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis/beside"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

// DefaultLimit is how many questions a kit has where nobody says another number,
// and MaxLimit the most.
const (
	DefaultLimit = 12
	MaxLimit     = 40
)

// Sources are what questions are made of.
type Sources struct {
	Index  *codeindex.Index
	Report *report.CodeReport
	// Names are those that the history knows who is asked by, as NameKey has them;
	// Mine tells their signatures.
	Names map[string]bool
	Mine  func(rampforge.Signature) bool
	// Commits are the history, newest first; nil where it is not to be had.
	Commits []rampforge.Commit
	// Contents are files of the analysed commit, by path: those of Wanted.
	Contents map[string][]byte
	// Records are what commits refer to, by "#12" or "PAY-12".
	Records map[string]Record
	// Paths narrow the cases to files and folders; empty is everything.
	Paths []string
	// Asked are questions that are not asked again.
	Asked []rampforge.InterviewQuestion
	Limit int // 0 is DefaultLimit
}

// Record is a work item or a pull request.
type Record struct{ Title, URL string }

// NameKey is the form of a name that compares.
func NameKey(name string) string { return strings.Join(strings.Fields(strings.ToLower(name)), " ") }

// Kit is what somebody is asked.
type Kit struct {
	Questions []rampforge.InterviewQuestion // without ids, what would be lost most first
	Notes     []string
}

// How much of a file's worth is left where others know it too.
const sharedKnowledge = 0.3

// What counts for the stake of a file, together 1.
const (
	byKnowing    = 0.25 // that it is known at all
	byUse        = 0.3  // how many files use it
	byComplexity = 0.25
	byChange     = 0.2
)

// maker makes one kit.
type maker struct {
	*Sources

	mine    map[int32]bool // people of the index
	stakes  []float64      // by file: what would be lost with who is asked, from 0 to 1
	sole    []bool         // by file: nobody else who is here knows it
	files   map[string]int
	commits commitIndex
	out     []candidate
}

// candidate is a question that may be asked.
type candidate struct {
	rampforge.InterviewQuestion

	worth float64
}

func newMaker(s *Sources) *maker {
	m := &maker{Sources: s, mine: map[int32]bool{}, files: make(map[string]int, len(s.Index.Files))}
	for i, p := range s.Index.People {
		if s.Names[NameKey(p.Name)] {
			m.mine[int32(i)] = true
		}
	}
	for i := range s.Index.Files {
		m.files[s.Index.Files[i].Path] = i
	}
	m.weigh()
	return m
}

// weigh says of each file what would be lost.
func (m *maker) weigh() {
	files := m.Index.Files
	m.stakes, m.sole = make([]float64, len(files)), make([]bool, len(files))
	weights := m.Index.Weights()
	hardest, busiest := 1.0, 1.0
	for i := range files {
		if m.counts(i) {
			hardest, busiest = max(hardest, float64(files[i].Cognitive)), max(busiest, float64(files[i].Revisions))
		}
	}
	for i := range files {
		knows, others := m.knownBy(i)
		if !knows || !m.counts(i) {
			continue
		}
		m.sole[i] = !others
		part := func(v int32, most float64) float64 { return math.Log1p(float64(v)) / math.Log1p(most) }
		m.stakes[i] = byKnowing + byUse*weights[i] + byComplexity*part(files[i].Cognitive, hardest) + byChange*part(files[i].Revisions, busiest)
		if others {
			m.stakes[i] *= sharedKnowledge
		}
	}
}

// knownBy reports whether who is asked knows a file, and whether somebody else
// does who is still here.
func (m *maker) knownBy(file int) (knows, others bool) {
	f := &m.Index.Files[file]
	people := f.Authors
	if len(people) == 0 {
		people = f.Owners
	}
	for _, p := range people {
		switch {
		case m.mine[p]:
			knows = true
		case m.Index.People[p].Here:
			others = true
		}
	}
	return knows, others
}

// counts reports whether a file can be asked about: code that people write, in
// the part that was chosen.
func (m *maker) counts(file int) bool {
	f := &m.Index.Files[file]
	return f.Source && !f.Test && f.Kind == "programming" && !made(f.Path) && !m.shown(f.Path) && m.chosen(f.Path)
}

// shown reports whether a file is there for others to copy.
func (m *maker) shown(path string) bool {
	return m.Report != nil && beside.Holds(m.Report.Beside, path)
}

func (m *maker) chosen(path string) bool {
	if len(m.Paths) == 0 {
		return true
	}
	return slices.ContainsFunc(m.Paths, func(p string) bool { return p == "." || path == p || strings.HasPrefix(path, p+"/") })
}

// wantedFiles is how many files are read at most.
const wantedFiles = 80

// Wanted are the paths of the files to be read, those with the highest stakes.
func Wanted(s *Sources) []string {
	m := newMaker(s)
	var list []int
	for i, stake := range m.stakes {
		if stake > 0 {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(m.stakes[b], m.stakes[a]) })
	out := make([]string, 0, wantedFiles)
	for _, i := range list[:min(len(list), wantedFiles)] {
		out = append(out, s.Index.Files[i].Path)
	}
	return out
}

// Knows reports whether the history knows who is asked, and whether they know any
// of the chosen code.
func Knows(s *Sources) (known, some bool) {
	m := newMaker(s)
	return len(m.mine) > 0, slices.ContainsFunc(m.stakes, func(v float64) bool { return v > 0 })
}

// Make makes the questions.
func Make(s *Sources) Kit {
	m := newMaker(s)
	m.indexCommits()
	m.incidents()
	m.failures()
	m.changes()
	m.decisions()
	m.oddCode()
	m.complexCode()
	m.coupled()
	m.bare()
	m.hotspots()
	return m.chooseBest()
}

// ask adds a candidate: worth is that of its kind, stake of its file.
func (m *maker) ask(worth, stake float64, q rampforge.InterviewQuestion) {
	if stake <= 0 {
		return
	}
	q.Status, q.Thin, q.Versions = rampforge.QuestionOpen, []string{}, []rampforge.InterviewAnswer{}
	if q.Case.Commit == "" {
		q.Case.Commit = m.Index.Commit
	}
	if q.Why == "" {
		q.Why = m.whyOf(q.Case.Path)
	}
	m.out = append(m.out, candidate{q, worth * stake})
}

// whyOf says what makes a file worth asking about. It tells nothing of who is
// asked but that they know it: no counts, and nobody else by name.
func (m *maker) whyOf(path string) string {
	i, ok := m.files[path]
	if !ok {
		return "It is of what you know."
	}
	why := "You know " + span(path)
	if m.sole[i] {
		why = "Nobody else who is active here knows " + span(path)
	}
	if users := m.users(i); users > 1 {
		why += ", which other files use"
	}
	return why + "."
}

func (m *maker) users(file int) int {
	n := 0
	for _, e := range m.Index.Imports {
		if int(e.To) == file && !m.Index.Files[e.From].Test {
			n++
		}
	}
	return n
}

// stakeOf is the stake of a path, 0 for one that is not asked about.
func (m *maker) stakeOf(path string) float64 {
	if i, ok := m.files[path]; ok {
		return m.stakes[i]
	}
	return 0
}
