package python

import (
	"bytes"
	"slices"
	"unicode"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// complexity returns the measures that the code of the scope counts into.
func (r *reader) complexity() *language.Complexity {
	if r.scope.function == noFunction {
		return &r.facts.TopLevel
	}
	return &r.facts.Functions[r.scope.function].Complexity
}

// measure counts node i into both complexities.
func (r *reader) measure(i int, kind treesitter.Kind) {
	c := r.complexity()
	if r.scope.decisions {
		c.Cyclomatic += r.decisions(i, kind)
	}
	switch kind {
	case kindIf, kindConditional, kindFor, kindWhile, kindExcept, kindMatch:
		c.Cognitive += 1 + r.scope.nesting
	case kindElif, kindElse:
		c.Cognitive++
	case kindBoolean:
		if r.startsRun(i) {
			r.runs = append(r.runs, kindOther)
		}
	case kindAnd, kindOr:
		if r.tree.ParentKind(i) != kindBoolean {
			break
		}
		if last := &r.runs[len(r.runs)-1]; *last != kind {
			c.Cognitive++
			*last = kind
		}
	default:
	}
}

// startsRun reports whether node i is the topmost of a chain of boolean
// operators without parentheses between them.
func (r *reader) startsRun(i int) bool {
	return r.tree.Kind(i) == kindBoolean && (i == 0 || r.tree.ParentKind(i) != kindBoolean)
}

// decisions returns what node i adds to the cyclomatic complexity.
func (r *reader) decisions(i int, kind treesitter.Kind) int {
	switch kind {
	case kindIf, kindElif, kindConditional, kindFor, kindWhile, kindForIn, kindAssert, kindBoolean:
		return 1
	case kindExcept:
		if r.isGroup(i) {
			return 0
		}
		return 1
	case kindElse:
		return r.elseDecision(i)
	case kindIfClause:
		if r.tree.ParentKind(i) == kindCase {
			return 0
		}
		return 1
	case kindMatch:
		return r.caseDecisions(i)
	default:
		return 0
	}
}

// isGroup reports whether an except clause is an except*.
func (r *reader) isGroup(i int) bool {
	return r.tree.ChildOfKind(i, kindMultiply) >= 0
}

func (r *reader) elseDecision(i int) int {
	parent := r.tree.Parent(i)
	switch r.tree.Kind(parent) {
	case kindFor, kindWhile:
		return 1
	case kindTry:
		if clause := r.tree.ChildOfKind(parent, kindExcept); clause >= 0 && r.isGroup(clause) {
			return 0
		}
		return 1
	default:
		return 0
	}
}

// caseDecisions counts the cases of a match; one that takes everything is its
// else.
func (r *reader) caseDecisions(match int) int {
	body := r.tree.Child(match, fieldBody)
	if body < 0 {
		return 0
	}
	cases, takesAll := 0, 0
	for clause := range r.tree.Children(body) {
		if r.tree.Kind(clause) != kindCase {
			continue
		}
		cases++
		if r.takesAll(clause) {
			takesAll = 1
		}
	}
	return max(0, cases-takesAll)
}

// takesAll reports whether the only pattern of a case is _ or a bare name,
// with or without parentheses.
func (r *reader) takesAll(clause int) bool {
	pattern := -1
	for child := range r.tree.Children(clause) {
		if r.tree.Kind(child) != kindCasePattern {
			continue
		}
		if pattern >= 0 {
			return false
		}
		pattern = child
	}
	if pattern < 0 || r.commaAfter(pattern) {
		return false
	}
	text := bytes.TrimSpace(r.tree.Text(pattern))
	for len(text) > 1 && text[0] == '(' && text[len(text)-1] == ')' {
		text = bytes.TrimSpace(text[1 : len(text)-1])
	}
	constants := []string{"True", "False", "None"}
	return isName(text) && !slices.Contains(constants, string(text))
}

// commaAfter reports whether a comma makes the pattern a sequence of one.
func (r *reader) commaAfter(pattern int) bool {
	rest := bytes.TrimLeft(r.tree.Source[r.tree.Nodes[pattern].End:], " \t")
	return len(rest) > 0 && rest[0] == ','
}

func isName(text []byte) bool {
	return len(text) > 0 && bytes.IndexFunc(text, func(c rune) bool {
		return c != '_' && !unicode.IsLetter(c) && !unicode.IsNumber(c)
	}) < 0 && (text[0] < '0' || text[0] > '9')
}

// countRecursion counts a call of the function itself, once a function.
func (r *reader) countRecursion(function int) {
	if r.scope.function == noFunction || r.recursive[r.scope.function] {
		return
	}
	own := []byte(r.scope.plain)
	recursive := false
	switch r.tree.Kind(function) {
	case kindIdentifier:
		recursive = !r.scope.method && bytes.Equal(r.tree.Text(function), own)
	case kindAttribute:
		object, name := r.tree.Child(function, fieldObject), r.tree.Child(function, fieldAttribute)
		recursive = r.scope.method && object >= 0 && name >= 0 && bytes.Equal(r.tree.Text(name), own) &&
			isReceiver(r.tree.Text(object))
	default:
	}
	if recursive {
		r.recursive[r.scope.function] = true
		r.complexity().Cognitive++
	}
}

func isReceiver(name []byte) bool { return string(name) == "self" || string(name) == "cls" }
