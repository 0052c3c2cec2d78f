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
