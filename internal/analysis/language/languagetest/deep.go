package languagetest

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// deeper tells what a declaration says besides its name.
func deeper(d language.Declaration) string {
	var b strings.Builder
	if d.Owner != "" {
		fmt.Fprintf(&b, " of=%s", d.Owner)
	}
	if d.Signature != "" {
		fmt.Fprintf(&b, " signature=%q", d.Signature)
	}
	if len(d.Bases) > 0 {
		fmt.Fprintf(&b, " bases=%s", strings.Join(d.Bases, ","))
	}
	if d.Doc != "" {
		fmt.Fprintf(&b, " doc=%q", d.Doc)
	}
	return b.String()
}

func describeDeep(f *language.Facts, line func(string, ...any)) {
	function := func(i int32) string {
		if i < 0 {
			return "-"
		}
		return f.Functions[i].Name
	}
	for _, c := range f.Calls {
		line("calls %s %d in=%s count=%d%s", dotted(c.Receiver, c.Name), c.Line, function(c.Function), c.Count, words("new", c.New))
	}
	for i, v := range f.Invocations {
		place := ""
		if v.On >= 0 {
			place += fmt.Sprintf(" on=%d", v.On)
		}
		if v.Within >= 0 {
			place += fmt.Sprintf(" within=%d/%d", v.Within, v.Argument)
		}
		if v.Result != "" {
			place += " result=" + v.Result
		}
		line("invokes %d %s %d-%d in=%s%s%s (%s)", i, dotted(v.Receiver, v.Name), v.Line, v.EndLine, function(v.Function), place,
			words("new", v.New, "exported", v.Exported), describeArguments(v.Args))
	}
	for _, a := range f.Annotations {
		on := "-"
		if a.Declaration >= 0 {
			on = f.Declares[a.Declaration].Name
		}
		parameter := ""
		if a.Parameter != "" {
			parameter = " parameter=" + a.Parameter
		}
		line("annotation %s %d on=%s function=%s%s (%s)", a.Name, a.Line, on, function(a.Function), parameter, describeArguments(a.Args))
	}
	for _, r := range f.Remarks {
		line("remark %s %d %q", [...]string{"none", "todo", "why"}[r.Kind], r.Line, r.Text)
	}
}

func dotted(receiver, name string) string {
	if receiver == "" {
		return name
	}
	return receiver + "." + name
}

var argumentKinds = [...]string{"other", "string", "name", "literal", "function", "call", "list", "map"}

func describeArguments(args []language.Argument) string {
	all := make([]string, 0, len(args))
	for _, a := range args {
		text := argumentKinds[a.Kind]
		switch a.Kind { //nolint:exhaustive // the others hold nothing to check
		case language.ArgString:
			text = fmt.Sprintf("%q", a.Text)
			if len(a.List) > 0 {
				text += "%[" + describeArguments(a.List) + "]"
			}
		case language.ArgName, language.ArgLiteral:
			text = a.Text
		case language.ArgFunction:
			text = "function(" + a.Text + ")"
		case language.ArgList:
			text = "[" + describeArguments(a.List) + "]"
		case language.ArgMap:
			text = "{" + describeArguments(a.List) + "}"
		}
		if a.Call >= 0 {
			text += fmt.Sprintf("#%d", a.Call)
		}
		if a.Name != "" {
			text = a.Name + "=" + text
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// checkDeep checks what holds for the deeper facts of any source at all.
func checkDeep(tb testing.TB, name string, lines int, f *language.Facts) {
	tb.Helper()
	bad := func(what string, i int) { tb.Helper(); tb.Errorf("%s: %s %d is out of bounds", name, what, i) }
	place := func(i int32, n int) bool { return i >= -1 && int(i) < n }
	checkCalls(tb, name, lines, f)
	for i, v := range f.Invocations {
		ok := place(v.Function, len(f.Functions)) && v.Line >= 1 && v.EndLine >= v.Line && int(v.EndLine) <= lines
		// What stands on, or within, another comes after it.
		if !ok || v.On < -1 || int(v.On) >= i || v.Within < -1 || int(v.Within) >= i || (v.Within >= 0) != (v.Argument >= 0) {
			bad("invocation", i)
		}
		checkArguments(tb, name, v.Args, len(f.Invocations), 0)
	}
	for i, a := range f.Annotations {
		if a.Name == "" || !place(a.Declaration, len(f.Declares)) || !place(a.Function, len(f.Functions)) || a.Line < 1 || int(a.Line) > lines {
			bad("annotation", i)
		}
		checkArguments(tb, name, a.Args, len(f.Invocations), 0)
	}
	for i, r := range f.Remarks {
		if r.Kind < language.RemarkTodo || r.Kind > language.RemarkWhy || r.Line < 1 || r.Line > lines || r.Text == "" || len(r.Text) > language.MaxRemark {
			bad("remark", i)
		}
	}
	for i, d := range f.Declares {
		if len(d.Doc) > language.MaxDeclarationDoc || len(d.Signature) > language.MaxSignature || strings.ContainsAny(d.Doc+d.Signature, "\n\r") {
			bad("declaration", i)
		}
	}
	if len(f.Calls) > language.MaxCalls || len(f.Invocations) > language.MaxInvocations || len(f.Annotations) > language.MaxAnnotations || len(f.Remarks) > language.MaxRemarks {
		tb.Errorf("%s: too many facts", name)
	}
}

func checkCalls(tb testing.TB, name string, lines int, f *language.Facts) {
	tb.Helper()
	seen := map[language.Call]bool{}
	for i, c := range f.Calls {
		if c.Name == "" || c.Function < -1 || int(c.Function) >= len(f.Functions) || c.Line < 1 || int(c.Line) > lines || c.Count < 1 {
			tb.Errorf("%s: call %d is out of bounds", name, i)
		}
		c.Line, c.Count = 0, 0
		if seen[c] {
			tb.Errorf("%s: the call of %s stands there twice for one function", name, c.Name)
		}
		seen[c] = true
	}
}

func checkArguments(tb testing.TB, name string, args []language.Argument, invocations, depth int) {
	tb.Helper()
	if len(args) == 0 {
		return
	}
	if depth > language.MaxArgumentDepth || len(args) > language.MaxArguments {
		tb.Errorf("%s: arguments nest %d deep, %d of them", name, depth, len(args))
	}
	for _, a := range args {
		if int(a.Kind) >= len(argumentKinds) || len(a.Text) > language.MaxText || !utf8.ValidString(a.Text) || a.Call < -1 || int(a.Call) >= invocations ||
			len(a.List) > 0 && a.Kind != language.ArgList && a.Kind != language.ArgMap && a.Kind != language.ArgString {
			tb.Errorf("%s: the argument %+v is out of bounds", name, a)
		}
		checkArguments(tb, name, a.List, invocations, depth+1)
	}
}
