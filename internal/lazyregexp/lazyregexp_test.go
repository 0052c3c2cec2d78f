package lazyregexp

import (
	"sync"
	"testing"
)

func TestCompiledAtFirstUse(t *testing.T) {
	inTest = false
	defer func() { inTest = true }()
	wrong := New("(")
	if got := wrong.String(); got != "(" {
		t.Errorf("String() = %q", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("an expression that is none was used")
		}
	}()
	wrong.MatchString("(")
}

func TestWrongOnesAreFoundInTests(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an expression that is none passed")
		}
	}()
	New("(")
}

func TestUsedByManyAtOnce(t *testing.T) {
	inTest = false
	r := New(`(\w+)@(\w+)`)
	inTest = true
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if m := r.FindStringSubmatch("to ada@example"); len(m) != 3 || m[1] != "ada" || m[2] != "example" {
				t.Errorf("found %q", m)
			}
			if got := r.ReplaceAllString("ada@example", "$2 of $1"); got != "example of ada" {
				t.Errorf("replaced: %q", got)
			}
		})
	}
	all.Wait()
}
