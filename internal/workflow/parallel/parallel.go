// Package parallel runs parts of a computation at the same time. A fault of
// this program in one of them is a fault of whoever waits for it, as if it had
// happened there: a goroutine of its own would end the process, whatever its
// caller recovers from. It is pure.
package parallel

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// PanicError is what a part panicked with, as an error.
type PanicError struct {
	Value any
	Stack []byte // of the goroutine that panicked
}

// Error tells the value and the stack: it is for a log, and for no user.
func (p *PanicError) Error() string { return fmt.Sprintf("panic: %v\n\n%s", p.Value, p.Stack) }

// Safe calls f and returns its error, or *PanicError when it panics.
func Safe(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicOf(v)
		}
	}()
	return f()
}

// panicOf keeps what came from another goroutine as it is: its own stack says
// where the fault is.
func panicOf(v any) *PanicError {
	if p, ok := v.(*PanicError); ok {
		return p
	}
	return &PanicError{v, debug.Stack()}
}

// Group are parts that run at the same time. The zero value is an empty one.
type Group struct {
	wait  sync.WaitGroup
	first atomic.Pointer[PanicError]
}

// Go calls f in a goroutine.
func (g *Group) Go(f func()) {
	g.wait.Go(func() {
		defer func() {
			if v := recover(); v != nil {
				g.first.CompareAndSwap(nil, panicOf(v))
			}
		}()
		f()
	})
}

// Wait returns when all parts have. It panics with *PanicError when one of them did.
func (g *Group) Wait() {
	g.wait.Wait()
	if p := g.first.Load(); p != nil {
		panic(p)
	}
}

// Run calls all parts, two at a time. Each must write what no other reads or
// writes, so that their order changes nothing.
func Run(parts ...func()) {
	var (
		next atomic.Int64
		all  Group
	)
	run := func() {
		for i := next.Add(1) - 1; int(i) < len(parts); i = next.Add(1) - 1 {
			parts[i]()
		}
	}
	all.Go(run)
	all.Go(run)
	all.Wait()
}
