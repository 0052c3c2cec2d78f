package languagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// Describe writes facts for people, one thing a line, so that a change of a
// definition is a readable change of the expected files.
func Describe(f *language.Facts) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	if f.Package != "" {
		line("package %s", f.Package)
	}
	if f.Doc != "" {
		line("doc %s", f.Doc)
	}
	if flags := words("main", f.Main, "test", f.Test, "broken", f.Broken); flags != "" {
		line("file%s", flags)
	}
	line("size lloc=%d volume=%.2f", f.LLOC, f.Volume)
	line("top-level cyclomatic=%d cognitive=%d", f.TopLevel.Cyclomatic, f.TopLevel.Cognitive)
	for _, fn := range f.Functions {
		takes := ""
		if fn.Takes != "" {
			takes = fmt.Sprintf(" takes=%q", fn.Takes)
		}
		line("function %s %d-%d cyclomatic=%d cognitive=%d parameters=%d%s%s", fn.Name, fn.Line, fn.EndLine,
			fn.Cyclomatic, fn.Cognitive, fn.Parameters, takes, words("exported", fn.Exported, "test", fn.Test))
	}
	for _, imp := range f.Imports {
		names := ""
		if imp.Names != nil {
			names = " names=" + strings.Join(imp.Names, ",")
		}
		if imp.Locals != nil {
			names += " locals=" + strings.Join(imp.Locals, ",")
		}
		line("import %s %d%s%s", imp.Path, imp.Line, names,
			words("type-only", imp.TypeOnly, "dynamic", imp.Dynamic, "reexport", imp.Reexport))
	}
	for _, d := range f.Declares {
		line("declares %s %s %d-%d%s%s", kindName(d.Kind), d.Name, d.Line, d.EndLine, words("exported", d.Exported), deeper(d))
	}
	for _, e := range f.Exports {
		line("exports %s as %s", e.Local, e.Name)
	}
	for _, ref := range f.References {
		name := ref.Name
		if ref.Of != "" {
			name = strings.TrimPrefix(ref.Of+"."+ref.Name, ".")
		}
		line("uses %s %d", name, ref.Count)
	}
	describeDeep(f, line)
	return b.String()
}

// words joins the words whose flag is set, each after a space.
func words(pairs ...any) string {
	var b strings.Builder
	for pair := range slices.Chunk(pairs, 2) {
		if pair[len(pair)-1] == true {
			fmt.Fprintf(&b, " %v", pair[0])
		}
	}
	return b.String()
}

func kindName(kind language.Kind) string {
	names := [...]string{"none", "function", "method", "type", "interface", "variable", "constant", "field", "module", "macro"}
	if int(kind) < len(names) {
		return names[kind]
	}
	return fmt.Sprintf("kind(%d)", kind)
}

// checkFacts checks what holds for the facts of any source at all.
func checkFacts(tb testing.TB, name string, src []byte, f *language.Facts) {
	tb.Helper()
	lines := countLines(src)
	inside := func(what string, line, end int) {
		tb.Helper()
		if line < 1 || end < line || end > lines {
			tb.Errorf("%s: %s spans lines %d to %d of %d", name, what, line, end, lines)
		}
	}
	last := 0
	for _, fn := range f.Functions {
		inside("function "+fn.Name, fn.Line, fn.EndLine)
		if fn.Line < last {
			tb.Errorf("%s: function %s at line %d comes after one at line %d", name, fn.Name, fn.Line, last)
		}
		last = fn.Line
		if fn.Cyclomatic < 1 || fn.Cognitive < 0 || fn.Parameters < 0 || fn.Name == "" || len(fn.Takes) > language.MaxText {
			tb.Errorf("%s: function %q has impossible measures: %+v", name, fn.Name, fn)
		}
	}
	last = 0
	for _, imp := range f.Imports {
		inside("import "+imp.Path, imp.Line, imp.Line)
		if imp.Line < last || imp.Path == "" || imp.Names != nil && imp.Locals != nil && len(imp.Locals) != len(imp.Names) {
			tb.Errorf("%s: import %q at line %d comes after one at line %d", name, imp.Path, imp.Line, last)
		}
		last = imp.Line
	}
	last = 0
	for _, d := range f.Declares {
		inside("declaration "+d.Name, d.Line, d.EndLine)
		if d.Line < last || d.Name == "" || d.Kind == 0 {
			tb.Errorf("%s: declaration %+v comes after one at line %d", name, d, last)
		}
		last = d.Line
	}
	checkReferences(tb, name, f)
	checkDeep(tb, name, lines, f)
	checkText(tb, name, f)
	if f.LLOC < 0 || f.Volume < 0 || f.TopLevel.Cognitive < 0 || f.TopLevel.Cyclomatic < 0 || len(f.Doc) > 1000 {
		tb.Errorf("%s: impossible measures:\n%s", name, Describe(f))
	}
}

func checkReferences(tb testing.TB, name string, f *language.Facts) {
	tb.Helper()
	if len(f.References) > language.MaxReferences {
		tb.Errorf("%s: %d references, at most %d are kept", name, len(f.References), language.MaxReferences)
	}
	seen := map[language.Reference]bool{}
	for _, ref := range f.References {
		k := language.Reference{Name: ref.Name, Of: ref.Of}
		if ref.Count < 1 || seen[k] || utf8.RuneCountInString(ref.Name) < 2 && strings.ToLower(ref.Name) == ref.Name {
			tb.Errorf("%s: reference %+v is repeated, unused or too short", name, ref)
		}
		seen[k] = true
	}
	for _, d := range f.Declares {
		if d.Owner == "" && seen[language.Reference{Name: d.Name}] {
			tb.Errorf("%s: %s is both declared and a reference", name, d.Name)
		}
	}
}

// checkText checks that every text can be stored as JSON unchanged.
func checkText(tb testing.TB, name string, f *language.Facts) {
	tb.Helper()
	text := Describe(f)
	if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\r") {
		tb.Errorf("%s: there is text that is not clean UTF-8:\n%q", name, text)
	}
}

// countLines counts lines ended by LF, CRLF or CR. A text without a line end
// is one line, and so is the empty one.
func countLines(src []byte) int {
	lines := 1
	for i, c := range src {
		if c == '\n' || c == '\r' && (i+1 == len(src) || src[i+1] != '\n') {
			lines++
		}
	}
	return lines
}
