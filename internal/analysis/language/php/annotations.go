package php

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// annotations reads the attributes of node i, and what Doctrine's annotations in
// the documentation comment above it say.
func (r *reader) annotations(i, declaration, function int, parameter string) {
	if declaration < 0 && function < 0 {
		return
	}
	base := language.Annotation{Declaration: int32(declaration), Function: int32(function), Parameter: parameter} //nolint:gosec // of one file
	if parameter == "" && r.docEnds(r.line(i)) {
		r.docAnnotations(base)
	}
	list := r.tree.Child(i, fieldAttributes)
	if list < 0 {
		return
	}
	for group := range r.tree.Children(list) {
		for attribute := range r.tree.Children(group) {
			if r.tree.Kind(attribute) == kindAttribute {
				r.attribute(attribute, base)
			}
		}
	}
}

func (r *reader) attribute(i int, a language.Annotation) {
	a.Name, a.Line = r.dotted(i+1, 0), int32(r.line(i)) //nolint:gosec // of one file
	if list := r.tree.Child(i, fieldParameters); list >= 0 {
		a.Args = r.arguments(list)
	}
	if a.Name != computed {
		r.annotate(a)
	}
}

func (r *reader) annotate(a language.Annotation) {
	if len(r.facts.Annotations) < language.MaxAnnotations {
		r.facts.Annotations = append(r.facts.Annotations, a)
	}
}

func (r *reader) parameterAnnotations(list, declaration, function int) {
	if list < 0 {
		return
	}
	for child := range r.tree.Children(list) {
		if name := r.tree.Child(child, fieldName); name >= 0 && r.tree.Child(child, fieldAttributes) >= 0 {
			r.annotations(child, declaration, function, string(bytes.TrimLeft(r.short(name), "$&")))
		}
	}
}

// docAnnotation is @Name or @Prefix\Name at the beginning of a line.
var docAnnotation = regexp.MustCompile(`(?m)^[\s/*]*@(\\?[A-Z]\w*(?:\\\w+)*)[ \t]*(\(?)`)

// maxDocAnnotations bounds those of one comment.
const maxDocAnnotations = 50

func (r *reader) docAnnotations(a language.Annotation) {
	node := &r.tree.Nodes[r.comment]
	text := r.tree.Text(r.comment)
	if len(text) > 20_000 {
		return
	}
	for _, m := range docAnnotation.FindAllSubmatchIndex(text, maxDocAnnotations) {
		a.Name = strings.ReplaceAll(strings.TrimPrefix(string(text[m[2]:m[3]]), `\`), `\`, ".")
		a.Line, a.Args = int32(node.Line)+int32(bytes.Count(text[:m[2]], []byte("\n"))), nil //nolint:gosec // of one file
		if m[5] > m[4] {
			p := docParser{text: text[m[5]:]}
			a.Args = p.list(')', 0)
		}
		r.annotate(a)
	}
}

// docParser reads the arguments of an annotation in a comment: texts, key=value
// and lists in braces.
type docParser struct{ text []byte }

// skip passes over white space and the stars at the beginning of lines.
func (p *docParser) skip() {
	for len(p.text) > 0 && strings.IndexByte(" \t\n*", p.text[0]) >= 0 {
		p.text = p.text[1:]
	}
}

func (p *docParser) list(end byte, depth int) []language.Argument {
	var args []language.Argument
	for range 10 * language.MaxArguments {
		p.skip()
		if len(p.text) == 0 {
			break
		}
		if p.text[0] == end {
			p.text = p.text[1:]
			break
		}
		if p.text[0] == ',' {
			p.text = p.text[1:]
			continue
		}
		a, ok := p.argument(depth)
		if !ok {
			break
		}
		if len(args) < language.MaxArguments && depth <= language.MaxArgumentDepth {
			args = append(args, a)
		}
	}
	return args
}

// argument reads a value, or a key and its value.
func (p *docParser) argument(depth int) (language.Argument, bool) {
	a, ok := p.value(depth)
	if !ok {
		return a, false
	}
	p.skip()
	if len(p.text) > 0 && (p.text[0] == '=' || p.text[0] == ':') {
		name := a.Text
		p.text = p.text[1:]
		p.skip()
		if a, ok = p.value(depth); ok {
			a.Name = name
		}
	}
	return a, ok
}

var docWord = regexp.MustCompile(`^[\w\\.:@-]+`)

func (p *docParser) value(depth int) (language.Argument, bool) {
	a := language.Argument{Call: -1}
	if len(p.text) == 0 || depth > 2*language.MaxArgumentDepth {
		return a, false
	}
	switch p.text[0] {
	case '"':
		end := bytes.IndexByte(p.text[1:], '"')
		if end < 0 {
			return a, false
		}
		if end <= language.MaxText {
			a.Kind, a.Text = language.ArgString, strings.ReplaceAll(string(p.text[1:1+end]), "\n", " ")
		}
		p.text = p.text[end+2:]
	case '{':
		p.text = p.text[1:]
		a.Kind, a.List = language.ArgList, p.list('}', depth+1)
		for _, element := range a.List {
			if element.Name != "" {
				a.Kind = language.ArgMap
			}
		}
	case '(':
		p.text = p.text[1:]
		p.list(')', depth+1)
	default:
		word := docWord.Find(p.text)
		// The colon of key: value belongs to neither.
		if len(word) > 1 && word[len(word)-1] == ':' && !bytes.HasSuffix(word, []byte("::")) {
			word = word[:len(word)-1]
		}
		if len(word) == 0 || len(word) > language.MaxText {
			return a, false
		}
		a.Kind, a.Text = language.ArgName, string(word)
		p.text = p.text[len(word):]
	}
	return a, true
}
