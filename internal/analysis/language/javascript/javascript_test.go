package javascript

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/language"
	"github.com/rampforgeai/rampforge/internal/analysis/language/languagetest"
)

var deep = []languagetest.Nest{
	{Open: "(", Close: ")"}, {Open: "a&&(", Close: ")"}, {Open: "a&&", Close: "b;"}, {Open: "if(a){", Close: "}"},
	{Open: "f(()=>", Close: ")"}, {Open: "a?", Close: ":b"}, {Open: "class A{m(){", Close: "}}"}, {Open: "`${", Close: "}`"},
	{Open: "<a>", Close: "</a>"},
}

func TestConformance(t *testing.T) {
	t.Parallel()
	languagetest.Run(t, New(), languagetest.Cases{Path: "sample.js", Comment: "// Only a comment.\n", Deep: deep})
}

// TestDeep nests, less deep than the suite, in what is slow to parse and in what
// only the other grammars have.
func TestDeep(t *testing.T) {
	t.Parallel()
	const n = 1_000
	parser := New()
	for _, nest := range []languagetest.Nest{
		{Open: "type A<T>=[", Close: "]"}, {Open: "let x:{a:", Close: "}"}, {Open: "namespace A{", Close: "}"},
		{Open: "a as (", Close: ")"}, {Open: "a!&&", Close: "b"}, {Open: "x<", Close: ">"}, {Open: "x={a:", Close: "}"}, {Open: "[a=", Close: "]"}, {Open: "{", Close: "}"},
	} {
		for _, path := range []string{"a.js", "a.ts", "a.tsx"} {
			for _, src := range []string{strings.Repeat(nest.Open, n), strings.Repeat(nest.Open, n) + strings.Repeat(nest.Close, n)} {
				facts, err := parser.Parse(t.Context(), path, []byte(src))
				if err == nil && len(facts.Functions) > 0 {
					t.Errorf("%s in %s has functions", nest.Open, path)
				}
			}
		}
	}
}

var shared = sync.OnceValue(New)

func parse(t *testing.T, path, src string) *language.Facts {
	t.Helper()
	facts, err := shared().Parse(t.Context(), path, []byte(src))
	if err != nil {
		t.Fatalf("Parse(%s): %v", path, err)
	}
	return facts
}

// TestComplexity holds the cases in which tools differ. reference_test.go
// compares whole repositories.
func TestComplexity(t *testing.T) {
	t.Parallel()
	parser := New()
	tests := []struct {
		body                  string
		cyclomatic, cognitive int
	}{
		{``, 1, 0},
		{`if (a) f()`, 2, 1},
		{`if (a) {} else if (b) {} else {}`, 3, 3},
		{`if (a) {} else { if (b) {} }`, 3, 4},
		{`for (;;) {} for (x in y) {} for (x of y) {} while (a) {} do {} while (a)`, 6, 5},
		{`for (;;) { while (a) {} }`, 3, 3},
		{`switch (a) { case 1: case 2: if (b) {} break; default: }`, 4, 3},
		{`try { if (a) {} } catch (e) { if (b) {} } finally {}`, 4, 4},
		{`return a ? b : c ? d : e`, 3, 3},
		{`return a && b && c`, 3, 1},
		{`return a || b || c`, 3, 0},
		{`return a ?? b`, 2, 0},
		{`return a && b || c && d`, 4, 2},
		{`return a && (b && c)`, 3, 1},
		{`return a && !(b && c)`, 3, 2},
		{`return a && f(b && c) && d`, 4, 2},
		{`a &&= b; a ||= c; a ??= d; a += e`, 4, 0},
		{`a?.b?.[0]?.(c)`, 4, 0},
		{`const { b = 1, c: d = 2 } = a; [e = 3] = a`, 4, 0},
		{`outer: for (;;) { continue outer }`, 2, 2},
		{`for (;;) { break }`, 2, 1},
		{`unit()`, 1, 0}, // recursion costs nothing in the rule
		{`return a ? () => 1 : 2, b ? 1 : 2`, 3, 2},
		{`class K { [a || b]() {} }`, 2, 0},
	}
	for _, test := range tests {
		for _, path := range []string{"a.js", "a.ts", "a.tsx"} {
			facts, err := parser.Parse(t.Context(), path, []byte("function unit() {\n"+test.body+"\n}\n"))
			if err != nil || facts.Broken {
				t.Fatalf("%s in %s: %v, %+v", test.body, path, err, facts)
			}
			want := language.Complexity{Cyclomatic: test.cyclomatic, Cognitive: test.cognitive}
			if diff := cmp.Diff(want, facts.Functions[0].Complexity); diff != "" {
				t.Errorf("%s in %s (-want +got):\n%s", test.body, path, diff)
			}
		}
	}
}

