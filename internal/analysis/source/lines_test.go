package source

import (
	"bytes"
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge/internal/analysis/report"
)

func TestCount(t *testing.T) {
	t.Parallel()
	tests := []struct {
		language string
		lines    []string
		kinds    string
	}{
		{"Go", []string{"package a // why", "", "/* one", "", "two */ var x = 1", "var s = `// no", "", "/* no`", `var r = '"' // "`, "// end"}, "cbkkccccck"},
		{"Go", []string{`var a = "/*"`, "x()", `var b = "*/"`}, "ccc"},
		{"Python", []string{`"""Doc.`, "", `More."""`, "x = 1  # why", "def f():", `    '''Doc.'''`, "    return g(", `        """text`, "", `        # text""")`}, "kkkcckcccc"},
		{"Python", []string{"# a", "a = [", `    """item""",`, "]", `r"""not a docstring that begins the line"""`}, "kcccc"},
		{"JavaScript", []string{"const a = `x", "// inside", "`;", "/** doc", " */", "let b = 'it\\'s' // c"}, "ccckkc"},
		{"TSX", []string{"return <p>don't</p> // c", "// k"}, "ck"},
		{"Java", []string{`String s = """`, "  // text", `  """;`, "/* k */", "/* k */ int a;"}, "ccckc"},
		{"JavaScript", []string{"const q = /[`\"/*]/g // c", "// k", "x.replace(/'/, y / 2) /* c */", "/* k */", "if (a) return /`/", "// k"}, "ckckck"},
		{"TypeScript", []string{"const a = `x ${b ? `http://c` : \"`\"} y`", "// k", "const d = `${", "  // k", "  f({ e: 1 }) }", "// text`", "// k"}, "ckckcck"},
		{"TSX", []string{"const a = <b c={d}/> // c", "// k", "return <img />", "// k"}, "ckck"},
		{"C#", []string{`var a = @"x """" // no`, "", `""";`, "// k", `var b = $@"c:\"; // c`, "/* k */"}, "ccckck"},
		{"Gradle Kotlin DSL", []string{"// k", `id("a") // c`, "/*", "", "*/"}, "kckkk"},
		{"Tcl", []string{`puts \"$a\"`, "# k", `puts \"`, "# k"}, "ckck"},
		{"Batchfile", []string{"rem", "REM k", "rem", "echo a"}, "kkkc"},
		{"Rust", []string{"/* a /* b */", "still */", "let c = '\"'; // c", `let s = "a`, `// b";`, `r#"`, "//", `"#`}, "kkcccccc"},
		{"C", []string{"#include <a.h>", "/* k", "k */", `char *s = "/* no */";`, "char q = '\\'';", "// k"}, "ckkcck"},
		{"Kotlin", []string{`val s = """`, "// no", `"""`, "/* a /* b */ c */"}, "ccck"},
		{"Ruby", []string{"=begin", "k", "=end", "x = <<~SQL", "  # no", "  it's", "", "SQL", "# k", "a << B # c"}, "kkkccccckc"},
		{"Shell", []string{"#!/bin/sh", "echo $# ${a#b} # c", "cat <<'EOF'", "# no", "", "EOF", "awk '", "# no", "'", "$((1<<N))", "# k"}, "kccccccccck"},
		{"Perl", []string{"=head1 NAME", "k", "=cut", "my $x = <<EOT;", "# no", "EOT", "# k"}, "kkkccck"},
		{"PHP", []string{"<?php", "$a = <<<EOT", "// no", "EOT;", "# k", "// k", "echo 'x'; // c"}, "cccckkc"},
		{"SQL", []string{"-- k", "SELECT 'it''s -- no' /* c */", "/* k", "*/"}, "kckk"},
		{"HTML", []string{"<!-- k", "k -->", "<p>a <!-- c --></p>"}, "kkc"},
		{"CSS", []string{"a { /* c */ }", "/* k */", "", `b::after { content: "/*"; }`, "c {}"}, "ckbcc"},
		{"YAML", []string{"a: b # c", "# k", "url: http://x/#y", `s: "# no"`}, "ckcc"},
		{"TOML", []string{"# k", `a = """`, "# no", `"""`}, "kccc"},
		{"Lua", []string{"--[[ k", "k ]]", "-- k", "local s = [[", "-- no", "]]"}, "kkkccc"},
		{"Haskell", []string{"{- k {- k -}", "k -}", "-- k", "main = pure ()"}, "kkkc"},
		{"Elixir", []string{`@doc """`, "# no", `"""`, "# k"}, "ccck"},
		{"Erlang", []string{"% k", `X = $", % c`, "% k"}, "kck"},
		{"Clojure", []string{"; k", `(def a \") ; c`, "; k"}, "kck"},
		{"HCL", []string{"# k", "// k", "a = <<-EOT", "# no", "EOT"}, "kkccc"},
		{"Dockerfile", []string{"# k", "FROM a#b", "RUN <<EOF", "# no", "EOF"}, "kcccc"},
		{"Makefile", []string{"# k", "all: # c", "\tgo build"}, "kcc"},
		{"Vue", []string{"<template>", "<!-- k -->", "</template>", "<script>", "// k", "</script>"}, "ckcckc"},
		{"OCaml", []string{"(* k (* k *)", "k *)", "let a = 1"}, "kkc"},
		{"Markdown", []string{"# Title", "", "text"}, "cbc"},
		{"JSON", []string{`{"a": "// no"}`}, "c"},
		{"No such language", []string{"// code", "", "# code"}, "cbc"},
	}
	for _, tt := range tests {
		want := report.Lines{
			Total: int64(len(tt.kinds)), Code: int64(strings.Count(tt.kinds, "c")),
			Comment: int64(strings.Count(tt.kinds, "k")), Blank: int64(strings.Count(tt.kinds, "b")),
		}
		for ending, name := range map[string]string{"\n": "LF", "\r\n": "CRLF"} {
			text := strings.Join(tt.lines, ending)
			if got := Count(tt.language, []byte(text)); got != want {
				t.Errorf("%s with %s: %+v, want %+v of\n%s", tt.language, name, got, want, text)
			}
			if got := Count(tt.language, []byte("\xef\xbb\xbf"+text+ending)); got != want {
				t.Errorf("%s with %s, a byte order mark and a last line break: %+v, want %+v", tt.language, name, got, want)
			}
		}
	}
}

