package language

import (
	"slices"
	"sync"
)

// Calls collects the calls of one file: the same call in the same function is
// kept once, with how often it stands there. The zero value is ready. It is for
// one goroutine.
type Calls struct{ table *callTable }

// callTable is used for one file after the other, as growing takes more time
// than filling.
type callTable struct {
	list  []Call
	place map[callKey]int32
}

var callTables = sync.Pool{New: func() any { return &callTable{place: map[callKey]int32{}} }}

// maxReused is the size beyond which a table is not used again: emptying a map
// costs what it once held.
const maxReused = 4096

type callKey struct {
	name, receiver string
	function       int32
	new            bool
}

// Add notes a call at a line in the function with that index, -1 outside any.
// A call without a name is none. What comes after MaxCalls different ones is
// left out.
func (c *Calls) Add(receiver, name []byte, function, line int, isNew bool) {
	if len(name) == 0 {
		return
	}
	if c.table == nil {
		c.table, _ = callTables.Get().(*callTable)
	}
	t := c.table
	// The look-up converts without allocating; only what is kept is copied.
	if at, ok := t.place[callKey{string(name), string(receiver), int32(function), isNew}]; ok { //nolint:gosec // functions of one file
		t.list[at].Count++
		return
	}
	if len(t.list) >= MaxCalls {
		return
	}
	call := Call{Name: string(name), Receiver: string(receiver), New: isNew, Function: int32(function), Line: int32(line), Count: 1} //nolint:gosec // of one file
	t.place[callKey{call.Name, call.Receiver, call.Function, isNew}] = int32(len(t.list))                                            //nolint:gosec // at most MaxCalls
	t.list = append(t.list, call)
}

// List returns the calls in the order in which they were added first, and
// forgets them.
func (c *Calls) List() []Call {
	t := c.table
	if t == nil {
		return nil
	}
	c.table = nil
	out := slices.Clone(t.list)
	if len(t.list) <= maxReused {
		clear(t.place)
		clear(t.list)
		t.list = t.list[:0]
		callTables.Put(t)
	}
	return out
}