func TestComplexityOfParameters(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"a.js", "a.ts"} {
		facts := parse(t, path, "class K { m(a = b || c, [d = 1], { e = 2 } = {}) {} }\nconst f = (x = 1) => x\n")
		got := []language.Complexity{facts.Functions[0].Complexity, facts.Functions[1].Complexity}
		want := []language.Complexity{{Cyclomatic: 6}, {Cyclomatic: 2}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestRendering(t *testing.T) {
	t.Parallel()
	tests := []struct {
		element   string
		cognitive int
	}{
		{`{a && <b/>}`, 0},
		{`{a && b && <c/>}`, 0},
		{`{(a && b)}`, 0},
		{`{a && (b || c)}`, 1},
		{`{a && (b ? c : d)}`, 2},
		{`{f(a && b)}`, 1},
	}
	for _, test := range tests {
		facts := parse(t, "a.jsx", "function V() { return <x>"+test.element+"</x> }")
		if got := facts.Functions[0].Cognitive; got != test.cognitive {
			t.Errorf("%s costs %d, want %d", test.element, got, test.cognitive)
		}
	}
}

func TestFunctionNames(t *testing.T) {
	t.Parallel()
	tests := []struct{ src, want string }{
		{"function f() {}", "f"},
		{"const f = function g() {}", "f"},
		{"const f = async () => {}", "f"},
		{"let f; f = () => {}", "f"},
		{"a.b.c = () => {}", "a.b.c"},
		{"A.prototype.m = function () {}", "A.m"},
		{"exports.f = () => {}", "f exported"},
		{"module.exports.f = () => {}", "f exported"},
		{"module.exports = () => {}", "module.exports exported"},
		{"module.exports = { f() {}, g: () => {} }", "module.exports.f exported|module.exports.g exported"},
		{"export default () => {}", "default exported"},
		{"export default function () {}", "default exported"},
		{"export default function f() {}", "f exported"},
		{"function f() {}\nexport { f as g }", "f exported"},
		{"const o = { a() {}, b: { c: () => {} }, 'd-e': () => {} }", "o.a|o.b.c|o.d-e"},
		{"class K { m() {} static s() {} #p() {} get x() {} f = () => {} }", "K.m|K.s|K.#p|K.x|K.f"},
		{"export class K { m() {} #p() {} }", "K.m exported|K.#p"},
		{"const K = class { constructor() {} }", "K.constructor"},
		{"class K { v = a || b; w = 1; static { if (a) {} } }", "K.v|K.static"},
		{"function outer() { function inner() {} const x = () => {} }", "outer|outer.inner|outer.x"},
		{"export function outer() { return () => {} }", "outer exported|outer.<anonymous>:1"},
		{"f(() => {}); f(() => {})", "<anonymous>:1|<anonymous>:1#2"},
		{"f(function named() {})", "named"},
		{"const V = React.memo(forwardRef((p) => {}))", "V"},
		{"const xs = ys.map((y) => y)", "<anonymous>:1"},
		{"const { f = () => {} } = o", "f"},
		{"function Foo() { this.m = () => {} }", "Foo|Foo.m"},
		{"x = { [a + b]() {}, [`" + strings.Repeat("x", 80) + "`]() {} }", "x.[a + b]|x.<computed>"},
	}
	for _, test := range tests {
		var got []string
		for _, f := range parse(t, "a.js", test.src).Functions {
			name := f.Name
			if f.Exported {
				name += " exported"
			}
			got = append(got, name)
		}
		if diff := cmp.Diff(test.want, strings.Join(got, "|")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.src, diff)
		}
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	tests := []struct {
		src  string
		want language.Import
	}{
		{`import "a"`, language.Import{Path: "a"}},
		{`import a from "a"`, language.Import{Path: "a", Locals: []string{"a"}, Names: []string{"default"}}},
		{`import * as a from "a"`, language.Import{Path: "a", Locals: []string{"a"}}},
		{`import d, { a, b as c } from "a"`, language.Import{Path: "a", Locals: []string{"d", "a", "c"}, Names: []string{"default", "a", "b"}}},
		{`import { "odd name" as a } from "a"`, language.Import{Path: "a", Locals: []string{"a"}, Names: []string{"odd name"}}},
		{`import type A from "a"`, language.Import{Path: "a", Locals: []string{"A"}, Names: []string{"default"}, TypeOnly: true}},
		{`import type { A } from "a"`, language.Import{Path: "a", Names: []string{"A"}, TypeOnly: true}},
		{`import { type A, type B } from "a"`, language.Import{Path: "a", Names: []string{"A", "B"}, TypeOnly: true}},
		{`import { type A, b } from "a"`, language.Import{Path: "a", Names: []string{"A", "b"}}},
		{`import d, { type A } from "a"`, language.Import{Path: "a", Locals: []string{"d", "A"}, Names: []string{"default", "A"}}},
		{`import a = require("a")`, language.Import{Path: "a", Locals: []string{"a"}}},
		{`export * from "a"`, language.Import{Path: "a", Reexport: true}},
		{`export * as a from "a"`, language.Import{Path: "a", Reexport: true}},
		{`export { a as b } from "a"`, language.Import{Path: "a", Locals: []string{"b"}, Names: []string{"a"}, Reexport: true}},
		{`export type { A } from "a"`, language.Import{Path: "a", Names: []string{"A"}, Reexport: true, TypeOnly: true}},
		{`const a = require("a")`, language.Import{Path: "a", Locals: []string{"a"}, Dynamic: true}},
		{"const a = require(`a`)", language.Import{Path: "a", Locals: []string{"a"}, Dynamic: true}},
		{`const { a, b: c, d = 1 } = require("a")`, language.Import{Path: "a", Locals: []string{"a", "c", "d"}, Names: []string{"a", "b", "d"}, Dynamic: true}},
		{`const { a, ...rest } = require("a")`, language.Import{Path: "a", Dynamic: true}},
		{`require("a").b()`, language.Import{Path: "a", Names: []string{"b"}, Dynamic: true}},
		{`require.resolve("a")`, language.Import{Path: "a", Dynamic: true}},
		{`const { b } = await import("a")`, language.Import{Path: "a", Names: []string{"b"}, Dynamic: true}},
		{`import("a").then(f)`, language.Import{Path: "a", Dynamic: true}},
		{`import(/* chunk */ "a")`, language.Import{Path: "a", Dynamic: true}},
		{`export type * from "a"`, language.Import{Path: "a", Reexport: true, TypeOnly: true}},
		{`f<typeof import("a")>()`, language.Import{Path: "a", TypeOnly: true}},
		{`import a from "a" with { type: "json" }`, language.Import{Path: "a", Locals: []string{"a"}, Names: []string{"default"}}},
		{`let a: import("a").B`, language.Import{Path: "a", TypeOnly: true}},
	}
	for _, test := range tests {
		test.want.Line = 2
		facts := parse(t, "a.ts", "\n"+test.src+"\n")
		if diff := cmp.Diff([]language.Import{test.want}, facts.Imports); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.src, diff)
		}
	}
	for _, src := range []string{`require(name)`, "require(`a/${b}`)", `import(name)`, `jest.mock("a")`, `foo.require("a")`, `/// <reference path="a" />`, `import A = B.C`, `require()`} {
		if facts := parse(t, "a.ts", src); len(facts.Imports) > 0 {
			t.Errorf("%s: %+v", src, facts.Imports)
		}
	}
}

