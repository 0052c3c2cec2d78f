package rust

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// attribute notes an attribute for the item that follows it.
func (r *reader) attribute(i int) {
	if n := len(r.attributes); n > 0 && r.leads(r.attributes[n-1], i) {
		r.attributes = append(r.attributes, i)
		return
	}
	r.attributes = append(r.attributes[:0], i)
}

// innerAttribute reads #![…]: one at the top can make the file a test.
func (r *reader) innerAttribute(i int) {
	if r.tree.Parent(i) == 0 && isConfigTest(r.attributeText(i)) {
		r.facts.Test, r.scope.testing = true, true
	}
}

// attributesOf returns the attributes right before an item.
func (r *reader) attributesOf(i int) []int {
	if n := len(r.attributes); n > 0 && r.leads(r.attributes[n-1], i) {
		return r.attributes
	}
	return nil
}

// attributeText returns what stands in the brackets of an attribute, on one
// line.
func (r *reader) attributeText(i int) string {
	text := r.tree.Text(i)
	text = bytes.TrimLeft(text[:min(len(text), maxName)], "#![ \n\t")
	return string(bytes.Join(bytes.Fields(bytes.TrimRight(text, "] \n\t")), []byte(" ")))
}

func (r *reader) hasAttribute(i int, is func(text string) bool) bool {
	for _, at := range r.attributesOf(i) {
		if is(r.attributeText(at)) {
			return true
		}
	}
	return false
}

// configTest is a condition that holds in tests alone.
var configTest = regexp.MustCompile(`^cfg ?\( ?(?:test|all ?\( ?test\b)`)

func isConfigTest(text string) bool { return configTest.MatchString(text) }

// testAttribute is #[test], or one of a framework's: #[tokio::test], #[rstest],
// #[test_case(1)], #[bench].
var testAttribute = regexp.MustCompile(`^(?:(?:\w+ ?:: ?)*(?:test|bench)|rstest|test_case|test_matrix|quickcheck|wasm_bindgen_test|test_log|proptest|should_panic|parameterized)\b`)

// isTest reports whether an attribute makes a function a test.
func (r *reader) isTest(i int) bool {
	return r.hasAttribute(i, func(text string) bool { return testAttribute.MatchString(text) })
}

// quiet are attributes that speak to the compiler alone: there are too many to
// keep, and none says what the item is for.
var quiet = map[string]bool{
	"inline": true, "allow": true, "warn": true, "deny": true, "expect": true, "must_use": true, "cold": true, "doc": true, "cfg_attr": true,
	"rustfmt.skip": true, "track_caller": true, "non_exhaustive": true, "no_mangle": true, "repr": true, "path": true, "macro_use": true,
	"rustc_diagnostic_item": true, "stable": true, "unstable": true, "unsafe": true, "automatically_derived": true, "default": true,
}

// annotate gives the attributes before item i to a declaration.
func (r *reader) annotate(i, declaration, function int) {
	for _, at := range r.attributesOf(i) {
		body := r.tree.ChildOfKind(at, kindAttributeBody)
		if body < 0 || len(r.facts.Annotations) >= language.MaxAnnotations {
			continue
		}
		name := r.attributeName(body)
		if name == "" || quiet[name] {
			continue
		}
		a := language.Annotation{Name: name, Line: int32(r.tree.Nodes[at].Line), Declaration: int32(declaration), Function: int32(function)} //nolint:gosec // of one file
		if list := r.tree.Child(body, fieldArguments); list >= 0 {
			a.Args = r.tokenArguments(list, 0)
		} else if value := r.tree.Child(body, fieldValue); value >= 0 {
			a.Args = []language.Argument{r.argument(value, 0)}
		}
		r.facts.Annotations = append(r.facts.Annotations, a)
	}
}

func (r *reader) attributeName(body int) string {
	for child := range r.tree.Children(body) {
		switch r.tree.Kind(child) {
		case kindIdentifier, kindScoped:
			return dotted(r.tree.Text(child))
		default:
			return ""
		}
	}
	return ""
}

// attachFunction puts a function beside the declaration that its attributes
// stand on.
func (r *reader) attachFunction(declaration, function int32) {
	for k := len(r.facts.Annotations) - 1; k >= 0 && r.facts.Annotations[k].Declaration == declaration; k-- {
		r.facts.Annotations[k].Function = function
	}
}

// tokenArguments reads the tokens in parentheses as arguments, parted by
// commas: literals, names, name = value, and name(…) as a list.
func (r *reader) tokenArguments(list, depth int) []language.Argument {
	var all []language.Argument
	var tokens []int
	finish := func() {
		if len(tokens) > 0 && len(all) < language.MaxArguments {
			all = append(all, r.tokenArgument(tokens, depth))
		}
		tokens = tokens[:0]
	}
	for child := range r.tree.Children(list) {
		switch kind := r.tree.Kind(child); {
		case kind == kindComma:
			finish()
		case kind == kindLineComment || kind == kindBlockComment:
		case len(tokens) < maxPath:
			tokens = append(tokens, child)
		}
	}
	finish()
	return all
}

func (r *reader) tokenArgument(tokens []int, depth int) language.Argument {
	a := language.Argument{Call: -1}
	first, last := tokens[0], tokens[len(tokens)-1]
	text := r.tree.Source[r.tree.Nodes[first].Start:r.tree.Nodes[last].End]
	if len(tokens) >= 3 && r.tree.Kind(tokens[1]) == kindAssign && r.tree.Kind(first) == kindIdentifier {
		a = r.tokenArgument(tokens[2:], depth)
		a.Name = language.Flat(r.tree.Text(first), maxName)
		return a
	}
	switch kind := r.tree.Kind(last); {
	case len(tokens) == 1 && kind != kindTokens && kind != kindIdentifier:
		return r.argument(last, depth)
	case kind == kindTokens && len(tokens) <= 2 && depth < language.MaxArgumentDepth-1:
		a.Kind, a.List = language.ArgList, r.tokenArguments(last, depth+1)
		if len(tokens) == 2 {
			a.Name = language.Flat(r.tree.Text(first), maxName)
		}
	case r.tree.Kind(first) == kindString:
		a.Kind, a.Text = language.ArgString, r.pathTemplate(tokens)
	case pathTokens.Match(text) && len(text) < maxName:
		a.Kind, a.Text = language.ArgName, dotted(text)
	}
	return a
}

// pathTemplate returns a path that is written in parts, "user" / u32, as one
// text in which what is computed stands as {}.
func (r *reader) pathTemplate(tokens []int) string {
	parts := make([]string, 0, len(tokens))
	for _, at := range tokens {
		if part := "{}"; r.tree.Kind(at) == kindString {
			parts = append(parts, literalText(r.tree.Text(at)))
		} else {
			parts = append(parts, part)
		}
	}
	return language.Clip([]byte(strings.Join(parts, "/")), language.MaxText)
}

var pathTokens = regexp.MustCompile(`^[\w\s:]+$`)

// literalText returns the text of a string without quotes.
func literalText(text []byte) string {
	text = bytes.TrimLeft(text, "bcr#")
	return strings.Trim(strings.TrimRight(string(text), "#"), `"`)
}
