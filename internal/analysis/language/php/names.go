package php

import (
	"bytes"
	"path"
	"strconv"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// name counts a name by where it stands. Variables never come here.
func (r *reader) name(i int, kind treesitter.Kind) {
	field := r.tree.Nodes[i].Field
	switch r.tree.ParentKind(i) {
	case kindClassDeclaration, kindInterfaceDeclaration, kindTraitDeclaration, kindEnumDeclaration, kindMethodDeclaration,
		kindFunctionDefinition, kindEnumCase, kindArgument:
		if field == fieldName {
			return
		}
	case kindMemberCallExpression, kindNullsafeMemberCallExpression, kindScopedCallExpression, kindMemberAccessExpression,
		kindNullsafeMemberAccessExpression:
		if field == fieldName {
			if text := r.tree.Text(i); !bytes.HasPrefix(text, []byte("__")) {
				r.names.UseMember(text)
			}
			return
		}
	case kindClassConstantAccessExpression:
		if i != r.tree.Parent(i)+1 {
			if text := r.tree.Text(i); string(text) != "class" {
				r.names.UseMember(text)
			}
			return
		}
	case kindConstElement:
		if i == r.tree.Parent(i)+1 {
			return
		}
	case kindGotoStatement, kindNamedLabelStatement, kindNamespaceDefinition:
		return
	default:
	}
	r.use(i, kind)
}

// use counts a type, function or constant: by its name where it is imported or
// of the file's own namespace, by its whole path where it is written with one.
func (r *reader) use(i int, kind treesitter.Kind) {
	text := r.short(i)
	if len(text) == 0 {
		return
	}
	if kind != kindName {
		if name := compact(text); r.isName([]byte(name)) {
			r.names.Use([]byte(name))
		}
		return
	}
	if whole := r.aliases[string(text)]; whole != "" {
		text = []byte(lastName(whole))
	}
	if !builtins[string(text)] {
		r.names.Use(text)
	}
}

// compact takes the blanks out of a name.
func compact(name []byte) string { return strings.Join(strings.Fields(string(name)), "") }

func lastName(name string) string { return name[strings.LastIndexByte(name, '\\')+1:] }

// builtins are the types of PHP itself, and words that come as names.
var builtins = set(`Exception ErrorException Error TypeError ValueError ArgumentCountError ArithmeticError Throwable Stringable Countable
	Iterator IteratorAggregate Traversable ArrayAccess ArrayObject ArrayIterator Generator Closure DateTime DateTimeImmutable
	DateTimeInterface DateTimeZone DateInterval stdClass JsonSerializable RuntimeException LogicException InvalidArgumentException
	OutOfBoundsException OutOfRangeException DomainException UnexpectedValueException BadMethodCallException BadFunctionCallException
	LengthException RangeException OverflowException UnderflowException JsonException WeakMap WeakReference BackedEnum UnitEnum
	SplObjectStorage SplFileInfo ReflectionClass ReflectionMethod ReflectionException PDO PDOException Attribute Override
	SensitiveParameter Serializable true false null TRUE FALSE NULL self static parent PHP_EOL PHP_INT_MAX PHP_VERSION
	DIRECTORY_SEPARATOR E_ALL __DIR__ __FILE__ __CLASS__ __METHOD__ __FUNCTION__ __LINE__ __NAMESPACE__`)

func set(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[name] = true
	}
	return all
}

