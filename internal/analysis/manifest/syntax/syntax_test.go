package syntax

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parsers are the readers by the name of their format.
var parsers = map[string]func([]byte) (*Node, error){"json": JSON, "yaml": YAML, "toml": TOML, "xml": XML, "ini": INI}

// describe writes a tree on lines of "line: path = text".
func describe(n *Node) string {
	var b strings.Builder
	var walk func(n *Node, path string)
	walk = func(n *Node, path string) {
		switch {
		case n == nil:
		case n.Kind == Scalar:
			quote := ""
			if n.Quoted {
				quote = "'"
			}
			fmt.Fprintf(&b, "%d: %s = %s%s%s\n", n.Line, path, quote, n.Text, quote)
		case n.Kind == Null:
			fmt.Fprintf(&b, "%d: %s = null\n", n.Line, path)
		}
		for _, f := range n.Each() {
			walk(f.Value, fmt.Sprintf("%s.%s@%d", path, f.Key, f.Line))
		}
		for i, item := range n.List() {
			walk(item, fmt.Sprintf("%s[%d]", path, i))
		}
	}
	walk(n, "")
	return b.String()
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, format, content, want string }{
		{"values and lines", "json", "{\n  \"a\": 1.50,\n  \"b\":\n  [true, null,\n \"x\"],\n\"c\": {\"d\": \"\\u00e9\"}}", `2: .a@2 = 1.50
4: .b@3[0] = true
4: .b@3[1] = null
5: .b@3[2] = 'x'
6: .c@6.d@6 = 'é'
`},
		{"comments and trailing commas", "json", "// one\n{ /* two\n */ \"a//b\": \"/* no */\", // three\n}", "3: .a//b@3 = '/* no */'\n"},
		{"a byte order mark", "json", "\xef\xbb\xbf{\"a\": 1}", "1: .a@1 = 1\n"},
		{"blocks, quotes and nulls", "yaml", "a: |\n  one\n  two\nb: 'no'\nc:\nd: ~\ne: >-\n  x\n  y\n", `2: .a@1 = one
two

4: .b@4 = 'no'
5: .c@5 = null
6: .d@6 = null
8: .e@7 = x y
`},
		{"aliases and merge keys", "yaml", "base: &base\n  a: 1\n  b: 2\nmore:\n  <<: *base\n  b: 3\nlist: [*base]\n", `2: .base@1.a@2 = 1
3: .base@1.b@3 = 2
6: .more@4.b@6 = 3
2: .more@4.a@2 = 1
2: .list@7[0].a@2 = 1
3: .list@7[0].b@3 = 2
`},
		{"a stream of documents", "yaml", "a: 1\n---\nb: 2\n", "1: .a@1 = 1\n"},
		{"nothing", "yaml", "# only a comment\n", ""},
		{"tables, dotted keys, arrays", "toml", "a = 1\nb.c = 'x'\n[t.u]\nd = [\n  \"p\",\n  2 ]\n[[l]]\ne = {f = true}\n[[l]]\ne = 2\n[l.m]\ng = 1979-05-27\n", `1: .a@1 = 1
2: .b@2.c@2 = 'x'
5: .t@3.u@3.d@4[0] = 'p'
6: .t@3.u@3.d@4[1] = 2
8: .l@7[0].e@8.f@8 = true
10: .l@7[1].e@10 = 2
12: .l@7[1].m@11.g@12 = 1979-05-27
`},
		{"a key twice", "toml", "a = 1\na = 2\n", "2: .a@2 = 2\n"},
		{"elements, text, attributes and namespaces", "xml", "<?xml version='1.0' encoding='ISO-8859-1'?>\n<p xmlns='u' k='v'>\n  <a> x <!-- no --> y </a>\n  <b>\n    <c/>\n  </b>\n  <a>2</a>\n</p>", `2: .@k@2 = v
3: .a@3 = x  y
5: .b@4.c@5 = 
7: .a@7 = 2
`},
		{"sections, lines and comments", "ini", "# c\n[a]\nx = 1\ny:\n  two\n  # no\n\n  three\nz\n[b:c]\n", "3: .a@2.x@3[0] = '1'\n5: .a@2.y@4[0] = 'two'\n8: .a@2.y@4[1] = 'three'\n"},
	} {
		t.Run(tc.format+" "+tc.name, func(t *testing.T) {
			t.Parallel()
			n, err := parsers[tc.format]([]byte(tc.content))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, describe(n)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200)
	for _, tc := range []struct{ name, format, content, want string }{
		{"broken", "json", `{"a": `, "unexpected EOF"},
		{"empty", "json", "", "unexpected EOF"},
		{"too deep", "json", deep, "nested more than 100 levels"},
		{"too deep", "yaml", deep, "nested more than 100 levels"},
		{"very deep", "yaml", strings.Repeat("[", 100_000), "nested more than 100 levels"},
		{"a cycle", "yaml", "a: &a\n  b: *a\n", "nested more than 100 levels"},
		{"tabs", "yaml", "a:\n\tb: 1\n", "read YAML"},
		{"no value", "toml", "a =\n", "read TOML"},
		{"very deep", "toml", "a = " + strings.Repeat("[", 100_000), "nested more than 100 levels"},
		{"too deep", "toml", "a = " + strings.Repeat("[", 200) + strings.Repeat("]", 200), "nested more than 100 levels"},
		{"too deep", "xml", strings.Repeat("<a>", 200), "nested more than 100 levels"},
		{"an entity of its own", "xml", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "invalid character entity"},
		{"no element", "xml", "text", "unexpected EOF"},
		{"too large", "ini", strings.Repeat("a", 1<<20+1), "larger than 1 MiB"},
		{"too many values", "json", "[" + strings.Repeat("1,", 150_000) + "1]", "more than 100,000 values"},
	} {
		t.Run(tc.format+" "+tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := parsers[tc.format]([]byte(tc.content))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

// TestAliasesCount ends an alias bomb by the bound on values.
func TestAliasesCount(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	if _, err := YAML([]byte(b.String())); err == nil {
		t.Error("10¹⁰ values were read")
	}
}

// TestBrokenTOML keeps what stands before a fault.
func TestBrokenTOML(t *testing.T) {
	t.Parallel()
	n, err := TOML([]byte("[project]\nname = \"x\"\nversion = \n"))
	if err == nil || n.Get("project", "name").String() != "x" {
		t.Errorf("error %v, name %q", err, n.Get("project", "name").String())
	}
}

// TestNothing looks things up in nothing.
func TestNothing(t *testing.T) {
	t.Parallel()
	var n *Node
	if n.Get("a", "b") != nil || n.Field("a") != nil || n.All("a") != nil || n.Each() != nil || n.List() != nil || n.String() != "" || n.At() != 0 || !n.Is(Null) || n.Is(Map) || n.Scalars() != nil {
		t.Error("nothing holds something")
	}
}

func TestScalars(t *testing.T) {
	t.Parallel()
	n, err := JSON([]byte(`{"one": "a", "many": ["b", {"c": 1}, "d"]}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range append(n.Get("one").Scalars(), n.Get("many").Scalars()...) {
		got = append(got, s.Text)
	}
	if diff := cmp.Diff([]string{"a", "b", "d"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	l := NewLines([]byte("ab\n\nc"))
	for offset, want := range []int{1, 1, 1, 2, 3, 3} {
		if got := l.At(offset); got != want {
			t.Errorf("offset %d is on line %d, want %d", offset, got, want)
		}
	}
}

// FuzzFormats reads anything as every format: lines stay inside the document.
func FuzzFormats(f *testing.F) {
	for _, seed := range []string{`{"a": [1, "b"]}`, "a: &x [1]\nb: *x\n", "[a]\nb = {c = 1}\n", "<a><b>c</b></a>", "[a]\nb = c\n  d\n", "\xff\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 4000 {
			t.Skip()
		}
		for name, parse := range parsers {
			n, _ := parse(content)
			checkLines(t, name, n, 2+strings.Count(string(content), "\n")+strings.Count(string(content), "\r"))
		}
	})
}

func checkLines(t *testing.T, format string, n *Node, last int) {
	t.Helper()
	if n == nil {
		return
	}
	if n.Line < 0 || n.Line > last {
		t.Errorf("%s: line %d of %d", format, n.Line, last)
	}
	for _, f := range n.Each() {
		checkLines(t, format, f.Value, last)
	}
	for _, item := range n.List() {
		checkLines(t, format, item, last)
	}
}
