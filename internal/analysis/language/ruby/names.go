package ruby

import (
	"bytes"
	"strings"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/treesitter"
)

// identifier says what an identifier is by where it stands.
func (r *reader) identifier(i int) {
	field := r.tree.Nodes[i].Field
	switch r.tree.ParentKind(i) {
	case kindMethod, kindSingletonMethod, kindSetter:
		if field == fieldName {
			return
		}
	case kindCall:
		if field == fieldMethod {
			return
		}
	case kindMethodParameters, kindBlockParameters, kindLambdaParameters, kindSplatParameter, kindHashSplatParameter, kindBlockParameter,
		kindDestructuredParameter, kindLeftAssignmentList, kindDestructuredLeftAssignment, kindRestAssignment, kindExceptionVariable,
		kindArrayPattern, kindFindPattern, kindAlternativePattern:
		r.bind(i)
		return
	case kindOptionalParameter, kindKeywordParameter, kindAsPattern:
		if field == fieldName {
			r.bind(i)
			return
		}
	case kindInClause, kindFor, kindMatchPattern, kindTestPattern:
		if field == fieldPattern {
			r.bind(i)
			return
		}
	case kindKeywordPattern:
		if field == fieldValue {
			r.bind(i)
			return
		}
	case kindAssignment, kindOperatorAssignment:
		if field == fieldLeft {
			return // bound when the assignment was entered
		}
	default:
	}
	r.bare(i)
}

// bare reads an identifier by itself: a variable, or a call without arguments.
func (r *reader) bare(i int) {
	text := r.short(i)
	if len(text) == 0 || r.scope.variables[string(text)] {
		return
	}
	switch word := string(text); word {
	case wordPrivate, wordProtected, wordPublic, "module_function":
		r.visibility(word)
		return
	case "__FILE__", "__dir__", "__method__", "block_given?":
		return
	}
	r.recursion(text)
	if keywords[string(text)] {
		return
	}
	r.calls.Add(nil, text, r.scope.function, r.line(i), false)
	r.names.Use(text)
}

// patternKey binds the key of a pattern without a value: in {name:}.
func (r *reader) patternKey(i int) {
	if r.tree.ParentKind(i) == kindKeywordPattern && r.tree.Child(r.tree.Parent(i), fieldValue) < 0 {
		r.bind(i)
	}
}

// constant counts the use of a constant by its whole path. It reports whether
// there is more to read below.
func (r *reader) constant(i int, kind treesitter.Kind) bool {
	field, parent := r.tree.Nodes[i].Field, r.tree.ParentKind(i)
	if kind == kindConstant {
		switch {
		case (parent == kindClass || parent == kindModule || parent == kindMethod || parent == kindSingletonMethod) && field == fieldName,
			parent == kindAssignment && field == fieldLeft, parent == kindCall && field == fieldMethod:
			return false
		}
		r.useConstant(r.tree.Text(i))
		return false
	}
	if (parent == kindClass || parent == kindModule) && field == fieldName {
		return false
	}
	text := r.short(i)
	if !isConstantPath(text) {
		if name := r.tree.Child(i, fieldName); name >= 0 {
			r.names.UseMember(r.tree.Text(name))
		}
		return true
	}
	r.useConstant(text)
	return false
}

// isConstantPath reports whether text is constants joined by colons.
func isConstantPath(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	for part := range bytes.SplitSeq(bytes.TrimPrefix(text, []byte("::")), []byte("::")) {
		part = bytes.TrimSpace(part)
		if len(part) == 0 || part[0] < 'A' || part[0] > 'Z' && part[0] < 0x80 || bytes.ContainsAny(part, ".([{@$ \n\t") {
			return false
		}
	}
	return true
}

func (r *reader) useConstant(text []byte) {
	if len(text) == 0 || len(text) > maxName || core[string(text)] {
		return
	}
	if bytes.ContainsAny(text, " \t\n") {
		text = bytes.Join(bytes.Fields(text), nil)
	}
	r.names.Use(text)
}