// imports reads use in all its forms.
func (r *reader) imports(i int) {
	prefix, typed := "", r.useKind(i)
	if name := r.tree.ChildOfKind(i, kindNamespaceName); name >= 0 {
		prefix = compact(r.short(name)) + `\`
	}
	list := i
	if group := r.tree.ChildOfKind(i, kindNamespaceUseGroup); group >= 0 {
		list = group
	}
	for clause := range r.tree.Children(list) {
		if r.tree.Kind(clause) == kindNamespaceUseClause {
			r.importClause(clause, prefix, typed || r.useKind(clause))
		}
	}
}

// useKind reports whether it is use function or use const.
func (r *reader) useKind(i int) bool {
	at := r.tree.Child(i, fieldType)
	return at >= 0 && (r.tree.Kind(at) == kindFunctionWord || r.tree.Kind(at) == kindConstWord)
}

func (r *reader) importClause(clause int, prefix string, member bool) {
	whole, alias := "", ""
	for child := range r.tree.Children(clause) {
		switch kind := r.tree.Kind(child); {
		case r.tree.Nodes[child].Field == fieldAlias:
			alias = string(r.short(child))
		case (kind == kindName || kind == kindQualifiedName) && whole == "":
			whole = compact(r.short(child))
		}
	}
	if whole == "" || !r.isName([]byte(whole)) {
		return
	}
	whole = strings.TrimPrefix(prefix+whole, `\`)
	last := lastName(whole)
	local := last
	imp := language.Import{Path: whole, Line: r.line(clause)}
	if alias != "" && alias != last {
		local = alias
		imp.Locals = []string{alias}
	}
	if member {
		imp.Path, imp.Names = strings.TrimSuffix(strings.TrimSuffix(whole, last), `\`), []string{last}
	}
	if imp.Path == "" || last == "" {
		return
	}
	r.aliases[local] = whole
	r.facts.Imports = append(r.facts.Imports, imp)
	if !builtins[last] {
		r.names.Use([]byte(last))
	}
}

// includes reads require and include of a literal.
func (r *reader) includes(i int) {
	target, ok := r.includedPath(r.inner(i + 1))
	// A bare word is as likely computed elsewhere; paths say so.
	if !ok || target == "" || !strings.ContainsAny(target, "./") || i+1 >= int(r.tree.Nodes[i].Next) {
		return
	}
	r.facts.Imports = append(r.facts.Imports, language.Import{Path: target, Line: r.line(i), Dynamic: r.scope.function != noFunction})
}

// inner is what stands in parentheses.
func (r *reader) inner(i int) int {
	for i+1 < len(r.tree.Nodes) && r.tree.Kind(i) == kindParenthesizedExpression && r.tree.Nodes[i].Next > uint32(i+1) { //nolint:gosec // nodes of one file
		i++
	}
	return i
}

// includedPath returns the path of a literal, or of one behind the file's own
// folder or one above it.
func (r *reader) includedPath(i int) (string, bool) {
	if i >= len(r.tree.Nodes) {
		return "", false
	}
	if r.tree.Kind(i) != kindBinaryExpression {
		text := r.literal(i)
		return text, text != "" && !strings.Contains(text, "{}")
	}
	left, right := r.tree.Child(i, fieldLeft), r.tree.Child(i, fieldRight)
	if left < 0 || right < 0 {
		return "", false
	}
	dir, ok := folder(compact(r.short(r.inner(left))))
	rest := r.literal(right)
	if !ok || rest == "" || strings.Contains(rest, "{}") {
		return "", false
	}
	joined := path.Join(dir, rest)
	if !strings.HasPrefix(joined, ".") {
		joined = "./" + joined
	}
	return joined, true
}

// folder tells what expressions of the file's own folder stand for.
func folder(expression string) (string, bool) {
	dir, levels := ".", 0
	for range 8 {
		switch expression {
		case "__DIR__", "dirname(__FILE__)":
			for range levels {
				dir = path.Join(dir, "..")
			}
			return dir, true
		}
		inside, ok := strings.CutPrefix(strings.TrimPrefix(expression, `\`), "dirname(")
		if !ok || !strings.HasSuffix(inside, ")") {
			return "", false
		}
		inside = strings.TrimSuffix(inside, ")")
		n := 1
		if comma := strings.LastIndexByte(inside, ','); comma >= 0 {
			var err error
			if n, err = strconv.Atoi(inside[comma+1:]); err != nil || n < 1 || n > 20 {
				return "", false
			}
			inside = inside[:comma]
		}
		levels += n
		if expression = inside; expression == "__FILE__" {
			expression, levels = "__DIR__", levels-1
		}
	}
	return "", false
}
