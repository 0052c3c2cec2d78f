package interview

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rampforgeai/rampforge"
)

// How many questions may be of one file, and lines between two cases that are
// taken for one.
const (
	maxOfFile = 2
	nearLines = 15
)

// partOf is which part of a kit may be of one sort of case, as 1/n: what happened
// comes before what only the figures of the code point at, and a kit of constants
// alone would tell nothing.
func partOf(what string) int {
	switch what {
	case "incident":
		return 3
	case "complex", "hotspot", "untested", "system":
		return 6
	}
	return 4
}

// leastOf is how many there may be of each sort in a small kit.
const leastOf = 1

// chooseBest takes the candidates that are worth the most, no two about the same
// thing.
func (m *maker) chooseBest() Kit {
	slices.SortStableFunc(m.out, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.worth, a.worth), cmp.Compare(a.Case.Path, b.Case.Path), cmp.Compare(line(a.Case.StartLine), line(b.Case.StartLine)), cmp.Compare(a.Text, b.Text))
	})
	all := make([]rampforge.InterviewQuestion, len(m.out))
	for i := range m.out {
		all[i] = m.out[i].InterviewQuestion
	}
	return Choose(m.unasked(all), m.Limit)
}

// unasked leaves out what was asked before, wherever its lines are by now.
func (m *maker) unasked(all []rampforge.InterviewQuestion) []rampforge.InterviewQuestion {
	return slices.DeleteFunc(all, func(q rampforge.InterviewQuestion) bool {
		return slices.ContainsFunc(m.Asked, func(o rampforge.InterviewQuestion) bool {
			x, y := &o.Case, &q.Case
			switch {
			case o.Text == q.Text:
				return true
			case x.Related != "" && x.Related == y.Path && x.Path == y.Related:
				return true
			case x.Path != y.Path:
				return false
			}
			return x.Symbol != "" && x.Symbol == y.Symbol || x.Related != "" && x.Related == y.Related || x.What == y.What && x.Title == y.Title
		})
	})
}

// Choose takes the first of some questions, so many of each sort of case and of
// each file, no two about the same thing. A limit of 0 is DefaultLimit.
func Choose(all []rampforge.InterviewQuestion, limit int) Kit {
	if limit <= 0 {
		limit = DefaultLimit
	}
	kit := Kit{Questions: []rampforge.InterviewQuestion{}, Notes: []string{}}
	ofFile, ofWhat := map[string]int{}, map[string]int{}
	for i := range all {
		q := &all[i]
		if ofFile[q.Case.Path] >= maxOfFile || ofWhat[q.Case.What] >= max(limit/partOf(q.Case.What), leastOf) || slices.ContainsFunc(kit.Questions, func(o rampforge.InterviewQuestion) bool { return same(&o, q) }) {
			continue
		}
		if len(kit.Questions) == limit {
			kit.Notes = append(kit.Notes, "There are more cases than are asked about: raise limit, or narrow the interview to paths.")
			break
		}
		ofFile[q.Case.Path]++
		ofWhat[q.Case.What]++
		kit.Questions = append(kit.Questions, *q)
	}
	return kit
}

// same reports whether two questions are about one thing: the same lines or
// nearly, the same symbol, or the same commit.
func same(a, b *rampforge.InterviewQuestion) bool {
	x, y := &a.Case, &b.Case
	switch {
	case x.Related != "" && (x.Related == y.Related || x.Related == y.Path && x.Path == y.Related):
		return true
	case a.Text == b.Text:
		return true
	case strings.EqualFold(x.Title, y.Title) && x.What == y.What:
		return true // the same remark in two files
	case x.Path != y.Path:
		return false
	case x.Symbol != "" && x.Symbol == y.Symbol:
		return true
	case x.StartLine == nil || y.StartLine == nil:
		return x.What == y.What
	}
	return line(x.StartLine) <= line(y.EndLine)+nearLines && line(y.StartLine) <= line(x.EndLine)+nearLines
}

func line(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