// core are the constants of Ruby itself that need no file.
var core = set(`Object BasicObject Module Class Kernel Comparable Enumerable String Symbol Integer Float Rational Complex Numeric
	Array Hash Range Regexp MatchData Proc Method NilClass TrueClass FalseClass Exception StandardError RuntimeError ArgumentError
	TypeError NameError NoMethodError KeyError IndexError StopIteration RangeError FloatDomainError ZeroDivisionError IOError EOFError
	ScriptError LoadError NotImplementedError SyntaxError SystemExit Interrupt SignalException SystemCallError Errno SecurityError
	LocalJumpError FrozenError Time File Dir IO ENV ARGV ARGF STDIN STDOUT STDERR Process Thread Mutex Queue Fiber Struct Math Random
	ObjectSpace GC Marshal Signal Encoding Enumerator Data Ractor RUBY_VERSION RUBY_PLATFORM RUBY_ENGINE DATA Errno::ENOENT`)

// keywords are methods that stand for syntax: a call of one says nothing of
// other files.
var keywords = set(`private protected public module_function private_constant private_class_method public_class_method attr_reader
	attr_writer attr_accessor include extend prepend require require_relative load autoload alias_method define_method raise puts
	print p pp lambda proc loop binding block_given? freeze nil? is_a? kind_of? instance_of? respond_to? super class new to_s to_sym to_i to_a dup send`)

// imports reads a call that loads a file, when what it loads is a literal.
func (r *reader) imports(i int, name string) {
	list := r.tree.Child(i, fieldArguments)
	if list < 0 {
		return
	}
	imp := language.Import{Line: r.line(i), Dynamic: r.scope.function != noFunction}
	first, second := r.arguments(list)
	switch name {
	case "require_relative":
		imp.Path = relative(r.plainString(first))
	case "autoload":
		imp.Path = r.plainString(second)
		imp.Names = []string{strings.TrimPrefix(string(r.short(max(first, 0))), ":")}
	default:
		imp.Path = r.plainString(first)
		if imp.Path == "" {
			imp.Path = r.expanded(first)
		}
	}
	if imp.Path != "" {
		r.facts.Imports = append(r.facts.Imports, imp)
	}
}

func relative(path string) string {
	if path == "" || strings.HasPrefix(path, ".") || strings.HasPrefix(path, "/") {
		return path
	}
	return "./" + path
}

// arguments returns the first two of a list, -1 for one that is not there.
func (r *reader) arguments(list int) (first, second int) {
	first, second = -1, -1
	for child := range r.tree.Children(list) {
		switch {
		case r.tree.Kind(child) == kindComment:
		case first < 0:
			first = child
		case second < 0:
			return first, child
		}
	}
	return first, second
}

// plainString returns the text of a literal without anything computed, "" for
// everything else.
func (r *reader) plainString(i int) string {
	if i < 0 || r.tree.Kind(i) != kindString {
		return ""
	}
	text := r.stringText(i)
	if strings.Contains(text, "{}") || len(text) > language.MaxText {
		return ""
	}
	return text
}

// expanded reads File.expand_path("../a", __FILE__), File.expand_path("a",
// __dir__), File.join(__dir__, "a") and "#{__dir__}/a" as a path from the file's
// folder.
func (r *reader) expanded(i int) string {
	if i < 0 {
		return ""
	}
	if r.tree.Kind(i) == kindString {
		if text, ok := strings.CutPrefix(r.stringText(i), "{}/"); ok && bytes.Contains(r.short(i), []byte("#{__dir__}/")) {
			return relative(text)
		}
		return ""
	}
	list := r.tree.Child(i, fieldArguments)
	if r.tree.Kind(i) != kindCall || list < 0 {
		return ""
	}
	first, second := r.arguments(list)
	if first < 0 || second < 0 || string(r.receiverText(i)) != "File" {
		return ""
	}
	switch name := r.methodName(i); {
	case name == "join" && string(r.short(first)) == "__dir__":
		return relative(r.plainString(second))
	case name == "expand_path" && string(r.short(second)) == "__dir__":
		return relative(r.plainString(first))
	case name == "expand_path" && string(r.short(second)) == "__FILE__":
		// The file itself is the first step, so the first .. leads to its folder.
		if rest, ok := strings.CutPrefix(r.plainString(first), "../"); ok {
			return relative(rest)
		}
	}
	return ""
}
