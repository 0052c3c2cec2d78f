package java_test

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/language/java"
	"github.com/rampforgeai/rampforge/internal/analysis/language/languagetest"
)

func TestJava(t *testing.T) {
	t.Parallel()
	languagetest.Run(t, java.New(), languagetest.Cases{
		Path:    "Sample.java",
		Comment: "/* Only a comment. */\n// And a comment.\n",
		Deep: []languagetest.Nest{
			{Open: "(", Close: ")"},
			{Open: "{", Close: "}"},
			{Open: "class A{", Close: "}"},
			{Open: "class A { void f() { new A() {", Close: "}}}"},
			{Open: "x = a[", Close: "];"},
			{Open: "if(a)", Close: ";"},
			{Open: "if(a);else ", Close: ";"},
			{Open: "a && (b || ", Close: ")"},
			{Open: "()->", Close: "1"},
			{Open: "a<", Close: ">"},
			{Open: "f(", Close: ");"},
			{Open: "a.b().", Close: "c;"},
			{Open: "/* ", Close: "*/"},
			{Open: "\"\"\"", Close: "\n"},
			{Open: "@A(", Close: ")"},
			{Open: "switch(a){case 1->", Close: "}"},
			{Open: "!", Close: "a;"},
			{Open: "a?b:", Close: "c;"},
			{Open: "(a)", Close: "b;"},
		},
	})
}

func FuzzJava(f *testing.F) {
	languagetest.Fuzz(f, java.New(), "Sample.java", "class A{void f(){if(a&&b){}", "enum E{A{void f(){}},B;{}", "/** a", "a->{", "\"\"\"")
}

const sample = `
public class Sample {
	private final Map<String, List<Item>> items = new HashMap<>();

	public int total(String key) {
		int sum = 0;
		for (Item item : items.getOrDefault(key, List.of())) {
			if (item != null && item.isOpen() || sum > 100) {
				sum += item.price() * item.count();
			}
		}
		return sum;
	}
}
`

func BenchmarkJava(b *testing.B) {
	languagetest.Benchmark(b, java.New(), "Sample.java", sample)
}
