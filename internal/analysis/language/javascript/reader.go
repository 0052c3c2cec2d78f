package javascript

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// reader takes the facts of one file on one walk over its tree.
type reader struct {
	tree     *treesitter.Tree
	facts    *language.Facts
	names    language.Names
	halstead halstead

	scope scope
	saved []savedScope

	units     []unit            // what has a complexity; 0 is the code outside functions
	chains    []treesitter.Kind // last operator of each chain of && || ??
	declared  []declared        // in source order
	exports   map[string]bool   // names exported by lists and assignments
	aliases   map[string]string // local name of an import to the name in its module
	anonymous map[string]int    // how often a made-up name was given
	imported  int               // end of the last pattern whose names are imports

	made        []madeCall
	invocations language.Invocations
	remarks     language.Remarks
	openCalls   []openCall
	docComment  int             // the last comment that may be about what follows it, or none
	decorators  []int           // nodes
	overloads   map[int]int     // nodes that are declared by the declaration of another
	fields      map[string]bool // declared fields, by qualified name
}

// unit is something that complexity is counted for.
type unit struct {
	language.Function
	link     link
	optional bool // left out when it does not branch
	node     int  // of the function, or of the method around it
	// parameters is their node, or none.
	parameters int
}

// declared is a declaration whose export is known at the end of the file.
type declared struct {
	language.Declaration
	link link
	node int
}

// link says how others can reach something.
type link struct {
	root   string // name at the top level that it belongs to
	direct bool   // exported where it stands
	open   bool   // not inside a function, not private
}

// scope is what the code around a node says about it.
type scope struct {
	link
	unit    int
	nesting int    // level for cognitive complexity
	name    string // qualified
	local   bool   // what is declared here is not at the top level
	class   bool   // members declared here belong to a type of the top level
	chain   int    // index in chains
	logical int    // node of the chain around, or none
	// constructs is the class of the top level whose constructor this is, nil
	// anywhere else.
	constructs *label
}

// none stands for no node.
const none = -1

type savedScope struct {
	end   int
	scope scope
}

func newReader(tree *treesitter.Tree) *reader {
	return &reader{
		tree:      tree,
		facts:     &language.Facts{},
		halstead:  newHalstead(),
		scope:     scope{link: link{open: true}, logical: none},
		units:     []unit{{Function: language.Function{Complexity: language.Complexity{Cyclomatic: 1}}, parameters: none}},
		exports:   map[string]bool{},
		aliases:   map[string]string{},
		anonymous: map[string]int{},

		docComment: none,
		overloads:  map[int]int{},
		fields:     map[string]bool{},
	}
}

func (r *reader) node(i int) *treesitter.Node { return &r.tree.Nodes[i] }

// text returns a copy of the text of node i.
func (r *reader) text(i int) string { return string(r.tree.Text(i)) }

// part returns the child of node i in that field, or none. One that the parser
// put in, because the text lacks it, is none.
func (r *reader) part(i int, field treesitter.Field) int {
	child := r.tree.Child(i, field)
	if child < 0 || r.node(child).Start == r.node(child).End {
		return none
	}
	return child
}

// child returns the text of the child of node i in that field, nil without one.
func (r *reader) child(i int, field treesitter.Field) []byte {
	if child := r.part(i, field); child >= 0 {
		return r.tree.Text(child)
	}
	return nil
}

// push keeps the scope as it is now for after node i, and returns the one that
// holds inside it.
func (r *reader) push(i int) *scope {
	r.saved = append(r.saved, savedScope{int(r.node(i).Next), r.scope})
	return &r.scope
}

func (r *reader) walk() {
	for i := range r.tree.Nodes {
		for n := len(r.saved); n > 0 && r.saved[n-1].end <= i; n-- {
			r.scope = r.saved[n-1].scope
			r.saved = r.saved[:n-1]
		}
		kind := r.tree.Kind(i)
		if kind >= kindEnd { // syntax errors
			continue
		}
		if statements[kind] || kind == kindExport && r.part(i, fieldDeclaration) < 0 {
			r.facts.LLOC++
		}
		r.declare(i, kind) // in the scope around it
		r.open(i, kind)
		r.measure(i, kind)
		r.read(i, kind)
	}
}

