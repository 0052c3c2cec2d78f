package c

import (
	"bytes"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// identifier says what a name is by where it stands.
func (r *reader) identifier(i int, kind treesitter.Kind) {
	if r.isMissing(i) {
		return
	}
	text := r.tree.Text(i)
	field, parent := r.tree.Nodes[i].Field, r.tree.ParentKind(i)
	if parent >= kindEnd {
		r.use(text)
		return
	}
	switch {
	case kind == kindFieldIdentifier:
		if field != fieldDeclarator || parent == kindFieldExpression {
			r.names.UseMember(text)
		}
	case kind == kindTypeIdentifier && typeParameters[parent]:
		r.names.Bind(text)
	case field == fieldDeclarator || bindingParents[parent]:
		r.bind(i, text)
	case parent == kindEnumerator && field == fieldName, parent == kindNamespace, parent == kindAlias && field == fieldName,
		parent == kindNestedNamespace, parent == kindNamespaceAlias:
	default:
		r.use(text)
	}
}

var (
	typeParameters = table(kindTypeParameter, kindOptionalTypeParameter, kindVariadicTypeParameter)
	bindingParents = table(kindParenthesizedDeclarator, kindReferenceDeclarator, kindAttributedDeclarator, kindBinding, kindCaptureInitializer)
)

// bind takes a declared name for a parameter or a local variable. Names of
// files and types were declared when their declaration was entered.
func (r *reader) bind(i int, text []byte) {
	if r.scope.local || r.tree.ParentKind(i) == kindParameter {
		r.names.Bind(text)
		return
	}
	for up := r.tree.Parent(i); up > 0; up = r.tree.Parent(up) {
		switch kind := r.tree.Kind(up); {
		case kind == kindParameter || kind == kindOptionalParameter || kind == kindVariadicParameter:
			r.names.Bind(text)
			return
		case kind >= kindEnd || !declaratorKinds[kind] && kind != kindInitDeclarator:
			return
		}
	}
}

func (r *reader) use(text []byte) {
	if !builtins[string(text)] {
		r.names.Use(text)
	}
}

// builtins come with the language and its standard library. A use of one says
// nothing about another file.
var builtins = set(`
	NULL true false bool size_t ssize_t ptrdiff_t intptr_t uintptr_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t
	wchar_t FILE va_list va_start va_end va_arg va_copy off_t time_t errno stdin stdout stderr EOF std nullptr nullptr_t override final
	printf fprintf sprintf snprintf vsnprintf vfprintf puts putchar fputs fputc fwrite fread fopen fclose fflush fgets perror sscanf
	malloc calloc realloc free exit abort atoi atol strtol strtoul strtod getenv qsort rand srand
	memcpy memmove memset memcmp memchr strlen strcpy strncpy strcat strncat strcmp strncmp strchr strrchr strstr strdup strcasecmp strncasecmp strerror strtok
	isdigit isalpha isalnum isspace isupper islower isprint toupper tolower assert sizeof offsetof
	string vector map set pair tuple unique_ptr shared_ptr make_unique make_shared move forward cout cerr endl
	EINVAL ENOMEM EAGAIN ENOENT EINTR INT_MAX INT_MIN UINT_MAX LONG_MAX LLONG_MAX SIZE_MAX PATH_MAX
	int char long short unsigned signed float double void const struct static_cast const_cast dynamic_cast reinterpret_cast
	__FILE__ __LINE__ __func__ __FUNCTION__ __VA_ARGS__ defined inline class namespace template typename public private protected virtual this new delete`)

// include reads an #include. The path keeps what it stands in: <a.h> is looked
// for in other folders than "a.h".
func (r *reader) include(i int) {
	at := r.tree.Child(i, fieldPath)
	if at < 0 || r.isMissing(at) {
		return
	}
	text := bytes.TrimSpace(r.tree.Text(at))
	var path string
	switch r.tree.Kind(at) {
	case kindString:
		path = string(bytes.Trim(text, `"`))
	case kindSystemPath:
		path = string(text)
	default:
		return // a macro says what is included
	}
	if len(bytes.Trim([]byte(path), "<> ")) == 0 || len(path) > maxIncluded {
		return
	}
	r.noteTesting(i, path)
	line := int(r.tree.Nodes[i].Line)
	r.facts.Imports = append(r.facts.Imports, language.Import{Path: path, Line: line})
}

// maxIncluded bounds the path of an include, in bytes.
const maxIncluded = 400

// callOf notes a call or a new.
func (r *reader) callOf(i int, kind treesitter.Kind) {
	if kind == kindNew {
		if typ := r.tree.Child(i, fieldType); typ >= 0 {
			scope, name := r.qualifiedName(typ)
			r.calls.Add([]byte(scope), []byte(name), r.scope.function, int(r.tree.Nodes[i].Line), true)
		}
		return
	}
	if !r.scope.local && r.scope.kind != scopeType {
		r.call = i
	}
	callee := r.tree.Child(i, fieldFunction)
	if callee < 0 {
		return
	}
	receiver, name := r.callee(callee)
	if receiver == "" && compares[name] {
		r.compared(i)
	}
	if name == "" || receiver == "" && (keywords[name] != wordName || statementWords[name]) {
		return
	}
	if receiver == "" || receiver == "this" {
		arguments := 0
		if list := r.tree.Child(i, fieldArguments); list >= 0 {
			arguments = r.count(list)
		}
		r.recursion(name, arguments)
	}
	r.calls.Add([]byte(receiver), []byte(name), r.scope.function, int(r.tree.Nodes[callee].Line), false)
}

// count returns how many nodes but comments are directly below node i.
func (r *reader) count(i int) int {
	n := 0
	for child := range r.tree.Children(i) {
		if r.tree.Kind(child) != kindComment {
			n++
		}
	}
	return n
}

// callee parts what is called into receiver and name.
func (r *reader) callee(i int) (receiver, name string) {
	switch r.tree.Kind(i) {
	case kindIdentifier, kindTemplateFunction:
		return "", r.plainName(i)
	case kindQualified:
		return r.qualifiedName(i)
	case kindFieldExpression:
		field, object := r.tree.Child(i, fieldField), r.tree.Child(i, fieldArgument)
		if field < 0 || object < 0 {
			return "", ""
		}
		if _, name = r.qualifiedName(field); name == "" {
			return "", ""
		}
		return r.dotted(object), name
	default:
		return "", ""
	}
}

// maxReceiver bounds a receiver, in bytes: what is longer is computed.
const maxReceiver = 120

// dotted returns names joined by . -> and :: with dots, "?" for all else.
func (r *reader) dotted(i int) string {
	text := r.tree.Text(i)
	if len(text) > maxReceiver {
		return "?"
	}
	out := make([]byte, 0, len(text))
	for k := 0; k < len(text); k++ {
		c := text[k]
		switch {
		case isName(c) && (len(out) > 0 || isNameStart(c)):
			out = append(out, c)
		case c == '.' && len(out) > 0:
			out = append(out, '.')
		case k+1 < len(text) && (c == '-' && text[k+1] == '>' || c == ':' && text[k+1] == ':') && len(out) > 0:
			out = append(out, '.')
			k++
		default:
			return "?"
		}
	}
	return string(out)
}

// droppedCalls adds the calls in branches of conditional compilation that the
// tree does not hold: another configuration makes them. They are told by their
// spelling alone.
func (r *reader) droppedCalls(l *lexer) {
	if len(l.dropped) == 0 || len(r.facts.Functions) == 0 {
		return
	}
	line, at, f := 1, 0, 0
	for _, s := range l.dropped {
		if s.start < at {
			continue
		}
		line += bytes.Count(l.src[at:s.start], []byte("\n"))
		at = s.start
		for f+1 < len(r.facts.Functions) && r.facts.Functions[f+1].Line <= line {
			f++
		}
		if fn := &r.facts.Functions[f]; fn.Line <= line && line <= fn.EndLine {
			r.scanCalls(l.src[s.start:s.end], f, line)
		}
	}
}

// scanCalls finds a name with a parenthesis after it, outside of comments,
// literals and directives.
func (r *reader) scanCalls(text []byte, function, line int) {
	for i := 0; i < len(text); {
		c := text[i]
		end := i + 1
		switch {
		case c == '"' || c == '\'':
			end = max(quoteEnd(text, i), i+1)
		case c == '/' && commentEnd(text, i) > 0:
			end = commentEnd(text, i)
		case c == '#':
			end = max(lineEnd(text, i), i+1)
		case isNameStart(c):
			for end < len(text) && isName(text[end]) {
				end++
			}
			name := text[i:end]
			if end < len(text) && text[end] == '(' && keywords[string(name)] == wordName && !statementWords[string(name)] {
				r.calls.Add(nil, name, function, line, false)
			}
		}
		line += bytes.Count(text[i:min(end, len(text))], []byte("\n"))
		i = end
	}
}

var statementWords = set(`if while for switch return sizeof catch defined and or not alignof
	static_cast const_cast dynamic_cast reinterpret_cast va_start va_end va_arg va_copy offsetof typeid noexcept`)
