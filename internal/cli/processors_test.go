package cli

import (
	"runtime"
	"testing"
)

// A server lets more run at once than there are processors, unless the operator says
// how much may.
func TestSpare(t *testing.T) { //nolint:paralleltest // it changes what is the whole process's
	was := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(was) })
	t.Setenv("GOMAXPROCS", "2")
	runtime.GOMAXPROCS(2)
	spare()
	if n := runtime.GOMAXPROCS(0); n != 2 {
		t.Errorf("the operator said 2, and it is %d", n)
	}
	t.Setenv("GOMAXPROCS", "")
	for before, want := range map[int]int{1: 5, 2: 6, 6: 8, 8: 8, 64: 64} {
		runtime.GOMAXPROCS(before)
		spare()
		if n := runtime.GOMAXPROCS(0); n != want {
			t.Errorf("of %d became %d, want %d", before, n, want)
		}
	}
}
