package python_test

import (
	"testing"

	"github.com/rampforgeai/rampforge/internal/analysis/language/languagetest"
	"github.com/rampforgeai/rampforge/internal/analysis/language/python"
)

func TestPython(t *testing.T) {
	t.Parallel()
	languagetest.Run(t, python.New(), languagetest.Cases{
		Path:    "sample.py",
		Comment: "# Only a comment.\n",
		Deep: []languagetest.Nest{
			{Open: "(", Close: ")"},
			{Open: "[", Close: "]"},
			{Open: "{", Close: "}"},
			{Open: "{1:", Close: "}"},
			{Open: "not ", Close: "x"},
			{Open: "a and ", Close: " or b"},
			{Open: "lambda:", Close: ""},
			{Open: "f(x)(", Close: ")"},
			{Open: "f'{", Close: "}'"},
			{Open: "x if y else ", Close: "z"},
			{Open: "if x:", Close: "\n"},
			{Open: "'''", Close: "\n"},
			{Open: "def f():\n ", Close: "x\n"},
			{Open: "\\\n", Close: "\n"},
			{Open: "a.", Close: "b"},
			{Open: "x=", Close: "1\n"},
			{Open: "match x:\n", Close: " case y: z\n"},
		},
	})
}

func FuzzPython(f *testing.F) {
	languagetest.Fuzz(f, python.New(), "sample.py", "if a and (b or", "def f(:\n  def", "x = [*a, (b", "class A(\n@b", "f'{a:{b}'", "\\\n\\", ":00in 0:00", "!\ndef A(:A\nA:0\n00A")
}

const sample = `
class Store:
    """Keeps items."""

    def total(self, key, *, limit=100):
        total = 0
        for item in self.items.get(key, []):
            if item and item.is_open or total > limit:
                total += item.price * item.count
        return [x for x in self.rows if x.total == total]
`

func BenchmarkPython(b *testing.B) {
	languagetest.Benchmark(b, python.New(), "sample.py", sample)
}
