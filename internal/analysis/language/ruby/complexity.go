package ruby

import (
	"strings"

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

// branch raises the level for the bodies of statements before they are
// measured: a body can be a statement by itself.
func (r *reader) branch(i int, kind treesitter.Kind) {
	if i == 0 {
		return
	}
	field := r.tree.Nodes[i].Field
	deeper := false
	switch r.tree.ParentKind(i) {
	case kindIf, kindUnless, kindElsif, kindRescue:
		deeper = kind == kindThen || kind == kindElse
	case kindCase, kindCaseMatch:
		deeper = kind == kindWhen || kind == kindInClause || kind == kindElse
	case kindWhile, kindUntil, kindFor:
		deeper = kind == kindDo
	case kindIfModifier, kindUnlessModifier, kindWhileModifier, kindUntilModifier:
		deeper = field == fieldBody
	case kindConditional:
		deeper = field == fieldConsequence || field == fieldAlternative
	case kindRescueModifier:
		deeper = field == fieldHandler
	default:
	}
	if deeper {
		if kind == kindElse && r.tree.ParentKind(i) != kindCase && r.tree.ParentKind(i) != kindCaseMatch {
			r.complexity().Cognitive++
		}
		r.push(i).nesting++
	}
}

// measure counts node i into both complexities.
func (r *reader) measure(i int, kind treesitter.Kind) {
	if !r.scope.counted {
		if r.startsRun(i) {
			r.runs = append(r.runs, kindOther)
		}
		return
	}
	c := r.complexity()
	c.Cyclomatic += r.decisions(i, kind)
	switch kind {
	case kindIf, kindUnless, kindConditional, kindIfModifier, kindUnlessModifier, kindWhile, kindUntil, kindWhileModifier,
		kindUntilModifier, kindFor, kindCase, kindCaseMatch, kindRescue, kindRescueModifier:
		c.Cognitive += 1 + r.scope.nesting
	case kindElsif:
		c.Cognitive++
	case kindBinary:
		if r.startsRun(i) {
			r.runs = append(r.runs, kindOther)
		}
	case kindAndAnd, kindOrOr, kindAndWord, kindOrWord:
		if r.tree.ParentKind(i) != kindBinary || len(r.runs) == 0 {
			break
		}
		if last := &r.runs[len(r.runs)-1]; *last != plainOperator(kind) {
			c.Cognitive++
			*last = plainOperator(kind)
		}
	default:
	}
}

// plainOperator makes one kind of the two spellings of an operator.
func plainOperator(kind treesitter.Kind) treesitter.Kind {
	switch kind {
	case kindAndWord:
		return kindAndAnd
	case kindOrWord:
		return kindOrOr
	default:
		return kind
	}
}

// decisions returns what node i adds to the cyclomatic complexity.
func (r *reader) decisions(i int, kind treesitter.Kind) int {
	switch kind {
	case kindIf, kindUnless, kindElsif, kindConditional, kindIfModifier, kindUnlessModifier, kindWhile, kindUntil, kindWhileModifier,
		kindUntilModifier, kindFor, kindWhen, kindInClause, kindRescueModifier:
		return 1
	case kindRescue:
		return boolInt(r.isFirstRescue(i))
	case kindBinary:
		return boolInt(r.isLogical(i))
	case kindOrAssign, kindAndAssign:
		return boolInt(r.tree.ParentKind(i) == kindOperatorAssignment)
	case kindSafe:
		return boolInt(r.asksSafely(i))
	case kindBlock, kindDoBlock:
		return boolInt(r.tree.ParentKind(i) == kindCall && iterating[r.methodName(r.tree.Parent(i))])
	case kindBlockArgument:
		call := r.tree.Parent(r.tree.Parent(i))
		return boolInt(r.tree.Kind(call) == kindCall && iterating[r.methodName(call)])
	default:
		return 0
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (r *reader) isFirstRescue(i int) bool {
	return r.tree.ChildOfKind(r.tree.Parent(i), kindRescue) == i
}

// asksSafely reports whether &. is the first that asks a local variable.
func (r *reader) asksSafely(operator int) bool {
	receiver := r.tree.Child(r.tree.Parent(operator), fieldReceiver)
	if receiver < 0 || r.tree.Kind(receiver) != kindIdentifier || !r.scope.variables[string(r.tree.Text(receiver))] {
		return true
	}
	name := string(r.tree.Text(receiver))
	asked := r.scope.safe[name]
	r.scope.safe[name] = true
	return !asked
}

// isLogical reports whether node i is an && or ||, in either spelling.
func (r *reader) isLogical(i int) bool {
	if r.tree.Kind(i) != kindBinary {
		return false
	}
	operator := r.tree.Child(i, fieldOperator)
	if operator < 0 {
		return false
	}
	kind := plainOperator(r.tree.Kind(operator))
	return kind == kindAndAnd || kind == kindOrOr
}

// startsRun reports whether node i is the topmost of a chain of boolean
// operators, with or without parentheses between them.
func (r *reader) startsRun(i int) bool {
	if !r.isLogical(i) {
		return false
	}
	up := r.tree.Parent(i)
	for up > 0 && r.tree.Kind(up) == kindParenthesizedStatements {
		up = r.tree.Parent(up)
	}
	return !r.isLogical(up)
}

// recursion counts a call of the method itself, once a method.
func (r *reader) recursion(name []byte) {
	if r.scope.function == noFunction || r.recursive[r.scope.function] || string(name) != r.scope.plain {
		return
	}
	r.recursive[r.scope.function] = true
	r.complexity().Cognitive++
}

// iterating are the methods of Ruby's core that call their block for elements:
// those that RuboCop 1.39 counts.
var iterating = set(`all? any? chain chunk chunk_while collect collect_concat count cycle detect drop drop_while each each_cons
	each_entry each_slice each_with_index each_with_object entries filter filter_map find find_all find_index flat_map grep grep_v
	group_by inject lazy map max max_by min min_by minmax minmax_by none? one? partition reduce reject reverse_each select
	slice_after slice_before slice_when sort sort_by sum take take_while tally to_h uniq zip with_index with_object bsearch
	bsearch_index collect! combination d_permutation delete_if each_index keep_if map! permutation product reject! repeat
	repeated_combination select! sort! each_key each_pair each_value fetch fetch_values has_key? merge merge! transform_keys
	transform_keys! transform_values transform_values!`)

func set(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[name] = true
	}
	return all
}
