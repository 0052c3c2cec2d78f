package analysis_test

import (
	"context"
	"maps"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis"
	"github.com/rampforgeai/rampforge/internal/analysis/analysistest"
	"github.com/rampforgeai/rampforge/internal/analysis/language"
)

const beforeTheMove = `
-- go.mod --
module example.org/shop
-- shop/cart/cart.go --
package cart

func Add(n int) int {
	if n > 1 {
		return n
	}
	return 1
}
-- shop/cart/cart_test.go --
package cart

import "testing"

func TestAdd(t *testing.T) { Add(1) }
-- shop/web/page.ts --
export function page(a: number): number { return a > 1 ? a : 1 }
-- shop/tests/check.py --
import unittest

class Check(unittest.TestCase):
    def test_it(self):
        pass
-- shop/src/test/java/A.java --
class A { void f() { g(); } void g() {} }
-- shop/broken.py --
def f(:
-- tool/run.rb --
def run(a)
  a ? 1 : 2
end
`

// TestRenamedFolder counts what is parsed, before and after the rename of a
// folder, and holds the report against one that knows nothing from before.
func TestRenamedFolder(t *testing.T) {
	t.Parallel()
	var parsed atomic.Int64
	analyzed := func(text string, facts analysis.Facts) (string, int64) {
		t.Helper()
		r, err := analysistest.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		o := options(r, "shop")
		o.Type, o.Facts = rampforge.AnalysisQuick, facts
		for i, p := range o.Parsers {
			o.Parsers[i] = counted{p, &parsed}
		}
		parsed.Store(0)
		return string(encode(t, analyze(t, r, o))), parsed.Load()
	}
	cache := &memory{values: map[string][]byte{}}
	if _, n := analyzed(beforeTheMove, cache); n != 7 {
		t.Fatalf("%d files were parsed at first, want 7", n)
	}
	for what, test := range map[string]struct {
		text string
		want int64
	}{
		"the folder has another name":     {strings.ReplaceAll(beforeTheMove, "-- shop/", "-- store/front/"), 0},
		"and a file changed":              {strings.ReplaceAll(strings.ReplaceAll(beforeTheMove, "-- shop/", "-- market/"), "return n", "return n + 1"), 1},
		"it is a folder of tests":         {strings.ReplaceAll(beforeTheMove, "-- shop/", "-- test/"), 6},
		"a file is of another kind":       {strings.ReplaceAll(beforeTheMove, "page.ts", "page.tsx"), 1},
		"it is what sources often lie in": {strings.ReplaceAll(beforeTheMove, "-- shop/", "-- src/"), 0},
		"nothing moved":                   {beforeTheMove, 0},
		"nobody parses what others wrote": {strings.ReplaceAll(beforeTheMove, "-- shop/", "-- vendor/"), 0},
	} {
		got, n := analyzed(test.text, &memory{values: maps.Clone(cache.values)})
		if n != test.want {
			t.Errorf("%s: %d files were parsed, want %d", what, n, test.want)
		}
		if want, _ := analyzed(test.text, nil); got != want {
			t.Errorf("%s: what was known changes the report (-without +with):\n%s", what, cmp.Diff(want, got))
		}
	}
}

// counted is a parser that counts what it parses.
type counted struct {
	language.Parser
	parsed *atomic.Int64
}

func (c counted) Parse(ctx context.Context, path string, src []byte) (*language.Facts, error) {
	c.parsed.Add(1)
	return c.Parser.Parse(ctx, path, src)
}