func TestMainProgram(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{
		"#!/usr/bin/env node\nf()":                    true,
		"#!/usr/bin/env -S deno run\nf()":             true,
		"#!/bin/sh\nf()":                              false,
		"if (require.main === module) f()":            true,
		"if (import.meta.main) f()":                   true,
		"require.main.require('x')":                   false,
		"const main = require('./main'); main.main()": false,
	} {
		if got := parse(t, "a.js", src).Main; got != want {
			t.Errorf("Main of %q is %v", src, got)
		}
	}
}

func TestTests(t *testing.T) {
	t.Parallel()
	tests := []struct{ src, want string }{
		{"it('a', () => {})", "a"},
		{"describe('s', () => { it(\"a\", function () {}) })", "s|s > a test"},
		{"test.only('a', async () => {})", "a"},
		{"test.each`x`('a %s', () => {})", "a %s"},
		{"it.skip.each([1])('a', () => {})", "a"},
		{"test.describe('s', () => {})", "s"},
		{"test('a', { timeout: 1 }, () => {})", "a"},
		{"test(`a\n  b`, () => {})", "a b"},
		{"QUnit.test('a', (assert) => {})", "a"},
		{"test.step('a', () => {})", "<anonymous>:1"},
		{"fetch('a', () => {})", "<anonymous>:1"},
		{"t('a', () => {})", "<anonymous>:1"},
	}
	for _, test := range tests {
		facts := parse(t, "a.js", test.src)
		got := make([]string, len(facts.Functions))
		for i, f := range facts.Functions {
			got[i] = f.Name
		}
		want := strings.Split(strings.ReplaceAll(test.want, " test", ""), "|")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.src, diff)
		}
		isTest := !strings.HasPrefix(got[len(got)-1], "<") && got[len(got)-1] != "s"
		if last := facts.Functions[len(got)-1]; last.Test != isTest || facts.Test != isTest {
			t.Errorf("%s: function %v, file %v, want %v", test.src, last.Test, facts.Test, isTest)
		}
	}
}

