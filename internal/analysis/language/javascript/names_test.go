package javascript

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

// kindNames are short names for tables.
var kindNames = map[language.Kind]string{
	language.KindFunction: "function", language.KindMethod: "method", language.KindField: "field", language.KindType: "type",
	language.KindInterface: "interface", language.KindVariable: "variable", language.KindConstant: "constant",
}

func describe(declarations []language.Declaration) string {
	var list []string
	for _, d := range declarations {
		text := kindNames[d.Kind] + " " + d.Name
		if d.Exported {
			text += " exported"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func TestDeclarations(t *testing.T) {
	t.Parallel()
	tests := []struct{ src, want string }{
		{"const a = 1; let b; var c", "constant a, variable b, variable c"},
		{"const f = () => {}, g = function () {}, K = class {}", "function f, function g, type K"},
		{"const V = memo(forwardRef(() => {})), m = memo(V)", "function V, constant m"},
		{"const { a, b: { c }, d = 1, ...e } = o, [x, , y] = p", "constant a, constant c, constant d, constant e, constant x, constant y"},
		{"function f() { var inner; function deep() {} }", "function f"},
		{"if (a) { let b } for (const c of d) {} try {} catch (e) {}", ""},
		{"const a = require('a'), { b } = require('b'), c = require('c').d, e = require.resolve('e')", "constant e"},
		{"const { a } = await import('a')", ""},
		{"class K { m() {} get x() {} set x(v) {} f = () => {}; v = 1; #p() {} [c]() {} }", "type K, method m, method x, method f, field v"},
		{"export class K { private a() {} protected b() {} public c() {} }", "type K exported, method a, method b, method c exported"},
		{"abstract class K { abstract m(): void; n?(): void }", "type K, method m, method n"},
		{"interface I { m(): void; p: string } type T = { n(): void }", "interface I, method m, field p, type T, method n"},
		{"enum E { A } declare enum F { B } namespace N { export const c = 1 }", "type E, field A, type F, field B, type N, constant c"},
		{"export namespace N { const c = 1 }", "type N exported, constant c exported"},
		{"function f(a: string): void; function f(a: number): void; function f(a: any) {}", "function f"},
		{"export const a = 1, b = 2; export let c", "constant a exported, constant b exported, variable c exported"},
		{"const a = 1; let b; export { a as x, b as default }", "constant a exported, variable b exported"},
		{"export { a } from './b'; const a = 1", "constant a"},
		{"const a = 1; export default a", "constant a exported"},
		{"class K {} export = K", "type K exported"},
		{"function a() {} module.exports = a", "function a exported"},
		{"function a() {} function b() {} function c() {} module.exports = { a, x: b, y: 1 }", "function a exported, function b exported, function c"},
		{"function a() {} exports.x = a", "function a exported"},
		{"const a = exports = module.exports = {}", "constant a exported"},
		{"function a() {} other.exports.x = a; module.other = a", "function a"},
		{"export default class K { m() {} }", "type K exported, method m exported"},
	}
	for _, test := range tests {
		facts := parse(t, "a.ts", test.src)
		if diff := cmp.Diff(test.want, describe(facts.Declares)); diff != "" || facts.Broken {
			t.Errorf("%s, broken %v (-want +got):\n%s", test.src, facts.Broken, diff)
		}
	}
}

func TestWhatIsNoReference(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		"function ff(aa, { bb, cc: dd = aa }, ...ee) { return [aa, bb, dd, ee, ff] }",
		"class KK { vv = 1; mm() { this.vv; this.mm(); new KK() } }",
		"const oo = { key: 1, method() {} }; oo",
		"label: for (const xx of []) { continue label }",
		"import { aa } from 'a'; import bb, * as cc from 'b'",
		"interface II<TT> { pp: TT } let ii: II<string>; ii.pp",
		"module.exports = require('a'); exports = arguments",
		"try {} catch (error) { error }",
		"let vv = (pp: string): pp is 'x' => true; vv",
		"enum EE { AA } EE",
	} {
		if refs := parse(t, "a.ts", src).References; len(refs) > 0 {
			t.Errorf("%s: %v", src, refs)
		}
	}
	facts := parse(t, "a.jsx", "const element = <div className='x'><p>text</p><br/></div>")
	if len(facts.References) > 0 {
		t.Errorf("elements of HTML: %v", facts.References)
	}
}

func TestLogicalLines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		src  string
		want int
	}{
		{"", 0},
		{"'use strict'; ;;", 1},
		{"import a from 'a'; export { a }; export const b = 1, c = 2; export default a", 4},
		{"if (a) { b() } else { c() }", 3},
		{"for (let i = 0; i < 1; i++) { if (a) continue; break }", 5},
		{"switch (a) { case 1: b(); break; default: }", 3},
		{"try { a() } catch { b() } finally { c() }", 4},
		{"class K { a = 1; m() { return 1 } }", 4},
		{"const f = () => { a(); b() }", 3},
		{"interface I { a: string; m(): void }\ntype T = string; enum E {}", 5},
	}
	for _, test := range tests {
		if got := parse(t, "a.ts", test.src).LLOC; got != test.want {
			t.Errorf("%s has %d logical lines, want %d", test.src, got, test.want)
		}
	}
}

