package golang

import (
	"bytes"
	"go/ast"
	"go/token"
	"reflect"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// maxMemberDepth bounds the anonymous structs in structs whose fields are
// listed.
const maxMemberDepth = 4

// declare lists a declaration. The blank name declares nothing.
func (f *file) declare(name *ast.Ident, start, end token.Pos, d language.Declaration) bool {
	if name.Name == "_" {
		return false
	}
	d.Name, d.Line, d.EndLine = name.Name, f.line(start), f.line(end)
	f.facts.Declares = append(f.facts.Declares, d)
	return true
}

// typeSpec declares a type with its members. doc is the comment of the whole
// declaration when the type is not one of a group.
func (f *file) typeSpec(s *ast.TypeSpec, start token.Pos, doc *ast.CommentGroup) {
	d := language.Declaration{Kind: language.KindType, Exported: s.Name.IsExported(), Doc: docOf(s.Doc, doc)}
	switch t := s.Type.(type) {
	case *ast.InterfaceType:
		d.Kind, d.Bases = language.KindInterface, embedded(t.Methods)
		if f.declare(s.Name, start, s.End(), d) {
			f.methods(t, d, s.Name.Name)
		}
	case *ast.StructType:
		d.Bases = embedded(t.Fields)
		if f.declare(s.Name, start, s.End(), d) {
			f.fields(t, s.Name.Name, d.Exported, 1)
		}
	default:
		d.Signature = f.text(s.Type)
		f.declare(s.Name, start, s.End(), d)
	}
}

func (f *file) methods(t *ast.InterfaceType, owner language.Declaration, name string) {
	for _, method := range t.Methods.List {
		signature, ok := method.Type.(*ast.FuncType)
		if !ok {
			continue
		}
		for _, id := range method.Names {
			f.declare(id, method.Pos(), method.End(), language.Declaration{
				Kind: language.KindMethod, Exported: owner.Exported && id.IsExported(), Owner: name,
				Doc: docOf(method.Doc, method.Comment), Signature: f.signature(signature),
			})
		}
	}
}

// fields declares the fields of a struct. Those of an anonymous struct in it
// belong to Type.field.
func (f *file) fields(t *ast.StructType, owner string, exported bool, depth int) {
	at := len(f.facts.Declares) - 1 // an embedded type has no declaration of its own: its tag stands on the type
	for _, field := range t.Fields.List {
		on := at
		d := language.Declaration{Kind: language.KindField, Owner: owner, Doc: docOf(field.Doc, field.Comment), Signature: f.text(field.Type)}
		for i, id := range field.Names {
			d.Exported = exported && id.IsExported()
			if f.declare(id, field.Pos(), field.End(), d) && i == 0 {
				on = len(f.facts.Declares) - 1
			}
		}
		f.tags(field.Tag, on)
		inner, ok := structOf(field.Type)
		if ok && len(field.Names) > 0 && depth < maxMemberDepth {
			f.fields(inner, language.Qualify(owner, field.Names[0].Name), d.Exported, depth+1)
		}
	}
}

// structOf finds the anonymous struct of a field: struct{…}, *struct{…},
// []struct{…}.
func structOf(e ast.Expr) (*ast.StructType, bool) {
	for {
		switch t := e.(type) {
		case *ast.StarExpr:
			e = t.X
		case *ast.ArrayType:
			e = t.Elt
		case *ast.StructType:
			return t, t.Fields != nil
		default:
			return nil, false
		}
	}
}

// embedded lists the types that a struct or interface embeds. A union of types
// in a constraint embeds none.
func embedded(list *ast.FieldList) []string {
	var bases []string
	for _, field := range list.List {
		if len(field.Names) > 0 {
			continue
		}
		if name, ok := dotted(field.Type); ok {
			bases = append(bases, name)
		}
	}
	return bases
}

// dotted returns a name with dots, without the star, parentheses and type
// arguments around it.
func dotted(e ast.Expr) (string, bool) {
	for {
		switch t := e.(type) {
		case *ast.Ident:
			return t.Name, true
		case *ast.StarExpr:
			e = t.X
		case *ast.ParenExpr:
			e = t.X
		case *ast.IndexExpr:
			if isElement(t) {
				return "", false
			}
			e = t.X
		case *ast.IndexListExpr:
			e = t.X
		case *ast.SelectorExpr:
			left, ok := dotted(t.X)
			if !ok || len(left)+len(t.Sel.Name) >= language.MaxText {
				return "", false
			}
			return left + "." + t.Sel.Name, true
		default:
			return "", false
		}
	}
}

// tags reads the conventional form of a struct tag: key:"value" pairs.
func (f *file) tags(tag *ast.BasicLit, on int) {
	if tag == nil || f.test {
		return
	}
	text, err := strconv.Unquote(tag.Value)
	if err != nil {
		return
	}
	for text = strings.TrimLeft(text, " "); text != ""; text = strings.TrimLeft(text, " ") {
		key, rest, ok := strings.Cut(text, ":")
		end := endOfString(rest)
		if !ok || !isTagKey(key) || end < 0 || len(f.facts.Annotations) >= language.MaxAnnotations {
			return
		}
		value := reflect.StructTag(text[:len(key)+1+end]).Get(key)
		text = rest[end:]
		a := language.Argument{Kind: language.ArgString, Text: value, Call: -1}
		if len(value) > language.MaxText || !isText(value) {
			a = language.Argument{Call: -1}
		}
		f.facts.Annotations = append(f.facts.Annotations, language.Annotation{
			Name: key, Args: []language.Argument{a}, Line: int32(f.line(tag.Pos())), Declaration: int32(on), Function: -1, //nolint:gosec // of one file
		})
	}
}

// endOfString returns the length of the quoted string at the beginning of s, or
// -1.
func endOfString(s string) int {
	if s == "" || s[0] != '"' {
		return -1
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

func isTagKey(key string) bool {
	for _, r := range key {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.' {
			return false
		}
	}
	return key != ""
}

// signature is the parameters and results of a function as they are written.
func (f *file) signature(t *ast.FuncType) string {
	if t.Params == nil {
		return ""
	}
	end := t.Params.End()
	if t.Results != nil {
		end = t.Results.End()
	}
	return f.source(t.Params.Pos(), end)
}

// text is a type as it is written. The usual ones are put together from their
// names, without a look at the source.
func (f *file) text(e ast.Expr) string {
	switch t := e.(type) {
	case nil:
		return ""
	case *ast.Ident:
		return t.Name
	case *ast.StructType:
		return "struct"
	case *ast.InterfaceType:
		if t.Methods == nil || len(t.Methods.List) > 0 {
			return "interface"
		}
	}
	return f.source(e.Pos(), e.End())
}

// constant is the type of a constant and its value, when that is a text.
func (f *file) constant(typ string, value ast.Expr) string {
	switch v := value.(type) {
	case *ast.BasicLit:
		if v.Kind != token.STRING {
			return typ
		}
	case *ast.BinaryExpr:
		if joined(v).Kind != language.ArgString {
			return typ
		}
	default:
		return typ
	}
	return language.Clip([]byte(strings.TrimLeft(typ+" = ", " ")+f.source(value.Pos(), value.End())), language.MaxSignature)
}

// source is a piece of the file on one line, without its comments.
func (f *file) source(start, end token.Pos) string {
	from, to := f.lines.Offset(start), f.lines.Offset(end)
	if from >= to {
		return ""
	}
	text := f.src[from:to]
	if text[0] != '"' && bytes.Contains(text, []byte("//")) || bytes.Contains(text, []byte("/*")) {
		text = withoutComments(text)
	}
	return language.Flat(text, language.MaxSignature)
}

// withoutComments takes the comments out of a type, which holds no strings but
// tags.
func withoutComments(text []byte) []byte {
	var out []byte
	for len(text) > 0 {
		line, block := bytes.Index(text, []byte("//")), bytes.Index(text, []byte("/*"))
		start, ending := line, "\n"
		if line < 0 || block >= 0 && block < line {
			start, ending = block, "*/"
		}
		if start < 0 {
			break
		}
		out = append(append(out, text[:start]...), ' ')
		text = text[start+2:]
		end := bytes.Index(text, []byte(ending))
		if end < 0 {
			return out
		}
		text = text[end+len(ending):]
	}
	return append(out, text...)
}