func TestDoc(t *testing.T) {
	t.Parallel()
	tests := []struct{ src, want string }{
		{"/** Reads\n * books.\n *\n * More. */\n\nimport 'a'\n", "Reads books."},
		{"/**\n * @fileoverview Reads books.\n * @author x\n */\nfunction f() {}\n", "Reads books."},
		{"/** Copyright 2020 The Authors. */\n\n/** Reads books. */\n\nf()\n", "Reads books."},
		{"/**\n * Copyright 2020 The Authors.\n *\n * Reads books.\n */\n\nf()\n", "Reads books."},
		{"import 'a'\n/** Keeps books. */\nexport class Shelf {}\n", "Keeps books."},
		{"/** Keeps books. */\nclass Shelf {}\nmodule.exports = Shelf\n", "Keeps books."},
		{"/** Not exported. */\nfunction f() {}\n", ""},
		{"// eslint-disable\nf()\n", ""},
		{"/**\n * @license MIT\n * to everybody.\n * @module books\n */\n\nf()\n", ""},
		{"/**\n * @license MIT\n * to everybody.\n * @file Reads books.\n */\nf()\n", "Reads books."},
		{"/**\n * @description Is about g.\n */\nfunction g() {}\n", ""},
		{"#!/usr/bin/env node\n/** Reads books. */\n\nf()\n", "Reads books."},
		{"/** Only a comment. */\n", "Only a comment."},
		{"/**\n * @param x what\n * and why\n */\nexport function f(x) {}\n", ""},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, parse(t, "a.js", test.src).Doc); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.src, diff)
		}
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	facts := parse(t, "a.tsx", `
import Default, { renamed as local } from './a'
const { taken: own, other } = require('./b')
interface Props { title: string }
function View({ title, rows }: Props, extra: Extra) {
  const inner = local(title)
  rows.forEach((row) => inner.use(row.title, own, other, Default))
  return <Table head={extra}><div>{shared}</div></Table>
}
`)
	want := []language.Reference{
		{Name: "Default", Count: 1}, {Name: "Extra", Count: 1}, {Name: "Table", Count: 1}, {Name: "forEach", Count: 1},
		{Name: "other", Count: 1}, {Name: "renamed", Count: 1}, {Name: "shared", Count: 1}, {Name: "taken", Count: 1},
		{Name: "use", Count: 1},
	}
	if diff := cmp.Diff(want, facts.References); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFlow reads what only the TSX grammar takes.
func TestFlow(t *testing.T) {
	t.Parallel()
	facts := parse(t, "a.js", "// @flow\nimport type { A } from 'a';\nexport function f(a: A, b?: string): number { return a ? 1 : 2; }\n")
	want := []language.Import{{Path: "a", Names: []string{"A"}, Line: 2, TypeOnly: true}}
	if diff := cmp.Diff(want, facts.Imports); diff != "" || facts.Broken || facts.Functions[0].Parameters != 2 {
		t.Errorf("broken %v, functions %+v, imports %s", facts.Broken, facts.Functions, diff)
	}
}

func TestVolume(t *testing.T) {
	t.Parallel()
	// Operators && and !, operands a, !b and b; all differ: 5·log2(5).
	facts := parse(t, "a.js", "function f(a, b, c) { return a && !b; }\nfunction g(a) {}\n")
	if got, want := fmt.Sprintf("%.3f", facts.Volume), "11.610"; got != want {
		t.Errorf("volume is %s, want %s", got, want)
	}
	if facts := parse(t, "a.js", "f()"); facts.Volume != 0 {
		t.Errorf("volume without operators is %v", facts.Volume)
	}
}

func FuzzJavaScript(f *testing.F) {
	languagetest.Fuzz(f, New(), "a.js", "a&&b||c", "class A{#x=a?b:c;static{}}", "export default{a(){}}", "`${", "import v from 'vites\uFFFD")
}

func FuzzTSX(f *testing.F) {
	languagetest.Fuzz(f, New(), "a.tsx", "a!&&<b/>", "class A<T>{private x=1;m(this:A):void;}", "export=a", "export class A{;()0A", "class{get ''(){}}", "function(){}", "let x:import('a').B")
}

func BenchmarkParse(b *testing.B) {
	source := `export class Shelf { add(book, { deep = true } = {}) { if (deep && book.title) { this.books.push(book); } return this.books.filter((b) => b !== book); } }` + "\n"
	for _, path := range []string{"a.js", "a.ts", "a.tsx"} {
		b.Run(path, func(b *testing.B) { languagetest.Benchmark(b, New(), path, source) })
	}
}
