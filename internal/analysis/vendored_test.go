package analysis_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rampforgeai/rampforge"
	"github.com/rampforgeai/rampforge/internal/analysis"
	"github.com/rampforgeai/rampforge/internal/analysis/analysistest"
	"github.com/rampforgeai/rampforge/internal/analysis/codeindex"
)

// Folders of names that mean other people's code as often as the project's own.
// lent knows only itself; hash.c is used and uses shop.h, noise.c only seems to.
const doubtfulTree = `
-- go.mod --
module example.org/shop

go 1.24
-- main.go --
package main

import "example.org/shop/deps"

func main() { deps.Wire() }
-- deps/deps.go --
package deps

func Wire() {}
-- app/__init__.py --
-- app/core.py --
def price(): return 1
-- app/vendor/__init__.py --
-- app/vendor/order.py --
from app.core import price

def order(): return price()
-- app/extern/__init__.py --
-- app/extern/lent.py --
def lend(): return 1
-- src/shop.h --
int hash(int a);
struct shop { int open; };
-- src/shop.c --
#include "shop.h"
int open_shop(struct shop *s) { return hash(s->open); }
-- src/external/hash.c --
#include "shop.h"
int hash(int a) { struct shop s; return a + s.open; }
-- external/noise.c --
#include "shop.h"
static int noise(void) { return 1; }
`

func TestDoubtfulFolders(t *testing.T) {
	t.Parallel()
	r, err := analysistest.Parse([]byte(doubtfulTree))
	if err != nil {
		t.Fatal(err)
	}
	o := options(r, "shop")
	o.Facts = &memory{values: map[string][]byte{}}
	for _, run := range []string{"first", "from the cache"} {
		left := []string{}
		_, ix, err := analysis.Analyze(t.Context(), r, r, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range ix.Skipped {
			left = append(left, s.Path+" "+s.Reason)
		}
		want := []string{"app/extern/__init__.py vendored", "app/extern/lent.py vendored", "external/noise.c vendored"}
		if diff := cmp.Diff(want, left); diff != "" {
			t.Errorf("%s: -want +got\n%s", run, diff)
		}
	}
	// A licence beside them says that others wrote them, whatever the cache has.
	r.Add("app/vendor/LICENSE", []byte("Do as you like.\n"), rampforge.ModeFile)
	_, ix, err := analysis.Analyze(t.Context(), r, r, o)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ix.Browse("app/vendor/order.py", codeindex.Page{})
	if e, ok := errors.AsType[*rampforge.Error](err); !ok || e.Details["skipped"] != "vendored" {
		t.Errorf("%v, want a file that was skipped", err)
	}
}
