package language

// Calls collects the calls of one file: the same call in the same function is
// kept once, with how often it stands there. The zero value is ready. It is for
// one goroutine.
type Calls struct {
	list  []Call
	place map[callKey]int32
}

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
	// The look-up converts without allocating; only what is kept is copied.
	if at, ok := c.place[callKey{string(name), string(receiver), int32(function), isNew}]; ok { //nolint:gosec // functions of one file
		c.list[at].Count++
		return
	}
	if len(c.list) >= MaxCalls {
		return
	}
	if c.place == nil {
		c.place = map[callKey]int32{}
	}
	call := Call{Name: string(name), Receiver: string(receiver), New: isNew, Function: int32(function), Line: int32(line), Count: 1} //nolint:gosec // of one file
	c.place[callKey{call.Name, call.Receiver, call.Function, isNew}] = int32(len(c.list))                                            //nolint:gosec // at most MaxCalls
	c.list = append(c.list, call)
}

// List returns the calls in the order in which they were added first.
func (c *Calls) List() []Call { return c.list }