// TestGrammars checks that the extension chooses what a file may hold.
func TestGrammars(t *testing.T) {
	t.Parallel()
	const (
		assertion = "const a = <string>b"
		element   = "const a = <p>b</p>"
		types     = "const a: string = b as string"
		plain     = "using a = b?.c"
	)
	tests := []struct {
		path, src string
		broken    bool
	}{
		{"a.ts", assertion, false}, {"a.mts", assertion, false}, {"a.cts", assertion, false}, {"A.TS", assertion, false},
		{"a.ts", element, true}, {"a.tsx", element, false}, {"a.js", element, false}, {"a.jsx", element, false},
		{"a.ts", types, false}, {"a.tsx", types, false}, {"a.js", types, false}, // as Flow
		{"a.js", plain, false}, {"a.mjs", plain, false}, {"a.cjs", plain, false}, {"bin/run", plain, false},
	}
	for _, test := range tests {
		if facts := parse(t, test.path, test.src); facts.Broken != test.broken {
			t.Errorf("%s as %s: broken is %v", test.src, test.path, facts.Broken)
		}
	}
}

// TestTheBetterReading keeps JavaScript from the TSX grammar when that has more
// errors, and long files from a second reading.
func TestTheBetterReading(t *testing.T) {
	t.Parallel()
	const valid = "function good() { return 1 }\n"
	if facts := parse(t, "a.js", valid+"let = = 1\n"); !facts.Broken || len(facts.Functions) != 1 {
		t.Errorf("got %+v", facts)
	}
	const flow = "function f(a: string) {}\n"
	if facts := parse(t, "a.js", flow+strings.Repeat("//\n", maxSecondReading/3)); !facts.Broken {
		t.Error("a long file was read with both grammars")
	}
	if facts := parse(t, "a.js", flow+strings.Repeat("//\n", 10)); facts.Broken {
		t.Error("a short file was not read with both grammars")
	}
}

func TestNamesAreBounded(t *testing.T) {
	t.Parallel()
	var src strings.Builder
	for range 300 {
		src.WriteString("describe('" + strings.Repeat("é", 300) + "', () => {")
	}
	for i := range 300 {
		fmt.Fprintf(&src, "function outer%d_%s() {", i, strings.Repeat("x", 50))
	}
	src.WriteString(strings.Repeat("}", 300) + strings.Repeat("})", 300))
	facts := parse(t, "a.js", src.String())
	if len(facts.Functions) != 600 || facts.Broken {
		t.Fatalf("%d functions, broken %v", len(facts.Functions), facts.Broken)
	}
	for _, f := range facts.Functions {
		if len(f.Name) > 600 {
			t.Errorf("a name of %d bytes", len(f.Name))
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, path := range []string{"a.js", "a.ts", "a.tsx"} {
		if _, err := shared().Parse(ctx, path, []byte("a")); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", path, err)
		}
	}
}