// read takes the facts that node i itself states.
func (r *reader) read(i int, kind treesitter.Kind) {
	switch kind {
	case kindIdentifier, kindTypeIdentifier, kindShorthand, kindShorthandPattern:
		r.identifier(i, kind)
	case kindProperty:
		r.property(i)
	case kindHashBang:
		r.hashBang(i)
	case kindImport:
		r.importStatement(i)
	case kindExport:
		r.exportStatement(i)
	case kindCall:
		r.importCall(i)
		r.call(i, kind)
	case kindNew:
		r.call(i, kind)
	case kindJSXOpening, kindJSXSelfClosing:
		r.element(i)
	case kindAssignment:
		r.exportAssignment(i)
		r.declareThis(i)
	case kindArray, kindObject:
		r.boundList(i, kind)
	case kindComment:
		r.comment(i)
	case kindDecorator:
		r.decorator(i)
	case kindRequiredParameter, kindOptionalParameter:
		r.declareParameter(i)
	case kindMember:
		r.mainCheck(i)
	default:
	}
}

// finish settles what only the whole file can say.
func (r *reader) finish() *language.Facts {
	f := r.facts
	f.TopLevel = r.units[0].Complexity
	functions, declarations := r.functions(), r.declarations()
	slices.SortStableFunc(f.Imports, func(a, b language.Import) int { return cmp.Compare(a.Line, b.Line) })
	f.References = r.names.References()
	f.Volume = r.halstead.volume()
	f.Doc = r.doc()
	r.deeper(functions, declarations)
	return f
}

// functions lists the units in the order of their lines, and returns the place
// of each, -1 for one that is no function. A function in a computed name stands
// before the member that it names.
func (r *reader) functions() []int32 {
	order := make([]int, 0, len(r.units))
	places := make([]int32, len(r.units))
	for at := range r.units {
		places[at] = -1
		if u := &r.units[at]; at > 0 && (!u.optional || u.Cyclomatic != 1) {
			order = append(order, at)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.units[a].Line, r.units[b].Line) })
	for _, at := range order {
		u := &r.units[at]
		u.Exported = r.exported(u.link)
		r.facts.Test = r.facts.Test || u.Test
		places[at] = int32(len(r.facts.Functions)) //nolint:gosec // of one file
		r.facts.Functions = append(r.facts.Functions, u.Function)
	}
	return places
}

// declarations lists what is declared in the order of its lines, and returns the
// place of each of r.declared.
func (r *reader) declarations() []int32 {
	order := make([]int, len(r.declared))
	places := make([]int32, len(r.declared))
	for at := range order {
		order[at] = at
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.declared[a].Line, r.declared[b].Line) })
	for _, at := range order {
		d := &r.declared[at]
		d.Exported = r.exported(d.link)
		places[at] = int32(len(r.facts.Declares)) //nolint:gosec // of one file
		r.facts.Declares = append(r.facts.Declares, d.Declaration)
	}
	return places
}

func (r *reader) exported(l link) bool { return l.open && (l.direct || r.exports[l.root]) }

// unwrapped returns node i without the parentheses and assertions around it
// below it: the expression itself.
func (r *reader) unwrapped(i int) int {
	for r.isWrapper(i) {
		inner := none
		for child := range r.tree.Children(i) {
			if r.tree.Kind(child) != kindComment {
				inner = child
				break
			}
		}
		if inner == none {
			return i
		}
		i = inner
	}
	return i
}

// outermost returns the outermost node that wraps node i and is nothing but
// parentheses and assertions: node i itself when there are none.
func (r *reader) outermost(i int) int {
	for range maxClimb {
		if i == 0 || !r.isWrapper(r.tree.Parent(i)) {
			break
		}
		i = r.tree.Parent(i)
	}
	return i
}

// maxClimb bounds walks up the tree, which would be quadratic for input that
// nests without bound.
const maxClimb = 16

func (r *reader) isWrapper(i int) bool {
	switch r.tree.Kind(i) {
	case kindParenthesized, kindAs, kindSatisfies, kindNonNull:
		return true
	default:
		return false
	}
}

// literal returns the text of a string, or of a template without parts that are
// computed. Escapes stay as they are written.
func (r *reader) literal(i int) (string, bool) {
	switch r.tree.Kind(i) {
	case kindString:
	case kindTemplate:
		if r.tree.ChildOfKind(i, kindSubstitution) >= 0 {
			return "", false
		}
	default:
		return "", false
	}
	text := r.tree.Text(i)
	// One that the file ends in, or that the parser closed where the text does
	// not, is no literal: what it would have said is not known.
	if len(text) < 2 || text[0] != text[len(text)-1] || bytes.ContainsFunc(text, isControl) {
		return "", false
	}
	return string(text[1 : len(text)-1]), true
}

func isControl(c rune) bool { return c < ' ' || c == 0x7F }
