package python

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// functionSignature returns the parameters and the result of a function on one
// line.
func (r *reader) functionSignature(i int) string {
	parameters := r.tree.Child(i, fieldParameters)
	if parameters < 0 {
		return ""
	}
	end := r.tree.Nodes[parameters].End
	if result := r.tree.Child(i, fieldReturn); result >= 0 {
		end = max(end, r.tree.Nodes[result].End)
	}
	return r.flat(r.tree.Nodes[parameters].Start, end)
}

// flat returns source text on one line, without what cannot be shown.
func (r *reader) flat(start, end uint32) string {
	return printable(language.Flat(r.tree.Source[start:end], language.MaxSignature))
}

// bases returns the names of the classes that a class extends.
func (r *reader) bases(class int) []string {
	list := r.tree.Child(class, fieldSuperclasses)
	if list < 0 {
		return nil
	}
	var names []string
	for child := range r.tree.Children(list) {
		if r.tree.Kind(child) == kindSubscript { // Generic[T]
			child = r.tree.Child(child, fieldValue)
		}
		if name := r.dotted(child); name != "" && len(names) < language.MaxArguments {
			names = append(names, name)
		}
	}
	return names
}

// describe completes the declaration that was added last, of a function or class.
func (r *reader) describe(i int, function bool) {
	d := &r.facts.Declares[len(r.facts.Declares)-1]
	if body := r.tree.Child(i, fieldBody); body >= 0 {
		d.Doc = printable(language.Clip([]byte(r.docstring(body)), language.MaxDeclarationDoc))
	}
	if function {
		d.Signature = r.functionSignature(i)
		return
	}
	d.Bases = r.bases(i)
}

// typeOf returns the annotation of the variable that an identifier or attribute
// is, when it is assigned to or declared by itself, and = "text" when that is
// its value.
func (r *reader) typeOf(target int) string {
	if target == 0 || r.tree.ParentKind(target) != kindAssignment {
		return ""
	}
	assignment := r.tree.Parent(target)
	kind := ""
	if annotation := r.tree.Child(assignment, fieldType); annotation >= 0 {
		kind = r.flat(r.tree.Nodes[annotation].Start, r.tree.Nodes[annotation].End)
	}
	if value := r.tree.Child(assignment, fieldRight); value >= 0 && len(kind) < maxValue {
		if text, ok := r.literal(value); ok && len(text) <= maxValue && !bytes.ContainsFunc(text, func(c rune) bool { return c < ' ' }) {
			return strings.TrimPrefix(kind+` = "`+string(text)+`"`, " ")
		}
		if text := r.composed(value); text != "" {
			return strings.TrimPrefix(kind+" = "+text, " ")
		}
	}
	return kind
}

// composed writes a text that is put together as a sum of texts and names: A +
// "/x" of f"{A}/x". A path of which parts are computed is one text with {}.
func (r *reader) composed(value int) string {
	a := r.argument(value, language.MaxArgumentDepth)
	if a.Kind != language.ArgString || len(a.Text) > maxValue || strings.ContainsFunc(a.Text, isControl) {
		return ""
	}
	for _, part := range a.List {
		if part.Kind != language.ArgName || !tellsValue(part.Text, strings.HasPrefix(a.Text, "/")) {
			a.List = nil
			break
		}
	}
	if len(a.List) == 0 {
		if strings.HasPrefix(a.Text, "/") && strings.Contains(a.Text, "{}") {
			return `"` + a.Text + `"`
		}
		return ""
	}
	if strings.Contains(a.Text, `"`) || strings.Count(a.Text, "{}") != len(a.List) {
		return ""
	}
	var b strings.Builder
	for k, text := range strings.Split(a.Text, "{}") {
		if k > 0 {
			b.WriteString(" + " + a.List[k-1].Text + " + ")
		}
		b.WriteString(`"` + text + `"`)
	}
	sum := b.String()
	for _, empty := range []string{`"" + `, ` + ""`} {
		sum = strings.ReplaceAll(sum, empty, "")
	}
	return sum
}

// tellsValue reports whether a name may stand for a text that is known: none of an
// object's fields, and where it has to be certain one that is written as constants
// are.
func tellsValue(name string, certain bool) bool {
	first, _, dotted := strings.Cut(name, ".")
	if dotted && (first == "self" || first == "cls") {
		return false
	}
	return !certain || isConstant(name[strings.LastIndexByte(name, '.')+1:])
}

// maxValue bounds a text that is told with the variable that holds it, in bytes.
const maxValue = 160

// makers are the methods in which objects get their fields; those of test cases
// are set up before each test.
var makers = map[string]bool{"__init__": true, "setUp": true, "asyncSetUp": true, "setup_method": true}

// instanceField declares self.name of an assignment in __init__ or setUp as a field
// of the class around it.
func (r *reader) instanceField(attribute, name int) {
	if !r.scope.method || !makers[r.scope.plain] || r.scope.class == "" {
		return
	}
	plain := string(r.tree.Text(name))
	qualified := language.Qualify(r.scope.class, plain)
	if r.variables[qualified] {
		return
	}
	r.variables[qualified] = true
	node := &r.tree.Nodes[r.tree.Parent(attribute)]
	r.facts.Declares = append(r.facts.Declares, language.Declaration{
		Name: plain, Kind: language.KindField, Line: int(r.tree.Nodes[name].Line), EndLine: int(node.EndLine),
		Exported: r.scope.classExported && isPublic(plain), Owner: r.scope.class, Signature: r.typeOf(attribute),
	})
	r.owners = append(r.owners, qualified)
}

// decorator notes an annotation; what it stands on comes after it.
func (r *reader) decorator(i int) {
	at := -1
	for child := range r.tree.Children(i) {
		if k := r.tree.Kind(child); k == kindIdentifier || k == kindAttribute || k == kindCall {
			at = child
		}
	}
	if len(r.facts.Annotations) >= language.MaxAnnotations || at < 0 {
		return
	}
	a := language.Annotation{Line: int32(r.tree.Nodes[i].Line), Declaration: -1, Function: -1} //nolint:gosec // of one file
	if r.tree.Kind(at) == kindCall {
		if list := r.tree.Child(at, fieldArguments); list >= 0 {
			a.Args = r.arguments(list, 0)
		}
		at = r.tree.Child(at, fieldFunction)
	}
	if a.Name = r.dotted(at); a.Name == "" {
		return
	}
	r.pending = append(r.pending, len(r.facts.Annotations))
	r.facts.Annotations = append(r.facts.Annotations, a)
}

// decorate says of the decorators before a definition what they stand on.
func (r *reader) decorate(i, declaration, function int) {
	if i > 0 && r.tree.ParentKind(i) == kindDecorated {
		for _, p := range r.pending {
			r.facts.Annotations[p].Declaration, r.facts.Annotations[p].Function = int32(declaration), int32(function) //nolint:gosec // of one file
		}
	}
	r.pending = r.pending[:0]
}

// comment reads a comment for what is owed and why.
func (r *reader) comment(i int) {
	node := &r.tree.Nodes[i]
	r.remarks.Comment(r.tree.Source, int(node.Start), int(node.End), int(node.Line), int(node.EndLine))
}

// deeper settles the facts that are indices of each other.
func (r *reader) deeper() {
	f := r.facts
	f.Calls, f.Remarks = r.calls.List(), r.remarks.List()
	f.Invocations = r.invocations.Finish(f.Annotations)
	for _, v := range f.Invocations {
		if v.Function >= 0 && f.Functions[v.Function].Takes == "" {
			f.Functions[v.Function].Takes = r.takes(r.heads[v.Function])
		}
	}
}