// goroot asks the go command: a program whose paths are trimmed does not know it.
func goroot(t testing.TB) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestCountGo counts the standard library as go/scanner reads it.
func TestCountGo(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(goroot(t), "src", "net", "*", "*.go"))
	if err != nil || len(files) < 50 {
		t.Fatalf("the standard library has %d files: %v", len(files), err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(scannedLines(src), Count("Go", src)); diff != "" {
			t.Errorf("%s (-scanner +Count):\n%s", file, diff)
		}
	}
}

// scannedLines counts by the language's own scanner.
func scannedLines(src []byte) report.Lines {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments)
	code, comment := map[int]bool{}, map[int]bool{}
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && text != ";" {
			continue
		}
		lines := code
		if tok == token.COMMENT {
			lines = comment
		}
		first := file.Position(pos).Line
		for n := range max(1, strings.Count(text, "\n")+1) {
			lines[first+n] = true
		}
	}
	l := report.Lines{Total: int64(bytes.Count(src, []byte("\n"))), Code: int64(len(code))}
	for n := range comment {
		if !code[n] {
			l.Comment++
		}
	}
	l.Blank = l.Total - l.Code - l.Comment
	return l
}

func FuzzCount(f *testing.F) {
	f.Add("Go", []byte("/*\n\"`\n'"))
	f.Add("Ruby", []byte("<<A\n<<'B\n"))
	f.Add("Python", []byte("\"\"\"\\\r\n#\r"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		l := Count(name, content)
		if l.Total != l.Code+l.Comment+l.Blank || l.Code < 0 || l.Comment < 0 || l.Blank < 0 {
			t.Errorf("the kinds of lines do not add up: %+v", l)
		}
		text := bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
		want := int64(bytes.Count(text, []byte("\n")))
		if len(text) > 0 && text[len(text)-1] != '\n' {
			want++
		}
		if l.Total != want {
			t.Errorf("%d lines, want %d", l.Total, want)
		}
	})
}

// TestCountIsLinear reads what would make a quadratic reader slow.
func TestCountIsLinear(t *testing.T) {
	t.Parallel()
	for name, unit := range map[string]string{"Shell": "<<A\n", "Ruby": "<<A <<B\n", "C": "/*", "Rust": "/*/*", "Python": `"""`, "Lua": "[[", "JavaScript": "=/[", "TypeScript": "`${"} {
		text := strings.Repeat(unit, 1<<20/len(unit))
		if got := Count(name, []byte(text)); got.Total == 0 {
			t.Errorf("%s: nothing was counted", name)
		}
	}
}

func BenchmarkCount(b *testing.B) {
	src, err := os.ReadFile(filepath.Join(goroot(b), "src", "net", "http", "server.go"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Count("Go", src)
	}
}
